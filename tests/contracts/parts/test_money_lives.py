"""Random lives of the token beside a small model: the same answers, balances and holds after every act."""

from __future__ import annotations

from typing import Any

import boa
from eth_account import Account
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.contracts.parts.deploy import APPROVER, COMPLIANCE, CUSTODIAN, NOBODY, SANDBOX, START, deploy, refusal_in
from tests.contracts.parts.permits import sign_permit

KEYS = [Account.from_key(bytes([i + 1]) * 32) for i in range(4)]
PEOPLE = [key.address for key in KEYS]
PARTS = deploy()

person = st.integers(0, 3)
receiver = st.sampled_from([*PEOPLE, NOBODY])
amount = st.one_of(st.integers(0, 300), st.sampled_from([2**128 - 1, 2**128, 2**256 - 1]))
reference = st.integers(1, 12).map(lambda n: n.to_bytes(32, "big"))


class Refused(Exception):  # noqa: N818  an answer, not a fault
    """What the model says instead of acting."""


def need(condition: bool, code: int) -> None:
    if not condition:
        raise Refused(code)


class Model:
    """Balances, allowances, references and orders; each method is a rule of the token."""

    def __init__(self) -> None:
        self.now = START
        self.balance = dict.fromkeys(PEOPLE, 0)
        self.allowed: dict[tuple[str, str], int] = {}
        self.nonce = dict.fromkeys(PEOPLE, 0)
        self.minted: set[bytes] = set()
        self.withdrawn: set[tuple[str, bytes]] = set()
        self.orders: list[list[Any]] = []

    def until(self, account: str) -> int:
        return max((o[1] for o in self.orders if o[0] == account and o[2] == "approved" and o[1] > self.now), default=0)

    def mint(self, to: str, amount: int, reference: bytes) -> None:
        need(to != NOBODY, 34)
        need(reference not in self.minted, 51)
        need(sum(self.balance.values()) + amount < 2**128, 66)
        self.minted.add(reference)
        self.balance[to] += amount

    def withdraw(self, who: str, amount: int, reference: bytes) -> None:
        need((who, reference) not in self.withdrawn, 51)
        need(not self.until(who), 50)
        need(self.balance[who] >= amount, 54)
        self.withdrawn.add((who, reference))
        self.balance[who] -= amount

    def transfer(self, who: str, to: str, amount: int) -> None:
        need(to != NOBODY, 34)
        need(not self.until(who), 50)
        need(self.balance[who] >= amount, 54)
        self.balance[who] -= amount
        self.balance[to] += amount

    def transfer_many(self, who: str, moves: list[tuple[str, int]]) -> None:
        need(not self.until(who), 50)
        before = dict(self.balance)
        try:
            for to, amount in moves:
                self.transfer(who, to, amount)
        except Refused:
            self.balance = before
            raise

    def transfer_from(self, spender: str, owner: str, to: str, amount: int) -> None:
        allowed = self.allowed.get((owner, spender), 0)
        need(allowed >= amount, 55)
        self.transfer(owner, to, amount)
        if allowed != 2**256 - 1:
            self.allowed[owner, spender] = allowed - amount

    def approve(self, owner: str, spender: str, amount: int) -> None:
        need(spender != NOBODY, 34)
        self.allowed[owner, spender] = amount

    def propose(self, account: str, expiry: int) -> None:
        need(self.now < expiry <= self.now + 366 * 86_400, 57)
        self.orders.append([account, expiry, "proposed"])

    def approve_hold(self, number: int) -> None:
        need(0 < number <= len(self.orders), 58)
        account, expiry, stage = self.orders[number - 1]
        need(stage == "proposed" and expiry > self.now, 58)
        in_force = [o for o in self.orders if o[0] == account and o[2] == "approved" and o[1] > self.now]
        need(len(in_force) < 8, 57)
        self.orders[number - 1][2] = "approved"

    def release_hold(self, number: int) -> None:
        need(0 < number <= len(self.orders) and self.orders[number - 1][2] != "released", 58)
        self.orders[number - 1][2] = "released"


