"""Money: minted and burned against references, moved by its owner alone, held by two people's order."""

from __future__ import annotations

import boa
import pytest

from tests.contracts.parts.deploy import (
    ADMIN,
    APPROVER,
    COMPLIANCE,
    CUSTODIAN,
    NOBODY,
    SANDBOX,
    START,
    Parts,
    compiled,
    refused,
)

REFERENCES = [bytes([i]) * 32 for i in range(10)]
REASON = b"\x07" * 32
YEAR = 366 * 86_400


@pytest.fixture
def rich(parts: Parts, people: list[str]) -> str:
    """An account with 1,000.00."""
    parts.fund(people[0], 100_000, REFERENCES[0])
    return people[0]


def test_each_bank_reference_is_minted_against_once(parts: Parts, people: list[str], rich: str) -> None:
    with refused(51):
        parts.fund(people[1], 1, REFERENCES[0])
    with refused(51):
        parts.money.mint_many(people[1:3], [1, 1], [REFERENCES[1]] * 2, sender=parts.holders[CUSTODIAN])
    assert parts.money.totalSupply() == 100_000


def test_only_the_custodian_mints(parts: Parts, people: list[str]) -> None:
    for role, holder in parts.holders.items():
        if role != CUSTODIAN:
            with refused(27):
                parts.money.mint(people[0], 1, REFERENCES[1], sender=holder)
            with refused(27):
                parts.money.mint_many([people[0]], [1], [REFERENCES[1]], sender=holder)


def test_supply_stays_below_two_to_the_128(parts: Parts, people: list[str]) -> None:
    parts.fund(people[0], 2**128 - 1, REFERENCES[0])
    with refused(66):
        parts.fund(people[1], 1, REFERENCES[1])
    with refused(66):
        parts.fund(people[1], 2**256 - 1, REFERENCES[1])
    parts.money.transfer(people[1], 2**128 - 1, sender=people[0])
    assert parts.money.balanceOf(people[1]) == 2**128 - 1
    assert parts.money.held_until(people[1]) == 0


def test_lists_of_different_length_are_refused(parts: Parts, people: list[str], rich: str) -> None:
    with refused(56):
        parts.money.mint_many(people[:2], [1], REFERENCES[1:3], sender=parts.holders[CUSTODIAN])
    with refused(56):
        parts.money.mint_many(people[:2], [1, 1], REFERENCES[1:2], sender=parts.holders[CUSTODIAN])
    with refused(56):
        parts.money.transfer_many(people[:2], [1], sender=rich)


def test_a_withdrawal_burns_once_for_each_reference(parts: Parts, rich: str, people: list[str]) -> None:
    parts.money.withdraw(40_000, REFERENCES[1], sender=rich)
    with refused(51):
        parts.money.withdraw(40_000, REFERENCES[1], sender=rich)
    assert (parts.money.balanceOf(rich), parts.money.totalSupply()) == (60_000, 60_000)
    parts.money.withdraw(60_000, REFERENCES[2], sender=rich)
    burned, withdrawn = parts.money.get_logs()
    assert (burned.sender, burned.receiver, burned.value) == (rich, NOBODY, 60_000)
    assert (withdrawn.account, withdrawn.amount, withdrawn.reference) == (rich, 60_000, REFERENCES[2])
    assert parts.money.totalSupply() == 0
    # the references of one account don't use up another's, nor the bank's
    parts.fund(people[1], 5, REFERENCES[1])
    parts.money.withdraw(5, REFERENCES[1], sender=people[1])


def test_a_refused_transfer_reverts(parts: Parts, rich: str, people: list[str]) -> None:
    with refused(54):
        parts.money.transfer(people[1], 100_001, sender=rich)
    with refused(34):
        parts.money.transfer(NOBODY, 1, sender=rich)
    with refused(55):
        parts.money.transferFrom(rich, people[1], 1, sender=people[1])
    with refused(34):
        parts.money.approve(NOBODY, 1, sender=rich)
    with refused(54):
        parts.money.withdraw(100_001, REFERENCES[1], sender=rich)


