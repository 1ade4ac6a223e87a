"""Time between two dates by remark (c) of Annex I to the EU consumer-credit directives: whole periods counted back.

Source: Directive 2008/48/EC, Annex I, part I, remark (c), with the Commission's guidelines SWD(2012) 128, section 4.1:
whole months or years are counted back from the later date, the days left over are set against the year that ends there.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from lendchain.schedule.periods import Unit, add_months, whole_months_back

__all__ = ["CountedBack", "counted_back"]


@dataclass(frozen=True, slots=True)
class CountedBack:
    """``whole`` units and ``days`` of a year of ``year_days`` days."""

    whole: int
    unit: Unit
    days: int
    year_days: int

    @property
    def part_year(self) -> Fraction:
        """The days left over, as a part of a year."""
        return Fraction(self.days, self.year_days)

    @property
    def years(self) -> Fraction:
        """The whole interval in years."""
        a_year = {Unit.YEAR: 1, Unit.MONTH: 12, Unit.WEEK: 52, Unit.DAY: 365}
        return Fraction(self.whole, a_year[self.unit]) + self.part_year


def counted_back(start: date, end: date, unit: Unit) -> CountedBack:
    """The interval from ``start`` to ``end`` in whole ``unit`` counted back from ``end``, and days.

    Semimonths are counted in months. Raises ValueError when ``end`` comes before ``start``.
    """
    if end < start:
        raise ValueError(f"{end} comes before {start}")
    if unit is Unit.SEMIMONTH:
        unit = Unit.MONTH
    if unit in (Unit.DAY, Unit.WEEK):
        length = 7 if unit is Unit.WEEK else 1
        whole = (end - start).days // length
        met = end - timedelta(days=whole * length)
    else:
        months = whole_months_back(start, end)
        whole = months // 12 if unit is Unit.YEAR else months
        met = add_months(end, -12 * whole if unit is Unit.YEAR else -whole)
    return CountedBack(whole, unit, (met - start).days, (met - add_months(met, -12)).days)
