"""What attackers may do without harm, and why: each a test of the reason."""

from __future__ import annotations

from dataclasses import astuple
from typing import Any

import boa
import pytest
from eth_account.messages import _hash_eip191_message, encode_typed_data

from lendchain.schedule.contract import Method, Status
from tests.contracts.attacks.book import DAY, SUMS, World, refused, typed
from tests.contracts.parts.deploy import APPROVER, COMPLIANCE, NOBODY

LEVEL = 88_849
EVER = 2**40 - 1


def test_claiming_for_another_sends_the_money_to_him(world: World) -> None:
    loan = world.loan()
    world.forward(days=31)
    world.book.repay(loan, LEVEL, sender=world["borrower"])
    before = world.balance("lender"), world.balance("stranger")
    world.book.claim(loan, world["lender"], sender=world["stranger"])
    assert (world.balance("lender"), world.balance("stranger")) == (before[0] + LEVEL, before[1])
    with refused(23):
        world.book.claim(loan, world["lender"], sender=world["stranger"])


def test_claiming_after_every_cent_gains_and_loses_nothing(world: World) -> None:
    """Remainders stay the lender's, so many small claims are one large one."""
    shares = {"one": 67, "two": 66, "three": 67}
    often, once = world.loan(shares=shares), world.loan(shares=shares)
    world.forward(days=31)
    for amount in (1, 2, 3, 50, 7, 1, 1, LEVEL):
        for loan in (often, once):
            world.book.repay(loan, amount, sender=world["passer-by"])
        for name in shares:
            try:
                world.book.claim(often, world[name], sender=world["stranger"])
            except boa.BoaError:
                continue  # less than a minor unit so far
        if world.credited(often)[0] + world.credited(often)[1] >= LEVEL:
            break
    for name in shares:
        start = world.balance(name)
        world.book.claim(once, world[name], sender=world["stranger"])
        at_once = world.balance(name) - start
        claimed = sum(world.book.positions(often, world[name]) >> shift & (2**96 - 1) for shift in (24, 120)) - 2**96
        assert claimed == at_once * 200


def test_tiny_tickets_are_refused_unless_they_complete(world: World) -> None:
    loan = world.request(world.terms(min_ticket=50))
    with refused(19):
        world.book.fund(loan, 49, b"", sender=world["lender"])
    world.book.fund(loan, 199, b"", sender=world["lender"])
    with refused(18):
        world.book.fund(loan, 2, b"", sender=world["other"])
    world.book.fund(loan, 1, b"", sender=world["other"])


def test_a_strangers_dust_while_late_costs_the_borrower_nothing(world: World) -> None:
    """Penalties are carried exactly: after ten strangers' cents the borrower owes no more than without them."""
    bothered, left_alone = world.loan(), world.loan()
    world.forward(days=31 + 10)
    for _ in range(10):
        world.book.repay(bothered, 1, sender=world["stranger"])
        world.forward(days=1)
    totals = []
    for loan in (bothered, left_alone):
        before = world.balance("borrower")
        world.book.pay_off(loan, 10**12, sender=world["borrower"])
        totals.append(before - world.balance("borrower"))
    assert totals[0] <= totals[1]
    assert totals[0] + 10 >= totals[1] - 1


@pytest.mark.parametrize("order", [("one", "two", "three"), ("three", "two", "one"), ("two", "three", "one")])
def test_the_order_of_the_last_claims_changes_nobody_by_a_unit(world: World, order: tuple[str, ...]) -> None:
    shares = {"one": 67, "two": 66, "three": 67}
    loan = world.loan(shares=shares)
    world.forward(days=7)
    world.book.pay_off(loan, 10**12, sender=world["borrower"])
    principal, interest = world.credited(loan)
    got = {}
    for name in order:
        before = world.balance(name)
        world.book.claim(loan, world[name], sender=world["stranger"])
        got[name] = world.balance(name) - before
    for name, units in shares.items():
        assert abs(got[name] * 200 - units * (principal + interest)) < 2 * 200
    assert sum(got.values()) == principal + interest
    assert int(world.book.loans(loan, SUMS)) >> 132 & (2**48 - 1) == 0
    fees = int(world.book.loans(loan, SUMS)) >> 180 & (2**48 - 1)
    assert world.money.balanceOf(world.book.address) == fees


