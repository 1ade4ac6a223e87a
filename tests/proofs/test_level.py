"""The contract's level instalment is the exact half-up figure for EVERY principal below 2^48, on a grid of rates.

A finite proof by search (`level.search`); the full grid, every 0.01 % to 36 % and 2 to 360 instalments, is slow.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.proofs.level import exact_level, first_in, level_interval, search


@settings(max_examples=300)
@given(modulus=st.integers(2, 400), slope=st.integers(0, 399), ends=st.tuples(st.integers(0, 399), st.integers(0, 399)))
def test_the_search_finds_what_trying_all_finds(modulus: int, slope: int, ends: tuple[int, int]) -> None:
    slope %= modulus
    low, high = sorted(end % modulus for end in ends)
    tried = next((x for x in range(modulus) if low <= slope * x % modulus <= high), None)
    assert first_in(slope, modulus, low, high) == tried


def test_exact_ties_are_rounded_up() -> None:
    """100.50 over 2 months at 12 % is exactly 51.005; 25.25 over 2 at 24 %; 15,150.50 over 3 at 12 %."""
    for principal, ppm, n in ((10_050, 120_000, 2), (2_525, 240_000, 2), (1_515_050, 120_000, 3)):
        low, high = level_interval(principal, ppm, 12_000_000, n)
        assert high == exact_level(principal, ppm, 12_000_000, n)
        assert low == high - 1


def test_every_principal_below_2_48_on_a_slice_of_the_grid() -> None:
    tally = search(48, range(50, 3_601, 50), range(2, 121, 7))
    assert tally.pairs == 72 * 17
    assert tally.undecided == []


def test_every_principal_below_2_48_on_the_terms_people_take() -> None:
    """12, 24, 36, 48, 60, 120, 240, 360 instalments at whole quarters of a per cent."""
    undecided = [
        search(48, range(25, 3_601, 25), range(n, n + 1)).undecided for n in (12, 24, 36, 48, 60, 120, 240, 360)
    ]
    assert undecided == [[]] * 8


@pytest.mark.slow
def test_every_principal_below_2_48_on_the_full_grid() -> None:
    tally = search(48, range(1, 3_601), range(2, 361))
    assert tally.pairs == 1_292_400
    assert tally.undecided == []
    assert tally.with_ties > 0
