"""Roundings, intervals and day counts: rules of the calendar with dates that anyone can check by hand."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lendchain.schedule import DayCount, Interval, Mode, Rounding, Unit, add_months, counted_back, year_fraction
from lendchain.schedule.daycount import days_30e_360, is_leap
from lendchain.schedule.periods import months_between, whole_months_back
from lendchain.schedule.rounding import round_ceil, round_floor, round_half_even, round_half_up

DATES = st.dates(date(1970, 1, 1), date(2200, 12, 31))
FRACTIONS = st.fractions(-(10**6), 10**6, max_denominator=10**4)


@pytest.mark.parametrize(
    ("value", "up", "even", "ceiling", "floor"),
    [("2.5", 3, 2, 3, 2), ("3.5", 4, 4, 4, 3), ("-2.5", -3, -2, -2, -3), ("2.49", 2, 2, 3, 2), ("-0.1", 0, 0, 0, -1)],
)
def test_ties_go_where_the_mode_says(value: str, up: int, even: int, ceiling: int, floor: int) -> None:
    exact = Fraction(value)
    got = round_half_up(exact), round_half_even(exact), round_ceil(exact), round_floor(exact)
    assert got == (up, even, ceiling, floor)


@given(FRACTIONS, st.sampled_from(Mode), st.sampled_from([1, 5, 100, Fraction(1, 4)]))
def test_rounding_gives_the_multiple_next_to_the_value_and_keeps_multiples(
    value: Fraction, mode: Mode, unit: int | Fraction
) -> None:
    rounding = Rounding(unit, mode)
    got = rounding.apply(value)
    assert (got / unit).denominator == 1
    limit = Fraction(unit) / 2 if mode in (Mode.HALF_UP, Mode.HALF_EVEN) else Fraction(unit)
    assert abs(got - value) <= limit
    assert rounding.apply(got) == got


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**6))
def test_a_quotient_rounds_as_the_fraction_does(numerator: int, denominator: int) -> None:
    assert round_half_up(numerator, denominator) == round_half_up(Fraction(numerator, denominator))
    assert round_half_even(numerator, denominator) == round(Fraction(numerator, denominator))


def test_a_rounding_unit_must_be_positive() -> None:
    with pytest.raises(ValueError, match="positive"):
        Rounding(0)


def test_months_are_counted_from_the_first_date_and_cut_to_the_months_end() -> None:
    start = date(2023, 1, 31)
    assert [add_months(start, k) for k in (1, 2, 3, 13)] == [
        date(2023, 2, 28),
        date(2023, 3, 31),
        date(2023, 4, 30),
        date(2024, 2, 29),
    ]
    assert Interval(1, Unit.YEAR).after(date(2024, 2, 29), 1) == date(2025, 2, 28)
    assert Interval(1, Unit.YEAR).after(date(2024, 2, 29), 4) == date(2028, 2, 29)


def test_semimonths_go_from_named_day_to_named_day() -> None:
    fortnight = Interval(1, Unit.SEMIMONTH, (1, 16))
    assert [fortnight.after(date(2021, 2, 20), k) for k in (1, 2, 3)] == [
        date(2021, 3, 1),
        date(2021, 3, 16),
        date(2021, 4, 1),
    ]
    at_end = Interval(1, Unit.SEMIMONTH, (15, 31))
    assert [at_end.after(date(2023, 1, 31), k) for k in (1, 2, 3)] == [
        date(2023, 2, 15),
        date(2023, 2, 28),
        date(2023, 3, 15),
    ]


@given(DATES, st.integers(1, 40))
def test_semimonths_are_a_chain_of_single_steps(day: date, steps: int) -> None:
    fortnight = Interval(1, Unit.SEMIMONTH, (1, 16))
    walked = day
    for _ in range(steps):
        walked = next(d for d in (walked + timedelta(days=n) for n in range(1, 17)) if d.day in (1, 16))
    assert fortnight.after(day, steps) == walked


@pytest.mark.parametrize(
    "wrong", [lambda: Interval(0), lambda: Interval(1, Unit.MONTH, (1,)), lambda: Interval(1, Unit.SEMIMONTH, (16, 1))]
)
def test_an_impossible_interval_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError):
        wrong()  # type: ignore[operator]


@given(DATES, st.integers(0, 600))
def test_months_between_undoes_adding_months(start: date, months: int) -> None:
    assert months_between(start, add_months(start, months)) == months


@given(DATES, DATES)
def test_whole_months_back_is_the_greatest_that_fits(one: date, other: date) -> None:
    start, end = sorted((one, other))
    months = whole_months_back(start, end)
    assert add_months(end, -months) >= start > add_months(end, -months - 1)


@given(DATES, DATES, DATES)
def test_parts_of_an_actual_day_count_add_up(one: date, two: date, three: date) -> None:
    a, b, c = sorted((one, two, three))
    for day_count in (DayCount.ACT_ACT, DayCount.ACT_360, DayCount.ACT_364, DayCount.ACT_365F):
        assert year_fraction(a, b, day_count) + year_fraction(b, c, day_count) == year_fraction(a, c, day_count)


@given(DATES, st.integers(0, 1500))
def test_act_act_counts_each_day_over_its_own_year(start: date, days: int) -> None:
    by_hand = Fraction(0)
    for n in range(days):
        by_hand += Fraction(1, 366 if is_leap((start + timedelta(days=n)).year) else 365)
    assert year_fraction(start, start + timedelta(days=days), DayCount.ACT_ACT) == by_hand


def test_day_counts_of_a_february_across_conventions() -> None:
    start, end = date(2024, 1, 31), date(2024, 3, 31)
    assert days_30e_360(start, end) == 60
    assert year_fraction(start, end, DayCount.ACT_360) == Fraction(60, 360)
    assert year_fraction(start, end, DayCount.ACT_365F) == Fraction(60, 365)
    assert year_fraction(start, end, DayCount.ACT_ACT) == Fraction(60, 366)
    assert year_fraction(date(2023, 12, 1), date(2024, 2, 1), DayCount.ACT_ACT) == Fraction(31, 365) + Fraction(31, 366)


@given(DATES, DATES, st.sampled_from([Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.YEAR]))
def test_counting_back_leaves_less_than_a_unit(one: date, other: date, unit: Unit) -> None:
    start, end = sorted((one, other))
    interval = counted_back(start, end, unit)
    longest = {Unit.DAY: 1, Unit.WEEK: 7, Unit.MONTH: 31, Unit.YEAR: 366}[unit]
    assert 0 <= interval.days < longest
    assert interval.year_days in (365, 366)


def test_counting_back_refuses_dates_in_the_wrong_order() -> None:
    with pytest.raises(ValueError, match="before"):
        counted_back(date(2024, 2, 1), date(2024, 1, 1), Unit.MONTH)