def test_a_buyer_is_protected_by_a_floor_on_the_balance(world: World) -> None:
    """A payment just before is the seller's: who quotes a floor does not pay for principal already repaid."""
    loan = world.loan()
    offer = [world["lender"], loan, 100, 5_000, NOBODY, 1_000_000, EVER, b"\x01" * 32]
    proof = world.signed("Offer", "lender", offer)
    world.forward(days=31)
    world.book.repay(loan, LEVEL, sender=world["borrower"])
    with refused(38):
        world.book.buy(tuple(offer), proof, 100, b"", sender=world["buyer"])
    with refused(38):
        world.book.transfer(loan, world["buyer"], 10, 1_000_000, b"", sender=world["lender"])
    world.book.transfer(loan, world["buyer"], 10, 900_000, b"", sender=world["lender"])


def test_a_unit_votes_once_whoever_holds_it(world: World) -> None:
    loan = world.loan(shares={"one": 100, "two": 100}, cap=0)
    values = [loan, 0, 60_000, 24, 44_321, 0, b"\x02" * 32, EVER, b"\x03" * 32]
    world.workout.propose(tuple(values), world.signed("Restructure", "borrower", values))
    digest = world.workout.digest_of(tuple(values))
    world.workout.consent(digest, sender=world["one"])
    with refused(43):
        world.workout.consent(digest, sender=world["one"])
    votes = lambda: world.book.ballots(loan) >> 32 & (2**24 - 1)  # noqa: E731
    assert votes() == 100
    world.book.transfer(loan, world["three"], 100, 0, b"", sender=world["one"])
    assert votes() == 0
    world.workout.consent(digest, sender=world["three"])
    assert votes() == 100
    world.book.transfer(loan, world["one"], 40, 0, b"", sender=world["three"])
    assert votes() == 100  # `one` has said yes in this round, so what he gets votes with him
    with refused(43):
        world.workout.consent(digest, sender=world["one"])


SIGNED: dict[str, Any] = {
    "FundMandate": lambda world, loan: [world["signer"], 0, 0, 10**9, 10**9, EVER, b"\x11" * 32],
    "RepayMandate": lambda world, loan: [world["signer"], loan, 10**9, EVER, b"\x12" * 32],
    "Offer": lambda world, loan: [world["signer"], loan, 50, 1, NOBODY, 0, EVER, b"\x13" * 32],
    "Restructure": lambda world, loan: [loan, 0, 60_000, 24, 44_321, 0, b"\x02" * 32, EVER, b"\x14" * 32],
}


def bring(world: World, kind: str, loan: bytes, values: list[Any], proof: bytes) -> None:
    """A stranger acts on something signed."""
    stranger = world["stranger"]
    if kind == "FundMandate":
        world.book.fund_by_mandate(tuple(values), proof, loan, 5, b"", sender=stranger)
    elif kind == "RepayMandate":
        world.book.authorize(tuple(values), proof, sender=stranger)
    elif kind == "Offer":
        world.book.buy(tuple(values), proof, 5, b"", sender=stranger)
    else:
        world.workout.propose(tuple(values), proof, sender=stranger)


def prepared(world: World, kind: str) -> bytes:
    """A loan in which what is signed makes sense; the signer is its borrower where it is his to sign."""
    if kind == "FundMandate":
        return world.request(world.terms())
    changes = {} if kind == "Offer" else {"borrower": world["signer"]}
    return world.loan(shares={"signer": 200} if kind == "Offer" else {"lender": 200}, **changes)


@pytest.mark.parametrize("kind", SIGNED)
def test_what_is_signed_for_another_chain_book_or_by_another_is_refused(world: World, kind: str) -> None:
    loan = prepared(world, kind)
    values = SIGNED[kind](world, loan)
    proofs = [
        world.signed(kind, "signer", values, chain_id=boa.env.evm.patch.chain_id + 1),
        world.signed(kind, "signer", values, contract=str(world.workout.address)),
        world.signed(kind, "other", values),
    ]
    for proof in proofs:
        with refused(7):
            bring(world, kind, loan, values, proof)
    bring(world, kind, loan, values, world.signed(kind, "signer", values))


@pytest.mark.parametrize("kind", SIGNED)
def test_what_is_signed_is_refused_once_the_chain_is_another(world: World, kind: str) -> None:
    loan = prepared(world, kind)
    values = SIGNED[kind](world, loan)
    proof = world.signed(kind, "signer", values)
    known = boa.env.evm.patch.chain_id
    boa.env.evm.patch.chain_id = known + 1
    try:
        with refused(7):
            bring(world, kind, loan, values, proof)
    finally:
        boa.env.evm.patch.chain_id = known


@pytest.mark.parametrize("kind", SIGNED)
def test_what_is_signed_and_changed_is_refused(world: World, kind: str) -> None:
    loan = prepared(world, kind)
    values = SIGNED[kind](world, loan)
    proof = world.signed(kind, "signer", values)
    changed = [*values[:-2], values[-2] - 1, values[-1]]
    with refused(7):
        bring(world, kind, loan, changed, proof)


