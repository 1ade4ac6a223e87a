"""Whole replays on the real node: the books equal the file's to the cent, and no kill loses or doubles an act."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from lendchain.chain import running_node
from lendchain.db import make_engine, reading
from lendchain.ledger import models as ledger
from lendchain.ledger.audit import audit
from lendchain.ledger.statements import lender_statement, platform_statement
from lendchain.servicing import models
from lendchain.servicing.loans import list_loans, loan_view
from lendchain.servicing.overview import overview
from lendchain.servicing.replay.report import Figures, Report
from lendchain.servicing.replay.service import Choices, prepare, replay
from lendchain.servicing.sandbox import Folder, joined_chain, open_sandbox, stop_node
from tests.servicing.books import PLAIN, small_book, write_csv


def lived(folder: Path, file: Path, **choices: Any) -> Report:
    prepared = prepare(Choices(file, lenders=40, **choices))
    with open_sandbox(folder, clock_start=prepared.clock_start, seed=1) as sandbox:
        return replay(prepared, sandbox, lambda _progress: None)


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> tuple[Folder, Report]:
    """The small book lived once, with its folder; the node has been stopped."""
    folder = tmp_path_factory.mktemp("small")
    report = lived(folder / "data", write_csv(folder / "book.csv", small_book()))
    return Folder(folder / "data"), report


def test_every_loan_meets_its_totals_by_the_contract(small: tuple[Folder, Report]) -> None:
    _, report = small
    assert (report.loans, report.met) == (7, 7)
    assert report.unmet == []
    assert all(vintage.difference == Figures() for vintage in report.vintages)
    total = report.vintages[-1]
    assert (total.chain.lent, total.chain.late, total.chain.recovered) == (700_000, 1_500, 20_000)


def test_nothing_is_outstanding_once_all_loans_have_ended(small: tuple[Folder, Report]) -> None:
    _, report = small
    book = report.book[-1]
    assert book.outstanding == 0
    assert book.lent == book.principal + book.waived + book.charged_off + book.covered  # recoveries came later
    assert book.waived == 7
    assert book.irr_ppm is not None


def test_every_loan_has_its_twenty_lenders_or_more(small: tuple[Folder, Report]) -> None:
    folder, _ = small
    p = ledger.positions.c
    with reading(folder.open_store()) as conn:
        counts = [count for _, count in conn.execute(sa.select(p.loan, sa.func.count()).group_by(p.loan))]
    assert len(counts) == 7
    assert min(counts) >= 20


def test_lenders_have_claimed_everything_but_fractions_of_a_cent(small: tuple[Folder, Report]) -> None:
    folder, _ = small
    with reading(folder.open_store()) as conn:
        statement = platform_statement(conn)
    assert statement.section("unclaimed_principal").closing == 0
    assert statement.section("unclaimed_interest").closing == 0


def test_the_store_is_what_the_chain_makes_it(small: tuple[Folder, Report]) -> None:
    folder, _ = small
    with joined_chain(folder) as (engine, manifest):
        node = engine.rpc()
        report = audit(folder.open_store(), node, manifest.contracts(node), engine.finality)
    assert report.is_clean, report.to_dict()
    assert running_node(folder.node) is None


def test_a_loan_is_found_by_the_files_id_and_shows_its_story(small: tuple[Folder, Report]) -> None:
    folder, _ = small
    with reading(folder.open_store()) as conn:
        view = loan_view(conn, "bad")
        same = loan_view(conn, view.loan[:20])
        never_paid = loan_view(conn, "never-paid")
        assert same.name == "bad"
        rows, count = list_loans(conn, 5, 10)
        lender = lender_statement(conn, view.positions[0].holder)
    assert view.chain == view.file
    kinds = [line.kind for line in view.history]
    assert kinds.count("Funded") == len(view.positions)
    assert [kinds.count(kind) for kind in ("Disbursed", "Paid", "Recovered")] == [1, 2, 3]
    assert never_paid.covered == 14_000  # two hundredths of all that was lent: then the fund was dry
    assert {row.name for row in rows} == {"bad", "never-paid"}
    assert count == 2
    assert lender.sections


def test_the_overview_counts_the_platform(small: tuple[Folder, Report]) -> None:
    folder, _ = small
    seen = overview(folder)
    assert (seen.endpoint, seen.pending, seen.failed) == (None, 0, 0)
    assert sum(line.loans for line in seen.loans) == 7
    assert seen.replay_done == seen.replay_days


def test_the_same_command_again_changes_nothing(small: tuple[Folder, Report]) -> None:
    folder, report = small
    before = books(folder)
    again = lived(folder.path, folder.path.parent / "book.csv")
    assert again == report
    assert books(folder) == before


def test_another_book_in_the_same_folder_is_refused(small: tuple[Folder, Report]) -> None:
    folder, _ = small
    with pytest.raises(Exception, match="another replay"):
        lived(folder.path, folder.path.parent / "book.csv", seed=2)


def test_plain_payments_are_lived_on_their_days(tmp_path: Path) -> None:
    file = tmp_path / "plain.csv"
    file.write_text(PLAIN, encoding="utf-8")
    report = lived(tmp_path / "data", file)
    assert (report.loans, report.met) == (2, 2)
    with reading(Folder(tmp_path / "data").open_store()) as conn:
        view = loan_view(conn, "A")
    assert [(line.at // 86_400, line.amount) for line in view.history if line.kind == "Paid"] == [
        (18_321, 17_255),
        (18_341, 5_000),
        (18_364, 31_000),
        (18_413, 51_183),
    ]


def test_without_a_guarantee_nobody_is_covered(tmp_path: Path) -> None:
    rows = [row for row in small_book() if row["id"] in ("bad", "to-term")]
    report = lived(tmp_path / "data", write_csv(tmp_path / "book.csv", rows), guarantee=False)
    assert report.met == 2
    assert report.book[-1].covered == 0


# ---------------------------------------------------------------- kill -9

_TABLES = (ledger.entries, ledger.lines, ledger.accounts, ledger.loans, ledger.positions, models.loans)
# Where a block stands and when it was made differs between two runs; what happened in it must not.
_OF_THE_RUN = ("block_number", "log_index", "last_block")


def books(folder: Folder) -> dict[str, list[tuple[Any, ...]]]:
    """The ledger's projections and the replay's own, row by row."""
    with reading(make_engine(folder.store)) as conn:
        return {
            table.name: [
                tuple(row)
                for row in conn.execute(
                    sa.select(*(c for c in table.c if c.name not in _OF_THE_RUN)).order_by(*table.primary_key)
                )
            ]
            for table in _TABLES
        }


def command(folder: Path, file: Path) -> list[str]:
    arguments = ["replay", str(file), "--lenders", "40", "--data", str(folder), "--json"]
    return [sys.executable, "-m", "lendchain.cli", *arguments]


def days_lived(folder: Folder) -> int:
    """How many days of the replay have been enqueued."""
    if not folder.store.exists():
        return 0
    try:
        with reading(make_engine(folder.store)) as conn:
            return conn.scalar(sa.select(models.runs.c.next_day)) or 0
    except sa.exc.OperationalError:  # the tables are being made
        return 0


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Folder]:
    """A folder whose node is ended whatever becomes of the test."""
    folder = Folder(tmp_path / "data")
    yield folder
    stop_node(folder)


@pytest.mark.parametrize("victim", ["platform", "node"])
def test_a_kill_at_random_points_leaves_the_books_of_an_undisturbed_run(
    small: tuple[Folder, Report], fresh: Folder, victim: str
) -> None:
    chance = random.Random(victim)
    file, folder = small[0].path.parent / "book.csv", fresh
    start = partial(subprocess.Popen, command(folder.path, file), stdout=subprocess.PIPE)
    run = start()
    for day in sorted(chance.sample(range(1, 12), 3)):
        while days_lived(folder) < day:
            assert run.poll() is None
            time.sleep(0.02)
        time.sleep(chance.uniform(0, 0.3))
        assert run.poll() is None
        if victim == "platform":
            run.kill()
            run.communicate()
            run = start()
        else:
            node = running_node(folder.node)
            if node is not None:
                os.kill(node.pid, signal.SIGKILL)
    output, _ = run.communicate(timeout=300)
    assert run.returncode == 0
    assert orjson.loads(output)["met"] == 7
    stop_node(folder)
    assert books(folder) == books(small[0])
