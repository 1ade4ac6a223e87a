"""Roles, default and what follows, new terms, batches. Contract and mirror are compared after every act."""

from __future__ import annotations

import pytest

from lendchain.schedule.contract import Proposal, Refusal, Status
from tests.contracts.lives.life import Life
from tests.contracts.lives.model import (
    BOOK,
    FUND,
    PAYER,
    SERVICER,
    START_MONEY,
    STRANGER,
    TREASURY,
    RepayMandate,
)
from tests.contracts.lives.stage import (
    BORROWER,
    LENDER,
    SECOND,
    THIRD,
    defaulted,
    due_day,
    loan,
    outstanding,
    requested,
    running,
    start_of,
    terms_of,
)
from tests.contracts.lives.watched import book_balance

# ---------------------------------------------------------------------- roles


@pytest.mark.parametrize("by", [STRANGER, BORROWER, LENDER, TREASURY])
def test_only_the_servicer_levies_waives_writes_off_and_stops(life: Life, by: str) -> None:
    number, bad = running(life, **outstanding()), defaulted(life)
    assert life.do("levy", number, by, 1) == Refusal.ROLE_MISSING
    assert life.do("waive", number, by, 1) == Refusal.ROLE_MISSING
    assert life.do("waive_rest", number, by) == Refusal.ROLE_MISSING
    assert life.do("write_off", bad, by) == Refusal.ROLE_MISSING
    assert life.do("stop", by, True) == Refusal.ROLE_MISSING


@pytest.mark.parametrize("by", [STRANGER, SERVICER, LENDER])
def test_only_the_treasury_takes_fees(life: Life, by: str) -> None:
    number = running(life, open_fee_bps=250)
    assert life.do("take_fees", by, [number]) == Refusal.ROLE_MISSING


def test_only_the_borrower_prepays_and_cancels_early(life: Life) -> None:
    number, asked = running(life), requested(life)
    for by in (STRANGER, SERVICER, LENDER):
        assert life.do("prepay", number, by, 1000, 0) == Refusal.BORROWER_ONLY
        assert life.do("cancel", asked, by) == Refusal.BORROWER_ONLY


def test_a_held_account_pays_nothing_and_is_still_credited(life: Life) -> None:
    number = running(life)
    life.do("hold", LENDER, life.model.now + 1000)
    life.do("repay", number, BORROWER, 50_000)
    before = life.model.balances[LENDER]
    claimed = life.do("claim", number, LENDER).total
    assert life.model.balances[LENDER] == before + claimed
    assert life.do("fund", requested(life), LENDER, 1) == Refusal.ACCOUNT_HELD


# ---------------------------------------------------------------------- default and after


def test_clocks_stop_at_default(life: Life) -> None:
    number, twin = defaulted(life), defaulted(life)
    first = loan(life, number).shortfall
    life.forward(life.model.now + 400 * 86_400)
    assert loan(life, number).shortfall == first
    split = life.do("recover", number, STRANGER, START_MONEY, False)
    assert split.total == first.outstanding + first.arrears  # type: ignore[union-attr]
    assert loan(life, twin).status == Status.DEFAULTED


def test_the_guarantees_balance_falls_by_its_rule_only(life: Life) -> None:
    number = defaulted(life)
    life.do("top_up", STRANGER, 10**7)
    assert life.do("cover", number) == 500_000
    assert life.do("cover", number) == Refusal.NOTHING_DUE
    assert life.model.balances[FUND] == 10**7 - 500_000


def test_a_recovered_loan_pays_the_guarantee_back_and_closes(life: Life) -> None:
    number = defaulted(life)
    life.do("top_up", STRANGER, 10**6)
    life.do("cover", number)
    split = life.do("recover", number, BORROWER, START_MONEY, False)
    assert (split.lenders, split.guarantor) == (500_000, 500_000)
    assert life.model.balances[FUND] == 10**6
    assert loan(life, number).status == Status.CLOSED


def test_a_defaulted_loan_takes_no_instalment(life: Life) -> None:
    number = defaulted(life)
    assert life.do("repay", number, BORROWER, 1) == Refusal.LOAN_NOT_ACTIVE
    assert life.do("pay_off", number, BORROWER, START_MONEY) == Refusal.LOAN_NOT_ACTIVE
    assert life.do("levy", number, SERVICER, 1) == Refusal.LOAN_NOT_ACTIVE


