"""The eight attacks that worked on obvious designs, tried on the contracts that ship: each must fail to succeed."""

from __future__ import annotations

import contextlib
from dataclasses import astuple
from typing import Any

import boa
import pytest

from lendchain.schedule.contract import Method, Status, exact_level
from tests.contracts.attacks.book import DAY, LEVEL_BITS, STATE, World, deploy_artifact, refused
from tests.contracts.parts.deploy import GATEKEEPER, SERVICER

CENT = 1
LEVEL = 88_849  # of 1,000,000 over 12 months at 12 %


def mandate(world: World, payer: str, loan: bytes, per_call: int = 10**9) -> None:
    """The payer lets instalments of a loan be collected from his account."""
    values = [world[payer], loan, per_call, world.clock.now() + 4_000 * DAY, loan]
    world.book.authorize(tuple(values), world.signed("RepayMandate", payer, values))


# ---------------------------------------------------------------- A1: a stranger's cent and the early pay-off


def test_a_stranger_pays_nothing_ahead_of_the_due_date(world: World) -> None:
    loan = world.loan()
    world.forward(days=1)
    before = world.words(loan)
    with refused(2):
        world.book.repay(loan, CENT, sender=world["stranger"])
    assert world.words(loan) == before
    world.book.pay_off(loan, 10**12, sender=world["borrower"])
    assert world.status(loan) == Status.CLOSED


@pytest.mark.parametrize("accrual", [0, 1])
@pytest.mark.parametrize("days", [31, 40, 70])
def test_a_strangers_cent_does_not_keep_the_borrower_from_paying_off(world: World, accrual: int, days: int) -> None:
    changes: dict[str, Any] = {"accrual": 1, "late_mode": 1, "level": LEVEL} if accrual else {}
    loan, twin = world.loan(**changes), world.loan(**changes)
    world.forward(days=days)
    assert world.book.repay(loan, CENT, sender=world["stranger"]) == CENT
    paid = world.book.pay_off(loan, 10**12, sender=world["borrower"])
    alone = world.book.pay_off(twin, 10**12, sender=world["borrower"])
    assert world.status(loan) == world.status(twin) == Status.CLOSED
    assert paid + CENT == alone


def test_a_strangers_cent_does_not_keep_the_borrower_from_prepaying(world: World) -> None:
    loan = world.loan()
    world.forward(days=31)
    world.book.repay(loan, CENT, sender=world["stranger"])
    # what is due has to be paid first, and can be
    with refused(29):
        world.book.prepay(loan, 100_000, 0, sender=world["borrower"])
    world.book.repay(loan, LEVEL - CENT, sender=world["borrower"])
    with refused(2):
        world.book.repay(loan, CENT, sender=world["stranger"])
    world.book.prepay(loan, 100_000, 0, sender=world["borrower"])


# ---------------------------------------------------------------- A2: a stranger's cent and what others have signed


def test_a_strangers_cent_does_not_spoil_a_collection(world: World) -> None:
    loan = world.loan()
    mandate(world, "borrower", loan)
    world.forward(days=31)
    world.book.repay(loan, CENT, sender=world["stranger"])
    before = world.balance("borrower")
    assert world.book.collect([loan], [0 << 48 | LEVEL], sender=world["operator"]) == 1
    assert before - world.balance("borrower") == LEVEL - CENT
    # and an item repeated takes nothing
    assert world.book.collect([loan], [0 << 48 | LEVEL], sender=world["operator"]) == 0
    assert before - world.balance("borrower") == LEVEL - CENT


def test_a_strangers_cent_does_not_spoil_a_restructure(world: World) -> None:
    loan = world.loan(shares={"lender": 140, "other": 60})
    world.forward(days=31)
    level = level_after_the_first(world, loan, 60_000, 23)
    values = [loan, 1, 60_000, 24, level, 0, b"\x02" * 32, world.clock.now() + 90 * DAY, b"\x03" * 32]
    world.workout.propose(tuple(values), world.signed("Restructure", "borrower", values), sender=world["passer-by"])
    digest = world.workout.digest_of(tuple(values))
    world.workout.consent(digest, sender=world["lender"])
    world.book.repay(loan, CENT, sender=world["stranger"])
    with refused(44):
        world.workout.restructure(tuple(values), sender=world["passer-by"])
    # period 0 is made whole: now the oldest period is the one both sides meant, whoever paid the cents
    world.book.repay(loan, LEVEL, sender=world["stranger"])
    world.workout.restructure(tuple(values), sender=world["passer-by"])
    assert world.book.loans(loan, STATE) >> LEVEL_BITS & (2**48 - 1) == values[4]


