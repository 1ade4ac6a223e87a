"""The loan arithmetic: schedules a second on one core beside the fastest maintained Python library for them, and IRR.

The peer works in binary floats and writes rows as named tuples; ours are exact integers of minor units. Both sides
are timed in this process, turn by turn, and the best turn of each counts, so that a busy machine disturbs both alike.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from amortization.schedule import amortization_schedule

from bench.figures import Better, Figure
from lendchain.schedule import (
    DayCount,
    InterestPeriod,
    Terms,
    level_columns,
    make_schedule,
    xirr,
)

MONTHS: Final = 36
LOANS: Final = 1000
TURNS: Final = 9
FLOWS: Final = 300_000
PEER: Final = "amortization"


def run() -> list[Figure]:
    """Measure and hold against the peer."""
    terms = Terms(principal=1_000_000, rate=Fraction(72, 1000), periods=MONTHS)
    dated = Terms(
        principal=1_000_000,
        rate=Fraction(72, 1000),
        periods=MONTHS,
        start_on=date(2024, 1, 31),
        interest_period=InterestPeriod.DAILY,
        day_count=DayCount.ACT_ACT,
    )
    jobs: dict[str, Callable[[], object]] = {
        "peer": lambda: list(amortization_schedule(10_000.00, 0.072, MONTHS)),
        "rows": lambda: make_schedule(terms).instalments,
        "columns": lambda: level_columns(1_000_000, 72, 12_000, MONTHS),
    }
    speed = _per_second(jobs, LOANS)
    general = _per_second({"general": lambda: make_schedule(dated).instalments}, 20)["general"]
    name, unit = f"schedules of {MONTHS} months, equal instalments", "a second, one core"

    def beside_peer(what: str, value: float, note: str) -> Figure:
        return Figure(f"{name}, {what}", value, unit, PEER, speed["peer"], better=Better.HIGHER, note=note)

    return [
        beside_peer("rows", speed["rows"], "exact integers; the peer's rows are floats"),
        beside_peer("columns", speed["columns"], "what a replay of a loan book uses"),
        Figure(f"{name}, ACT/ACT by days with dates", general, unit, better=Better.HIGHER, note="the general walk"),
        Figure(f"XIRR of {FLOWS:,} dated flows", _xirr_seconds(), "s", note="28 digits"),
    ]


def _per_second(jobs: dict[str, Callable[[], object]], times: int) -> dict[str, float]:
    """Best speed of each job over several turns, the jobs taking turns."""
    best: dict[str, float] = dict.fromkeys(jobs, 0.0)
    for _ in range(TURNS):
        for name, job in jobs.items():
            started = time.process_time()
            for _ in range(times):
                job()
            best[name] = max(best[name], times / (time.process_time() - started))
    return best


def _xirr_seconds() -> float:
    dice = random.Random(1)
    first = date(2008, 1, 1)
    flows = [(first + timedelta(days=dice.randrange(60, 2000)), dice.randrange(1, 50_000)) for _ in range(FLOWS - 9000)]
    flows += [
        (first + timedelta(days=dice.randrange(0, 300)), -dice.randrange(100_000, 1_500_000)) for _ in range(9000)
    ]
    started = time.process_time()
    xirr(flows)
    return time.process_time() - started
