"""What a borrower owes and pays, by the mirror."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from hypothesis import assume, given
from hypothesis import strategies as st

from lendchain.schedule.contract import (
    ContractTerms,
    LateMode,
    Loan,
    Method,
    Refusal,
    Refused,
    ScheduledBalance,
    Split,
    Status,
    exact_level,
    level_accepted,
)
from lendchain.schedule.rounding import round_half_up
from tests.schedule.contract.begun import (
    BORROWER,
    DAYS,
    MUCH,
    STRANGER,
    any_terms,
    at,
    begun,
    later,
    outstanding_on,
    outstanding_terms,
    running_on,
    scheduled_terms,
)


def _pay(loan: Loan, by: str, amount: int, day: date) -> Split:
    try:
        return loan.repay(by, amount, at(loan, day))
    except Refused as refused:
        assert refused.code == Refusal.NOTHING_DUE
        return Split()


# ---------------------------------------------------------------------- the schedule


@given(scheduled_terms(), DAYS)
def test_principal_parts_of_a_schedule_sum_to_the_principal(terms: ContractTerms, start: date) -> None:
    rows = list(running_on(terms, start).remaining_rows())
    assert sum(figures.principal for _, figures in rows) == terms.principal
    assert len(rows) <= terms.count


@given(scheduled_terms(), DAYS)
def test_no_part_of_an_instalment_is_negative(terms: ContractTerms, start: date) -> None:
    for _, figures in running_on(terms, start).remaining_rows():
        assert min(figures.fee, figures.interest, figures.principal) >= 0


@given(scheduled_terms(method=Method.EQUAL_INSTALMENT), DAYS)
def test_every_instalment_but_the_last_is_the_level_or_the_interest(terms: ContractTerms, start: date) -> None:
    *others, last = (figures for _, figures in running_on(terms, start).remaining_rows())
    for figures in others:
        assert figures.interest + figures.principal == max(terms.level, figures.interest)
    assert last.total <= max(last.total, terms.last_max)


@given(scheduled_terms(), DAYS)
def test_billed_interest_is_within_half_a_unit_of_the_exact(terms: ContractTerms, start: date) -> None:
    account = running_on(terms, start)
    for period, figures in account.remaining_rows():
        balance = terms.principal - sum(row.principal for k, row in account.remaining_rows() if k < period)
        exact = balance * terms.rate * account.calendar.whole(period)
        assert abs(figures.interest - exact) <= Fraction(1, 2)


@given(scheduled_terms(), DAYS)
def test_no_last_instalment_is_larger_than_the_terms_can_bound(terms: ContractTerms, start: date) -> None:
    rows = [figures.total for _, figures in running_on(terms, start).remaining_rows()]
    assume(len(rows) == terms.count)
    assert rows[-1] <= terms.largest_last_instalment()


@given(st.integers(1, 2**40), st.sampled_from((0, 1, 36_500, 120_000, 360_000)), st.integers(1, 360))
def test_the_level_repays_the_loan_to_within_half_a_unit_an_instalment(balance: int, rate: int, count: int) -> None:
    level = exact_level(Method.EQUAL_INSTALMENT, balance, rate, count, 1)
    per_month = Fraction(rate, 12_000_000)
    worth = sum((level / (1 + per_month) ** k for k in range(1, count + 1)), Fraction(0)) if count < 40 else None
    if worth is not None:
        assert abs(worth - balance) <= Fraction(count, 2)
    assert level == 0 or level_accepted(Method.EQUAL_INSTALMENT, level, balance, rate, count, 1)
    assert not level_accepted(Method.EQUAL_INSTALMENT, level + 1, balance, rate, count, 1)


# ---------------------------------------------------------------------- payments


@given(any_terms(), DAYS, st.integers(0, 400), st.integers(1, 10**7), st.integers(1, 10**7), st.booleans())
def test_a_payment_in_two_parts_is_one_payment(
    terms: ContractTerms, start: date, days: int, first: int, second: int, by_borrower: bool
) -> None:
    by = BORROWER if by_borrower else STRANGER
    whole, parts = begun(terms, start), begun(terms, start)
    day = later(start, days)
    once = _pay(whole, by, first + second, day)
    twice = _pay(parts, by, first, day) + (_pay(parts, by, second, day) if parts.status == Status.ACTIVE else Split())
    assert once == twice
    assert whole.status == parts.status


@given(any_terms(), DAYS, st.integers(0, 300), st.integers(1, 10**6))
def test_a_payment_never_takes_more_than_was_offered(terms: ContractTerms, start: date, days: int, amount: int) -> None:
    loan = begun(terms, start)
    day = later(start, days)
    may = loan.payable(BORROWER, at(loan, day))
    assert _pay(loan, BORROWER, amount, day).total == min(amount, may)


@given(any_terms(), DAYS, st.integers(0, 300))
def test_others_never_pay_more_than_is_due(terms: ContractTerms, start: date, days: int) -> None:
    loan = begun(terms, start)
    now = at(loan, later(start, days))
    assert loan.payable(STRANGER, now) <= loan.payable(BORROWER, now)
    if later(start, days) < loan.running.calendar.due(0):  # type: ignore[union-attr]
        assert loan.payable(STRANGER, now) == 0


@given(any_terms(), DAYS, st.integers(0, 300), st.integers(1, 10**6), st.integers(0, 60))
def test_a_strangers_payment_never_raises_what_the_borrower_owes(
    terms: ContractTerms, start: date, days: int, amount: int, more: int
) -> None:
    alone, helped = begun(terms, start), begun(terms, start)
    given_ = _pay(helped, STRANGER, amount, later(start, days)).total
    now = at(alone, later(start, days + more))
    owed = alone.pay_off(BORROWER, MUCH, now).total
    rest = helped.pay_off(BORROWER, MUCH, now).total if helped.status == Status.ACTIVE else 0
    assert rest + given_ <= owed + 1
    assert rest <= owed


@given(scheduled_terms(), DAYS, st.integers(0, 500), st.integers(1, 10**6))
def test_a_late_payment_does_not_move_the_schedule(terms: ContractTerms, start: date, days: int, amount: int) -> None:
    loan = begun(terms, start)
    planned = dict(running_on(terms, start).remaining_rows())
    _pay(loan, STRANGER, amount, later(start, days))
    assert isinstance(loan.running, ScheduledBalance)
    for period, figures in loan.running.remaining_rows():
        assert figures == planned[period]


@given(any_terms(), DAYS, st.lists(st.tuples(st.integers(0, 90), st.integers(1, 10**7)), max_size=6))
def test_the_open_period_never_falls_and_the_balance_never_rises(
    terms: ContractTerms, start: date, payments: list[tuple[int, int]]
) -> None:
    loan = begun(terms, start)
    day = start
    for days, amount in payments:
        day = later(day, days)
        assert loan.running is not None
        period, balance = loan.running.elapsed(day), loan.running.principal_outstanding
        if loan.status == Status.ACTIVE:
            _pay(loan, BORROWER, amount, day)
            if loan.status == Status.ACTIVE:
                assert loan.running.elapsed(day) >= period
            assert loan.running.principal_outstanding <= balance


@given(scheduled_terms(), DAYS, st.lists(st.tuples(st.integers(0, 60), st.integers(1, 10**6)), max_size=5))
def test_paid_in_a_period_is_never_more_than_its_total(
    terms: ContractTerms, start: date, payments: list[tuple[int, int]]
) -> None:
    loan = begun(terms, start)
    day = start
    for days, amount in payments:
        day = later(day, days)
        if loan.status == Status.ACTIVE:
            _pay(loan, BORROWER, amount, day)
            assert isinstance(loan.running, ScheduledBalance)
            if loan.status == Status.ACTIVE:
                assert 0 <= loan.running.paid <= loan.running.figures().total


# ---------------------------------------------------------------------- paying off and ahead


@given(any_terms(), DAYS, st.integers(0, 500))
def test_paying_off_today_costs_no_more_than_tomorrow(terms: ContractTerms, start: date, days: int) -> None:
    today, tomorrow = begun(terms, start), begun(terms, start)
    cheap = today.pay_off(BORROWER, MUCH, at(today, later(start, days))).total
    dear = tomorrow.pay_off(BORROWER, MUCH, at(tomorrow, later(start, days + 1))).total
    assert cheap <= dear


@given(any_terms(), DAYS, st.integers(0, 400), st.integers(1, 10**7), st.integers(0, 60))
def test_what_a_borrower_pays_in_all_covers_the_principal(
    terms: ContractTerms, start: date, days: int, amount: int, more: int
) -> None:
    loan = begun(terms, start)
    paid = _pay(loan, BORROWER, amount, later(start, days))
    if loan.status == Status.ACTIVE:
        paid += loan.pay_off(BORROWER, MUCH, at(loan, later(start, days + more)))
    assert loan.status == Status.CLOSED
    assert paid.principal == terms.principal


@given(any_terms(), DAYS)
def test_a_pay_off_within_the_cooling_days_bears_no_interest(terms: ContractTerms, start: date) -> None:
    loan = begun(replace(terms, cooling_days=14), start)
    split = loan.pay_off(BORROWER, MUCH, at(loan, later(start, 14)))
    assert split == Split(principal=terms.principal)


@given(scheduled_terms(late=LateMode.BY_TIME), DAYS, st.data())
def test_prepaying_in_two_parts_on_a_day_is_prepaying_once(
    terms: ContractTerms, start: date, data: st.DataObject
) -> None:
    assume(terms.principal >= 3)
    account, parts = running_on(terms, start), running_on(terms, start)
    day = data.draw(st.dates(start, later(account.calendar.due(0), -1)))
    amount = data.draw(st.integers(2, terms.principal - 1))
    first = data.draw(st.integers(1, amount - 1))
    account.prepay(amount, 0, day)
    parts.prepay(first, 0, day)
    parts.prepay(amount - first, 0, day)
    assert account.figures() == parts.figures()
    assert account.balance == parts.balance


@given(scheduled_terms(method=Method.EQUAL_INSTALMENT), DAYS, st.data())
def test_a_prepayment_with_a_lower_instalment_lowers_it(terms: ContractTerms, start: date, data: st.DataObject) -> None:
    terms = replace(terms, day_count=0)
    assume(terms.principal >= 1000)
    account = running_on(terms, start)
    amount = data.draw(st.integers(terms.principal // 50, terms.principal - terms.count))
    level = account.lower_level(amount, start)
    assume(level > 0)
    account.prepay(amount, level, start)
    assert account.level < terms.level


@given(scheduled_terms(), DAYS, st.data())
def test_a_prepayment_with_the_same_instalment_ends_no_later(
    terms: ContractTerms, start: date, data: st.DataObject
) -> None:
    assume(terms.principal >= 2)
    planned = [period for period, _ in running_on(terms, start).remaining_rows()]
    account = running_on(terms, start)
    day = data.draw(st.dates(start, later(account.calendar.due(0), -1)))
    account.prepay(data.draw(st.integers(1, terms.principal - 1)), 0, day)
    rows = list(account.remaining_rows())
    assert rows[-1][0] <= planned[-1]
    assert sum(figures.principal for _, figures in rows) == account.balance


@given(scheduled_terms(), DAYS, st.integers(0, 27), st.integers(1, 10**9))
def test_prepaying_never_raises_the_interest_of_the_period(
    terms: ContractTerms, start: date, days: int, amount: int
) -> None:
    assume(amount < terms.principal)
    account = running_on(terms, start)
    before = account.figures().interest
    account.prepay(amount, 0, later(start, days))
    assert account.figures().interest <= before


# ---------------------------------------------------------------------- late charges


@given(scheduled_terms(late=LateMode.BY_TIME), DAYS, st.lists(st.tuples(st.integers(1, 40), st.integers(1, 10**6))))
def test_penalties_of_a_period_stay_under_its_cap(
    terms: ContractTerms, start: date, payments: list[tuple[int, int]]
) -> None:
    account = running_on(terms, start)
    first = account.figures()
    day = account.calendar.due(0)
    penalties = 0
    for days, amount in payments[:6]:
        day = later(day, days)
        if account.period or not account.balance:
            break
        part = account.pay(min(amount, first.total // 3 + 1), day, ahead=False)
        if account.period == 0:
            penalties += part.penalty
    assert penalties <= first.total * terms.penalty_cap // 10_000


@given(scheduled_terms(late=LateMode.BY_TIME), DAYS, st.integers(0, 200))
def test_a_penalty_is_at_most_simple_interest_on_what_is_unpaid(terms: ContractTerms, start: date, days: int) -> None:
    account = running_on(terms, start)
    day = later(account.calendar.late_day(0), days)
    exact = Fraction(account.figures().total * terms.penalty_ppm * days, 365_000_000)
    assert account.charge_owed(day) <= exact + Fraction(1, 2)


@given(scheduled_terms(late=LateMode.BY_TIME), DAYS)
def test_the_last_day_of_grace_bears_no_penalty_and_the_next_bears_all(terms: ContractTerms, start: date) -> None:
    account = running_on(replace(terms, penalty_cap=10_000), start)
    last = later(account.calendar.late_day(0), terms.grace)
    assert account.charge_owed(last) == 0
    total = account.figures().total
    exact = Fraction(total * terms.penalty_ppm * (terms.grace + 1), 365_000_000)
    assert account.charge_owed(later(last, 1)) == round_half_up(min(exact, Fraction(total)))


@given(scheduled_terms(late=LateMode.LEVIED), DAYS, st.lists(st.integers(1, 10**5), max_size=6))
def test_fees_ever_levied_in_a_period_stay_under_its_cap(terms: ContractTerms, start: date, amounts: list[int]) -> None:
    account = running_on(terms, start)
    day = later(account.calendar.late_day(0), terms.grace + 1)
    assume(account.period == account.elapsed(day) == 0)
    for amount in amounts:
        try:
            account.levy(amount, day)
        except Refused as refused:
            assert refused.code == Refusal.LATE_CHARGE_CAP
        if account.charge_owed(day):
            account.waive(1, day)
    assert account.charged <= account.charge_cap()


@given(any_terms(), DAYS, st.integers(0, 200), st.integers(1, 10**6))
def test_a_waiver_forgives_only_what_is_owed(terms: ContractTerms, start: date, days: int, amount: int) -> None:
    loan = begun(terms, start)
    now = at(loan, later(start, days))
    before = loan.payable(STRANGER, now)
    try:
        loan.waive(amount, now)
    except Refused as refused:
        assert refused.code == Refusal.MORE_THAN_ALLOWED
        assert loan.payable(STRANGER, now) == before
    else:
        assert loan.payable(STRANGER, now) == before - amount


# ---------------------------------------------------------------------- interest on the outstanding balance


@given(outstanding_terms(), DAYS, st.integers(0, 12), st.data())
def test_a_payment_within_the_value_days_counts_as_on_the_due_date(
    terms: ContractTerms, start: date, k: int, data: st.DataObject
) -> None:
    prompt, late = outstanding_on(terms, start), outstanding_on(terms, start)
    due = prompt.calendar.boundary(k)
    days = data.draw(st.integers(0, terms.value_days))
    prompt.accrue(due)
    late.accrue(later(due, days))
    assert prompt == late


@given(outstanding_terms(), DAYS, st.integers(1, 30))
def test_unpaid_interest_bears_no_interest(terms: ContractTerms, start: date, periods: int) -> None:
    account = outstanding_on(terms, start)
    account.accrue(account.calendar.boundary(periods))
    exact = [round_half_up(terms.principal * terms.rate * account.calendar.whole(k)) for k in range(periods)]
    assert account.owed == sum(exact)
    assert account.balance == terms.principal


@given(outstanding_terms(), DAYS, st.lists(st.integers(0, 40), min_size=1, max_size=8))
def test_looking_often_accrues_as_looking_once(terms: ContractTerms, start: date, steps: list[int]) -> None:
    terms = replace(terms, value_days=0)
    often, once = outstanding_on(terms, start), outstanding_on(terms, start)
    day = start
    for step in steps:
        day += timedelta(days=step)
        often.accrue(day)
    once.accrue(day)
    assert often == once


@given(outstanding_terms(), DAYS, st.integers(1, 10**6))
def test_after_the_term_everything_is_due_and_interest_runs_on(terms: ContractTerms, start: date, amount: int) -> None:
    account = outstanding_on(replace(terms, cooling_days=0), start)
    end = account.calendar.boundary(terms.count)
    assert account.payable(end, ahead=False) == account.payable(end, ahead=True)
    account.pay(min(amount, account.principal_outstanding - 1), end, ahead=False)
    later_on = account.calendar.boundary(terms.count + 3)
    assert account.payable(later_on, ahead=False) >= account.payable(end, ahead=False)