def level_after_the_first(world: World, loan: bytes, rate_ppm: int, left: int) -> int:
    """The level over what will be left once the first instalment is paid."""
    with boa.env.anchor():
        world.book.repay(loan, LEVEL, sender=world["borrower"])
        balance = int(world.book.loans(loan, STATE)) >> 13 & (2**47 - 1)
    return exact_level(Method.EQUAL_INSTALMENT, balance, rate_ppm, left, 1)


# ---------------------------------------------------------------- A3: the operator pulls money early


def test_the_operator_takes_nothing_before_it_is_due_nor_without_a_mandate(world: World) -> None:
    loan = world.loan()
    before = world.balance("borrower")
    assert world.book.collect([loan], [LEVEL], sender=world.holders[SERVICER]) == 0
    mandate(world, "borrower", loan)
    assert world.book.collect([loan], [LEVEL], sender=world.holders[SERVICER]) == 0
    world.forward(days=29)
    assert world.book.collect([loan], [LEVEL], sender=world.holders[SERVICER]) == 0
    assert world.balance("borrower") == before
    world.forward(days=2)
    # not of a later period, and not more than the instalment
    assert world.book.collect([loan], [1 << 48 | LEVEL], sender=world.holders[SERVICER]) == 0
    assert world.book.collect([loan], [2**48 - 1], sender=world.holders[SERVICER]) == 1
    assert before - world.balance("borrower") == LEVEL


def test_a_mandates_limit_and_its_withdrawal_bind_the_operator(world: World) -> None:
    loan = world.loan()
    mandate(world, "borrower", loan, per_call=LEVEL - 1)
    world.forward(days=31)
    assert world.book.collect([loan], [LEVEL], sender=world["operator"]) == 0
    assert world.book.collect([loan], [LEVEL - 1], sender=world["operator"]) == 1
    world.book.withdraw_mandate(loan, sender=world["borrower"])
    assert world.book.collect([loan], [LEVEL], sender=world["operator"]) == 0


def test_only_the_book_itself_runs_an_item(world: World) -> None:
    loan = world.loan()
    mandate(world, "borrower", loan)
    world.forward(days=31)
    for caller in ("borrower", "stranger"):
        with refused(26):
            world.book.collect_item(loan, LEVEL, sender=world[caller])


# ---------------------------------------------------------------- A4: default of a loan that owes nothing yet


@pytest.mark.parametrize("days", [100, 200, 700])
def test_a_loan_that_owes_nothing_yet_is_not_defaulted(world: World, days: int) -> None:
    loan = world.loan(rate_ppm=0, method=Method.INTEREST_ONLY, count=24)
    world.forward(days=days)
    with refused(35):
        world.workout.mark_default(loan, sender=world["stranger"])
    assert world.status(loan) == Status.ACTIVE


def test_a_loan_without_interest_defaults_once_its_principal_is_late(world: World) -> None:
    loan = world.loan(rate_ppm=0, method=Method.INTEREST_ONLY, count=24, default_days=30)
    world.forward(days=731 + 30)
    with refused(35):
        world.workout.mark_default(loan, sender=world["stranger"])
    world.forward(days=10)
    world.workout.mark_default(loan, sender=world["stranger"])
    assert world.status(loan) == Status.DEFAULTED


# ---------------------------------------------------------------- A5: the penalty cap


