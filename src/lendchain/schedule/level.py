"""The usual product, quickly: level instalments over even rows, every figure rounded half up to the minor unit.

Integers only and exact: the same figures as the general walk in `rows`, some hundred times faster, for loan books of
tens of thousands. ``numerator / denominator`` is the interest of one row per unit of balance: 12 % a year by months
is 12/1200.
"""

from fractions import Fraction
from functools import lru_cache
from math import gcd
from operator import sub

__all__ = ["LevelColumns", "level_columns", "level_payment", "row_factor"]

LevelColumns = tuple[list[int], list[int], list[int]]
"""Principal, interest and balance after each row."""


@lru_cache(maxsize=4096)
def _growth(numerator: int, denominator: int, rows: int) -> tuple[int, int]:
    """i (1+i)^n and (1+i)^n - 1 over one denominator; a loan book has few rates and terms, so they are kept."""
    grown: int = (numerator + denominator) ** rows
    return numerator * grown, denominator * (grown - denominator**rows)


def level_payment(principal: int, numerator: int, denominator: int, rows: int) -> int:
    """P i (1+i)^n / ((1+i)^n - 1), rounded half up from the exact rational. Minor units."""
    if numerator == 0:
        return (2 * principal + rows) // (2 * rows)
    over, under = _growth(numerator, denominator, rows)
    return (2 * principal * over + under) // (2 * under)


def level_columns(
    principal: int, numerator: int, denominator: int, rows: int, payment: int | None = None
) -> LevelColumns:
    """The schedule as three columns; the last row pays the balance left. ``payment`` None: computed.

    ``payment`` must be no less than the interest of the first row.
    """
    if payment is None:
        payment = level_payment(principal, numerator, denominator, rows)
    twice_numerator, twice_denominator = 2 * numerator, 2 * denominator
    balance = principal
    opening = [balance]
    add = opening.append
    for _ in range(rows - 1):
        balance += (balance * twice_numerator + denominator) // twice_denominator - payment
        add(balance)
    if balance < 0:
        return _repaid_early(principal, numerator, denominator, rows, payment)
    balances = [*opening[1:], 0]
    principals = list(map(sub, opening, balances))
    interests = [payment - repaid for repaid in principals]
    interests[-1] = (balance * twice_numerator + denominator) // twice_denominator
    return principals, interests, balances


def _repaid_early(principal: int, numerator: int, denominator: int, rows: int, payment: int) -> LevelColumns:
    """The same where the rounded payment is so large that the balance is gone before the last row."""
    principals, interests, balances = [], [], []
    balance = principal
    for _ in range(rows):
        interest = (2 * balance * numerator + denominator) // (2 * denominator)
        repaid = min(payment - interest, balance)
        balance -= repaid
        principals.append(repaid)
        interests.append(interest)
        balances.append(balance)
    principals[-1] += balance
    balances[-1] = 0
    return principals, interests, balances


def row_factor(rate: Fraction, years: Fraction) -> tuple[int, int]:
    """``rate`` a year over a row of ``years`` as the two integers that the functions here take."""
    numerator, denominator = rate.numerator * years.numerator, rate.denominator * years.denominator
    common = gcd(numerator, denominator)
    return numerator // common, denominator // common
