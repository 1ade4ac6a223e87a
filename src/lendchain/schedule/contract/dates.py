"""Days of a loan: local days, due dates counted from the start day, and spans of years within a period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from lendchain.schedule.contract.terms import UTC_ZONE, ContractTerms, DayCountCode
from lendchain.schedule.daycount import DayCount, days_30e_360, year_fraction
from lendchain.schedule.periods import days_in_month

__all__ = ["LoanCalendar", "local_day", "midnight"]

_EPOCH = date(1970, 1, 1)
_QUARTER = 900
_ACTUAL = {
    DayCountCode.ACT_365F: DayCount.ACT_365F,
    DayCountCode.ACT_360: DayCount.ACT_360,
    DayCountCode.ACT_ACT: DayCount.ACT_ACT,
}


def local_day(now: int, zone: int) -> date:
    """The day it is at unix time `now`, `zone` being quarter hours east of UTC plus 56."""
    return _EPOCH + timedelta(seconds=now + (zone - UTC_ZONE) * _QUARTER)


def midnight(day: date, zone: int) -> int:
    """Unix time at which `day` begins in that zone."""
    return (day - _EPOCH).days * 86_400 - (zone - UTC_ZONE) * _QUARTER


@dataclass(frozen=True, slots=True)
class LoanCalendar:
    """Due dates: `months` apart, on the start's day of the month or the month's last day where that is sooner.

    The start is a month and a day of month rather than a date: a deferral moves the month and keeps the day.
    """

    start_month: int  # 12 * year + month - 1
    start_day: int
    months: int
    day_count: int
    shifts: int

    @classmethod
    def of(cls, terms: ContractTerms, start: date) -> LoanCalendar:
        """The calendar of a loan that was disbursed on `start`."""
        return cls(12 * start.year + start.month - 1, start.day, terms.months, terms.day_count, terms.shifts)

    def deferred(self, months: int) -> LoanCalendar:
        """The same calendar, so many months later; holiday shifts were meant for other dates and go."""
        shifts = 0 if months else self.shifts
        return LoanCalendar(self.start_month + months, self.start_day, self.months, self.day_count, shifts)

    def boundary(self, k: int) -> date:
        """D(k): first day of period k, and the day on which the instalment of period k - 1 is due."""
        year, month0 = divmod(self.start_month + k * self.months, 12)
        return date(year, month0 + 1, min(self.start_day, days_in_month(year, month0 + 1)))

    def due(self, period: int) -> date:
        """The day at whose end the instalment of `period` is due."""
        return self.boundary(period + 1)

    def late_day(self, period: int) -> date:
        """The due day as the holiday calendar moves it; lateness is counted from here."""
        shift = self.shifts >> 4 * period & 15 if period < 64 else 0
        return self.due(period) + timedelta(days=shift)

    def due_dates_passed(self, today: date) -> int:
        """How many due dates lie on or before `today`."""
        months = 12 * today.year + today.month - 1 - self.start_month
        passed = max(months // self.months, 0)
        while passed and self.boundary(passed) > today:
            passed -= 1
        return passed

    def years(self, period: int, start: date, end: date) -> Fraction:
        """Length in years of the part of `period` from `start` to `end`; a whole 30/360 period is its months / 12."""
        if self.day_count == DayCountCode.THIRTY_360:
            return self._thirty(period, end) - self._thirty(period, start)
        return year_fraction(start, end, _ACTUAL[DayCountCode(self.day_count)])

    def whole(self, period: int) -> Fraction:
        """Length in years of the whole period."""
        return self.years(period, self.boundary(period), self.boundary(period + 1))

    def _thirty(self, period: int, day: date) -> Fraction:
        """How far into the period `day` is, in years of 360 days."""
        whole = 30 * self.months
        if day >= self.boundary(period + 1):
            return Fraction(whole, 360)
        return Fraction(min(max(days_30e_360(self.boundary(period), day), 0), whole), 360)
