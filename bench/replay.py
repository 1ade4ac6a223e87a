"""The main job: paths for the whole real book, and 2,000 of its loans lived on the chain as a user's command would."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from bench.figures import Better, Figure
from lendchain.chain import running_node
from lendchain.servicing.overview import overview
from lendchain.servicing.replay.readers import read_book
from lendchain.servicing.replay.solver import Rule, solve
from lendchain.servicing.sandbox import Folder, stop_node

BOOK: Final = Path(__file__).resolve().parents[2] / "shared" / "data" / "credit" / "lc_2007_2011h1.parquet"
LOANS: Final = 2_000
LENDERS: Final = 5_000
_MEGABYTE: Final = 1 << 20
_SAMPLE_SECONDS: Final = 0.5


def run() -> list[Figure]:
    """The demo, and with the real book beside the checkout its paths and the big replay."""
    figures = _demo()
    if not BOOK.is_file():
        return figures
    return figures + _paths() + _big_replay()


@dataclass(frozen=True, slots=True)
class Run:
    """One command of a user: what it printed, how long it took, and the most memory it and its node held together."""

    result: dict[str, Any]
    seconds: float
    peak_bytes: int


def _command(folder: Path, *arguments: str) -> Run:
    command = [sys.executable, "-m", "lendchain.cli", *arguments, "--data", str(folder), "--json"]
    started, peak = time.monotonic(), 0
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output)
        while process.poll() is None:
            node = running_node(folder / "node")
            peak = max(peak, _resident(process.pid) + (_resident(node.pid) if node else 0))
            time.sleep(_SAMPLE_SECONDS)
        seconds = time.monotonic() - started
        if process.returncode:
            raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}")
        output.seek(0)
        return Run(orjson.loads(output.read()), seconds, peak)


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return 0


def _demo() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="lendchain-bench-") as name:
        folder = Path(name)
        try:
            done = _command(folder, "demo")
        finally:
            stop_node(Folder(folder))
    return [
        Figure("demo: 240 loans from request to the last cent", done.seconds, "s", goal=180),
        Figure(
            "demo: loans whose totals are met to the cent", _percent(done.result), "%", goal=99, better=Better.HIGHER
        ),
    ]


def _paths() -> list[Figure]:
    book = read_book(BOOK)
    started = time.process_time()
    groups: dict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    for loan in book.loans:
        solution = solve(loan)
        counts = groups[loan.group, loan.term_months]
        counts["all"] += 1
        counts["met"] += solution.cause is None
        counts["plain"] += solution.rule in (Rule.PLAIN, Rule.MONTH_LATER)
    seconds = time.process_time() - started
    everything = sum(groups.values(), Counter())
    weakest = min(groups.items(), key=lambda item: item[1]["met"] / item[1]["all"])
    worst = 100 * weakest[1]["met"] / weakest[1]["all"]
    share = 100 * everything["met"] / everything["all"]
    plain = 100 * everything["plain"] / everything["all"]
    count = everything["all"]
    return [
        Figure(f"paths: {count:,} loans, one core", seconds, "s", goal=90),
        Figure("paths: totals met to the cent", share, "%", goal=99, better=Better.HIGHER),
        Figure(
            "paths: totals met, weakest group",
            worst,
            "%",
            goal=97,
            better=Better.HIGHER,
            note=f"{weakest[0][0]}, {weakest[0][1]} months",
        ),
        Figure("paths: totals met without any solved payment", plain, "%", better=Better.HIGHER),
    ]


def _big_replay() -> list[Figure]:
    with tempfile.TemporaryDirectory(prefix="lendchain-bench-") as name:
        folder = Path(name)
        arguments = ["replay", str(BOOK), "--loans", str(LOANS), "--lenders", str(LENDERS)]
        try:
            done = _command(folder, *arguments)
            seen = overview(Folder(folder))
        finally:
            stop_node(Folder(folder))
    positions = done.result["positions"]
    return [
        Figure(f"replay: {LOANS:,} loans, {LENDERS:,} lenders", done.seconds, "s", goal=600),
        Figure("replay: positions", positions, "positions", goal=40_000, better=Better.HIGHER),
        Figure("replay: memory of platform and node", done.peak_bytes / _MEGABYTE, "MB", goal=2_048),
        Figure("replay: totals met by the contract", _percent(done.result), "%", goal=99, better=Better.HIGHER),
        Figure("replay: transactions", seen.done, "transactions"),
        Figure("replay: events indexed and booked", seen.events, "events"),
    ]


def _percent(result: dict[str, Any]) -> float:
    return 100 * float(result["met"]) / float(result["loans"])