@pytest.mark.parametrize("parts", [1, 2, 4, 9])
def test_paying_in_parts_does_not_pass_the_penalty_cap(world: World, parts: int) -> None:
    loan = world.loan(penalty_ppm=2_000_000, penalty_cap=500, method=Method.BULLET, count=1)
    cap = 1_010_000 * 500 // 10_000
    world.forward(days=31 + 60)
    taken = 0
    for _ in range(parts):
        world.book.repay(loan, (1_010_000 + cap) // parts + 1, sender=world["borrower"])
        taken += world.paid().penalty
        world.forward(days=15)
    assert world.status(loan) == Status.CLOSED
    assert taken == cap


# ---------------------------------------------------------------- A6: fields that run over


@pytest.mark.parametrize(
    "changes",
    [
        {"units": 2**22, "unit_price": 2**28, "cap": 0, "method": Method.BULLET, "count": 1, "level": 0},
        {"units": 2**23, "unit_price": 2**24, "count": 1, "method": Method.BULLET, "level": 0},
        {"units": 2**24, "unit_price": 1},
        {"units": 1, "unit_price": 2**47, "level": 0},
        {"units": 2**23, "unit_price": 2**23, "count": 360, "rate_ppm": 2**24 - 1, "level": 2**47 - 1},
    ],
)
def test_amounts_that_could_run_over_their_fields_are_refused(world: World, changes: dict[str, int]) -> None:
    terms = world.terms(**{"level": 1, **changes})
    with refused(8):
        world.book.request(astuple(terms), b"", b"", sender=world["borrower"])


def test_a_part_payment_of_the_largest_loan_changes_its_own_field_alone(world: World) -> None:
    units, price = 2**23, 2**24 - 2**12
    world.mint(world["lender"], units * price)
    world.mint(world["borrower"], units * price)
    loan = world.loan(units=units, unit_price=price, method=Method.BULLET, count=1, level=0, rate_ppm=1, cap=0)
    world.forward(days=40)
    before = world.words(loan)
    world.book.repay(loan, units * price - 5, sender=world["borrower"])
    after = world.words(loan)
    kept = ~(1 | (2**48 - 1) << 60 | (2**18 - 1) << 177)
    assert after[STATE] & kept == before[STATE] & kept
    assert after[STATE] >> 60 & (2**48 - 1) > 2**46


# ---------------------------------------------------------------- A7: terms that nobody wants any more


def test_terms_are_not_published_after_their_deadline(world: World) -> None:
    terms = world.terms(deadline=world.clock.now() + 5)
    signature = world.signature("borrower", world.digest(terms))
    world.forward(seconds=6)
    with refused(17):
        world.book.request(astuple(terms), signature, b"", sender=world["stranger"])


def test_terms_are_published_in_the_second_of_their_deadline(world: World) -> None:
    terms = world.terms(deadline=world.clock.now() + 5)
    signature = world.signature("borrower", world.digest(terms))
    world.forward(seconds=5)
    world.book.request(astuple(terms), signature, b"", sender=world["stranger"])


def test_terms_revoked_by_their_signer_are_dead_and_others_can_not_revoke_them(world: World) -> None:
    terms = world.terms()
    signature = world.signature("borrower", world.digest(terms))
    world.book.revoke(world.digest(terms), sender=world["stranger"])
    with boa.env.anchor():
        world.book.request(astuple(terms), signature, b"", sender=world["stranger"])
    world.book.revoke(world.digest(terms), sender=world["borrower"])
    with refused(25):
        world.book.request(astuple(terms), signature, b"", sender=world["stranger"])


# ---------------------------------------------------------------- A8: cover and recover in any order


@pytest.mark.parametrize("recovered", [0, 1, 499_999, 500_000, 600_000, 999_999, 1_000_000])
@pytest.mark.parametrize("fund", [0, 100_000, 10**9])
def test_the_guarantees_result_is_the_same_in_any_order(world: World, recovered: int, fund: int) -> None:
    world.mint(world.guarantee.address, fund)
    loan = world.loan()
    world.forward(days=31 + 3 + 90 + 1)
    world.workout.mark_default(loan, sender=world["stranger"])
    ends = set()
    for order in (("cover", "recover"), ("recover", "cover"), ("recover", "cover", "recover", "cover")):
        with boa.env.anchor():
            half = recovered // 2
            sums = iter([half, recovered - half] if order.count("recover") == 2 else [recovered])
            for step in order:
                try:
                    if step == "cover":
                        world.workout.cover(loan, sender=world["stranger"])
                    else:
                        world.workout.recover(loan, next(sums), False, sender=world["borrower"])
                except boa.BoaError:
                    continue  # nothing to pay, or a dry fund: part of the orders tried
            # whoever comes last may always settle what is left
            with contextlib.suppress(boa.BoaError):
                world.workout.cover(loan, sender=world["stranger"])
            given = fund - world.guarantee.size()
            ends.add((world.credited(loan)[0], given))
    assert len(ends) == 1, ends
    (lenders, given) = ends.pop()
    assert given == min(500_000, 1_000_000 - recovered, fund)
    assert lenders == min(1_000_000, recovered + given)


def test_a_lender_taken_off_the_list_keeps_his_position_and_its_earnings(world: World) -> None:
    """The gatekeeper may take a lender off the list; his position, claims and payments go on."""
    loan = world.loan()
    world.gate.set_eligible([world["lender"]], 0, sender=world.holders[GATEKEEPER])
    world.forward(days=31)
    world.book.repay(loan, LEVEL, sender=world["borrower"])
    assert world.book.claim(loan, world["lender"], sender=world["stranger"]) == LEVEL
    with refused(21):
        world.book.request_and_fund(
            astuple(world.terms(borrower=world["lender"])), b"", b"", 1, b"", sender=world["lender"]
        )


def test_a_second_book_refuses_what_was_signed_for_the_first(world: World) -> None:
    """Other address, other digest: terms, mandates and offers are good in one book alone."""
    other_workout = boa.env.generate_address("other workout")
    other = deploy_artifact(
        "LoanBook",
        *(part.address for part in (world.money, world.clock, world.gate, world.roles)),
        world.book.RULES(),
        other_workout,
        world.guarantee.address,
    )
    terms = world.terms()
    digest = world.digest(terms)
    assert bytes(other.digest_of(astuple(terms))) != digest
    with refused(7):
        other.request(astuple(terms), world.signature("borrower", digest), b"", sender=world["stranger"])