def test_many_transfers_are_the_same_as_one_by_one_even_to_oneself(parts: Parts, rich: str, people: list[str]) -> None:
    receivers, amounts = [people[1], rich, people[2], people[1]], [10, 100_000 - 10, 20, 30]
    parts.money.transfer_many(receivers, amounts, sender=rich)
    assert [(log.sender, log.receiver, log.value) for log in parts.money.get_logs()] == [
        (rich, receiver, amount) for receiver, amount in zip(receivers, amounts, strict=True)
    ]
    balances = [parts.money.balanceOf(person) for person in people[:3]]
    assert balances == [99_940, 40, 20]
    with refused(54):
        parts.money.transfer_many([rich, people[1]], [99_941, 1], sender=rich)
    with refused(54):
        parts.money.transfer_many([people[1], people[2]], [99_940, 1], sender=rich)
    with refused(34):
        parts.money.transfer_many([people[1], NOBODY], [1, 1], sender=rich)
    assert [parts.money.balanceOf(person) for person in people[:3]] == balances


def test_an_unlimited_allowance_is_not_used_up_and_a_limited_one_is(parts: Parts, rich: str, people: list[str]) -> None:
    parts.money.approve(people[1], 2**256 - 1, sender=rich)
    parts.money.transferFrom(rich, people[2], 10, sender=people[1])
    assert parts.money.allowance(rich, people[1]) == 2**256 - 1
    parts.money.approve(people[1], 15, sender=rich)
    parts.money.transferFrom(rich, people[2], 10, sender=people[1])
    assert parts.money.allowance(rich, people[1]) == 5
    with refused(55):
        parts.money.transferFrom(rich, people[2], 6, sender=people[1])


def test_a_hold_takes_two_people(parts: Parts, rich: str, people: list[str]) -> None:
    money, compliance, approver = parts.money, parts.holders[COMPLIANCE], parts.holders[APPROVER]
    for role, holder in parts.holders.items():
        if role != COMPLIANCE:
            with refused(27):
                money.propose_hold(rich, REASON, START + 10, sender=holder)
    order = money.propose_hold(rich, REASON, START + 10, sender=compliance)
    assert money.held_until(rich) == 0
    money.transfer(people[1], 1, sender=rich)
    for role, holder in parts.holders.items():
        if role != APPROVER:
            with refused(27):
                money.approve_hold(order, sender=holder)
    money.approve_hold(order, sender=approver)
    assert money.held_until(rich) == START + 10
    with refused(58):
        money.approve_hold(order, sender=approver)
    with refused(58):
        money.approve_hold(order + 1, sender=approver)


def test_the_proposer_of_a_hold_can_not_approve_it_in_another_office(parts: Parts, rich: str) -> None:
    admin, compliance = parts.holders[ADMIN], parts.holders[COMPLIANCE]
    order = parts.money.propose_hold(rich, REASON, START + 10, sender=compliance)
    change = parts.roles.schedule(compliance, APPROVER, sender=admin)
    boa.env.time_travel(seconds=2 * 86_400)
    parts.roles.execute(change)
    with refused(59):
        parts.money.approve_hold(order, sender=compliance)


def test_a_hold_freezes_what_leaves_and_nothing_else(parts: Parts, rich: str, people: list[str]) -> None:
    money = parts.money
    parts.fund(people[1], 500, REFERENCES[1])
    money.approve(people[2], 2**256 - 1, sender=rich)
    parts.hold(rich, START + 1000)
    with refused(50):
        money.transfer(people[1], 1, sender=rich)
    with refused(50):
        money.transfer_many([people[1]], [1], sender=rich)
    with refused(50):
        money.transfer(rich, 0, sender=rich)
    with refused(50):
        money.transferFrom(rich, people[1], 1, sender=people[2])
    with refused(50):
        money.withdraw(1, REFERENCES[3], sender=rich)
    money.transfer(rich, 100, sender=people[1])
    money.transfer_many([rich, rich], [100, 100], sender=people[1])
    parts.fund(rich, 7, REFERENCES[4])
    assert money.balanceOf(rich) == 100_307
    assert money.held_until(rich) == START + 1000
    assert money.approve(people[3], 5, sender=rich)


def test_a_hold_ends_by_itself_in_the_second_of_its_expiry(parts: Parts, rich: str, people: list[str]) -> None:
    parts.hold(rich, START + 1000)
    parts.clock.forward(START + 999, sender=parts.holders[SANDBOX])
    with refused(50):
        parts.money.transfer(people[1], 1, sender=rich)
    parts.clock.forward(START + 1000, sender=parts.holders[SANDBOX])
    assert parts.money.held_until(rich) == 0
    parts.money.transfer(people[1], 1, sender=rich)


