"""No role can move money that is not its own: every function that writes, called by every role's holder."""

from __future__ import annotations

import random
from typing import Any

import boa
import pytest

from lendchain.chain.bindings import artifact
from tests.contracts.attacks.book import DAY, SUMS, World
from tests.contracts.parts.deploy import ADMIN, GATEKEEPER, GUARDIAN, NOBODY, START, TREASURY

CONTRACTS = ("Money", "Roles", "Clock", "AllowList", "Guarantee", "LoanBook", "Workout")
VICTIMS = ("lender", "other", "borrower")
ROUNDS = 3


def places(world: World) -> dict[str, str]:
    parts = (world.money, world.roles, world.clock, world.gate, world.guarantee, world.book, world.workout)
    return {name: str(part.address) for name, part in zip(CONTRACTS, parts, strict=True)}


def wealth(world: World, loans: list[bytes], name: str) -> int:
    """Money, what may be claimed, and what would be refunded; in 2^24ths of a minor unit, so as not to round."""
    total = int(world.money.balanceOf(world[name])) << 24
    for loan in loans:
        position, sums = int(world.book.positions(loan, world[name])), int(world.book.loans(loan, SUMS))
        units, all_units = position & (2**24 - 1), sums & (2**24 - 1)
        if not position or not all_units:
            continue
        if sums >> 253 in (0, 3):
            price = int(world.book.loans(loan, 0)) >> 160 & (2**47 - 1)
            total += units * price << 24
            continue
        owed = units * (sums >> 24 & (2**48 - 1)) + 2**95 - (position >> 24 & (2**96 - 1))
        owed += units * (sums >> 72 & (2**60 - 1)) + 2**95 - (position >> 120 & (2**96 - 1))
        total += (owed << 24) // all_units
    return total


class Guess:
    """Arguments of any type, drawn from what an insider would try."""

    def __init__(self, world: World, loans: list[bytes], holder: str, seed: int) -> None:
        self.dice = random.Random(seed)
        self.accounts = [*(world[name] for name in VICTIMS), holder, NOBODY, str(world.book.address)]
        self.numbers = [0, 1, 2, 100, 88_849, 10**6, 2**40 - 1, 2**128 - 1, 2**256 - 1, START + 400 * DAY]
        self.names = [*loans, b"\x01" * 32, bytes(32)]

    def value(self, item: dict[str, Any]) -> Any:
        kind: str = item["type"]
        if kind.endswith("[]"):
            return [self.value({**item, "type": kind[:-2]})]
        if kind == "tuple":
            return {part["name"]: self.value(part) for part in item["components"]}
        if kind == "address":
            return self.dice.choice(self.accounts)
        if kind == "bool":
            return self.dice.random() < 0.5
        if kind == "bytes32":
            return self.dice.choice(self.names)
        if kind == "bytes":
            return self.dice.choice([b"", b"\0" * 65])
        return self.dice.choice([number for number in self.numbers if number < 2 ** int(kind[4:] or 256)])


@pytest.fixture
def loans(world: World) -> list[bytes]:
    """A loan that is due, one that earned, one waiting for lenders, one cancelled, one in default.

    Nobody allowed anybody but the book and the guarantee to move his money; no mandate or offer is open.
    """
    shares = {"lender": 120, "other": 80}
    late = world.loan(shares=shares, default_days=0)
    world.forward(days=36)
    world.workout.mark_default(late)
    earned = world.loan(shares=shares)
    world.book.repay(earned, 88_849, sender=world["borrower"])
    due = world.loan(shares=shares)
    world.forward(days=32)
    waiting, cancelled = world.request(world.terms()), world.request(world.terms())
    for loan in (waiting, cancelled):
        world.book.fund(loan, 30, b"", sender=world["lender"])
    world.book.cancel(cancelled, sender=world["borrower"])
    world.mint(world.guarantee.address, 10**8)
    return [due, earned, waiting, cancelled, late]


