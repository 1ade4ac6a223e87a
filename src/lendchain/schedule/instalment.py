"""The level instalment: what, paid in each remaining row, brings the balance to exactly nothing.

The balance after every row is linear in the instalment X, so one pass carries "constant + slope x X" through the rows
and the end tells X. It holds for uneven rows, later drawdowns, grace and deferred interest alike; for even rows it is
the annuity P i (1+i)^n / ((1+i)^n - 1). Everything is integers over one common denominator: no gcd at every step.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from lendchain.schedule.errors import InvalidTermsError

__all__ = ["PlannedRow", "annuity", "level_instalment"]


@dataclass(frozen=True, slots=True)
class PlannedRow:
    """What the solution needs of one row ahead."""

    factor: Fraction
    """Interest on the balance at the row's start, per unit: rate x years."""
    drawn: Fraction = Fraction(0)
    """Paid out during the row."""
    drawn_interest: Fraction = Fraction(0)
    """Interest of the row on what is paid out during it."""
    pays_principal: bool = True
    pays_interest: bool = True
    waives_interest: bool = False


def annuity(balance: Fraction, factor: Fraction, rows: int) -> Fraction:
    """The level instalment over ``rows`` even rows that each bear ``factor`` on the balance."""
    if factor == 0:
        return balance / rows
    a, b = factor.numerator, factor.denominator
    grown, whole = (a + b) ** rows, b**rows
    return Fraction(balance.numerator * a * grown, balance.denominator * b * (grown - whole))


def level_instalment(balance: Fraction, deferred: Fraction, rows: Sequence[PlannedRow]) -> Fraction:
    """X over ``rows`` from ``balance``, with interest ``deferred`` so far still to be charged. Exact."""
    first = rows[0]
    if deferred == 0 and all(row == first for row in rows) and _is_plain(first):
        return annuity(balance, first.factor, len(rows))
    unit = lcm(*(row.factor.denominator for row in rows), *(row.drawn_interest.denominator for row in rows))
    start = lcm(balance.denominator, deferred.denominator)
    constant, slope = int(balance * start), 0
    waiting, waiting_slope = int(deferred * start), 0
    scale = 1
    for row in rows:
        share = int(row.factor * unit)
        interest = constant * share + int(row.drawn_interest * unit) * scale * start
        interest_slope = slope * share
        constant = constant * unit + int(row.drawn * unit) * scale * start
        slope, waiting, waiting_slope = slope * unit, waiting * unit, waiting_slope * unit
        scale *= unit
        if row.pays_interest:
            interest, interest_slope = interest + waiting, interest_slope + waiting_slope
            waiting = waiting_slope = 0
        else:
            if not row.waives_interest:
                waiting, waiting_slope = waiting + interest, waiting_slope + interest_slope
            interest = interest_slope = 0
        if row.pays_principal:
            constant += interest
            slope += interest_slope - scale
    if slope == 0:
        raise InvalidTermsError("no row is left in which principal can be repaid")
    return Fraction(-constant, start * slope)


def _is_plain(row: PlannedRow) -> bool:
    return row.pays_principal and row.pays_interest and not row.drawn
