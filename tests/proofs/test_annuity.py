"""The annuity's bound: 0 <= v^n * 2^128 - p <= 2n - 1, by induction over the steps of square-and-multiply.

`x` is the exact value of v^k * 2^128 (a real number), `p` the contract's floored one. Proved for all v < 1 and all
exponents k; the widths for every value within the contract's ranges.
"""

from __future__ import annotations

from fractions import Fraction

import boa
import pytest
import z3
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.proofs.level import exact_level, level_interval, powers
from tests.proofs.solver import prove

ONE = 2**128


def test_the_first_power_is_less_than_one_unit_below() -> None:
    exact = z3.Real("exact")
    floor = z3.ToInt(exact)
    prove(z3.And(exact - floor >= 0, exact - floor < 1), [exact >= 0, exact < ONE])


def test_squaring_at_most_doubles_the_bound() -> None:
    x, p, q, k = z3.Reals("x p q k")
    known = [k >= 1, p >= 0, x >= p, x - p <= 2 * k - 1, x < ONE, q <= p * p / ONE, p * p / ONE < q + 1, q >= 0]
    prove(x * x / ONE - q >= 0, known)
    prove(x * x / ONE - q <= 2 * (2 * k) - 1, known)


def test_multiplying_by_v_adds_at_most_two_units() -> None:
    x, p, q, k, exact_v, v = z3.Reals("x p q k exact_v v")
    known = [
        *[k >= 1, p >= 0, x >= p, x - p <= 2 * k - 1, x < ONE],
        *[v >= 0, exact_v >= v, exact_v < v + 1, exact_v < ONE],
        *[q <= p * v / ONE, p * v / ONE < q + 1, q >= 0],
    ]
    prove(x * exact_v / ONE - q >= 0, known)
    prove(x * exact_v / ONE - q <= 2 * (k + 1) - 1, known)


def test_the_exact_instalment_lies_between_the_two_quotients() -> None:
    """instalment = P * i / (1 - v^n); with the true 1 - v^n between (rest - (2n - 1)) and rest, in 2^128ths."""
    numerator, rest, true_rest, slack = z3.Reals("numerator rest true_rest slack")
    known = [numerator >= 0, slack >= 1, rest > slack, true_rest <= rest, true_rest >= rest - slack]
    prove(numerator / rest <= numerator / true_rest, known)
    prove(numerator / true_rest <= numerator / (rest - slack), known)


def test_half_up_keeps_the_order_so_the_rounded_figure_is_between_the_rounded_quotients() -> None:
    low, exact, high = z3.Reals("low exact high")
    rounded = [z3.ToInt(value + z3.RealVal("1/2")) for value in (low, exact, high)]
    prove(z3.And(rounded[0] <= rounded[1], rounded[1] <= rounded[2]), [low >= 0, low <= exact, exact <= high])


def test_the_divisor_is_never_near_zero() -> None:
    """v^n <= v = b / (a + b), so 1 - v^n is at least a / (a + b): far above 2n - 1 for every rate from 1 ppm."""
    a, together, rest, power_rest, n = z3.Reals("a together rest power_rest n")
    known = [
        *[a >= 1, together > a, together < 2**39, n >= 2, n <= 1023],
        *[rest * together >= a * ONE, power_rest >= rest],
    ]
    prove(power_rest - (2 * n - 1) > 2**80, known)


def test_no_product_of_the_annuity_reaches_256_bits() -> None:
    """By the widths alone: P < 2^56, a < 2^33, b < 2^38, n < 2^10."""
    top = {"P": 2**56 - 1, "a": 2**33 - 1, "b": 2**38 - 1, "n": 2**10 - 1}
    assert top["b"] << 128 < 2**256
    assert (ONE - 1) ** 2 < 2**256
    double = (top["P"] * top["a"]) << 129
    divisor = top["b"] * ONE
    assert double + divisor < 2**256
    assert 2 * divisor < 2**256
    assert 2 * top["P"] * (top["a"] + top["b"]) + top["b"] < 2**256


@settings(max_examples=300)
@given(a=st.integers(1, 2**33 - 1), b=st.integers(1, 2**38 - 1), n=st.integers(1, 1023))
def test_the_bound_holds_on_random_powers(a: int, b: int, n: int) -> None:
    """Beside the proof: the floored power against the exact fraction."""
    exact = Fraction(b, a + b) ** n * ONE
    assert 0 <= exact - powers(a, b, n) <= 2 * n - 1


@settings(max_examples=300)
@given(
    principal=st.integers(1, 2**47 - 1), ppm=st.integers(0, 2**24 - 1), months=st.integers(1, 12), n=st.integers(1, 360)
)
def test_the_exact_instalment_is_in_the_interval(principal: int, ppm: int, months: int, n: int) -> None:
    low, high = level_interval(principal, ppm * months, 12_000_000, n)
    assert low <= exact_level(principal, ppm * months, 12_000_000, n) <= high


@pytest.fixture(scope="module")
def annuity() -> object:
    """The contracts' own module."""
    from tests.contracts.parts.deploy import compiled_source

    source = """
# pragma version 0.4.3
# pragma evm-version cancun
from modules import annuity

@external
@pure
def level(principal: uint256, a: uint256, b: uint256, n: uint256) -> (uint256, uint256):
    return annuity._level(principal, a, b, n)
"""
    return compiled_source(source).deploy()


@settings(max_examples=150)
@given(
    principal=st.one_of(st.integers(1, 2**47 - 1), st.integers(1, 10**6)),
    a=st.one_of(st.integers(0, 2**33 - 1), st.integers(0, 5_000_000)),
    b=st.one_of(st.just(12_000_000), st.integers(1, 2**38 - 1)),
    n=st.one_of(st.integers(1, 1023), st.sampled_from([1, 2, 12, 36, 360, 1023])),
)
def test_the_contract_computes_the_figures_that_are_proved_about(
    annuity: object, principal: int, a: int, b: int, n: int
) -> None:
    with boa.env.anchor():
        assert tuple(annuity.level(principal, a, b, n)) == level_interval(principal, a, b, n)  # type: ignore[attr-defined]
