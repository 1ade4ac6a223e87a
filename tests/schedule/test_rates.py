"""APR, IRR and XIRR: rates that explain their flows."""

import random
import time
from datetime import date, timedelta
from decimal import Context, Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lendchain.schedule import (
    Charge,
    ChargeKind,
    ChargeTime,
    Drawdown,
    Interval,
    NoRateError,
    RoundingRules,
    Terms,
    Unit,
    actuarial_rate,
    as_ppm,
    effective_rate,
    effective_rate_by_dates,
    exact_rows,
    irr,
    make_schedule,
    per_cent,
    single_payment_rate,
    unit_periods,
    xirr,
)

OPEN = RoundingRules(None, None, None, None, None)
NEAR = Decimal("1e-20")
FIRST = date(2015, 3, 31)


@given(st.integers(1, 6000), st.integers(1, 240), st.integers(10_000, 10**9))
def test_the_rate_of_a_loan_without_fees_is_the_nominal_one_compounded(bps: int, periods: int, principal: int) -> None:
    rate = Fraction(bps, 10_000)
    rows = exact_rows(Terms(principal, rate, periods, rounding=OPEN))
    flows = [(Fraction(0), Fraction(-principal)), *((Fraction(row.number, 12), row.due) for row in rows)]
    compounded = (1 + Decimal(bps) / 120_000) ** 12 - 1
    assert abs(effective_rate(flows) - compounded) < NEAR


def test_charges_raise_the_rate() -> None:
    plain = Terms(1_000_000, per_cent(6), 24)
    fee = Charge(ChargeKind.FEE, ChargeTime.DRAWDOWN, amount=10_000)
    later = Charge(ChargeKind.INSURANCE, ChargeTime.EACH_INSTALMENT, amount=500)
    rates = [
        make_schedule(Terms(1_000_000, per_cent(6), 24, charges=charges)).effective_rate()
        for charges in ((), (fee,), (fee, later))
    ]
    assert rates == sorted(rates)
    assert make_schedule(plain).effective_rate() == rates[0]
    assert abs(rates[0] - Decimal("0.0616778")) < Decimal("1e-5")


def test_a_dated_loan_and_its_tranches_are_timed_by_their_days() -> None:
    terms = Terms(
        300_000,
        per_cent(10),
        24,
        start_on=FIRST,
        drawdowns=(Drawdown(FIRST, 100_000), Drawdown(date(2015, 9, 30), 200_000)),
        recompute_on_drawdown=True,
    )
    schedule = make_schedule(terms)
    flows = [(FIRST, -100_000), (date(2015, 9, 30), -200_000)]
    flows += [(row.due_on or FIRST, row.total) for row in schedule.instalments]
    assert schedule.effective_rate() == effective_rate_by_dates(flows)
    assert abs(schedule.effective_rate() - ((1 + Decimal(1) / 120) ** 12 - 1)) < Decimal("0.001")


@given(st.lists(st.tuples(st.integers(1, 4000), st.integers(1, 10**7)), min_size=1, max_size=40), st.integers(1, 10**8))
def test_the_flows_are_worth_nothing_at_their_xirr(paid: list[tuple[int, int]], lent: int) -> None:
    flows = [(FIRST, -lent), *((FIRST + timedelta(days=days), amount) for days, amount in paid)]
    rate = xirr(flows)
    with localcontext(Context(prec=60)):
        present = [Decimal(amount) / (1 + rate) ** (Decimal((on - FIRST).days) / 365) for on, amount in flows]
        assert abs(sum(present, Decimal(0))) < sum(map(abs, present), Decimal(0)) * Decimal("1e-18")


@given(st.integers(-9000, 90_000), st.integers(1, 120))
def test_irr_of_one_flow_back_is_the_root(bps: int, periods: int) -> None:
    rate = Decimal(bps) / 10_000
    grown = int(10**160 * (1 + Fraction(bps, 10_000)) ** periods)
    got = irr([-(10**160), *([0] * (periods - 1)), grown])
    assert abs(got - rate) < Decimal("1e-12")


