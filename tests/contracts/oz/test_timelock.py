"""The time lock of the roles beside OpenZeppelin's TimelockController: the same waits, the same refusals."""

from __future__ import annotations

from typing import Any

import boa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts.oz.reference import Outcome, call, deploy_packaged
from tests.contracts.parts.deploy import ADMIN, GUARDIAN, NOBODY, WAIT, deploy

PARTS = deploy()
ADMIN_HOLDER, GUARDIAN_HOLDER = PARTS.holders[ADMIN], PARTS.holders[GUARDIAN]
STRANGER, SUBJECT = boa.env.generate_address("stranger"), boa.env.generate_address("subject")

acts = st.one_of(
    st.tuples(st.just("schedule"), st.sampled_from([ADMIN_HOLDER, ADMIN_HOLDER, STRANGER, GUARDIAN_HOLDER])),
    st.tuples(st.just("execute"), st.integers(0, 5), st.sampled_from([STRANGER, ADMIN_HOLDER])),
    st.tuples(st.just("cancel"), st.integers(0, 5), st.sampled_from([STRANGER, ADMIN_HOLDER, GUARDIAN_HOLDER])),
    st.tuples(st.just("wait"), st.sampled_from([1, WAIT - 1, WAIT, WAIT // 2])),
)


def deploy_controller() -> str:
    """Admin proposes (and so may cancel), the guardian cancels, anybody executes, as with ours."""
    types = ["uint256", "address[]", "address[]", "address"]
    controller = deploy_packaged("TimelockController", types, [WAIT, [ADMIN_HOLDER], [NOBODY], ADMIN_HOLDER])
    canceller = call(controller, "CANCELLER_ROLE()", [], STRANGER).output
    assert call(controller, "grantRole(bytes32,address)", [canceller, GUARDIAN_HOLDER], ADMIN_HOLDER).succeeded
    return controller


class Ours:
    """Changes of one account's role."""

    def __init__(self) -> None:
        self.ids: list[bytes] = []

    def schedule(self, sender: str) -> bool:
        done = call(PARTS.roles.address, "schedule(address,uint256)", [SUBJECT, 2], sender)
        if done.succeeded:
            self.ids.append(done.output)
        return done.succeeded

    def act(self, name: str, number: int, sender: str) -> Outcome:
        change = self.ids[number] if number < len(self.ids) else b"\x77" * 32
        return call(PARTS.roles.address, f"{name}(bytes32)", [change], sender)

    def ready(self) -> list[int]:
        asked = (call(PARTS.roles.address, "ready_at(bytes32)", [change], STRANGER) for change in self.ids)
        return [int.from_bytes(answer.output, "big") for answer in asked]


class Theirs:
    """Operations that call an account without code."""

    def __init__(self) -> None:
        self.controller = deploy_controller()
        self.salts = 0

    def operation(self, number: int) -> list[Any]:
        return [SUBJECT, 0, b"", b"\0" * 32, number.to_bytes(32, "big")]

    def schedule(self, sender: str) -> bool:
        function = "schedule(address,uint256,bytes,bytes32,bytes32,uint256)"
        done = call(self.controller, function, [*self.operation(self.salts), WAIT], sender)
        self.salts += done.succeeded
        return done.succeeded

    def id_of(self, number: int) -> bytes:
        function = "hashOperation(address,uint256,bytes,bytes32,bytes32)"
        return call(self.controller, function, self.operation(number), STRANGER).output

    def act(self, name: str, number: int, sender: str) -> Outcome:
        number = number if number < self.salts else 99
        if name == "cancel":
            return call(self.controller, "cancel(bytes32)", [self.id_of(number)], sender)
        function = "execute(address,uint256,bytes,bytes32,bytes32)"
        return call(self.controller, function, self.operation(number), sender)

    def ready(self) -> list[int]:
        asked = (call(self.controller, "getTimestamp(bytes32)", [self.id_of(n)], STRANGER) for n in range(self.salts))
        return [int.from_bytes(answer.output, "big") for answer in asked]


@settings(max_examples=60)
@given(life=st.lists(acts, min_size=3, max_size=15))
def test_the_time_lock_waits_and_refuses_as_openzeppelins_does(life: list[tuple[Any, ...]]) -> None:
    with boa.env.anchor():
        ours, theirs = Ours(), Theirs()
        for act in life:
            match act:
                case ("schedule", sender):
                    assert ours.schedule(sender) == theirs.schedule(sender)
                case ("wait", seconds):
                    boa.env.time_travel(seconds=seconds)
                case (name, number, sender):
                    found, expected = ours.act(name, number, sender), theirs.act(name, number, sender)
                    assert found.succeeded == expected.succeeded, act
            assert ours.ready() == theirs.ready()
