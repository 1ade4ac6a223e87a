"""Whose money is whose: escrow, fees, claims, roles, isolation. Contract and mirror are compared after every act."""

from __future__ import annotations

from typing import Any

import pytest

from lendchain.schedule.contract import Refusal, Status
from tests.contracts.lives import words
from tests.contracts.lives.contracts import ContractChain
from tests.contracts.lives.deployment import Deployment
from tests.contracts.lives.dice import SeededDice
from tests.contracts.lives.engines import RevmEngine
from tests.contracts.lives.life import Life
from tests.contracts.lives.model import (
    ACCOUNTS,
    BOOK,
    FUND,
    OUTSIDER,
    SERVICER,
    START_MONEY,
    STRANGER,
    TREASURY,
    Offer,
)
from tests.contracts.lives.rules import WEIGHTS
from tests.contracts.lives.stage import (
    BORROWER,
    LENDER,
    SECOND,
    THIRD,
    defaulted,
    due_day,
    loan,
    outstanding,
    pay_all,
    requested,
    running,
    start_of,
    terms_of,
)
from tests.contracts.lives.watched import Watched, book_balance, chain_of, live_watched, words_of

ARROWS = {
    (Status.FUNDING, Status.ACTIVE),
    (Status.FUNDING, Status.CANCELLED),
    (Status.ACTIVE, Status.DEFAULTED),
    (Status.ACTIVE, Status.CLOSED),
    (Status.DEFAULTED, Status.CLOSED),
    (Status.DEFAULTED, Status.WRITTEN_OFF),
    (Status.WRITTEN_OFF, Status.CLOSED),
}


# ---------------------------------------------------------------------- over random lives


def test_an_act_changes_the_words_of_its_own_loan_only(deployment: Deployment) -> None:
    class Isolated(Watched):
        def watch(self, act: str, args: Any, answer: Any, before: Any, kept: Any, head: int) -> None:
            touched = self._touched(act, args)
            for number, old in enumerate(kept):
                assert number in touched or words_of(self, number) == old, f"{act} changed loan {number}"

    live_watched(deployment, Isolated)


def test_a_refused_act_leaves_no_trace(deployment: Deployment) -> None:
    class Traceless(Watched):
        def watch(self, act: str, args: Any, answer: Any, before: Any, kept: Any, head: int) -> None:
            if isinstance(answer, Refusal):
                assert [words_of(self, number) for number in range(len(kept))] == kept
                assert chain_of(self).deployed.view("LoanBook", "head") == head

    live_watched(deployment, Traceless)


def test_status_moves_only_along_its_arrows(deployment: Deployment) -> None:
    class Arrows(Watched):
        def watch(self, act: str, args: Any, answer: Any, before: Any, kept: Any, head: int) -> None:
            for old, new in zip(before, self.model.loans, strict=False):
                assert old.status == new.status or (old.status, new.status) in ARROWS

    live_watched(deployment, Arrows)


def test_nobody_but_the_lender_lowers_his_claim(deployment: Deployment) -> None:
    class Claims(Watched):
        def watch(self, act: str, args: Any, answer: Any, before: Any, kept: Any, head: int) -> None:
            if act in ("claim", "claim_many"):
                return
            for old, new in zip(before, self.model.loans, strict=False):
                for holder, held in old.register.holdings.items():
                    now = new.register.holdings[holder]
                    assert now.principal >= held.principal
                    assert now.interest >= held.interest

    live_watched(deployment, Claims)


def test_signed_words_never_change_but_by_a_restructure(deployment: Deployment) -> None:
    class Signed(Watched):
        def watch(self, act: str, args: Any, answer: Any, before: Any, kept: Any, head: int) -> None:
            for number, old in enumerate(kept):
                now = words_of(self, number)
                assert (now[0], now[5]) == (old[0], old[5]), "who and the shifts"
                assert now[1] == old[1] or act == "restructure"

    live_watched(deployment, Signed)


def test_principal_credited_never_exceeds_the_principal(deployment: Deployment) -> None:
    class Bounded(Watched):
        def watch(self, act: str, args: Any, answer: Any, before: Any, kept: Any, head: int) -> None:
            for number, held in enumerate(self.model.loans):
                credited = words.taken_apart(words_of(self, number)[3], words.SUMS)["principal"]
                assert credited <= held.terms.principal

    live_watched(deployment, Bounded)


def test_the_books_tokens_are_unclaimed_credit_fees_and_escrow(deployment: Deployment) -> None:
    class Solvent(Watched):
        def watch(self, act: str, args: Any, answer: Any, before: Any, kept: Any, head: int) -> None:
            assert book_balance(self) == self.model.book_liabilities()

    live_watched(deployment, Solvent)


