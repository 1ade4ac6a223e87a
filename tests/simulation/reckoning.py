"""The reckoning after a run: what was accepted happened exactly once, and the books are those of an undisturbed run."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from lendchain.chain.models import FAILED, FINAL, cursors, events, operations
from lendchain.db import metadata, reading
from lendchain.ledger import models as ledger
from tests.simulation.world import BrokenPromiseError, World

# The outbox is the platform's own memory of how it got there; headers of empty blocks are kept or not as it read them.
_OWN_MEMORY = ("operations", "chain_accounts", "chain_settings", "chain_heads", "chain_blocks")
# Which block an act ended up in, and in which order accounts were opened, is the weather's doing.
_CHANCE = ("last_block",)


def reckon(stormy: World, stormy_again: sa.Engine, calm: World) -> None:
    """Raises `BrokenPromiseError` for the first promise that was not kept.

    `stormy_again` is a store that read the stormy world's finished chain in peace; `calm` lived the same business
    without any trouble.
    """
    _every_act_ended_as_in_peace(stormy, calm)
    _as_many_events_as_in_peace(stormy, calm)
    _everybody_has_what_is_theirs(stormy, calm)
    _books_equal_those_read_in_peace(stormy, stormy_again)


def _every_act_ended_as_in_peace(stormy: World, calm: World) -> None:
    ours, theirs = _ends(stormy), _ends(calm)
    if missing := stormy.acts - set(ours):
        raise BrokenPromiseError(f"accepted and forgotten: {sorted(missing)[:3]}")
    if strangers := set(ours) - stormy.acts:
        raise BrokenPromiseError(f"nobody asked for {sorted(strangers)[:3]}")
    for act, end in ours.items():
        if end[0] not in (FINAL, FAILED) or end != theirs[act]:
            raise BrokenPromiseError(f"{act} is {end}, in peace {theirs[act]}")


def _ends(world: World) -> dict[str, tuple[str, Any]]:
    """Each act's status and refusal code. Rows with a # hold the bytes of earlier tries."""
    with reading(world.store) as conn:
        query = sa.select(operations.c.id, operations.c.status, operations.c.reason_code)
        return {
            row.id: (row.status, row.reason_code)
            for row in conn.execute(query)
            if "#" not in row.id and not row.id.startswith("deploy/")
        }


def _as_many_events_as_in_peace(stormy: World, calm: World) -> None:
    def counted(world: World) -> dict[tuple[str, str], int]:
        query = sa.select(events.c.contract, events.c.name, sa.func.count()).group_by(events.c.contract, events.c.name)
        with reading(world.store) as conn:
            return {(row[0], row[1]): row[2] for row in conn.execute(query)}

    ours, theirs = counted(stormy), counted(calm)
    if ours != theirs:
        raise BrokenPromiseError(f"events {ours}, in peace {theirs}")


def _everybody_has_what_is_theirs(stormy: World, calm: World) -> None:
    """Every balance, loan and position of the books, whatever order they came about in."""
    accounts = ledger.accounts.c
    queries: dict[str, sa.Select[Any]] = {
        "balances": sa.select(accounts.code, accounts.loan, accounts.holder, accounts.debit, accounts.credit),
        "loans": sa.select(*(column for column in ledger.loans.c if column.name not in _CHANCE)),
        "positions": sa.select(*ledger.positions.c),
    }
    for what, query in queries.items():
        with reading(stormy.store) as one, reading(calm.store) as other:
            ours, theirs = set(one.execute(query).all()), set(other.execute(query).all())
        if ours != theirs:
            raise BrokenPromiseError(f"{what} differ from those in peace: {_odd(ours ^ theirs)}")


def _books_equal_those_read_in_peace(stormy: World, again: sa.Engine) -> None:
    for table in metadata.sorted_tables:
        if table.name in _OWN_MEMORY:
            continue
        columns = [column for column in table.columns if (table.name, column.name) != (cursors.name, "final_number")]
        query = sa.select(*columns).order_by(*table.primary_key.columns)
        with reading(stormy.store) as one, reading(again) as other:
            ours, theirs = one.execute(query).all(), other.execute(query).all()
        if ours != theirs:
            raise BrokenPromiseError(f"{table.name} differs from one read in peace: {_odd(set(ours) ^ set(theirs))}")


def _odd(rows: set[Any]) -> list[str]:
    return sorted(map(repr, rows))[:3]
