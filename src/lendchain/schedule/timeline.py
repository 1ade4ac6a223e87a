"""The calendar of a loan: when each row begins and falls due, and how long it and its parts are in years."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from lendchain.schedule.daycount import DayCount, days_30e_360, year_fraction
from lendchain.schedule.errors import InvalidTermsError
from lendchain.schedule.eu_rule import counted_back
from lendchain.schedule.periods import Unit, months_between
from lendchain.schedule.terms import InterestPeriod, Terms

__all__ = ["Span", "Timeline"]


@dataclass(frozen=True, slots=True)
class Span:
    """Calendar of one row. ``from_on`` and ``to_on`` bound its interest; ``due_on`` may be moved to a working day."""

    number: int
    from_on: date | None
    to_on: date | None
    due_on: date | None
    years: Fraction
    """Length of the whole row in years, as its interest sees it."""


class Timeline:
    """Due dates and lengths of the rows of ``terms``. Moving a due date moves the anchor of the rows after it."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._anchors: list[tuple[int, date]] = []
        if terms.start_on is not None:
            self._anchors.append((0, terms.start_on))
            if terms.first_due_on is not None:
                self._anchors.append((1, terms.first_due_on))
        self._spans: dict[int, Span] = {}

    def copy(self) -> "Timeline":
        """The same calendar, to be moved without touching this one."""
        twin = Timeline(self._terms)
        twin._anchors = list(self._anchors)
        twin._spans = dict(self._spans)
        return twin

    def move(self, number: int, due_on: date) -> None:
        """Row ``number`` falls due on ``due_on``, later rows whole intervals after it."""
        begins = self._scheduled(number - 1)
        if begins is None or due_on <= begins:
            raise InvalidTermsError(f"row {number} can't be moved to {due_on}: it begins on {begins}")
        self._anchors = [anchor for anchor in self._anchors if anchor[0] < number] + [(number, due_on)]
        self._spans = {known: span for known, span in self._spans.items() if known < number}

    def span(self, number: int) -> Span:
        """The calendar of row ``number``, 1 first."""
        known = self._spans.get(number)
        if known is None:
            known = self._spans[number] = self._make(number)
        return known

    def due_on(self, number: int) -> date | None:
        """The due date of row ``number``, moved to a working day where the terms say so; None without dates."""
        day = self._scheduled(number)
        rule = self._terms.working_days
        return day if rule is None or day is None else rule.adjust(day)

    def part_years(self, span: Span, start: date, end: date) -> Fraction:
        """Length in years of the part of a row from ``start`` (in) to ``end`` (out); the parts add up to the row."""
        if (start, end) == (span.from_on, span.to_on):
            return span.years
        assert span.from_on is not None
        assert span.to_on is not None
        thirty = self._terms.day_count is DayCount.THIRTY_360
        if not self._by_calendar(span.number) or (thirty and self._terms.part_by_actual_days):
            return span.years * (end - start).days / (span.to_on - span.from_on).days
        if thirty:
            return self._years_30_360(span, end) - self._years_30_360(span, start)
        return self._actual(start, end)

    def _years_30_360(self, span: Span, day: date) -> Fraction:
        """Position of ``day`` in its row by 30E/360, held within the row."""
        assert span.from_on is not None
        if day == span.to_on:
            return span.years
        return min(max(Fraction(days_30e_360(span.from_on, day), 360), Fraction(0)), span.years)

    def _make(self, number: int) -> Span:
        begins, ends = self._bound(number - 1), self._bound(number)
        return Span(number, begins, ends, self.due_on(number), self._years(number, begins, ends))

    def _bound(self, number: int) -> date | None:
        """The day that ends row ``number``'s interest."""
        rule = self._terms.working_days
        follows = rule is not None and rule.interest_follows and number > 0
        return self.due_on(number) if follows else self._scheduled(number)

    def _scheduled(self, number: int) -> date | None:
        """The due date of row ``number`` by the calendar alone; of row 0 the start."""
        for row, day in reversed(self._anchors):
            if row <= number:
                return self._terms.every.after(day, number - row) if number > row else day
        return None

    def _years(self, number: int, begins: date | None, ends: date | None) -> Fraction:
        terms = self._terms
        if number == 1 and terms.first_interval_eu and begins is not None and ends is not None:
            return counted_back(begins, ends, terms.every.unit).years
        if begins is None or ends is None or not self._by_calendar(number):
            return terms.every.years
        if terms.day_count is not DayCount.THIRTY_360:
            return self._actual(begins, ends)
        return self._whole_30_360(number, begins, ends)

    def _by_calendar(self, number: int) -> bool:
        """Whether the row's interest looks at its days at all."""
        eu_first = number == 1 and self._terms.first_interval_eu
        return self._terms.interest_period is InterestPeriod.DAILY and not eu_first

    def _actual(self, start: date, end: date) -> Fraction:
        if self._terms.day_count is None:
            raise InvalidTermsError("daily interest needs a day_count")
        return year_fraction(start, end, self._terms.day_count)

    def _whole_30_360(self, number: int, begins: date, ends: date) -> Fraction:
        """A whole row is its months / 12, broken rows are counted by 30E/360."""
        every = self._terms.every
        moved = self._terms.working_days is not None and self._terms.working_days.interest_follows
        counted_from = max(row for row, _ in self._anchors if row <= number)
        if counted_from < number and not moved:
            if every.months is not None:
                return Fraction(every.months, 12)
            if every.unit is Unit.SEMIMONTH and (number > 1 or begins.day in every.month_days):
                return every.years
        months = months_between(begins, ends)
        return Fraction(months, 12) if months else Fraction(days_30e_360(begins, ends), 360)
