"""Seconds at which something changes: one before, the very one, one after. Contract and mirror, act by act."""

from __future__ import annotations

from typing import Any

import pytest

from lendchain.schedule.contract import Proposal, Refusal, Split, Status
from tests.contracts.lives.contracts import ContractChain
from tests.contracts.lives.deployment import Deployment
from tests.contracts.lives.engines import RevmEngine
from tests.contracts.lives.life import BEGIN, Life
from tests.contracts.lives.model import PAYER, START_MONEY, STRANGER, FundMandate, Offer, RepayMandate
from tests.contracts.lives.stage import (
    BORROWER,
    DAY,
    LENDER,
    SECOND,
    due_day,
    loan,
    outstanding,
    requested,
    running,
    start_of,
    terms_of,
)

EITHER = pytest.mark.parametrize("accrual", [{}, outstanding()], ids=["scheduled", "outstanding"])


def test_a_loan_is_asked_for_and_funded_until_the_second_of_its_deadline(life: Life) -> None:
    deadline = life.model.now + 1000
    early, late = (terms_of(life, deadline=deadline) for _ in range(2))
    life.forward(deadline - 1)
    number = life.do("request", early)
    assert not isinstance(life.do("fund", number, LENDER, 1), Refusal)
    life.forward(deadline)
    assert not isinstance(life.do("fund", number, LENDER, 1), Refusal)
    life.forward(deadline + 1)
    assert life.do("fund", number, LENDER, 1) == Refusal.DEADLINE_PASSED
    assert life.do("request", late) == Refusal.DEADLINE_PASSED


def test_a_full_loan_is_disbursed_until_the_last_second_of_its_draw_days(life: Life) -> None:
    for offset, refused in ((-1, False), (0, False), (1, True)):
        number = requested(life, draw_days=2)
        life.do("fund", number, LENDER, 10)
        life.forward(loan(life, number).terms.draw_until + offset)
        assert (life.do("disburse", number) == Refusal.DEADLINE_PASSED) is refused


def test_anybody_cancels_only_after_the_deadline_or_the_draw_days(life: Life) -> None:
    empty, full = requested(life, draw_days=2), requested(life, draw_days=2)
    life.do("fund", full, LENDER, 10)
    terms = loan(life, empty).terms
    life.forward(terms.deadline)
    assert life.do("cancel", empty, STRANGER) == Refusal.BORROWER_ONLY
    life.forward(terms.deadline + 1)
    assert life.do("cancel", empty, STRANGER) is None
    life.forward(loan(life, full).terms.draw_until)
    assert life.do("cancel", full, STRANGER) == Refusal.BORROWER_ONLY
    life.forward(loan(life, full).terms.draw_until + 1)
    assert life.do("cancel", full, STRANGER) is None


@EITHER
@pytest.mark.parametrize("zone", [0, 56, 88, 112])
def test_others_pay_from_local_midnight_of_the_due_day(life: Life, accrual: Any, zone: int) -> None:
    number = running(life, zone=zone, **accrual)
    midnight = start_of(life, number, due_day(life, number))
    life.forward(midnight - 1)
    assert life.do("repay", number, STRANGER, 1) == Refusal.NOTHING_DUE
    life.forward(midnight)
    assert life.do("repay", number, STRANGER, 1).total == 1
    life.forward(midnight + 1)
    assert life.do("repay", number, STRANGER, 1).total == 1


def test_the_borrower_pays_the_next_instalment_from_the_day_its_period_begins(life: Life) -> None:
    number = running(life)
    assert life.do("repay", number, BORROWER, START_MONEY).total == loan(life, number).terms.level
    midnight = start_of(life, number, due_day(life, number))
    life.forward(midnight - 1)
    assert life.do("repay", number, BORROWER, START_MONEY) == Refusal.NOTHING_DUE
    life.forward(midnight)
    assert life.do("repay", number, BORROWER, START_MONEY).total == loan(life, number).terms.level


def test_penalty_begins_at_the_midnight_after_the_last_day_of_grace(life: Life) -> None:
    number = running(life)
    terms = loan(life, number).terms
    midnight = start_of(life, number, due_day(life, number), terms.grace + 1)
    life.forward(midnight - 1)
    on_time = loan(life, number).payable(STRANGER, life.model.now)
    assert life.do("repay", number, STRANGER, 1).penalty == 0
    life.forward(midnight)
    late = loan(life, number).payable(STRANGER, life.model.now)
    assert late > on_time - 1
    assert life.do("repay", number, STRANGER, START_MONEY).penalty == late - (on_time - 1)


@EITHER
def test_default_is_marked_from_the_first_second_after_the_last_default_day(life: Life, accrual: Any) -> None:
    for offset, refused in ((-1, True), (0, False), (1, False)):
        number = running(life, shifts=0x2, **accrual)
        terms = loan(life, number).terms
        last = terms.grace + terms.default_days
        life.forward(start_of(life, number, due_day(life, number), 2 + last + 1) + offset)
        assert (life.do("mark_default", number) == Refusal.NOT_CALLABLE_YET) is refused


