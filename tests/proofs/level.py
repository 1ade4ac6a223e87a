"""The level instalment by contract and exactly, and a search that compares the two for all principals.

The search asks, for one rate and number of instalments, for the least principal whose exact instalment comes so near to
half a minor unit that the contract's upper bound could round differently. It is Euclid's algorithm on
`slope * P mod 1`, so a pair costs some hundred steps whatever the range of principals.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import Final

ONE: Final = 2**128
PRECISION: Final = 256
DENOMINATOR: Final = 12_000_000  # of a monthly rate whose numerator is in ppm a year


def powers(a: int, b: int, n: int) -> int:
    """v^n in 2^128ths, v = b / (a + b), floored at each step as the contract does."""
    v = b * ONE // (a + b)
    power = v
    bit = 1 << (n.bit_length() - 1)
    while bit > 1:
        bit >>= 1
        power = power * power // ONE
        if n & bit:
            power = power * v // ONE
    return power


def level_interval(principal: int, a: int, b: int, n: int) -> tuple[int, int]:
    """What the contracts' annuity returns."""
    if a == 0:
        even = (2 * principal + n) // (2 * n)
        return even, even
    if n == 1:
        whole = (2 * principal * (a + b) + b) // (2 * b)
        return whole, whole
    rest = ONE - powers(a, b, n)
    double = 2 * principal * a * ONE
    low, high = b * rest, b * (rest - (2 * n - 1))
    return (double + low) // (2 * low), (double + high) // (2 * high)


def exact_level(principal: int, a: int, b: int, n: int) -> int:
    """P * i / (1 - (1 + i)^-n) with i = a / b, half-up."""
    if a == 0:
        return (2 * principal + n) // (2 * n)
    grown = (a + b) ** n
    numerator, denominator = principal * a * grown, b * (grown - b**n)
    return (2 * numerator + denominator) // (2 * denominator)


def first_in(slope: int, modulus: int, low: int, high: int) -> int | None:
    """The least x >= 0 with low <= slope * x mod modulus <= high, or None."""
    steps = []
    while low > 0:
        if slope == 0:
            return None
        if 2 * slope > modulus:
            slope, low, high = modulus - slope, modulus - high, modulus - low
        turns = -(-low // slope)
        if slope * turns <= high:
            x = turns
            break
        steps.append((slope, modulus, low))
        slope, modulus, low, high = modulus % slope, slope, -high % slope, -low % slope
        if low > high:
            low = 0
    else:
        x = 0
    for slope, modulus, low in reversed(steps):
        x = -(-(low + modulus * x) // slope)
    return x


@dataclass
class Tally:
    """How the pairs of (rate, number of instalments) came out."""

    pairs: int = 0
    with_ties: int = 0
    undecided: list[tuple[int, int, int]] | None = None

    def __post_init__(self) -> None:
        self.undecided = []


def search(bits: int, rates_bp: range, counts: range) -> Tally:
    """For each pair: is the contract's figure the exact half-up one for every principal below 2^bits?

    It is, where no principal comes within the interval's width of half a unit; and where one does, but it is an exact
    tie, which the upper bound rounds up as half-up demands, no other principal being as near without being a tie.
    """
    tally = Tally()
    assert tally.undecided is not None
    bound = 2**bits
    for rate in rates_bp:
        a = rate * 100
        shared = gcd(a, DENOMINATOR)
        small_a, small_b = a // shared, DENOMINATOR // shared
        c = small_a + small_b
        for n in counts:
            tally.pairs += 1
            grown, flat = c**n, small_b**n
            rest = ONE - powers(a, DENOMINATOR, n)
            numerator, denominator = small_a * grown, small_b * (grown - flat)
            low_n, low_d, high_d = a * ONE, DENOMINATOR * rest, DENOMINATOR * (rest - (2 * n - 1))
            assert low_n * denominator <= numerator * low_d
            assert numerator * high_d <= low_n * denominator
            unit = 2**PRECISION
            width = bound * (low_n * unit // high_d - low_n * unit // low_d + 2) + bound + 2
            slope = numerator * unit // denominator
            nearest = first_in(slope % unit, unit, unit // 2 - width, unit // 2 + width)
            if nearest is None or not 0 < nearest < bound:
                continue
            ties_at = small_b * ((grown - flat) // small_a)
            is_tie = (2 * nearest * grown) % ties_at == 0
            if is_tie and unit > 2 * ties_at * width:
                tally.with_ties += 1
            else:
                tally.undecided.append((rate, n, nearest))
    return tally