class MoneyLives(RuleBasedStateMachine):
    """The contract and the model do the same."""

    def __init__(self) -> None:
        super().__init__()
        self.anchor = boa.env.anchor()
        self.anchor.__enter__()
        self.model = Model()
        self.money = PARTS.money
        # so that lives begin with something to move
        for i, who in enumerate(PEOPLE[:3]):
            key = (100 + i).to_bytes(32, "big")
            self.both("mint", (who, 500, key), "mint", (who, 500, key), CUSTODIAN)

    def teardown(self) -> None:
        self.anchor.__exit__(None, None, None)

    def both(self, act: str, args: tuple[Any, ...], call: str, inputs: tuple[Any, ...], sender: str | int) -> None:
        """Act in both worlds; both must refuse with the same number, or neither."""
        expected: int | None = None
        found: int | None = None
        try:
            getattr(self.model, act)(*args)
        except Refused as refused:
            expected = refused.args[0]
        who = PARTS.holders[sender] if isinstance(sender, int) else sender
        try:
            getattr(self.money, call)(*inputs, sender=who)
        except boa.BoaError as error:
            found = refusal_in(error)
            assert found is not None, f"{call} failed without a number"
        assert found == expected, (call, inputs, found, expected)

    @rule(to=receiver, amount=amount, reference=reference)
    def mint(self, to: str, amount: int, reference: bytes) -> None:
        self.both("mint", (to, amount, reference), "mint", (to, amount, reference), CUSTODIAN)

    @rule(who=person, amount=amount, reference=reference)
    def withdraw(self, who: int, amount: int, reference: bytes) -> None:
        self.both("withdraw", (PEOPLE[who], amount, reference), "withdraw", (amount, reference), PEOPLE[who])

    @rule(who=person, to=receiver, amount=amount)
    def transfer(self, who: int, to: str, amount: int) -> None:
        self.both("transfer", (PEOPLE[who], to, amount), "transfer", (to, amount), PEOPLE[who])

    @rule(who=person, moves=st.lists(st.tuples(st.sampled_from(PEOPLE), st.integers(0, 300)), max_size=5))
    def transfer_many(self, who: int, moves: list[tuple[str, int]]) -> None:
        inputs = ([to for to, _ in moves], [amount for _, amount in moves])
        self.both("transfer_many", (PEOPLE[who], moves), "transfer_many", inputs, PEOPLE[who])

    @rule(spender=person, owner=person, to=receiver, amount=amount)
    def transfer_from(self, spender: int, owner: int, to: str, amount: int) -> None:
        args = (PEOPLE[spender], PEOPLE[owner], to, amount)
        self.both("transfer_from", args, "transferFrom", args[1:], PEOPLE[spender])

    @rule(owner=person, spender=receiver, amount=amount)
    def approve(self, owner: int, spender: str, amount: int) -> None:
        self.both("approve", (PEOPLE[owner], spender, amount), "approve", (spender, amount), PEOPLE[owner])

    @rule(owner=person, spender=receiver, amount=amount, bringer=person)
    def permit(self, owner: int, spender: str, amount: int, bringer: int) -> None:
        deadline = boa.env.timestamp
        parts = sign_permit(self.money, KEYS[owner], spender, amount, self.model.nonce[PEOPLE[owner]], deadline)
        if spender != NOBODY:
            self.model.nonce[PEOPLE[owner]] += 1
        inputs = (PEOPLE[owner], spender, amount, deadline, *parts)
        self.both("approve", (PEOPLE[owner], spender, amount), "permit", inputs, PEOPLE[bringer])

    @rule(account=person, days=st.integers(-1, 367))
    def propose_hold(self, account: int, days: int) -> None:
        args = (PEOPLE[account], self.model.now + days * 86_400)
        self.both("propose", args, "propose_hold", (args[0], b"\x01" * 32, args[1]), COMPLIANCE)

    @precondition(lambda self: self.model.orders)
    @rule(number=st.integers(0, 12))
    def approve_hold(self, number: int) -> None:
        self.both("approve_hold", (number,), "approve_hold", (number,), APPROVER)

    @precondition(lambda self: self.model.orders)
    @rule(number=st.integers(0, 12), who=st.sampled_from([COMPLIANCE, APPROVER]))
    def release_hold(self, number: int, who: int) -> None:
        self.both("release_hold", (number,), "release_hold", (number,), who)

    @rule(days=st.integers(0, 200))
    def time_passes(self, days: int) -> None:
        self.model.now += days * 86_400
        PARTS.clock.forward(self.model.now, sender=PARTS.holders[SANDBOX])

    @invariant()
    def both_worlds_agree(self) -> None:
        assert [self.money.balanceOf(who) for who in PEOPLE] == list(self.model.balance.values())
        assert [self.money.held_until(who) for who in PEOPLE] == [self.model.until(who) for who in PEOPLE]

    @invariant()
    def supply_is_the_sum_of_the_balances(self) -> None:
        assert self.money.totalSupply() == sum(self.money.balanceOf(who) for who in PEOPLE)


TestMoneyLives = MoneyLives.TestCase
TestMoneyLives.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
