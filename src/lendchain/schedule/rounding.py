"""Rounding of exact amounts: the mode and the unit are parameters, the place where it happens is the caller's.

Amounts are integers of minor units or exact fractions of them; nothing here knows a float.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

__all__ = ["Mode", "Rounding", "round_ceil", "round_floor", "round_half_even", "round_half_up", "round_to_int"]


class Mode(StrEnum):
    """How a figure between two multiples of the unit is settled."""

    HALF_UP = "half_up"
    """Ties go away from zero (四舍五入)."""
    HALF_EVEN = "half_even"
    """Ties go to the even multiple of the unit."""
    CEIL = "ceil"
    """Always towards plus infinity."""
    FLOOR = "floor"
    """Always towards minus infinity."""


def round_half_up(numerator: int | Fraction, denominator: int = 1) -> int:
    """Nearest integer to ``numerator / denominator``, ties away from zero. The denominator is positive."""
    if not isinstance(numerator, int):
        denominator *= numerator.denominator
        numerator = numerator.numerator
    if numerator >= 0:
        return (2 * numerator + denominator) // (2 * denominator)
    return -((denominator - 2 * numerator) // (2 * denominator))


def round_half_even(numerator: int | Fraction, denominator: int = 1) -> int:
    """Nearest integer to ``numerator / denominator``, ties to the even one. The denominator is positive."""
    if not isinstance(numerator, int):
        denominator *= numerator.denominator
        numerator = numerator.numerator
    whole, rest = divmod(numerator, denominator)
    twice = 2 * rest
    return whole + (twice > denominator or (twice == denominator and whole % 2 == 1))


def round_ceil(numerator: int | Fraction, denominator: int = 1) -> int:
    """Smallest integer not below ``numerator / denominator``. The denominator is positive."""
    if not isinstance(numerator, int):
        denominator *= numerator.denominator
        numerator = numerator.numerator
    return -(-numerator // denominator)


def round_floor(numerator: int | Fraction, denominator: int = 1) -> int:
    """Greatest integer not above ``numerator / denominator``. The denominator is positive."""
    if not isinstance(numerator, int):
        denominator *= numerator.denominator
        numerator = numerator.numerator
    return numerator // denominator


_BY_MODE = {
    Mode.HALF_UP: round_half_up,
    Mode.HALF_EVEN: round_half_even,
    Mode.CEIL: round_ceil,
    Mode.FLOOR: round_floor,
}


def round_to_int(value: int | Fraction, mode: Mode) -> int:
    """``value`` as an integer by ``mode``."""
    return _BY_MODE[mode](value)


@dataclass(frozen=True, slots=True)
class Rounding:
    """To a multiple of ``unit`` minor units by ``mode``: ``Rounding()`` is half up to one minor unit (分, cent)."""

    unit: int | Fraction = 1
    mode: Mode = Mode.HALF_UP

    def __post_init__(self) -> None:
        if self.unit <= 0:
            raise ValueError(f"rounding unit must be positive, not {self.unit}")

    def apply(self, value: int | Fraction) -> Fraction:
        """The multiple of the unit that ``value`` rounds to."""
        return Fraction(_BY_MODE[self.mode](Fraction(value) / self.unit) * self.unit)