def test_tokens_are_neither_made_nor_lost_by_the_book(deployment: Deployment) -> None:
    class Conserved(Watched):
        def watch(self, act: str, args: Any, answer: Any, before: Any, kept: Any, head: int) -> None:
            assert sum(self.model.balances.values()) == START_MONEY * (len(ACCOUNTS) - 1)
            assert chain_of(self).deployed.view("Money", "totalSupply") == sum(self.model.balances.values())

    live_watched(deployment, Conserved)


def test_each_state_word_stands_in_the_last_event_that_changed_it(deployment: Deployment) -> None:
    class Logged(Watched):
        def watch(self, act: str, args: Any, answer: Any, before: Any, kept: Any, head: int) -> None:
            if act in ("repay", "pay_off", "prepay") and not isinstance(answer, Refusal):
                paid = [fields for name, fields in chain_of(self).events if name == "Paid"]
                assert paid[-1]["state"] == words_of(self, args[0])[2]

    live_watched(deployment, Logged)


def test_the_same_acts_give_the_same_words_in_other_blocks() -> None:
    found = []
    for blocks in (0, 50):
        deployed = Deployment(RevmEngine(first_block=1 + blocks, second=1_740_700_000 + 86_400 * blocks))
        life = Life(ContractChain(deployed))
        rules = [rule for rule, weight in WEIGHTS.items() for _ in range(weight)]
        dice = SeededDice(901)
        for _ in range(30):
            dice.pick(rules)(life, dice)
        found.append([words_of(life, number)[:6] for number in range(len(life.model.loans))])
    assert found[0] == found[1]


# ---------------------------------------------------------------------- funding and escrow


def test_a_refund_returns_the_price_of_the_units_once(life: Life) -> None:
    number = requested(life)
    life.do("fund", number, LENDER, 7)
    life.do("cancel", number, BORROWER)
    assert life.do("refund", number, LENDER) == 7 * 100_000
    assert life.do("refund", number, LENDER) == Refusal.NOTHING_TO_CLAIM
    assert life.model.balances[LENDER] == START_MONEY
    assert book_balance(life) == 0


def test_units_funded_never_exceed_the_units_asked_for(life: Life) -> None:
    number = requested(life)
    life.do("fund", number, LENDER, 7)
    assert life.do("fund", number, SECOND, 4) == Refusal.UNITS_RANGE
    assert life.do("fund", number, SECOND, 3) == 3 * 100_000
    assert life.do("fund", number, THIRD, 1) == Refusal.UNITS_RANGE


def test_only_the_ticket_that_completes_a_loan_may_be_small(life: Life) -> None:
    number = requested(life, min_ticket=4)
    assert life.do("fund", number, LENDER, 3) == Refusal.TICKET_TOO_SMALL
    life.do("fund", number, LENDER, 4)
    life.do("fund", number, SECOND, 4)
    assert life.do("fund", number, THIRD, 1) == Refusal.TICKET_TOO_SMALL
    assert life.do("fund", number, THIRD, 2) == 2 * 100_000


def test_the_cap_binds_funding_transfer_and_sale(life: Life) -> None:
    number = requested(life, cap=4)
    assert life.do("fund", number, LENDER, 5) == Refusal.CAP_PER_LENDER
    for lender, units in ((LENDER, 4), (SECOND, 3), (THIRD, 3)):
        life.do("fund", number, lender, units)
    life.do("disburse", number)
    assert life.do("transfer", number, LENDER, SECOND, 2, 0) == Refusal.CAP_PER_LENDER
    offer = Offer(LENDER, number, 4, 1, None, 0, life.model.now + 10, 5)
    assert life.do("buy", offer, SECOND, 2) == Refusal.CAP_PER_LENDER
    assert life.do("buy", offer, SECOND, 1) == 1


def test_stopping_refuses_requests_and_nothing_else(life: Life) -> None:
    number, open_one = running(life), requested(life)
    life.do("stop", SERVICER, True)
    assert life.do("request", terms_of(life)) == Refusal.NEW_LOANS_STOPPED
    assert life.do("fund", open_one, LENDER, 10) == 10 * 100_000
    assert not isinstance(life.do("disburse", open_one), Refusal)
    assert life.do("repay", number, BORROWER, 500).total == 500
    assert life.do("transfer", number, LENDER, THIRD, 1, 0) is None
    assert life.do("claim", number, SECOND).total > 0
    pay_all(life, number)


def test_an_ineligible_account_neither_lends_nor_buys(life: Life) -> None:
    asked, number = requested(life), running(life)
    assert life.do("fund", asked, OUTSIDER, 1) == Refusal.NOT_ELIGIBLE
    assert life.do("transfer", number, LENDER, OUTSIDER, 1, 0) == Refusal.NOT_ELIGIBLE
    offer = Offer(LENDER, number, 4, 1, OUTSIDER, 0, life.model.now + 10, 5)
    assert life.do("buy", offer, OUTSIDER, 1) == Refusal.NOT_ELIGIBLE


