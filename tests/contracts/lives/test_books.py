"""Whose money is whose: escrow, fees, claims, roles, isolation. Contract and mirror are compared after every act."""

from __future__ import annotations

from typing import Any

from lendchain.schedule.contract import Refusal, Status
from tests.contracts.lives import words
from tests.contracts.lives.contracts import ContractChain
from tests.contracts.lives.deployment import Deployment
from tests.contracts.lives.dice import SeededDice
from tests.contracts.lives.engines import RevmEngine
from tests.contracts.lives.life import Life
from tests.contracts.lives.model import (
    ACCOUNTS,
    OUTSIDER,
    SERVICER,
    START_MONEY,
    TREASURY,
    Offer,
)
from tests.contracts.lives.rules import WEIGHTS
from tests.contracts.lives.stage import (
    BORROWER,
    LENDER,
    SECOND,
    THIRD,
    loan,
    pay_all,
    requested,
    running,
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
