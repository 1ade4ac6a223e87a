"""The usual product, quickly: level instalments over even rows, every figure rounded half up to the minor unit.

Integers only and exact: the same figures as the general walk in `rows`, some hundred times faster, for loan books of
tens of thousands. ``numerator / denominator`` is the interest of one row per unit of balance: 12 % a year by months
is 12/1200.
"""

from fractions import Fraction

__all__ = ["LevelColumns", "level_columns", "level_payment", "row_factor"]

LevelColumns = tuple[list[int], list[int], list[int]]
"""Principal, interest and balance after each row."""


def level_payment(principal: int, numerator: int, denominator: int, rows: int) -> int:
    """P i (1+i)^n / ((1+i)^n - 1), rounded half up from the exact rational. Minor units."""
    if numerator == 0:
        return (2 * principal + rows) // (2 * rows)
    grown: int = (numerator + denominator) ** rows
    twice: int = 2 * denominator * (grown - denominator**rows)
    return (2 * principal * numerator * grown + twice // 2) // twice


def level_columns(
    principal: int, numerator: int, denominator: int, rows: int, payment: int | None = None
) -> LevelColumns:
    """The schedule as three columns; the last row pays the balance left. ``payment`` None: computed."""
    if payment is None:
        payment = level_payment(principal, numerator, denominator, rows)
    balance, twice_numerator, twice_denominator = principal, 2 * numerator, 2 * denominator
    principals: list[int] = []
    interests: list[int] = []
    balances: list[int] = []
    add_principal, add_interest, add_balance = principals.append, interests.append, balances.append
    for _ in range(rows - 1):
        interest = (balance * twice_numerator + denominator) // twice_denominator
        repaid = payment - interest
        if repaid > balance:
            repaid = balance
        balance -= repaid
        add_principal(repaid)
        add_interest(interest)
        add_balance(balance)
    add_principal(balance)
    add_interest((balance * twice_numerator + denominator) // twice_denominator)
    add_balance(0)
    return principals, interests, balances


def row_factor(rate: Fraction, years: Fraction) -> tuple[int, int]:
    """``rate`` a year over a row of ``years`` as the two integers that the functions here take."""
    factor = rate * years
    return factor.numerator, factor.denominator
