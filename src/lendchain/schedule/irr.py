"""Internal rate of return of cash flows: by equal periods (IRR) and by dates (XIRR).

Flows of one date are summed as integers first, so a loan book of hundreds of thousands of payments costs what its
distinct days cost.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from lendchain.schedule.errors import NoRateError
from lendchain.schedule.rates import rate_of
from lendchain.schedule.rounding import round_half_up

__all__ = ["as_ppm", "irr", "xirr"]


def irr(flows: Sequence[int]) -> Decimal:
    """Rate of one period at which the flows, one a period from now on, are worth nothing together.

    Money paid out is negative. Raises `NoRateError` where there is none; of several the one nearest to 0 is taken.
    """
    return rate_of({Fraction(time): Fraction(flow) for time, flow in enumerate(flows)})


def xirr(flows: Iterable[tuple[date, int]]) -> Decimal:
    """Effective rate a year of dated flows, by actual days / 365. Money paid out is negative.

    Raises `NoRateError` where no rate explains the flows; of several the one nearest to 0 is taken.
    """
    by_day: dict[date, int] = {}
    get = by_day.get
    for on, amount in flows:
        by_day[on] = get(on, 0) + amount
    if not by_day:
        raise NoRateError("no cash flows")
    first = min(by_day)
    sums = {Fraction((on - first).days, 365): Fraction(amount) for on, amount in by_day.items()}
    return rate_of(sums)


def as_ppm(rate: Decimal) -> int:
    """A rate in parts per million, half up: 0.1182 is 118200."""
    return round_half_up(Fraction(rate) * 1_000_000)