def test_a_late_fee_is_levied_only_after_the_last_day_of_grace(life: Life) -> None:
    number = running(life, **outstanding())
    midnight = start_of(life, number, due_day(life, number), loan(life, number).terms.grace + 1)
    life.forward(midnight - 1)
    assert life.do("levy", number, "servicer", 100) == Refusal.NOT_LATE
    life.forward(midnight)
    assert life.do("levy", number, "servicer", 100) is None


def test_value_days_end_at_local_midnight(life: Life) -> None:
    number, other = (running(life, value_days=5, **outstanding()) for _ in range(2))
    due = due_day(life, number)
    life.forward(start_of(life, number, due, 6) - 1)
    prompt = life.do("pay_off", number, BORROWER, START_MONEY)
    life.forward(start_of(life, number, due, 6))
    assert life.do("pay_off", other, BORROWER, START_MONEY).interest > prompt.interest == 10_000


@EITHER
def test_the_cooling_days_end_at_local_midnight(life: Life, accrual: Any) -> None:
    number, other = (running(life, cooling_days=14, **accrual) for _ in range(2))
    begun = loan(life, number).today(life.model.now)
    life.forward(start_of(life, number, begun, 15) - 1)
    assert life.do("pay_off", number, BORROWER, START_MONEY) == Split(principal=1_000_000)
    life.forward(start_of(life, number, begun, 15))
    assert life.do("pay_off", other, BORROWER, START_MONEY).interest == 5_667  # 17 days of 30/360


def test_a_batch_takes_nothing_before_the_day_that_a_holiday_moves_it_to(life: Life) -> None:
    number = running(life, shifts=0x3)
    life.do("authorize", RepayMandate(PAYER, number, 10**9, life.model.now + 900 * DAY, 77), PAYER)
    level = loan(life, number).terms.level
    moved = start_of(life, number, due_day(life, number), 3)
    life.forward(moved - 1)
    assert life.do("collect", [(number, 0, level)]) == [Refusal.NOTHING_DUE]
    life.forward(moved)
    assert life.do("collect", [(number, 0, level)])[0].total == level


def test_mandates_and_offers_are_good_in_the_second_of_their_expiry_and_not_after(life: Life) -> None:
    asked, number = requested(life), running(life)
    expiry = life.model.now + 1000
    life.forward(expiry)
    mandate = FundMandate(LENDER, 0, 0, 10**9, 10**9, expiry, 1)
    offer = Offer(LENDER, number, 4, 1, None, 0, expiry, 2)
    repay = RepayMandate(PAYER, number, 10**9, expiry, 3)
    assert life.do("fund_by_mandate", mandate, asked, 1) == 100_000
    assert life.do("buy", offer, SECOND, 1) == 1
    assert life.do("authorize", repay, STRANGER) is None
    life.forward(expiry + 1)
    assert life.do("fund_by_mandate", mandate, asked, 1) == Refusal.EXPIRED_OR_EXHAUSTED
    assert life.do("buy", offer, SECOND, 1) == Refusal.EXPIRED_OR_EXHAUSTED
    life.forward(start_of(life, number, due_day(life, number)))
    assert life.do("collect", [(number, 0, 10**6)]) == [Refusal.EXPIRED_OR_EXHAUSTED]


def test_new_terms_are_carried_out_until_the_second_of_their_expiry(life: Life) -> None:
    number, other = running(life), running(life)
    expiry = life.model.now + 100
    for loan_number in (number, other):
        proposal = Proposal(0, 60_000, 8, terms_of(life, rate_ppm=60_000, count=8).level, 0, expiry, loan_number)
        life.do("propose", loan_number, proposal)
        for holder in (LENDER, SECOND):
            life.do("consent", loan_number, holder, proposal)
        life.forward(expiry + (loan_number == other))
        outcome = life.do("restructure", loan_number, proposal)
        assert outcome == (Refusal.EXPIRED_OR_EXHAUSTED if loan_number == other else None)
    assert loan(life, number).status == Status.ACTIVE
    assert loan(life, number).running.terms.count == 8  # type: ignore[union-attr]


def test_a_hold_ends_in_its_last_second_for_a_payer(life: Life) -> None:
    number = running(life)
    life.do("hold", BORROWER, life.model.now + 1000)
    until = life.model.now + 1000
    life.forward(until - 1)
    assert life.do("repay", number, BORROWER, 5) == Refusal.ACCOUNT_HELD
    life.forward(until)
    assert life.do("repay", number, BORROWER, 5).total == 5


def test_time_that_the_chain_stood_does_not_count_towards_default() -> None:
    engine = RevmEngine(second=BEGIN)
    deployed = Deployment(engine, beat_within=40 * DAY)
    life = Life(ContractChain(deployed))
    number = running(life)  # callable from the 34th day after the due day

    def wait(days: int, *, beating: bool) -> None:
        life.forward(life.model.now + days * DAY)
        engine.set_second(life.model.now)
        if beating:
            deployed.must(STRANGER, "Heartbeat", "beat")

    wait(28, beating=True)
    wait(30, beating=True)
    life.model.standing_days = 60
    wait(60, beating=False)
    assert life.do("mark_default", number) == Refusal.NOT_CALLABLE_YET
    deployed.must(STRANGER, "Heartbeat", "beat")
    wait(3, beating=True)
    assert life.do("mark_default", number) == Refusal.NOT_CALLABLE_YET
    wait(1, beating=True)
    assert life.do("mark_default", number) is None
