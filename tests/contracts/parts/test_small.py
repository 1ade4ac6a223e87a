"""Clock, guarantee, allow-list, heartbeat."""

from __future__ import annotations

from typing import Any

import boa
import pytest
from eth_abi.abi import encode
from eth_utils.crypto import keccak
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts.parts.deploy import GATEKEEPER, SANDBOX, START, Parts, compiled, refused
from tests.contracts.parts.trees import Tree

LOAN = b"\x11" * 32


def test_the_clock_never_goes_back_and_only_the_sandbox_role_moves_it(parts: Parts) -> None:
    clock, sandbox = parts.clock, parts.holders[SANDBOX]
    clock.forward(START + 5, sender=sandbox)
    clock.forward(START + 5, sender=sandbox)
    with refused(53):
        clock.forward(START + 4, sender=sandbox)
    with refused(53):
        clock.forward(2**40, sender=sandbox)
    for role, holder in parts.holders.items():
        if role != SANDBOX:
            with refused(27):
                clock.forward(START + 9, sender=holder)
    assert clock.now() == START + 5


@pytest.fixture
def fund(parts: Parts, people: list[str]) -> Any:
    """A guarantee with 100.00, whose book and workout are persons 0 and 1."""
    fund = compiled("Guarantee").deploy(parts.money.address)
    fund.bind(people[0], people[1])
    parts.fund(people[2], 10_000, LOAN)
    parts.money.approve(fund.address, 2**256 - 1, sender=people[2])
    fund.top_up(10_000, sender=people[2])
    return fund


def test_the_guarantee_is_bound_once_by_its_deployer(parts: Parts, people: list[str]) -> None:
    fund = compiled("Guarantee").deploy(parts.money.address)
    with refused(26):
        fund.bind(people[0], people[1], sender=people[0])
    fund.bind(people[0], people[1])
    with refused(65):
        fund.bind(people[2], people[3])


def test_only_the_workout_draws_and_the_book_is_paid(parts: Parts, people: list[str], fund: Any) -> None:
    for stranger in (people[0], people[2], boa.env.eoa, *parts.holders.values()):
        with refused(26):
            fund.draw(LOAN, 1, sender=stranger)
    assert fund.draw(LOAN, 3_000, sender=people[1]) == 3_000
    assert parts.money.balanceOf(people[0]) == 3_000
    assert parts.money.balanceOf(people[1]) == 0


def test_the_guarantee_pays_what_it_has_and_never_more(parts: Parts, people: list[str], fund: Any) -> None:
    assert fund.draw(LOAN, 10_001, sender=people[1]) == 10_000
    assert fund.draw(LOAN, 1, sender=people[1]) == 0
    parts.fund(fund.address, 5, b"\x12" * 32)
    assert fund.size() == 5
    assert fund.draw(LOAN, 9, sender=people[1]) == 5


def test_the_gatekeeper_lets_in_by_name_for_the_roles_given(parts: Parts, people: list[str]) -> None:
    parts.gate.set_eligible(people[:2], 0b011, sender=parts.holders[GATEKEEPER])
    answers = [parts.gate.check(people[0], LOAN, role, b"") for role in (0, 1, 2, 3, 2**256 - 1)]
    assert answers == [True, True, False, False, False]
    parts.gate.set_eligible(people[:1], 0, sender=parts.holders[GATEKEEPER])
    assert not parts.gate.check(people[0], LOAN, 0, b"")
    assert parts.gate.check(people[1], LOAN, 0, b"")
    with refused(63):
        parts.gate.set_eligible(people[:1], 8, sender=parts.holders[GATEKEEPER])
    for role, holder in parts.holders.items():
        if role != GATEKEEPER:
            with refused(27):
                parts.gate.set_eligible(people, 7, sender=holder)
            with refused(27):
                parts.gate.set_root(LOAN, sender=holder)


def leaf(account: str, role: int) -> bytes:
    return keccak(keccak(encode(["address", "uint256"], [account, role])))


@settings(max_examples=25)
@given(size=st.integers(1, 70), picked=st.integers(0, 69), flipped=st.integers(0, 7))
def test_a_path_lets_in_its_own_account_and_role_alone(parts: Parts, size: int, picked: int, flipped: int) -> None:
    stranger = boa.env.generate_address()
    accounts = [boa.env.generate_address() for _ in range(size)]
    tree = Tree([leaf(account, 1) for account in accounts])
    picked %= size
    with boa.env.anchor():
        parts.gate.set_root(tree.root, sender=parts.holders[GATEKEEPER])
        path = b"".join(tree.path(picked))
        account = accounts[picked]
        assert parts.gate.check(account, LOAN, 1, path)
        assert not parts.gate.check(account, LOAN, 0, path)
        assert not parts.gate.check(stranger, LOAN, 1, path)
        assert not parts.gate.check(account, LOAN, 1, path + b"\0")
        if path:
            spoiled = bytes([path[0] ^ (1 << flipped)]) + path[1:]
            assert not parts.gate.check(account, LOAN, 1, spoiled)
            assert not parts.gate.check(account, LOAN, 1, path[32:])
        parts.gate.set_root(b"\x05" * 32, sender=parts.holders[GATEKEEPER])
        assert not parts.gate.check(account, LOAN, 1, path)


def test_beats_close_together_are_no_standing_time(people: list[str]) -> None:
    heart = compiled("Heartbeat").deploy(3_600)
    start = boa.env.timestamp
    for _ in range(5):
        boa.env.time_travel(seconds=3_600)
        heart.beat(sender=people[0])
    assert heart.stood_since(start) == 0


def test_a_gap_counts_whole_as_standing_time(people: list[str]) -> None:
    heart = compiled("Heartbeat").deploy(3_600)
    start = boa.env.timestamp
    boa.env.time_travel(seconds=3_601)
    assert heart.stood_since(start) == 3_601
    middle = boa.env.timestamp
    boa.env.time_travel(seconds=10_000)
    assert heart.stood_since(middle) == 10_000
    assert heart.stood_since(start) == 13_601
    assert heart.stood_since(boa.env.timestamp) == 0


@settings(max_examples=10)
@given(gaps=st.lists(st.integers(1, 8_000), min_size=1, max_size=80), asked=st.integers(0, 300_000))
def test_standing_time_is_the_gaps_seen_after_the_day_asked_for(gaps: list[int], asked: int) -> None:
    with boa.env.anchor():
        heart = compiled("Heartbeat").deploy(3_600)
        start = boa.env.timestamp
        seen = []
        for gap in gaps:
            boa.env.time_travel(seconds=gap)
            heart.beat()
            if gap > 3_600:
                seen.append((boa.env.timestamp, gap))
        expected = sum(gap for at, gap in seen if at > start + asked)
        recent = seen[-64:]
        if len(seen) > 64 and all(at > start + asked for at, _ in recent):
            expected = sum(gap for _, gap in seen)
        assert heart.stood_since(start + asked) == expected
