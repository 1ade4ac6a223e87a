"""Due dates move off weekends and holidays as the convention says."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendchain.schedule import (
    Convention,
    DayCount,
    InterestPeriod,
    ScheduleError,
    Terms,
    make_schedule,
    per_cent,
    public_calendar,
    working_days,
)
from lendchain.schedule.workdays import adjust

CHINA = public_calendar("CN")
LOAN = Terms(
    1_200_000,
    per_cent(12),
    12,
    start_on=date(2024, 1, 1),
    interest_period=InterestPeriod.DAILY,
    day_count=DayCount.ACT_365F,
)


def test_chinas_national_day_and_spring_festival_are_no_working_days_and_swapped_weekends_are() -> None:
    assert not CHINA(date(2024, 10, 1))
    assert not CHINA(date(2024, 2, 12))
    assert not CHINA(date(2024, 6, 1))
    assert CHINA(date(2024, 2, 4))
    assert CHINA(date(2024, 2, 19))


@pytest.mark.parametrize(
    ("convention", "moved"),
    [
        (Convention.UNADJUSTED, date(2024, 8, 31)),
        (Convention.FOLLOWING, date(2024, 9, 2)),
        (Convention.MODIFIED_FOLLOWING, date(2024, 8, 30)),
        (Convention.PRECEDING, date(2024, 8, 30)),
        (Convention.MODIFIED_PRECEDING, date(2024, 8, 30)),
    ],
)
def test_a_saturday_at_the_months_end(convention: Convention, moved: date) -> None:
    assert adjust(date(2024, 8, 31), convention, CHINA) == moved


def test_a_preceding_day_in_another_month_is_modified_to_the_next() -> None:
    assert adjust(date(2024, 6, 1), Convention.MODIFIED_PRECEDING, CHINA) == date(2024, 6, 3)


@given(st.dates(date(2015, 1, 1), date(2026, 12, 31)), st.sampled_from(list(Convention)[1:]))
def test_a_moved_date_is_a_working_day_and_stays_put(day: date, convention: Convention) -> None:
    moved = adjust(day, convention, CHINA)
    assert CHINA(moved)
    assert adjust(moved, convention, CHINA) == moved
    if convention in (Convention.MODIFIED_FOLLOWING, Convention.MODIFIED_PRECEDING):
        assert moved.month == day.month


def test_interest_stays_with_the_calendar_or_follows_the_moved_date() -> None:
    plain = make_schedule(LOAN)
    still = make_schedule(replace(LOAN, working_days=working_days("CN")))
    follows = make_schedule(replace(LOAN, working_days=working_days("CN", interest_follows=True)))
    assert still.interests == plain.interests
    assert still.due_on == follows.due_on
    assert plain.due_on[:3] == (date(2024, 2, 1), date(2024, 3, 1), date(2024, 4, 1))
    assert still.due_on[4] == date(2024, 6, 3)
    assert follows.interests[3] > still.interests[3]
    assert follows.interests[4] < still.interests[4]
    assert sum(follows.principals) == LOAN.principal


def test_thirty_360_counts_a_moved_row_by_its_days() -> None:
    terms = replace(LOAN, day_count=DayCount.THIRTY_360, working_days=working_days("CN", interest_follows=True))
    schedule = make_schedule(terms)
    opening = schedule.balances[3]
    assert schedule.due_on[3:5] == (date(2024, 5, 6), date(2024, 6, 3))
    exact = opening * terms.rate * Fraction(27, 360)
    assert abs(schedule.interests[4] - exact) <= Fraction(1, 2)


def test_an_unknown_country_is_refused() -> None:
    with pytest.raises(ScheduleError, match="no public calendar"):
        public_calendar("XX")


def test_a_calendar_without_working_days_is_refused() -> None:
    with pytest.raises(ScheduleError, match="no working day"):
        adjust(date(2024, 1, 1), Convention.FOLLOWING, lambda _: False)
