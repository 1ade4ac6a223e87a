"""The contract's level instalment beside the exact one."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts.units.probe import MANY, probe
from tests.contracts.world import exact_level

YEAR = 12_000_000

PRINCIPAL = st.integers(1, 2**47 - 1)
RATE = st.integers(0, 2**24 - 1)
CASE = st.integers(1, 255).flatmap(
    lambda months: st.tuples(PRINCIPAL, RATE, st.just(months), st.integers(1, min(1023, 1200 // months)))
)


def asked(cases: list[tuple[int, int, int, int]]) -> list[tuple[int, int]]:
    questions = [[principal, rate * months, YEAR, count] for principal, rate, months, count in cases]
    found = []
    for begin in range(0, len(questions), MANY):
        found += [tuple(pair) for pair in probe().levels(questions[begin : begin + MANY])]
    return found


@settings(max_examples=25, deadline=None)
@given(st.lists(CASE, min_size=1, max_size=40))
def test_the_interval_holds_the_exact_level_for_all_terms_in_range(cases: list[tuple[int, int, int, int]]) -> None:
    for case, (low, high) in zip(cases, asked(cases), strict=True):
        assert low <= exact_level(*case) <= high
        assert high - low <= 1


def test_the_upper_bound_is_exact_on_the_grid_of_common_rates() -> None:
    rng = random.Random(7)
    cases = [
        (rng.randrange(1, 2 ** rng.randrange(8, 48)), 100 * rng.randrange(1, 3601), 1, rng.randrange(2, 361))
        for _ in range(400)
    ]
    for case, (_, high) in zip(cases, asked(cases), strict=True):
        assert high == exact_level(*case), case


@pytest.mark.parametrize(
    ("principal", "rate", "count", "level"),
    [(10_050, 120_000, 2, 5_101), (2_525, 240_000, 2, 1_301), (1_515_050, 120_000, 3, 515_151)],
)
def test_exact_ties_round_up(principal: int, rate: int, count: int, level: int) -> None:
    a, b = rate, YEAR
    exact = Fraction(principal * a * (a + b) ** count, b * ((a + b) ** count - b**count))
    assert exact.denominator == 2, "not a tie"
    assert exact_level(principal, rate, 1, count) == level == asked([(principal, rate, 1, count)])[0][1]


def test_no_interest_and_a_single_instalment_are_closed_forms() -> None:
    cases = [(1_000_001, 0, 1, 3), (7, 0, 1, 2), (1_000_000, 123_456, 1, 1), (5, 2**24 - 1, 255, 1)]
    assert asked(cases) == [(exact_level(*case),) * 2 for case in cases]
