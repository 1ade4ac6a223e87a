"""Day counts: how long a span of days is in years, exactly.

Sources: ISDA 2006 definitions, section 4.16: (b) Actual/Actual, (d) Actual/365 (Fixed), (e) Actual/360, (g) 30E/360.
ACT/364 is the bank convention for weekly loans (52 weeks of 7 days).
"""

from datetime import date
from enum import StrEnum
from fractions import Fraction

__all__ = ["DAYS_365_TIMES_366", "DayCount", "days_30e_360", "is_leap", "isda_numerator", "year_fraction"]

DAYS_365_TIMES_366 = 365 * 366
"""Common denominator of ACT/ACT: a day of a common year is 366 of these parts, one of a leap year 365."""


class DayCount(StrEnum):
    """Convention that turns a span of days into a part of a year."""

    THIRTY_360 = "30/360"
    ACT_360 = "ACT/360"
    ACT_364 = "ACT/364"
    ACT_365F = "ACT/365F"
    ACT_ACT = "ACT/ACT"


_ACTUAL_OVER = {DayCount.ACT_360: 360, DayCount.ACT_364: 364, DayCount.ACT_365F: 365}


def is_leap(year: int) -> bool:
    """Whether ``year`` of the Gregorian calendar has 366 days."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def days_30e_360(start: date, end: date) -> int:
    """Days from ``start`` to ``end`` when every month has 30 days; a 31st counts as the 30th (30E/360)."""
    months = 12 * (end.year - start.year) + end.month - start.month
    return 30 * months + min(end.day, 30) - min(start.day, 30)


def isda_numerator(day: date) -> int:
    """Position of ``day`` on the ACT/ACT ISDA axis in parts of ``DAYS_365_TIMES_366`` a year.

    The difference of two positions over ``DAYS_365_TIMES_366`` is the year fraction between them, so parts add up by
    construction.
    """
    day_of_year = day.timetuple().tm_yday - 1
    return DAYS_365_TIMES_366 * day.year + day_of_year * (365 if is_leap(day.year) else 366)


def year_fraction(start: date, end: date, day_count: DayCount) -> Fraction:
    """Exact length in years from ``start`` (in) to ``end`` (out); negative when ``end`` comes first.

    30/360 here is the plain 30E/360 of two dates; that a whole instalment period is its months / 12 whatever the
    calendar is a rule of the schedule, see ``timeline``.
    """
    if day_count is DayCount.THIRTY_360:
        return Fraction(days_30e_360(start, end), 360)
    if day_count is DayCount.ACT_ACT:
        return Fraction(isda_numerator(end) - isda_numerator(start), DAYS_365_TIMES_366)
    return Fraction((end - start).days, _ACTUAL_OVER[day_count])
