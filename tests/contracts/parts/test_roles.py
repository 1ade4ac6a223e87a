"""Roles: one for an account, changed in public and late, cancelled by the guardian, laid down at once."""

from __future__ import annotations

import boa

from tests.contracts.parts.deploy import (
    ADMIN,
    CUSTODIAN,
    GUARDIAN,
    SERVICER,
    WAIT,
    Parts,
    compiled,
    refused,
)


def test_an_account_has_one_role_at_most(parts: Parts, people: list[str]) -> None:
    with refused(64):
        compiled("Roles").deploy(WAIT, [people[0], people[0]], [ADMIN, SERVICER])
    change = parts.roles.schedule(parts.holders[SERVICER], CUSTODIAN, sender=parts.holders[ADMIN])
    boa.env.time_travel(seconds=WAIT)
    parts.roles.execute(change)
    assert parts.roles.role_of(parts.holders[SERVICER]) == CUSTODIAN


def test_first_roles_are_in_range_and_lists_agree(people: list[str]) -> None:
    for role in (0, 10):
        with refused(63):
            compiled("Roles").deploy(WAIT, [people[0]], [role])
    with refused(56):
        compiled("Roles").deploy(WAIT, [people[0]], [])


def test_only_an_admin_schedules(parts: Parts, people: list[str]) -> None:
    for role, holder in parts.holders.items():
        if role != ADMIN:
            with refused(27):
                parts.roles.schedule(people[0], SERVICER, sender=holder)
    with refused(27):
        parts.roles.schedule(people[0], SERVICER, sender=people[0])
    with refused(63):
        parts.roles.schedule(people[0], 10, sender=parts.holders[ADMIN])


def test_a_change_waits_to_the_second_and_is_done_once(parts: Parts, people: list[str]) -> None:
    change = parts.roles.schedule(people[0], SERVICER, sender=parts.holders[ADMIN])
    ready = boa.env.timestamp + WAIT
    assert parts.roles.ready_at(change) == ready
    boa.env.timestamp = ready - 1
    with refused(61):
        parts.roles.execute(change)
    boa.env.timestamp = ready
    parts.roles.execute(change, sender=people[3])
    assert parts.roles.role_of(people[0]) == SERVICER
    with refused(60):
        parts.roles.execute(change)
    with refused(60):
        parts.roles.cancel(change, sender=parts.holders[GUARDIAN])


def test_the_sandbox_clock_does_not_shorten_the_wait(parts: Parts, people: list[str]) -> None:
    change = parts.roles.schedule(people[0], SERVICER, sender=parts.holders[ADMIN])
    parts.clock.forward(parts.clock.now() + 10 * WAIT, sender=parts.holders[9])
    with refused(61):
        parts.roles.execute(change)


def test_a_guardian_cancels_a_change_even_when_its_time_has_come(parts: Parts, people: list[str]) -> None:
    change = parts.roles.schedule(people[0], SERVICER, sender=parts.holders[ADMIN])
    boa.env.time_travel(seconds=2 * WAIT)
    parts.roles.cancel(change, sender=parts.holders[GUARDIAN])
    with refused(60):
        parts.roles.execute(change)
    assert parts.roles.role_of(people[0]) == 0


def test_only_guardian_or_admin_cancels(parts: Parts, people: list[str]) -> None:
    change = parts.roles.schedule(people[0], SERVICER, sender=parts.holders[ADMIN])
    for role, holder in parts.holders.items():
        if role not in (ADMIN, GUARDIAN):
            with refused(27):
                parts.roles.cancel(change, sender=holder)
    parts.roles.cancel(change, sender=parts.holders[ADMIN])


def test_a_guardian_can_not_keep_himself_in_office(parts: Parts) -> None:
    guardian = parts.holders[GUARDIAN]
    change = parts.roles.schedule(guardian, 0, sender=parts.holders[ADMIN])
    with refused(27):
        parts.roles.cancel(change, sender=guardian)
    boa.env.time_travel(seconds=WAIT)
    parts.roles.execute(change)
    assert parts.roles.role_of(guardian) == 0


def test_a_role_is_laid_down_at_once(parts: Parts, people: list[str]) -> None:
    for holder in parts.holders.values():
        parts.roles.renounce(sender=holder)
        assert parts.roles.role_of(holder) == 0
        with refused(27):
            parts.roles.renounce(sender=holder)
    with refused(27):
        parts.roles.schedule(people[0], ADMIN, sender=parts.holders[ADMIN])


def test_the_same_change_may_be_announced_again(parts: Parts, people: list[str]) -> None:
    admin = parts.holders[ADMIN]
    first = parts.roles.schedule(people[0], SERVICER, sender=admin)
    second = parts.roles.schedule(people[0], SERVICER, sender=admin)
    assert first != second
    parts.roles.cancel(first, sender=admin)
    boa.env.time_travel(seconds=WAIT)
    parts.roles.execute(second)
    assert parts.roles.role_of(people[0]) == SERVICER
