"""A contract that shows the book's modules to a test, many questions in a call."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

import boa

CONTRACTS: Final = Path(__file__).resolve().parents[3] / "contracts"
MANY: Final = 200

SOURCE: Final = f"""
# pragma version 0.4.3
# pragma evm-version cancun
from modules import annuity
from modules import calendar
from modules import figures
from modules import limits


@external
@pure
def levels(asked: DynArray[uint256[4], {MANY}]) -> DynArray[uint256[2], {MANY}]:
    found: DynArray[uint256[2], {MANY}] = []
    for one: uint256[4] in asked:
        low: uint256 = 0
        high: uint256 = 0
        low, high = annuity._level(one[0], one[1], one[2], one[3])
        found.append([low, high])
    return found


@external
@pure
def civil(days: DynArray[uint256, {MANY}]) -> DynArray[uint256[4], {MANY}]:
    found: DynArray[uint256[4], {MANY}] = []
    for day: uint256 in days:
        month: uint256 = 0
        of_month: uint256 = 0
        month, of_month = calendar._civil(day)
        found.append([month, of_month, calendar._day_number(month, of_month), calendar._isda(day)])
    return found


@external
@pure
def clamped(months: DynArray[uint256, {MANY}], day: uint256) -> DynArray[uint256, {MANY}]:
    found: DynArray[uint256, {MANY}] = []
    for month: uint256 in months:
        found.append(calendar._day_number(month, day))
    return found


@external
@pure
def broken(rules: uint256, start: uint256, until: DynArray[uint256, {MANY}]) -> DynArray[uint256, {MANY}]:
    found: DynArray[uint256, {MANY}] = []
    for day: uint256 in until:
        found.append(figures._broken_span(rules, start, day))
    return found


@external
@pure
def rests(
    state: uint256, rules: uint256, k: uint256, begin: DynArray[uint256, {MANY}], end: uint256
) -> DynArray[uint256, {MANY}]:
    found: DynArray[uint256, {MANY}] = []
    for day: uint256 in begin:
        found.append(figures._rest_span(state, rules, k, day, end))
    return found


@external
@pure
def due_days(state: uint256, rules: uint256, count: uint256) -> DynArray[uint256, {MANY}]:
    found: DynArray[uint256, {MANY}] = []
    for k: uint256 in range(count, bound={MANY}):
        found.append(figures._due_day(state, rules, k))
    return found


@external
@pure
def local_days(times: DynArray[uint256, {MANY}], rules: uint256) -> DynArray[uint256, {MANY}]:
    found: DynArray[uint256, {MANY}] = []
    for time: uint256 in times:
        found.append(figures._local_day(time, rules))
    return found


@external
@pure
def longest_span(rules: uint256) -> uint256:
    return limits._longest_span(rules)
"""


@cache
def probe() -> Any:
    """The contract, deployed once."""
    return boa.loads(SOURCE, filename=str(CONTRACTS / "UnitProbe.vy"))
