"""A second, naive calculation of schedules: two runs with X = 0 and X = 1 tell the level instalment, no formulas."""

from collections.abc import Callable, Sequence
from fractions import Fraction

Rounder = Callable[[Fraction], Fraction]


def final_balance(principal: int, factors: Sequence[Fraction], instalment: Fraction, free: int = 0) -> Fraction:
    """Balance after paying ``instalment`` in every row but the first ``free``, which pay their interest only."""
    balance = Fraction(principal)
    for row, factor in enumerate(factors):
        balance += balance * factor - (balance * factor if row < free else instalment)
    return balance


def level(principal: int, factors: Sequence[Fraction], free: int = 0) -> Fraction:
    """The instalment that ends at 0: the final balance falls on a straight line."""
    at_nought = final_balance(principal, factors, Fraction(0), free)
    at_one = final_balance(principal, factors, Fraction(1), free)
    return at_nought / (at_nought - at_one)


def level_rows(
    principal: int, factors: Sequence[Fraction], rounder: Rounder, free: int = 0
) -> list[tuple[Fraction, Fraction]]:
    """Principal and interest of each row, instalment and interest rounded, the last row paying what is left."""
    instalment, balance, rows = rounder(level(principal, factors, free)), Fraction(principal), []
    for row, factor in enumerate(factors):
        interest = rounder(balance * factor)
        repaid = Fraction(0) if row < free else min(instalment - interest, balance)
        if row == len(factors) - 1:
            repaid = balance
        balance -= repaid
        rows.append((repaid, interest))
    return rows
