"""Every figure of the vector files is met, and the reader refuses what the format does not know."""

import copy
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lendchain.schedule.vectors import check_file, check_vector
from lendchain.schedule.vectors.report import Verdict

HELD = sorted((Path(__file__).parent / "vectors").glob("*.json"))
SHARED = Path(__file__).parents[3] / "shared" / "vectors" / "schedules.json"


def _vectors() -> Iterator[Any]:
    for path in HELD:
        for vector in json.loads(path.read_text(encoding="utf-8"))["vectors"]:
            yield pytest.param(vector, id=vector["id"])


@pytest.mark.parametrize("vector", list(_vectors()))
def test_every_figure_of_the_vector_is_met(vector: dict[str, Any]) -> None:
    report = check_vector(vector)
    assert report.verdict is Verdict.PASSED, str(report)


@pytest.mark.skipif(not SHARED.exists(), reason="the shared vectors are not here")
def test_the_shared_file_passes_whole() -> None:
    failed = [str(report) for report in check_file(SHARED) if report.verdict is not Verdict.PASSED]
    assert failed == []


def _a_vector() -> dict[str, Any]:
    path = Path(__file__).parent / "vectors" / "published.json"
    vectors = json.loads(path.read_text(encoding="utf-8"))["vectors"]
    return copy.deepcopy(next(v for v in vectors if v["method"] == "equal_instalment" and "rows" in v["expected"]))


def _places(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths to every object of a vector."""
    if isinstance(tree, dict):
        yield path
        for key, value in tree.items():
            yield from _places(value, (*path, key))
    elif isinstance(tree, list):
        for index, value in enumerate(tree[:1]):
            yield from _places(value, (*path, index))


@pytest.mark.parametrize("place", list(_places(_a_vector())), ids=str)
def test_an_unknown_field_fails_wherever_it_stands(place: tuple[Any, ...]) -> None:
    vector = _a_vector()
    inner: Any = vector
    for key in place:
        inner = inner[key]
    inner["colour"] = "1"
    assert check_vector(vector).verdict is Verdict.FAILED


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("method",), "annuity"),
        (("terms", "principal"), 5000),
        (("terms", "principal"), "5 000"),
        (("terms", "periods"), "18"),
        (("terms", "periods"), True),
        (("terms", "start_date"), "2022-02-30"),
        (("terms", "start_date"), "20220201"),
        (("terms", "interest_period"), "weekly"),
        (("terms", "day_count"), "30E/360"),
        (("terms", "every"), {"count": 1, "unit": "fortnight"}),
        (("terms", "every"), {"count": 0, "unit": "month"}),
        (("rounding", "interest"), {"unit": "0.01", "mode": "floor"}),
        (("rounding", "interest"), {"unit": "0", "mode": "ceil"}),
        (("rounding", "residue"), ["charge"]),
        (("rounding", "smoothing"), "always"),
        (("arrears_interest",), "always"),
        (("expected", "apr_pct"), "12.0"),
        (("expected", "payoff"), {"amount": "1"}),
        (("currency",), "euro"),
        (("core",), "yes"),
    ],
)
def test_an_unknown_value_fails(place: tuple[str, ...], value: object) -> None:
    vector = _a_vector()
    inner: Any = vector
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = value
    assert check_vector(vector).verdict is Verdict.FAILED


def _figures(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths to every figure of the expected results."""
    if isinstance(tree, dict):
        for key, value in tree.items():
            if key not in ("n", "rows_complete", "from_period", "to_period"):
                yield from _figures(value, (*path, key))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from _figures(value, (*path, index))
    elif tree is not None:
        yield path


def _spoilt(value: Any) -> Any:
    if isinstance(value, int):
        return value + 1
    if "/" in value:
        return "1/7"
    if len(value) == 10 and value[4] == "-":
        return "1999-12-31"
    last = int(value[-1])
    return value[:-1] + str((last + 5) % 10)


@pytest.mark.parametrize("vector", list(_vectors()))
def test_a_single_wrong_figure_is_found(vector: dict[str, Any]) -> None:
    places = list(_figures(vector.get("expected", {})))
    for place in places[:: max(1, len(places) // 12)]:
        wrong = copy.deepcopy(vector)
        inner: Any = wrong["expected"]
        for key in place[:-1]:
            inner = inner[key]
        inner[place[-1]] = _spoilt(inner[place[-1]])
        assert check_vector(wrong).verdict is Verdict.FAILED, place


def _run(*names: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "lendchain.schedule.vectors", *names], capture_output=True, text=True, check=False
    )


def test_the_command_counts_and_ends_with_status_1_on_a_failure(tmp_path: Path) -> None:
    good, bad = _a_vector(), _a_vector()
    bad["expected"]["totals"]["interest"] = "1"
    file = tmp_path / "some.json"
    declined = [{"id": "X", "reason": "a peculiarity"}]
    file.write_text(json.dumps({"format": 1, "count": 2, "vectors": [good, bad], "declined": declined}))
    done = _run(str(file))
    lines = done.stdout.splitlines()
    assert (done.returncode, len(lines), lines[-1]) == (1, 4, "1 passed, 1 failed, 1 declined")
    assert "totals interest: expected 1, got" in lines[1]


def test_the_command_ends_with_status_0_when_all_pass() -> None:
    done = _run(*map(str, HELD))
    assert done.returncode == 0
    assert ", 0 failed, 0 declined" in done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"format": 2, "vectors": []}',
        '{"format": 1}',
        '{"format": 1, "vectors": [], "extra": 1}',
        '{"format": 1, "count": 3, "vectors": []}',
        '{"format": 1, "format": 1, "vectors": []}',
    ],
)
def test_a_file_that_is_not_of_the_format_fails(text: str, tmp_path: Path) -> None:
    file = tmp_path / "some.json"
    file.write_text(text)
    assert [report.verdict for report in check_file(file)] == [Verdict.FAILED]


def test_a_file_that_is_missing_fails(tmp_path: Path) -> None:
    assert [report.verdict for report in check_file(tmp_path / "none.json")] == [Verdict.FAILED]