def test_signs_of_rates() -> None:
    assert irr([-100, 110]) == Decimal("0.1")
    assert irr([-100, 100]) == 0
    assert as_ppm(irr([-100, 90])) == -100_000
    assert as_ppm(irr([100, -110])) == 100_000


@pytest.mark.parametrize("flows", [[], [0, 0], [100, 200], [-5]])
def test_flows_of_one_sign_have_no_rate(flows: list[int]) -> None:
    with pytest.raises(NoRateError):
        irr(flows)
    with pytest.raises(NoRateError):
        xirr([(FIRST + timedelta(days=n), flow) for n, flow in enumerate(flows)])


def test_xirr_of_a_whole_loan_book_is_quick() -> None:
    dice = random.Random(7)
    flows = [(FIRST + timedelta(days=dice.randrange(60, 2000)), dice.randrange(1, 50_000)) for _ in range(300_000)]
    flows += [
        (FIRST + timedelta(days=dice.randrange(0, 300)), -dice.randrange(100_000, 1_500_000)) for _ in range(9000)
    ]
    started = time.process_time()
    rate = xirr(flows)
    assert time.process_time() - started < 5
    assert -1 < rate < 1


@given(st.dates(date(1990, 1, 1), date(2030, 1, 1)), st.integers(0, 2000), st.sampled_from([1, 2, 3, 6]))
def test_unit_periods_of_months_are_thirty_days_each(start: date, days: int, count: int) -> None:
    end = start + timedelta(days=days)
    time_ = unit_periods(start, end, Interval(count, Unit.MONTH))
    total = time_.whole + time_.part
    assert abs(total * 30 * count - days) <= 5 + days // 30
    assert 0 <= time_.part <= 1


def test_unit_periods_by_appendix_j() -> None:
    month, year = Interval(1, Unit.MONTH), Interval(1, Unit.YEAR)
    weeks, half = Interval(2, Unit.WEEK), Interval(1, Unit.SEMIMONTH)
    cases = [
        (date(1978, 2, 10), date(1978, 4, 1), month, (1, Fraction(19, 30))),
        (date(1978, 5, 23), date(1978, 10, 1), Interval(3, Unit.MONTH), (1, Fraction(39, 90))),
        (date(1978, 4, 3), date(1978, 4, 11), weeks, (0, Fraction(8, 14))),
        (date(1978, 2, 23), date(1978, 3, 1), half, (0, Fraction(6, 15))),
        (date(1978, 1, 10), date(1980, 1, 10), year, (2, Fraction(0))),
        (date(1978, 1, 10), date(1979, 7, 10), year, (1, Fraction(6, 12))),
        (date(1978, 1, 10), date(1979, 1, 20), year, (1, Fraction(10, 365))),
        (date(1978, 1, 10), date(1978, 1, 31), Interval(1, Unit.DAY), (21, Fraction(0))),
    ]
    for start, end, unit, expected in cases:
        got = unit_periods(start, end, unit)
        assert (got.whole, got.part) == expected
    with pytest.raises(ValueError, match="before"):
        unit_periods(date(1978, 2, 1), date(1978, 1, 1), month)


@settings(max_examples=60)
@given(st.integers(1, 4000), st.integers(1, 120))
def test_the_actuarial_rate_of_even_months_is_the_nominal_one(bps: int, periods: int) -> None:
    rows = exact_rows(Terms(10**8, Fraction(bps, 10_000), periods, start_on=date(2024, 1, 15), rounding=OPEN))
    payments = [(row.due_on or date.min, row.due) for row in rows]
    rate = actuarial_rate([(date(2024, 1, 15), 10**8)], payments, Interval(1, Unit.MONTH), 12)
    assert abs(rate - Decimal(bps) / 10_000) < NEAR


def test_one_payment_at_the_end_of_the_term() -> None:
    assert as_ppm(single_payment_rate(1000, 1080, 255)) == 114_510
    with pytest.raises(NoRateError):
        single_payment_rate(1000, 1080, 0)
    with pytest.raises(NoRateError):
        actuarial_rate([], [], Interval(1, Unit.MONTH), 12)