@pytest.mark.parametrize("role", range(1, 10))
def test_no_role_moves_money_that_is_not_its_own(world: World, loans: list[bytes], role: int) -> None:
    holder = world.holders[role]
    succeeded = 0
    before = {name: wealth(world, loans, name) for name in VICTIMS}
    fund = int(world.guarantee.size())
    for seed in range(ROUNDS):
        guess = Guess(world, loans, holder, seed)
        for contract in CONTRACTS:
            for name, function in artifact(contract).functions.items():
                if function.reads_only:
                    continue
                data = function.encode(*(guess.value(item) for item in function.inputs))
                done = boa.env.execute_code(to_address=places(world)[contract], sender=holder, data=data)
                if done.is_error:
                    continue
                succeeded += 1
                for victim in VICTIMS:
                    now = wealth(world, loans, victim)
                    assert now >= before[victim] - 1, f"{contract}.{name} by role {role} took from {victim}"
                    before[victim] = max(now, before[victim])
                if name not in ("cover", "draw"):
                    assert world.guarantee.size() >= fund, f"{contract}.{name} by role {role} took from the guarantee"
                fund = int(world.guarantee.size())
    assert succeeded > 5


def test_the_treasury_takes_the_fees_paid_and_not_a_cent_more(world: World, loans: list[bytes]) -> None:
    treasury, book = world.holders[TREASURY], world.book
    fees = sum(int(book.loans(loan, SUMS)) >> 180 & (2**48 - 1) for loan in loans)
    assert fees > 0
    before = [wealth(world, loans, name) for name in VICTIMS]
    assert book.take_fees(loans, sender=treasury) == fees
    assert world.money.balanceOf(treasury) == fees
    assert book.take_fees(loans, sender=treasury) == 0
    assert [wealth(world, loans, name) for name in VICTIMS] == before


def test_with_all_roles_in_turn_an_insider_takes_nothing(world: World, loans: list[bytes]) -> None:
    """One who may make himself everything, waits, and tries the acts of each office on others' money."""
    admin = world.holders[ADMIN]
    insider = boa.env.generate_address("insider")
    before = [wealth(world, loans, name) for name in VICTIMS]
    for role in range(2, 10):
        change = world.roles.schedule(insider, role, sender=admin)
        boa.env.time_travel(seconds=2 * DAY)
        world.roles.execute(change, sender=insider)
        guess = Guess(world, loans, insider, role)
        for contract in CONTRACTS:
            for function in artifact(contract).functions.values():
                if not function.reads_only and function.name not in ("renounce", "forward"):
                    data = function.encode(*(guess.value(item) for item in function.inputs))
                    boa.env.execute_code(to_address=places(world)[contract], sender=insider, data=data)
    after = [wealth(world, loans, name) for name in VICTIMS]
    assert all(now >= then - len(loans) for now, then in zip(after, before, strict=True))


def test_a_guardian_and_a_gatekeeper_together_keep_nobody_from_his_money(world: World, loans: list[bytes]) -> None:
    world.gate.set_eligible([world[name] for name in VICTIMS], 0, sender=world.holders[GATEKEEPER])
    world.gate.set_root(b"\x09" * 32, sender=world.holders[GATEKEEPER])
    assert world.roles.role_of(world.holders[GUARDIAN]) == GUARDIAN
    earned, cancelled = loans[1], loans[3]
    assert world.book.claim(earned, world["lender"], sender=world["stranger"]) > 0
    world.book.refund(cancelled, world["lender"], sender=world["stranger"])
    world.book.repay(loans[0], 1_000, sender=world["borrower"])
    world.money.withdraw(1_000, b"\x31" * 32, sender=world["lender"])


def test_stopping_new_loans_stops_nothing_else(world: World, loans: list[bytes]) -> None:
    world.book.stop(True, sender=world.holders[2])
    due, earned, waiting, cancelled, late = loans
    with boa.reverts():
        world.request(world.terms())
    book = world.book
    book.fund(waiting, 170, b"", sender=world["other"])
    book.disburse(waiting, sender=world["other"])
    book.repay(due, 88_849, sender=world["borrower"])
    book.claim(earned, world["lender"], sender=world["lender"])
    book.refund(cancelled, world["lender"], sender=world["lender"])
    book.transfer(due, world["other"], 5, 0, b"", sender=world["lender"])
    world.workout.cover(late, sender=world["lender"])
    world.workout.recover(late, 50_000, False, sender=world["borrower"])
    book.pay_off(due, 10**12, sender=world["borrower"])
