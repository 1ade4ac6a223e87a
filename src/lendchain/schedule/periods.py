"""Calendar arithmetic of instalment periods: intervals, end-of-month rule, lengths in years.

Dates are always counted from the first one, never from the one before, so that a loan of the 31st comes back to the
31st after February.
"""

from bisect import bisect_right
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

__all__ = ["MONTHLY", "Interval", "Unit", "add_months", "days_in_month", "months_between", "whole_months_back"]


class Unit(StrEnum):
    """Unit of an interval between due dates."""

    DAY = "day"
    WEEK = "week"
    SEMIMONTH = "semimonth"
    MONTH = "month"
    YEAR = "year"


_A_YEAR = {Unit.DAY: 365, Unit.WEEK: 52, Unit.SEMIMONTH: 24, Unit.MONTH: 12, Unit.YEAR: 1}


def days_in_month(year: int, month: int) -> int:
    """Number of days of that month."""
    return monthrange(year, month)[1]


def add_months(day: date, months: int) -> date:
    """The same day ``months`` later, cut to the month's end: 31 Jan + 1 = 28 Feb, + 2 = 31 Mar."""
    index = 12 * day.year + day.month - 1 + months
    year, month = divmod(index, 12)
    month += 1
    if day.day <= 28:
        return day.replace(year=year, month=month)
    return date(year, month, min(day.day, days_in_month(year, month)))


def months_between(start: date, end: date) -> int | None:
    """How many whole months after ``start`` lies ``end`` by the end-of-month rule; None when it is no whole number."""
    months = 12 * (end.year - start.year) + end.month - start.month
    return months if add_months(start, months) == end else None


def whole_months_back(start: date, end: date) -> int:
    """Greatest number of months that, counted back from ``end``, does not pass before ``start`` (``start <= end``)."""
    months = 12 * (end.year - start.year) + end.month - start.month
    return months if add_months(end, -months) >= start else months - 1


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of time such as three months. ``semimonth`` names its two days of the month (1st and 16th)."""

    count: int = 1
    unit: Unit = Unit.MONTH
    month_days: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError(f"an interval counts at least one {self.unit}, not {self.count}")
        if self.month_days and self.unit is not Unit.SEMIMONTH:
            raise ValueError("only a semimonth has days of the month")
        if any(not 1 <= day <= 31 for day in self.month_days) or list(self.month_days) != sorted(set(self.month_days)):
            raise ValueError(f"days of the month must rise within 1..31, not {self.month_days}")

    @property
    def years(self) -> Fraction:
        """Length in years: 12 months, 24 semimonths, 52 weeks or 365 days a year."""
        return Fraction(self.count, _A_YEAR[self.unit])

    @property
    def months(self) -> int | None:
        """Whole months of the interval; None for days, weeks and semimonths."""
        if self.unit is Unit.MONTH:
            return self.count
        return 12 * self.count if self.unit is Unit.YEAR else None

    def after(self, day: date, times: int = 1) -> date:
        """The date ``times`` intervals after ``day``, counted from ``day`` itself; semimonths count forwards only."""
        steps = self.count * times
        if self.unit is Unit.DAY:
            return day + timedelta(days=steps)
        if self.unit is Unit.WEEK:
            return day + timedelta(weeks=steps)
        if self.unit is Unit.SEMIMONTH:
            return self._nth_month_day(day, steps)
        return add_months(day, steps if self.unit is Unit.MONTH else 12 * steps)

    def _nth_month_day(self, day: date, steps: int) -> date:
        """The ``steps``-th of the named days that comes after ``day``; a 31st is cut to the month's end."""
        if not self.month_days:
            raise ValueError("a semimonth needs its days of the month, such as 1 and 16")
        if steps == 0:
            return day
        ends = days_in_month(day.year, day.month)
        passed = bisect_right([min(named, ends) for named in self.month_days], day.day)
        months, index = divmod(passed + steps - 1, len(self.month_days))
        first = add_months(day.replace(day=1), months)
        return first.replace(day=min(self.month_days[index], days_in_month(first.year, first.month)))


MONTHLY = Interval(1, Unit.MONTH)
"""One calendar month, the usual interval."""