@pytest.mark.parametrize("kind", ["FundMandate", "Offer"])
def test_what_is_signed_is_used_up_to_its_limit_and_no_further(world: World, kind: str) -> None:
    loan = prepared(world, kind)
    values = SIGNED[kind](world, loan)
    if kind == "FundMandate":
        values[4] = 10 * 5_000
    else:
        values[2] = 10
    proof = world.signed(kind, "signer", values)
    bring(world, kind, loan, values, proof)
    bring(world, kind, loan, values, proof)
    with refused(31):
        bring(world, kind, loan, values, proof)


@pytest.mark.parametrize("kind", SIGNED)
def test_what_is_signed_and_revoked_is_dead(world: World, kind: str) -> None:
    loan = prepared(world, kind)
    values = SIGNED[kind](world, loan)
    proof = world.signed(kind, "signer", values)
    digest = bytes(_hash_eip191_message(encode_typed_data(*typed(world, kind, values))))
    world.book.revoke(digest, sender=world["stranger"])
    world.book.revoke(digest, sender=world["signer"])
    with refused(25):
        bring(world, kind, loan, values, proof)


def test_a_repayment_mandate_is_not_registered_twice(world: World) -> None:
    loan = prepared(world, "RepayMandate")
    values = SIGNED["RepayMandate"](world, loan)
    proof = world.signed("RepayMandate", "signer", values)
    bring(world, "RepayMandate", loan, values, proof)
    world.book.withdraw_mandate(loan, sender=world["signer"])
    with refused(25):
        bring(world, "RepayMandate", loan, values, proof)


def test_terms_are_one_loan_only(world: World) -> None:
    terms = world.terms()
    signature = world.signature("borrower", world.digest(terms))
    world.book.request(astuple(terms), signature, b"", sender=world["stranger"])
    with refused(6):
        world.book.request(astuple(terms), signature, b"", sender=world["stranger"])


def test_a_held_lender_earns_and_a_held_borrower_may_be_paid_for(world: World) -> None:
    loan = world.loan(shares={"lender": 150, "other": 50})
    for name in ("lender", "borrower"):
        order = world.money.propose_hold(
            world[name], b"\x01" * 32, world.clock.now() + 300 * DAY, sender=world.holders[COMPLIANCE]
        )
        world.money.approve_hold(order, sender=world.holders[APPROVER])
    world.forward(days=31)
    with boa.reverts():
        world.book.repay(loan, LEVEL, sender=world["borrower"])
    world.book.repay(loan, LEVEL, sender=world["friend"])
    before = world.balance("lender")
    world.book.claim(loan, world["lender"], sender=world["stranger"])
    assert world.balance("lender") - before == LEVEL * 150 // 200
    world.book.transfer(loan, world["other"], 10, 0, b"", sender=world["lender"])
    assert world.status(loan) == Status.ACTIVE


def test_a_held_payers_item_is_skipped_and_stops_nobody(world: World) -> None:
    held, free = world.loan(borrower=world["held"]), world.loan(borrower=world["free"])
    for name, loan in (("held", held), ("free", free)):
        values = (world[name], loan, 10**9, EVER, loan)
        world.book.authorize(values, b"", sender=world[name])
    order = world.money.propose_hold(
        world["held"], b"\x01" * 32, world.clock.now() + 300 * DAY, sender=world.holders[COMPLIANCE]
    )
    world.money.approve_hold(order, sender=world.holders[APPROVER])
    world.forward(days=31)
    assert world.book.collect([held, free], [LEVEL, LEVEL], sender=world["operator"]) == 1
    skipped = [log for log in world.book.get_logs() if type(log).__name__ == "Skipped"]
    assert [(log.loan, log.reason) for log in skipped] == [(held, 50)]


def test_daily_dust_prepayments_do_not_round_the_interest_away(world: World) -> None:
    """1,000 at 12 % earns a third of a cent a day; prepaid by a cent every day it still bears its interest."""
    changes: dict[str, Any] = {"units": 10, "unit_price": 100, "count": 1, "method": Method.BULLET, "open_fee_bps": 0}
    dusted, plain = world.loan(**changes), world.loan(**changes)
    for _ in range(30):
        world.book.prepay(dusted, 1, 0, sender=world["borrower"])
        world.forward(days=1)
    world.forward(days=1)
    for loan in (dusted, plain):
        world.book.pay_off(loan, 10**12, sender=world["borrower"])
    assert world.credited(plain)[1] == 10
    assert world.credited(dusted)[1] == 10
