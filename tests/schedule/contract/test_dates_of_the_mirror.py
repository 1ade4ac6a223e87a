"""Days of a loan."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta, timezone

from hypothesis import assume, given
from hypothesis import strategies as st

from lendchain.schedule.contract import ContractTerms, LoanCalendar, local_day, midnight
from tests.schedule.contract.begun import DAYS, any_terms


@given(any_terms(), DAYS, st.integers(0, 40))
def test_due_dates_rise_a_period_apart(terms: ContractTerms, start: date, k: int) -> None:
    calendar = LoanCalendar.of(terms, start)
    days = (calendar.due(k + 1) - calendar.due(k)).days
    assert 28 * terms.months <= days <= 31 * terms.months


@given(any_terms(), DAYS, st.integers(0, 60))
def test_a_due_day_is_the_start_day_or_its_months_last(terms: ContractTerms, start: date, k: int) -> None:
    due = LoanCalendar.of(terms, start).boundary(k)
    assert due.day == min(start.day, monthrange(due.year, due.month)[1])
    months = 12 * (due.year - start.year) + due.month - start.month
    assert months == k * terms.months


@given(any_terms(), DAYS, st.integers(0, 20), st.data())
def test_parts_of_a_period_add_up_to_the_whole(terms: ContractTerms, start: date, k: int, data: st.DataObject) -> None:
    calendar = LoanCalendar.of(terms, start)
    a, d = calendar.boundary(k), calendar.boundary(k + 1)
    b = data.draw(st.dates(a, d))
    c = data.draw(st.dates(b, d))
    parts = calendar.years(k, a, b) + calendar.years(k, b, c) + calendar.years(k, c, d)
    assert parts == calendar.whole(k)
    assert calendar.years(k, a, b) >= 0


@given(any_terms(), DAYS, st.integers(0, 30))
def test_no_period_is_longer_than_the_bound_of_its_terms(terms: ContractTerms, start: date, k: int) -> None:
    from lendchain.schedule.contract.terms import longest_period

    assert LoanCalendar.of(terms, start).whole(k) <= longest_period(terms.months, terms.day_count)


@given(st.integers(1_600_000_000, 4_000_000_000))
def test_a_local_day_begins_at_local_midnight_in_all_zones(second: int) -> None:
    for zone in range(113):
        offset = timezone(timedelta(minutes=15 * (zone - 56))) if abs(zone - 56) < 96 else UTC
        day = local_day(second, zone)
        assert day == datetime.fromtimestamp(second, offset).date()
        assert local_day(midnight(day, zone), zone) == day
        assert local_day(midnight(day, zone) - 1, zone) == day - timedelta(days=1)


@given(any_terms(), DAYS, st.integers(0, 3000))
def test_due_dates_passed_are_those_on_or_before_the_day(terms: ContractTerms, start: date, days: int) -> None:
    calendar = LoanCalendar.of(terms, start)
    today = start + timedelta(days=days)
    passed = calendar.due_dates_passed(today)
    assert calendar.boundary(passed) <= today < calendar.boundary(passed + 1)


@given(any_terms(), DAYS, st.integers(0, 80))
def test_a_holiday_moves_lateness_and_not_the_interest_period(terms: ContractTerms, start: date, k: int) -> None:
    calendar = LoanCalendar.of(terms, start)
    plain = LoanCalendar(calendar.start_month, calendar.start_day, terms.months, terms.day_count, 0)
    assert 0 <= (calendar.late_day(k) - calendar.due(k)).days <= 15
    assert calendar.whole(k) == plain.whole(k)
    assert calendar.due(k) == plain.due(k)


@given(any_terms(), DAYS, st.integers(1, 24), st.integers(0, 20))
def test_a_deferral_moves_every_due_date_and_keeps_the_day(
    terms: ContractTerms, start: date, months: int, k: int
) -> None:
    calendar = LoanCalendar.of(terms, start)
    moved = calendar.deferred(months)
    assume(terms.months == 1)
    assert moved.boundary(k) == calendar.boundary(k + months)