def test_a_disbursement_pays_principal_less_the_opening_fee(life: Life) -> None:
    number = running(life, open_fee_bps=250)
    assert life.model.balances[BORROWER] == START_MONEY + 1_000_000 - 25_000
    assert life.do("take_fees", TREASURY, [number]) == 25_000
    assert life.do("take_fees", TREASURY, [number]) == 0


# ---------------------------------------------------------------------- holders


def test_a_position_claimed_twice_is_paid_once(life: Life) -> None:
    number = running(life)
    life.do("repay", number, BORROWER, 12_345)
    assert life.do("claim", number, LENDER).total > 0
    assert life.do("claim", number, LENDER) == Refusal.NOTHING_TO_CLAIM


def test_a_transfer_moves_no_token(life: Life) -> None:
    number = running(life)
    life.do("repay", number, BORROWER, 12_345)
    before = dict(life.model.balances)
    life.do("transfer", number, LENDER, SECOND, 2, 0)
    assert before == dict(life.model.balances)


def test_a_transfer_and_its_reverse_restore_the_words(life: Life) -> None:
    number = running(life)
    life.do("repay", number, BORROWER, 12_345)
    before = words_of(life, number)
    life.do("transfer", number, LENDER, SECOND, 2, 0)
    assert words_of(life, number) != before
    life.do("transfer", number, SECOND, LENDER, 2, 0)
    assert words_of(life, number) == before


def test_a_sale_moves_money_and_units_together_and_no_more_than_offered(life: Life) -> None:
    number = running(life)
    offer = Offer(LENDER, number, 3, 99_000, None, 0, life.model.now + 10, 5)
    assert life.do("buy", offer, SECOND, 2) == 198_000
    assert life.do("buy", offer, SECOND, 2) == Refusal.EXPIRED_OR_EXHAUSTED
    assert life.do("buy", offer, THIRD, 1) == 99_000
    assert loan(life, number).register.of(LENDER).units == 1


def test_a_named_buyer_alone_takes_an_offer(life: Life) -> None:
    number = running(life)
    offer = Offer(LENDER, number, 3, 99_000, SECOND, 0, life.model.now + 10, 5)
    assert life.do("buy", offer, THIRD, 1) == Refusal.RECEIVER_NOT_ALLOWED
    assert life.do("buy", offer, SECOND, 1) == 99_000


def test_a_revoked_offer_is_dead(life: Life) -> None:
    number = running(life)
    offer = Offer(LENDER, number, 3, 99_000, None, 0, life.model.now + 10, 5)
    life.do("revoke", LENDER, offer)
    assert life.do("buy", offer, SECOND, 1) == Refusal.REVOKED_OR_USED


def test_a_buyer_is_protected_by_his_floor_on_the_balance(life: Life) -> None:
    number = running(life)
    assert life.do("transfer", number, LENDER, SECOND, 1, 1_000_000) is None
    life.do("repay", number, BORROWER, START_MONEY)
    assert life.do("transfer", number, LENDER, SECOND, 1, 1_000_000) == Refusal.BALANCE_BELOW_FLOOR


def test_units_of_an_ended_loan_do_not_move(life: Life) -> None:
    number = running(life)
    pay_all(life, number)
    assert life.do("transfer", number, LENDER, SECOND, 1, 0) == Refusal.LOAN_NOT_ACTIVE


def test_after_the_end_the_last_claim_empties_the_book(life: Life) -> None:
    number = running(life, shares=(3, 3, 4), units=10, unit_price=33_333)
    pay_all(life, number)
    for lender in (LENDER, SECOND, THIRD):
        life.do("claim", number, lender)
    assert book_balance(life) == 0


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
    from lendchain.schedule.contract import Proposal

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
    from lendchain.schedule.contract import Proposal

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
    from lendchain.schedule.contract import Proposal

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
    from tests.contracts.lives.model import PAYER, RepayMandate

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
    from tests.contracts.lives.model import PAYER, RepayMandate

    number = running(life)
    level = loan(life, number).terms.level
    life.do("authorize", RepayMandate(PAYER, number, level - 1, life.model.now + 10**8, 51), PAYER)
    life.forward(start_of(life, number, due_day(life, number)))
    assert life.do("collect", [(number, 0, level)]) == [Refusal.EXPIRED_OR_EXHAUSTED]
    assert life.do("collect", [(number, 0, level - 1)])[0].total == level - 1
    life.do("withdraw_mandate", number, PAYER)
    assert life.do("collect", [(number, 0, level)]) == [Refusal.EXPIRED_OR_EXHAUSTED]
    assert BOOK not in life.model.held