def test_an_order_lasts_at_most_366_days_and_has_a_reason(parts: Parts, rich: str) -> None:
    compliance = parts.holders[COMPLIANCE]
    for reason, expiry in [(REASON, START), (REASON, START + YEAR + 1), (b"\0" * 32, START + 10), (REASON, 2**256 - 1)]:
        with refused(57):
            parts.money.propose_hold(rich, reason, expiry, sender=compliance)
    order = parts.money.propose_hold(rich, REASON, START + YEAR, sender=compliance)
    parts.clock.forward(START + YEAR, sender=parts.holders[SANDBOX])
    with refused(58):
        parts.money.approve_hold(order, sender=parts.holders[APPROVER])


def test_of_several_orders_the_last_expiry_counts_and_each_is_released_alone(parts: Parts, rich: str) -> None:
    money, approver = parts.money, parts.holders[APPROVER]
    first, second, third = (parts.hold(rich, START + seconds) for seconds in (300, 500, 400))
    assert money.held_until(rich) == START + 500
    money.release_hold(second, sender=parts.holders[COMPLIANCE])
    assert money.held_until(rich) == START + 400
    money.release_hold(third, sender=approver)
    assert money.held_until(rich) == START + 300
    with refused(58):
        money.release_hold(third, sender=approver)
    money.release_hold(first, sender=approver)
    assert money.held_until(rich) == 0
    with refused(58):
        money.approve_hold(first, sender=approver)
    for role, holder in parts.holders.items():
        if role not in (COMPLIANCE, APPROVER):
            with refused(27):
                money.release_hold(first, sender=holder)


def test_eight_orders_at_most_are_in_force_and_those_over_make_room(parts: Parts, rich: str) -> None:
    for i in range(8):
        parts.hold(rich, START + 100 + i)
    with refused(57):
        parts.hold(rich, START + 500)
    parts.clock.forward(START + 101, sender=parts.holders[SANDBOX])
    parts.hold(rich, START + 500)
    assert parts.money.held_until(rich) == START + 500


def test_a_contracts_account_can_not_be_held(parts: Parts, people: list[str]) -> None:
    fund = compiled("Guarantee").deploy(parts.money.address)
    with refused(57):
        parts.money.propose_hold(fund.address, REASON, START + 10, sender=parts.holders[COMPLIANCE])


def test_a_hold_set_before_a_contract_stood_there_does_not_bind_it(parts: Parts, people: list[str]) -> None:
    book, workout = people[0], people[1]
    fund_address = boa.env.generate_address("fund to come")
    parts.fund(fund_address, 100, REFERENCES[0])
    parts.hold(fund_address, START + 10)
    with refused(50):
        parts.money.transfer(book, 1, sender=fund_address)
    fund = compiled("Guarantee").deploy(parts.money.address, override_address=fund_address)
    fund.bind(book, workout)
    assert parts.money.held_until(fund_address) == 0
    assert fund.draw(b"\x01" * 32, 60, sender=workout) == 60
    assert parts.money.balanceOf(book) == 60


def test_an_account_that_delegates_to_code_is_still_a_persons(parts: Parts, rich: str, people: list[str]) -> None:
    boa.env.set_code(rich, bytes.fromhex("ef0100") + bytes(range(20)))
    parts.hold(rich, START + 10)
    with refused(50):
        parts.money.transfer(people[1], 1, sender=rich)


def test_money_on_block_time_holds_by_block_time(parts: Parts, people: list[str]) -> None:
    money = compiled("Money").deploy("Lendchain yuan", "CNYL", parts.roles.address, NOBODY)
    money.mint(people[0], 100, REFERENCES[0], sender=parts.holders[CUSTODIAN])
    until = boa.env.timestamp + 100
    order = money.propose_hold(people[0], REASON, until, sender=parts.holders[COMPLIANCE])
    money.approve_hold(order, sender=parts.holders[APPROVER])
    with refused(50):
        money.transfer(people[1], 1, sender=people[0])
    boa.env.time_travel(seconds=100)
    money.transfer(people[1], 1, sender=people[0])