def test_recoveries_after_a_write_off_reach_the_lenders(life: Life) -> None:
    number = defaulted(life)
    life.do("write_off", number, SERVICER)
    assert life.do("claim", number, LENDER) == Refusal.NOTHING_TO_CLAIM
    life.do("recover", number, STRANGER, 1_001, False)
    assert sum(life.do("claim", number, lender).total for lender in (LENDER, SECOND, THIRD)) == 1_001
    assert book_balance(life) == 0


def test_surplus_is_taken_only_when_it_is_meant(life: Life) -> None:
    number, twin = defaulted(life), defaulted(life)
    owed = loan(life, number).shortfall.outstanding + loan(life, number).shortfall.arrears  # type: ignore[union-attr]
    assert life.do("recover", number, STRANGER, owed + 777, False).extra == 0
    assert life.do("recover", twin, STRANGER, owed + 777, True).extra == 777


def test_new_terms_need_two_thirds_of_the_units(life: Life) -> None:
    number = running(life, shares=(6, 3, 1))
    level = terms_of(life, rate_ppm=60_000, count=8).level
    proposal = Proposal(0, 60_000, 8, level, 0, life.model.now + 1000, 9)
    life.do("propose", number, proposal)
    life.do("consent", number, LENDER, proposal)
    assert life.do("restructure", number, proposal) == Refusal.TOO_FEW_UNITS
    life.do("consent", number, THIRD, proposal)
    assert life.do("consent", number, THIRD, proposal) == Refusal.VOTED_ALREADY
    assert life.do("restructure", number, proposal) is None


def test_a_moved_unit_takes_its_vote_out(life: Life) -> None:
    number = running(life, shares=(7, 3))
    level = terms_of(life, rate_ppm=60_000, count=8).level
    proposal = Proposal(0, 60_000, 8, level, 0, life.model.now + 1000, 9)
    life.do("propose", number, proposal)
    life.do("consent", number, LENDER, proposal)
    life.do("transfer", number, LENDER, SECOND, 1, 0)
    assert life.do("restructure", number, proposal) == Refusal.TOO_FEW_UNITS
    life.do("transfer", number, SECOND, LENDER, 1, 0)
    assert life.do("restructure", number, proposal) is None


def test_new_terms_are_void_once_the_period_has_moved(life: Life) -> None:
    number = running(life, shares=(10,))
    level = terms_of(life, rate_ppm=60_000, count=8).level
    proposal = Proposal(0, 60_000, 8, level, 0, life.model.now + 10**8, 9)
    life.do("propose", number, proposal)
    life.do("consent", number, LENDER, proposal)
    life.do("repay", number, BORROWER, START_MONEY)
    assert life.do("restructure", number, proposal) == Refusal.PERIOD_MOVED


def test_a_small_rest_is_waived_up_to_its_cap_and_closes_the_loan(life: Life) -> None:
    number, other = (running(life, rest_cap=100, **outstanding()) for _ in range(2))
    for which, rest in ((number, 100), (other, 101)):
        payable = loan(life, which).payable(BORROWER, life.model.now)
        life.do("repay", which, BORROWER, payable - rest)
        refused = life.do("waive_rest", which, SERVICER) == Refusal.REST_ABOVE_CAP
        assert refused is (rest == 101)
    assert loan(life, number).status == Status.CLOSED


def test_a_batch_item_that_fails_leaves_the_others_alone(life: Life) -> None:
    good, bare, last = running(life), running(life), running(life)
    for number in (good, last):
        life.do("authorize", RepayMandate(PAYER, number, 10**9, life.model.now + 10**8, number + 50), PAYER)
    life.forward(start_of(life, good, due_day(life, good)))
    level = loan(life, good).terms.level
    results = life.do("collect", [(good, 0, level), (bare, 0, level), (good, 0, level), (last, 0, level)])
    assert [item if isinstance(item, Refusal) else item.total for item in results] == [
        level,
        Refusal.EXPIRED_OR_EXHAUSTED,
        Refusal.NOTHING_DUE,
        level,
    ]


def test_a_mandate_takes_no_more_than_its_limit_and_is_withdrawn_at_once(life: Life) -> None:
    number = running(life)
    level = loan(life, number).terms.level
    life.do("authorize", RepayMandate(PAYER, number, level - 1, life.model.now + 10**8, 51), PAYER)
    life.forward(start_of(life, number, due_day(life, number)))
    assert life.do("collect", [(number, 0, level)]) == [Refusal.EXPIRED_OR_EXHAUSTED]
    assert life.do("collect", [(number, 0, level - 1)])[0].total == level - 1
    life.do("withdraw_mandate", number, PAYER)
    assert life.do("collect", [(number, 0, level)]) == [Refusal.EXPIRED_OR_EXHAUSTED]
    assert BOOK not in life.model.held
