"""The annual percentage rate of charge of the EU consumer-credit directives (Annex I): the effective rate.

i with  sum of drawdowns C_k (1+i)^-t_k  =  sum of payments D_l (1+i)^-s_l, times in years by remark (c).
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from lendchain.schedule.eu_rule import counted_back
from lendchain.schedule.periods import Unit
from lendchain.schedule.rates import rate_of

__all__ = ["effective_rate", "effective_rate_by_dates"]


def effective_rate(flows: Sequence[tuple[Fraction, int | Fraction]]) -> Decimal:
    """i a year (0.06434 for 6.434 %) of flows ``(time in years, amount)``; what the borrower receives is negative.

    Raises `NoRateError` where no rate explains the flows.
    """
    by_time: dict[Fraction, Fraction] = {}
    for time, amount in flows:
        by_time[time] = by_time.get(time, Fraction(0)) + amount
    return rate_of(by_time)


def effective_rate_by_dates(flows: Sequence[tuple[date, int | Fraction]], unit: Unit = Unit.MONTH) -> Decimal:
    """The same for dated flows, intervals counted back in ``unit`` to the first date."""
    first = min(on for on, _ in flows)
    return effective_rate([(counted_back(first, on, unit).years, amount) for on, amount in flows])
