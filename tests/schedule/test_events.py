"""Payments, lateness, pay-offs, prepayments and reschedules."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lendchain.schedule import (
    Charge,
    ChargeKind,
    ChargeTime,
    Claim,
    Column,
    DayCount,
    InterestPeriod,
    InterestUntil,
    InvalidTermsError,
    Life,
    Method,
    Payment,
    Payoff,
    Prepayment,
    PrepaymentChoice,
    Reschedule,
    Rounding,
    RoundingRules,
    Terms,
    Waterfall,
    allocate,
    live,
    make_schedule,
    penalty_interest,
    per_cent,
    quote_payoff,
)

START = date(2024, 1, 31)
LOAN = Terms(1_200_000, per_cent(12), 12, start_on=START)
DAILY = replace(LOAN, interest_period=InterestPeriod.DAILY, day_count=DayCount.ACT_365F)
DAYS = st.integers(1, 360).map(lambda days: START + timedelta(days=days))
PAYMENTS = st.lists(st.builds(Payment, DAYS, st.integers(1, 400_000)), max_size=6).map(tuple)
ORDERS = st.permutations(list(Claim)).map(tuple)


def _due(terms: Terms, row: int) -> date:
    day = make_schedule(terms).instalments[row - 1].due_on
    assert day is not None
    return day


@given(PAYMENTS, ORDERS, ORDERS)
def test_every_cent_of_a_payment_lands_in_a_row_or_is_excess(
    payments: tuple[Payment, ...], due: tuple[Claim, ...], in_advance: tuple[Claim, ...]
) -> None:
    terms = replace(LOAN, waterfall=Waterfall(due, in_advance))
    outcome = live(terms, Life(payments))
    assert sum(row.paid for row in outcome.rows) + outcome.excess == sum(payment.amount for payment in payments)
    assert all(0 <= row.paid <= row.due for row in outcome.rows)
    assert all((row.paid_on is not None) == (row.outstanding == 0) for row in outcome.rows)


@given(PAYMENTS)
def test_rows_are_filled_oldest_first(payments: tuple[Payment, ...]) -> None:
    rows = live(LOAN, Life(payments)).rows
    touched = [row.outstanding for row in rows]
    first_open = next((n for n, left in enumerate(touched) if left), len(rows))
    assert all(row.paid == 0 for row in rows[first_open + 1 :])


def test_the_waterfall_is_data() -> None:
    claims = {Claim.PENALTY: 5, Claim.FEE: 10, Claim.INTEREST: 30, Claim.PRINCIPAL: 100}
    usual = allocate(40, claims, Waterfall().due)
    assert usual == {Claim.PENALTY: 5, Claim.FEE: 10, Claim.INTEREST: 25, Claim.PRINCIPAL: 0}
    reverse = allocate(40, claims, tuple(reversed(Waterfall().due)))
    assert reverse == {Claim.PRINCIPAL: 40, Claim.INTEREST: 0, Claim.FEE: 0, Claim.PENALTY: 0}
    with pytest.raises(InvalidTermsError):
        Waterfall(due=(Claim.INTEREST, Claim.PRINCIPAL))


@given(st.integers(0, 200), ORDERS, st.dictionaries(st.sampled_from(Claim), st.integers(0, 60)))
def test_an_allocation_sums_to_the_payment_or_to_all_claims(
    amount: int, order: tuple[Claim, ...], claims: dict[Claim, int]
) -> None:
    assert sum(allocate(amount, claims, order).values()) == min(amount, sum(claims.values()))


def test_payments_after_the_day_looked_at_do_not_count_yet() -> None:
    life = Life((Payment(_due(LOAN, 1), 100), Payment(_due(LOAN, 2), 100)), as_of=_due(LOAN, 1))
    assert sum(row.paid for row in live(LOAN, life).rows) == 100


@pytest.mark.parametrize(("days", "charged"), [(5, 0), (6, 1)])
def test_an_overdue_charge_starts_the_day_after_its_grace(days: int, charged: int) -> None:
    charge = Charge(
        ChargeKind.PENALTY, ChargeTime.OVERDUE_INSTALMENT, rate=per_cent(1), basis=(Column.PRINCIPAL,), grace_days=5
    )
    terms = replace(LOAN, charges=(charge,))
    rows = live(terms, Life(as_of=_due(terms, 1) + timedelta(days=days))).rows
    assert sum(row.penalties > 0 for row in rows) == charged
    partly = Life((Payment(_due(terms, 1), 1),), as_of=_due(terms, 1) + timedelta(days=60))
    assert live(terms, partly).rows[0].penalties == 0


@settings(max_examples=60)
@given(PAYMENTS, DAYS)
def test_interest_on_arrears_runs_on_what_is_truly_unpaid(payments: tuple[Payment, ...], as_of: date) -> None:
    life = Life(payments, as_of=as_of, arrears_interest=True)
    outcome = live(DAILY, life)
    assert sum(row.principal for row in outcome.rows) == DAILY.principal
    assert outcome.rows[-1].balance_after == 0
    for row in outcome.rows:
        assert row.from_on is not None
        assert row.due_on is not None
        exact, day, scheduled = Fraction(0), row.from_on, row.balance_after + row.principal
        while day < row.due_on:
            paid = sum((part for on, part in outcome.ledger.principal_paid if on <= day), Fraction(0))
            exact += (DAILY.principal - paid if day < as_of else scheduled) * DAILY.rate / 365
            day += timedelta(days=1)
        assert row.interest == Rounding().apply(exact)


def test_late_payers_pay_more_interest_than_punctual_ones() -> None:
    end = _due(DAILY, 12)
    late = live(DAILY, Life(as_of=end, arrears_interest=True)).rows
    punctual = make_schedule(DAILY)
    assert sum(row.interest for row in late) > punctual.total_interest
    assert [row.due for row in late[:-1]] == [row.total for row in punctual.instalments[:-1]]


@settings(max_examples=80)
@given(DAYS, st.sampled_from(InterestUntil), st.booleans())
def test_after_a_kept_pay_off_the_rows_hold_just_what_was_paid(on: date, until: InterestUntil, punctual: bool) -> None:
    rows = make_schedule(DAILY).instalments
    payments = tuple(Payment(row.due_on, row.total) for row in rows if row.due_on and row.due_on <= on and punctual)
    outcome = live(DAILY, Life(payments, Payoff(on, until, keep_instalments=True)))
    assert outcome.payoff is not None
    assert sum(row.principal for row in outcome.rows) == DAILY.principal
    assert all(row.outstanding == 0 for row in outcome.rows)
    if punctual:
        paid = sum(payment.amount for payment in payments) + outcome.payoff.amount
        assert sum(row.due for row in outcome.rows) == paid


@given(DAYS)
def test_a_pay_off_quote_names_every_item_that_is_owed(on: date) -> None:
    charge = Charge(ChargeKind.FEE, ChargeTime.EACH_INSTALMENT, amount=500)
    terms = replace(DAILY, charges=(charge,))
    rows = [row for row in make_schedule(terms).instalments if row.due_on is not None and row.due_on <= on]
    nothing_paid = quote_payoff(terms, on)
    assert nothing_paid.principal == terms.principal
    assert nothing_paid.due_interest == sum(row.interest for row in rows)
    assert nothing_paid.fees == 500 * len(rows)
    all_paid = quote_payoff(terms, on, Life(tuple(Payment(row.due_on or on, row.total) for row in rows)))
    assert (all_paid.due_interest, all_paid.fees, all_paid.penalties) == (0, 0, 0)
    assert all_paid.principal == terms.principal - sum(row.principal for row in rows)
    since = rows[-1].due_on if rows else START
    exact = all_paid.principal * terms.rate * Fraction((on - (since or START)).days, 365)
    assert all_paid.running_interest == Rounding().apply(exact)


def test_interest_paid_ahead_is_not_charged_again_at_the_pay_off() -> None:
    first = make_schedule(DAILY).instalments[0]
    on = date(2024, 2, 15)
    quote = quote_payoff(DAILY, on, Life((Payment(date(2024, 2, 1), first.total),)))
    assert (quote.principal, quote.running_interest) == (DAILY.principal - first.principal, 0)


def test_a_day_before_the_loan_has_no_pay_off() -> None:
    with pytest.raises(InvalidTermsError):
        quote_payoff(DAILY, date(2024, 1, 30))
    with pytest.raises(InvalidTermsError):
        live(replace(LOAN, start_on=None), Life((Payment(START, 1),)))


def test_penalty_interest_is_simple_and_exact() -> None:
    assert penalty_interest(100_000, per_cent(18), Fraction(30, 360)) == 1500


@settings(max_examples=120)
@given(
    DAYS,
    st.integers(1, 300_000),
    st.sampled_from(PrepaymentChoice),
    st.sampled_from([Method.EQUAL_INSTALMENT, Method.EQUAL_PRINCIPAL, Method.INTEREST_ONLY]),
    st.booleans(),
)
def test_prepaying_never_costs_more(
    on: date, amount: int, choice: PrepaymentChoice, method: Method, daily: bool
) -> None:
    terms = replace(DAILY if daily else LOAN, method=method)
    plain = make_schedule(terms)
    left = [row for row in plain.instalments if row.due_on is not None and row.due_on > on]
    if len(left) < 2 or amount >= left[0].balance_after:
        return
    prepaid = make_schedule(terms, prepayments=[Prepayment(on, amount, choice)])
    # A lower instalment is rounded anew: it may fall by up to a minor unit a row more than the balance did.
    rounding = len(plain) if choice is PrepaymentChoice.LOWER_INSTALMENT else 0
    assert prepaid.total_interest <= plain.total_interest + rounding
    assert sum(prepaid.principals) + amount == terms.principal
    assert prepaid.balances[-1] == 0
    if method is Method.INTEREST_ONLY:
        return
    if choice is PrepaymentChoice.SHORTER_TERM:
        assert len(prepaid) <= len(plain)
        assert [row.total for row in prepaid.instalments[:-1]] <= [row.total for row in plain.instalments]
    else:
        assert len(prepaid) == len(plain)


def test_a_prepayment_shortens_or_lowers() -> None:
    on = _due(LOAN, 6)
    plain = make_schedule(LOAN)
    half = plain.balances[5] // 2
    shorter = make_schedule(LOAN, prepayments=[Prepayment(on, half)])
    lower = make_schedule(LOAN, prepayments=[Prepayment(on, half, PrepaymentChoice.LOWER_INSTALMENT)])
    assert (len(shorter), len(lower)) == (9, 12)
    assert shorter.instalments[6].total == plain.instalments[6].total
    fresh = make_schedule(Terms(plain.balances[5] - half, LOAN.rate, 6))
    assert lower.interests[6:] == fresh.interests
    assert shorter.total_interest < lower.total_interest < plain.total_interest


@pytest.mark.parametrize(("on", "amount"), [(date(2024, 2, 10), 1_200_001), (date(2025, 1, 31), 1)])
def test_a_prepayment_above_the_balance_or_after_the_end_is_refused(on: date, amount: int) -> None:
    with pytest.raises(InvalidTermsError):
        make_schedule(LOAN, prepayments=[Prepayment(on, amount)])


@settings(max_examples=80)
@given(
    st.integers(1, 12),
    st.integers(0, 8),
    st.sampled_from([None, Fraction(0), per_cent(8)]),
    st.integers(0, 20),
    st.integers(0, 3),
    st.sampled_from([Method.EQUAL_INSTALMENT, Method.EQUAL_PRINCIPAL, Method.FLAT, Method.INTEREST_ONLY]),
)
def test_a_reschedule_leaves_the_rows_before_it_and_repays_all(
    row: int, extra: int, rate: Fraction | None, days: int, deferred: int, method: Method
) -> None:
    terms = replace(LOAN, method=method)
    plain = make_schedule(terms)
    from_due = plain.instalments[row - 1].due_on
    assert from_due is not None
    deferred = min(deferred, 12 + extra - row)
    agreed = Reschedule(from_due, extra, rate, from_due + timedelta(days=days) if days else None, deferred, deferred)
    changed = make_schedule(terms, reschedule=agreed)
    assert changed.instalments[: row - 1] == plain.instalments[: row - 1]
    assert (len(changed), sum(changed.principals)) == (12 + extra, terms.principal)
    assert changed.due_on[row - 1] == from_due + timedelta(days=days)
    held_back = slice(row - 1, row - 1 + deferred)
    assert changed.interests[held_back] == [0] * deferred
    if len(changed) > row - 1 + deferred:
        assert changed.principals[held_back] == [0] * deferred


def test_a_moved_date_alone_changes_no_amount() -> None:
    moved = make_schedule(LOAN, reschedule=Reschedule(_due(LOAN, 4), moved_due_on=date(2024, 6, 15)))
    plain = make_schedule(LOAN)
    assert (moved.principals, moved.interests) == (plain.principals, plain.interests)
    assert moved.due_on[3:5] == (date(2024, 6, 15), date(2024, 7, 15))


def test_a_reschedule_from_a_day_on_which_nothing_is_due_is_refused() -> None:
    with pytest.raises(InvalidTermsError, match="no row"):
        make_schedule(LOAN, reschedule=Reschedule(date(2024, 2, 2), 1))
    with pytest.raises(InvalidTermsError, match="moved"):
        make_schedule(LOAN, reschedule=Reschedule(_due(LOAN, 4), moved_due_on=START))


def test_spread_residue_brings_the_last_row_nearer() -> None:
    rules = RoundingRules(instalment=Rounding(100))
    plain = make_schedule(replace(LOAN, rounding=rules))
    spread = make_schedule(replace(LOAN, rounding=replace(rules, spread_residue=True)))
    far = [abs(schedule.instalments[-1].total - schedule.instalments[0].total) for schedule in (spread, plain)]
    assert far[0] <= far[1]
