"""Each method against a second, naive calculation, and the rules that every schedule keeps."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lendchain.schedule import (
    Charge,
    ChargeKind,
    ChargeTime,
    Column,
    DayCount,
    Drawdown,
    InterestPeriod,
    Interval,
    InvalidTermsError,
    Method,
    Mode,
    NeverRepaidError,
    RateChange,
    Rounding,
    RoundingRules,
    Terms,
    Unit,
    UnroundedAmountError,
    exact_rows,
    level_payment,
    make_schedule,
    per_cent,
    year_fraction,
)
from lendchain.schedule.rows import Plan
from lendchain.schedule.schedule import from_rows
from tests.schedule.oracle import level, level_rows

OPEN = RoundingRules(None, None, None, None, None)
MODES = st.sampled_from([Mode.HALF_UP, Mode.HALF_EVEN, Mode.CEIL])
RATES = st.integers(0, 3600).map(lambda bps: Fraction(bps, 10_000))
PRINCIPALS = st.integers(100, 10**9)
DATES = st.dates(date(2000, 1, 1), date(2040, 12, 31))
INTERVALS = st.sampled_from(
    [
        Interval(1, Unit.MONTH),
        Interval(3, Unit.MONTH),
        Interval(1, Unit.YEAR),
        Interval(2, Unit.WEEK),
        Interval(10, Unit.DAY),
        Interval(1, Unit.SEMIMONTH, (1, 16)),
    ]
)


@st.composite
def any_terms(draw: st.DrawFn) -> Terms:
    method = draw(st.sampled_from(Method))
    periods = 1 if method is Method.BULLET else draw(st.integers(1, 40))
    principal = draw(PRINCIPALS)
    daily = draw(st.booleans())
    grace = draw(st.integers(0, 2)) if periods > 3 else 0
    rate = draw(RATES)
    every = draw(INTERVALS)
    return Terms(
        principal=principal,
        rate=rate,
        periods=periods,
        method=method,
        every=every,
        start_on=draw(DATES),
        interest_period=InterestPeriod.DAILY if daily else InterestPeriod.SAME_AS_REPAYMENT,
        day_count=draw(st.sampled_from(DayCount)) if daily else None,
        compounding=draw(st.sampled_from([None, Interval(1, Unit.MONTH)])) if method is Method.BULLET else None,
        grace_principal=grace,
        grace_interest=draw(st.integers(0, grace)),
        grace_interest_waived=draw(st.booleans()),
        fixed_instalment=principal // 3 + 100 + int(principal * rate) if method is Method.FIXED_AMOUNT else None,
        amortise_periods=periods + draw(st.integers(0, 30)) if method is Method.BALLOON else None,
        rounding=RoundingRules(
            instalment=Rounding(draw(st.sampled_from([1, 100])), draw(MODES)),
            interest=Rounding(1, draw(MODES)),
            principal=Rounding(draw(st.sampled_from([1, 100])), draw(MODES)),
            last_row_evens_interest=draw(st.booleans()),
        ),
    )


@settings(max_examples=120)
@given(any_terms())
def test_principal_parts_sum_to_the_principal_and_the_balance_ends_at_nothing(terms: Terms) -> None:
    schedule = make_schedule(terms)
    assert sum(schedule.principals) == terms.principal
    assert schedule.balances[-1] == 0
    balance = terms.principal
    for row in schedule.instalments:
        balance -= row.principal
        assert balance == row.balance_after


@settings(max_examples=100)
@given(any_terms())
def test_interest_is_never_negative_and_grace_rows_pay_none(terms: Terms) -> None:
    schedule = make_schedule(terms)
    assert terms.method is Method.FLAT or min(schedule.interests) >= 0
    assert all(interest == 0 for interest in schedule.interests[: terms.grace_interest][: len(schedule) - 1])


@settings(max_examples=100)
@given(PRINCIPALS, RATES, st.integers(1, 60), DATES, st.sampled_from(list(DayCount)[1:]), MODES, st.integers(0, 3))
def test_equal_instalment_by_days_equals_the_naive_calculation(
    principal: int, rate: Fraction, periods: int, start: date, day_count: DayCount, mode: Mode, grace: int
) -> None:
    grace = min(grace, periods - 1)
    rounding = Rounding(1, mode)
    terms = Terms(
        principal,
        rate,
        periods,
        start_on=start,
        interest_period=InterestPeriod.DAILY,
        day_count=day_count,
        grace_principal=grace,
        rounding=RoundingRules(instalment=rounding, interest=rounding),
    )
    ends = [start, *(terms.every.after(start, k) for k in range(1, periods + 1))]
    factors = [rate * year_fraction(a, b, day_count) for a, b in pairwise(ends)]
    expected = level_rows(principal, factors, rounding.apply, grace)
    assert [(row.principal, row.interest) for row in exact_rows(terms)] == expected


@settings(max_examples=100)
@given(PRINCIPALS, RATES, st.integers(1, 120))
def test_the_quick_path_gives_the_figures_of_the_general_walk(principal: int, rate: Fraction, periods: int) -> None:
    terms = Terms(principal, rate, periods)
    assert make_schedule(terms).instalments == from_rows(terms, Plan(terms).rows()).instalments
    exact = level(principal, [rate / 12] * periods)
    assert level_payment(principal, *(rate / 12).as_integer_ratio(), periods) == Rounding().apply(exact)


@given(PRINCIPALS, RATES, st.integers(1, 120))
def test_unrounded_instalments_are_all_the_same(principal: int, rate: Fraction, periods: int) -> None:
    rows = exact_rows(Terms(principal, rate, periods, rounding=OPEN))
    assert len({row.due for row in rows}) == 1


@given(PRINCIPALS, RATES, st.integers(2, 60), st.integers(1, 12))
def test_unrounded_deferred_interest_still_ends_at_nothing(
    principal: int, rate: Fraction, periods: int, grace: int
) -> None:
    grace = min(grace, periods - 1)
    rows = exact_rows(Terms(principal, rate, periods, grace_interest=grace, rounding=OPEN))
    assert len({row.due for row in rows}) == 1
    assert rows[-1].balance_after == 0


@given(PRINCIPALS, RATES, st.integers(1, 60))
def test_flat_costs_the_rate_on_the_whole_principal_for_the_whole_term(
    principal: int, rate: Fraction, periods: int
) -> None:
    rules = RoundingRules(last_row_evens_interest=True)
    schedule = make_schedule(Terms(principal, rate, periods, Method.FLAT, rounding=rules))
    assert schedule.total_interest == Rounding().apply(principal * rate * Fraction(periods, 12))


@given(PRINCIPALS, RATES, st.integers(1, 60))
def test_methods_that_repay_later_cost_more(principal: int, rate: Fraction, periods: int) -> None:
    costs = [
        sum(row.interest for row in exact_rows(Terms(principal, rate, periods, method, rounding=OPEN)))
        for method in (Method.EQUAL_PRINCIPAL, Method.EQUAL_INSTALMENT, Method.INTEREST_ONLY)
    ]
    assert costs == sorted(costs)
    assert costs[0] == principal * rate / 12 * Fraction(periods + 1, 2)


def test_three_methods_by_hand() -> None:
    usual = Terms(principal=1_200_00, rate=per_cent(12), periods=3)
    rows = {
        Method.EQUAL_INSTALMENT: [(39603, 1200), (39999, 804), (40398, 404)],
        Method.EQUAL_PRINCIPAL: [(40000, 1200), (40000, 800), (40000, 400)],
        Method.INTEREST_ONLY: [(0, 1200), (0, 1200), (120000, 1200)],
    }
    for method, expected in rows.items():
        schedule = make_schedule(replace(usual, method=method))
        assert list(zip(schedule.principals, schedule.interests, strict=True)) == expected


def test_a_bullet_compounds_whole_intervals_and_bears_simple_interest_on_the_rest() -> None:
    half_year = Terms(
        1_000_000, per_cent(12), 1, Method.BULLET, Interval(6, Unit.MONTH), compounding=Interval(1, Unit.MONTH)
    )
    assert make_schedule(half_year).interests == [61520]
    assert make_schedule(replace(half_year, compounding=None)).interests == [60000]
    rest = replace(half_year, every=Interval(5, Unit.MONTH), compounding=Interval(2, Unit.MONTH))
    exact = 1_000_000 * (Fraction(102, 100) ** 2 * Fraction(101, 100) - 1)
    assert make_schedule(rest).interests == [int(Rounding().apply(exact))]
    weeks = replace(half_year, every=Interval(28, Unit.DAY), compounding=Interval(1, Unit.WEEK))
    assert exact_rows(replace(weeks, rounding=OPEN))[0].interest == 1_000_000 * ((1 + Fraction(12, 5200)) ** 4 - 1)


def test_a_dated_bullet_compounds_by_the_calendar_too() -> None:
    terms = Terms(
        1_000_000,
        per_cent(12),
        1,
        Method.BULLET,
        Interval(6, Unit.MONTH),
        start_on=date(2024, 1, 31),
        compounding=Interval(1, Unit.MONTH),
        drawdowns=(Drawdown(date(2024, 1, 31), 600_000), Drawdown(date(2024, 3, 31), 400_000)),
        rounding=OPEN,
    )
    grown = Fraction(101, 100)
    assert exact_rows(terms)[0].due == 600_000 * grown**6 + 400_000 * grown**4


def test_an_instalment_that_only_covers_the_interest_is_refused() -> None:
    terms = Terms(100_000, per_cent(12), method=Method.FIXED_AMOUNT, fixed_instalment=1000)
    with pytest.raises(NeverRepaidError):
        make_schedule(terms)
    assert make_schedule(replace(terms, fixed_instalment=1001)).balances[-1] == 0


def test_a_rate_change_computes_the_instalment_anew_from_the_balance() -> None:
    terms = Terms(1_000_000, per_cent(6), 24, rate_changes=(RateChange(13, per_cent(9)),))
    schedule, before = make_schedule(terms), make_schedule(replace(terms, rate_changes=()))
    assert schedule.principals[:12] == before.principals[:12]
    fresh = make_schedule(Terms(before.balances[11], per_cent(9), 12))
    assert [schedule.principals[12:], schedule.interests[12:]] == [fresh.principals, fresh.interests]


def test_a_tranche_inside_a_row_bears_interest_from_its_day() -> None:
    terms = Terms(
        200_000,
        per_cent("9.4822"),
        6,
        start_on=date(2024, 1, 1),
        drawdowns=(Drawdown(date(2024, 1, 1), 100_000), Drawdown(date(2024, 2, 15), 100_000)),
        interest_period=InterestPeriod.DAILY,
        day_count=DayCount.ACT_365F,
        recompute_on_drawdown=True,
        rounding=RoundingRules(interest=None),
    )
    first, second, *_ = exact_rows(terms)
    balance = first.balance_after
    assert second.interest == terms.rate * (balance * Fraction(29, 365) + 100_000 * Fraction(15, 365))
    assert (first.instalment or 0) < (second.instalment or 0)


def test_a_broken_first_row_counts_its_own_length() -> None:
    terms = Terms(
        1_200_000,
        per_cent(12),
        3,
        start_on=date(2024, 1, 10),
        first_due_on=date(2024, 2, 25),
        interest_period=InterestPeriod.DAILY,
        day_count=DayCount.THIRTY_360,
        rounding=OPEN,
    )
    first, second, third = exact_rows(terms)
    assert [row.due_on for row in (first, second, third)] == [
        date(2024, 2, 25),
        date(2024, 3, 25),
        date(2024, 4, 25),
    ]
    assert first.interest == Fraction(1_200_000 * 12 * 45, 36_000)
    assert second.interest == second.parts[0].balance / 100
    assert first.due == second.due == third.due


def test_charges_stand_in_their_rows_and_their_kind() -> None:
    charges = (
        Charge(ChargeKind.FEE, ChargeTime.DRAWDOWN, rate=per_cent(2), basis=(Column.PRINCIPAL,)),
        Charge(ChargeKind.INSURANCE, ChargeTime.EACH_INSTALMENT, amount_per_year=1200),
        Charge(ChargeKind.FEE, ChargeTime.EACH_INSTALMENT, rate=per_cent(10), basis=(Column.INTEREST,)),
        Charge(ChargeKind.PENALTY, ChargeTime.LAST_INSTALMENT, amount=7),
    )
    schedule = make_schedule(Terms(120_000, per_cent(12), 3, Method.EQUAL_PRINCIPAL, charges=charges))
    assert (schedule.drawdown_charges, schedule.fees, schedule.penalties) == (2400, [220, 180, 140], [0, 0, 7])
    assert schedule.total_paid == 120_000 + 2400 + 2400 + 540 + 7


@pytest.mark.parametrize(
    "change",
    [
        {"principal": 0},
        {"rate": Fraction(-1, 100)},
        {"periods": None},
        {"periods": 0},
        {"method": Method.FIXED_AMOUNT},
        {"method": Method.BALLOON},
        {"method": Method.BALLOON, "amortise_periods": 2},
        {"method": Method.BULLET},
        {"fixed_instalment": 5},
        {"fixed_principal": 5},
        {"compounding": Interval(1)},
        {"grace_principal": 3},
        {"grace_interest": -1},
        {"interest_period": InterestPeriod.DAILY},
        {"interest_period": InterestPeriod.DAILY, "day_count": DayCount.ACT_360},
        {"first_due_on": date(2024, 1, 1)},
        {"start_on": date(2024, 1, 1), "first_due_on": date(2024, 1, 1)},
        {"start_on": date(2024, 1, 1), "drawdowns": (Drawdown(date(2024, 1, 1), 5),)},
        {"start_on": date(2024, 1, 1), "drawdowns": (Drawdown(date(2023, 1, 1), 1000),)},
        {"rate_changes": (RateChange(0, Fraction(0)),)},
    ],
    ids=str,
)
def test_impossible_terms_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(InvalidTermsError):
        make_schedule(replace(Terms(1000, per_cent(12), 3), **change))  # type: ignore[arg-type]


def test_open_rounding_is_no_schedule_of_integers() -> None:
    with pytest.raises(UnroundedAmountError, match="rounding rule"):
        make_schedule(Terms(1000, per_cent(12), 7, rounding=OPEN))


def test_a_charge_has_one_size() -> None:
    with pytest.raises(InvalidTermsError):
        Charge(ChargeKind.FEE, ChargeTime.EACH_INSTALMENT, amount=1, amount_per_year=1)
    with pytest.raises(InvalidTermsError):
        Charge(ChargeKind.FEE, ChargeTime.EACH_INSTALMENT, rate=per_cent(1))
