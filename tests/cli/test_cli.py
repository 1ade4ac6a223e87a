"""The command line as its users meet it: help, languages, JSON, exit codes, refusals."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from lendchain import __version__, i18n
from lendchain.cli import main
from lendchain.servicing.replay.service import Choices, prepare, replay
from lendchain.servicing.sandbox import open_sandbox
from tests.servicing.books import small_book, write_csv

Capture = pytest.CaptureFixture[str]
COMMANDS = (["demo"], ["replay"], ["status"], ["stop"], ["loan", "list"], ["loan", "show"], ["statement"], ["audit"])


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small platform whose node has been stopped."""
    folder = tmp_path_factory.mktemp("cli")
    rows = [row for row in small_book() if row["id"] in ("to-term", "bad")]
    prepared = prepare(Choices(write_csv(folder / "book.csv", rows), lenders=30))
    with open_sandbox(folder / "data", clock_start=prepared.clock_start, seed=1) as sandbox:
        replay(prepared, sandbox, lambda _progress: None)
    return folder / "data"


def test_version_is_the_packages(capsys: Capture) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"lendchain {__version__}\n"


def test_without_arguments_the_commands_are_listed(capsys: Capture) -> None:
    main([])
    shown = capsys.readouterr()
    assert all(command[0] in shown.out + shown.err for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself_and_knows_json_and_data(capsys: Capture, command: list[str]) -> None:
    assert main([*command, "--help"]) == 0
    shown = capsys.readouterr().out
    assert all(option in shown for option in ("--json", "--data", "--lang"))


def test_chinese_is_chosen_by_option_or_locale(capsys: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    assert main(["status", "--data", "/nowhere", "--lang", "zh"]) == 2
    chinese = capsys.readouterr().err
    i18n.set_language(None)
    monkeypatch.setenv("LENDCHAIN_LANG", "zh_CN.UTF-8")
    assert main(["status", "--data", "/nowhere"]) == 2
    assert capsys.readouterr().err == chinese
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)


def test_an_unknown_language_is_refused(capsys: Capture) -> None:
    assert main(["status", "--lang", "xx"]) == 2
    assert "known: en, zh" in capsys.readouterr().err


def test_a_wrong_option_ends_with_status_2(capsys: Capture) -> None:
    assert main(["replay", "--nonsense"]) == 2
    assert "--nonsense" in capsys.readouterr().err


def test_a_folder_without_a_platform_says_what_to_do(capsys: Capture, tmp_path: Path) -> None:
    assert main(["loan", "list", "--data", str(tmp_path)]) == 2
    assert "lendchain demo" in capsys.readouterr().err


def test_a_bad_file_is_refused_with_every_fault_and_nothing_made(capsys: Capture, tmp_path: Path) -> None:
    rows = small_book()
    rows[0]["funded_amnt"] = "-1"
    rows[3]["issue_d"] = "Foo-2020"
    file = write_csv(tmp_path / "book.csv", rows)
    assert main(["replay", str(file), "--data", str(tmp_path / "data")]) == 4
    text = capsys.readouterr().err
    assert "book.csv:2: funded_amnt" in text
    assert "book.csv:5: issue_d" in text
    assert not (tmp_path / "data").exists()
    assert main(["replay", str(file), "--data", str(tmp_path / "data"), "--json"]) == 4
    error = orjson.loads(capsys.readouterr().err)["error"]
    assert error["code"] == "bad-file"
    assert [(p["row"], p["column"]) for p in error["problems"]] == [(2, "funded_amnt"), (5, "issue_d")]


def test_a_dry_run_sends_nothing(capsys: Capture, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "book.csv", small_book())
    command = ["replay", str(file), "--dry-run", "--data", str(tmp_path / "data")]
    assert main(command) == 0
    assert "Nothing was sent" in capsys.readouterr().out
    assert main([*command, "--json"]) == 0
    plan = orjson.loads(capsys.readouterr().out)
    assert (plan["loans"], plan["defaults"]) == (7, 2)
    assert not (tmp_path / "data").exists()


def test_status_shows_the_platform(capsys: Capture, data: Path) -> None:
    assert main(["status", "--data", str(data)]) == 0
    assert "not running" in capsys.readouterr().out
    assert main(["status", "--data", str(data), "--json"]) == 0
    seen = orjson.loads(capsys.readouterr().out)
    assert (seen["pending"], seen["failed"], seen["chain_id"]) == (0, 0, 31_337)


def test_loans_are_listed_and_shown(capsys: Capture, data: Path) -> None:
    assert main(["loan", "list", "--status", "written-off", "--data", str(data), "--json"]) == 0
    listed = orjson.loads(capsys.readouterr().out)
    assert [loan["name"] for loan in listed["loans"]] == ["bad"]
    assert main(["loan", "show", "bad", "--data", str(data)]) == 0
    shown = capsys.readouterr().out
    assert "Default called" in shown
    assert "Written off" in shown
    assert main(["loan", "show", listed["loans"][0]["loan"][:16], "--data", str(data), "--json"]) == 0
    assert orjson.loads(capsys.readouterr().out)["name"] == "bad"


def test_an_unknown_loan_is_refused(capsys: Capture, data: Path) -> None:
    assert main(["loan", "show", "0xabcdef", "--data", str(data)]) == 2
    assert "no loan 0xabcdef" in capsys.readouterr().err


@pytest.mark.parametrize("name", [["loan", "bad"], ["lender", "lender/3"], ["borrower", "borrower/0"], ["platform"]])
def test_statements_come_as_tables_json_and_csv(capsys: Capture, data: Path, name: list[str]) -> None:
    command = ["statement", *name, "--data", str(data)]
    assert main(command) == 0
    assert "Balances" in capsys.readouterr().out
    assert main([*command, "--json"]) == 0
    sections = orjson.loads(capsys.readouterr().out)["sections"]
    assert all(s["opening"] + s["increase"] - s["decrease"] == s["closing"] for s in sections)
    assert main([*command, "--csv"]) == 0
    assert capsys.readouterr().out.count("\n") > len(sections)


def test_a_statement_needs_somebody(capsys: Capture, data: Path) -> None:
    assert main(["statement", "lender", "--data", str(data)]) == 2
    assert "Whose statement" in capsys.readouterr().err


def test_a_period_limits_a_statement(capsys: Capture, data: Path) -> None:
    command = ["statement", "loan", "to-term", "--from", "2020-03-01", "--to", "2020-03-31", "--data", str(data)]
    assert main([*command, "--json"]) == 0
    sections = {s["account"]: s for s in orjson.loads(capsys.readouterr().out)["sections"]}
    assert len(sections["earned_interest"]["lines"]) == 1


def test_the_audit_is_clean_and_finds_an_altered_balance(capsys: Capture, data: Path, tmp_path: Path) -> None:
    import shutil
    import sqlite3

    assert main(["audit", "--data", str(data), "--json"]) == 0
    assert orjson.loads(capsys.readouterr().out)["clean"]
    altered = tmp_path / "altered"
    shutil.copytree(data, altered)
    with sqlite3.connect(altered / "store.db") as store:
        store.execute("UPDATE ledger_loans SET outstanding = 1 WHERE status = 4")
    assert main(["audit", "--data", str(altered), "--json"]) == 6
    report = orjson.loads(capsys.readouterr().out)
    assert any("ledger_loans" in difference["table"] for difference in report["differences"])


def test_stop_where_nothing_runs_is_no_error(capsys: Capture, data: Path) -> None:
    assert main(["stop", "--data", str(data)]) == 0
    assert "No node was running" in capsys.readouterr().out
