"""The contracts' calendar beside Python's."""

from __future__ import annotations

from calendar import isleap, monthrange
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lendchain.chain.words import Rules, State
from tests.contracts.units.probe import MANY, probe

EPOCH = date(1970, 1, 1)
LAST = (date(2400, 12, 31) - EPOCH).days
DAYS = st.integers(0, LAST)


def day_number(day: date) -> int:
    return (day - EPOCH).days


def rules(**chosen: int) -> int:
    return replace(Rules.decode(0), **{"months": 1, "zone": 56} | chosen).encode()


def state(start: date) -> int:
    return replace(State.decode(0), start_month=start.year * 12 + start.month - 1, start_day=start.day).encode()


@settings(max_examples=30, deadline=None)
@given(st.lists(DAYS, min_size=1, max_size=MANY))
def test_a_day_number_and_its_civil_date_are_one(days: list[int]) -> None:
    for number, (month, day, back, _) in zip(days, probe().civil(days), strict=True):
        found = EPOCH + timedelta(number)
        assert (month, day) == (found.year * 12 + found.month - 1, found.day)
        assert back == number


@pytest.mark.parametrize("year", [1970, 2000, 2023, 2100, 2400])
def test_every_day_of_a_year_round_trips(year: int) -> None:
    first, last = day_number(date(year, 1, 1)), day_number(date(year, 12, 31))
    for begin in range(first, last + 1, MANY):
        days = list(range(begin, min(begin + MANY, last + 1)))
        for number, (month, day, back, _) in zip(days, probe().civil(days), strict=True):
            found = EPOCH + timedelta(number)
            assert (month, day, back) == (found.year * 12 + found.month - 1, found.day, number)


@pytest.mark.parametrize("day", [28, 29, 30, 31])
def test_a_due_day_is_clamped_to_its_month_and_never_drifts(day: int) -> None:
    months = list(range(2023 * 12, 2023 * 12 + MANY))
    for month, found in zip(months, probe().clamped(months, day), strict=True):
        year, number = month // 12, month % 12 + 1
        assert found == day_number(date(year, number, min(day, monthrange(year, number)[1])))


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(DAYS, DAYS), min_size=1, max_size=MANY // 2))
def test_an_isda_span_is_the_share_of_each_calendar_year(pairs: list[tuple[int, int]]) -> None:
    flat = [day for pair in pairs for day in sorted(pair)]
    steps = [row[3] for row in probe().civil(flat)]
    for at in range(0, len(flat), 2):
        first, last = EPOCH + timedelta(flat[at]), EPOCH + timedelta(flat[at + 1])
        years = Fraction(last.year - first.year)
        years += Fraction((last - date(last.year, 1, 1)).days, 366 if isleap(last.year) else 365)
        years -= Fraction((first - date(first.year, 1, 1)).days, 366 if isleap(first.year) else 365)
        assert Fraction(steps[at + 1] - steps[at], 133_590) == years


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 3),
    st.sampled_from([1, 2, 3, 6, 12]),
    st.dates(date(2000, 1, 1), date(2060, 1, 1)),
    st.integers(0, 40),
)
def test_spans_inside_a_period_add_up_whatever_the_day_count(kind: int, months: int, start: date, k: int) -> None:
    packed = rules(day_count=kind, months=months)
    first, last = probe().due_days(state(start), packed, k + 2)[-2:]
    days = sorted({first, first + 1, first + 13, last - 16, last - 1, last})
    whole = probe().rests(state(start), packed, k, [0], last)[0]
    if kind == 0:
        assert whole == 30 * months
    elif kind in (1, 2):
        assert whole == last - first
    done = probe().broken(packed, first, days)
    left = probe().rests(state(start), packed, k, days, last)
    assert [a + b for a, b in zip(done, left, strict=True)] == [whole] * len(days)
    assert done == sorted(done), "a span never shrinks"
    assert done[0] == 0


def test_a_local_day_begins_at_local_midnight_in_every_zone() -> None:
    midnight = 1_700_006_400  # a midnight in UTC
    for zone in range(113):
        local = midnight - (zone - 56) * 900
        before, at = probe().local_days([local - 1, local], rules(zone=zone))
        assert at == midnight // 86_400
        assert before == at - 1


@pytest.mark.parametrize("months", [1, 2, 3, 5, 7, 8, 11, 12, 13, 24, 120, 255])
@pytest.mark.parametrize("kind", [1, 2, 3])
def test_no_period_is_longer_than_the_longest(months: int, kind: int) -> None:
    packed = rules(day_count=kind, months=months)
    longest = probe().longest_span(packed)
    for start in (date(2023, 1, 31), date(2023, 12, 1), date(2024, 7, 1), date(2024, 2, 29), date(2096, 2, 28)):
        count = min(MANY - 1, 1200 // months, 90)
        days = probe().due_days(state(start), packed, count + 1)
        for first, last in pairwise(days):
            assert probe().broken(packed, first, [last])[0] <= longest
            if last > days[0] + 5000:
                break
