"""The reckoning after a run: what was accepted happened exactly once, and the books are the chain's."""

from __future__ import annotations

from collections import Counter

import sqlalchemy as sa

from lendchain.chain.models import FINAL, cursors, events, operations
from lendchain.chain.rpc import Rpc
from lendchain.db import metadata, reading
from tests.simulation.hostile import CALM
from tests.simulation.world import World

# The outbox is the platform's own memory of how it got there; everything else follows from the chain.
_OWN_MEMORY = ("operations", "chain_accounts", "chain_settings", "chain_heads", "chain_blocks", "alembic_version")


class BrokenPromiseError(AssertionError):
    """What the platform accepted did not happen exactly once, or its books are not the chain's."""


def reckon(world: World) -> None:
    """Raises `BrokenPromiseError` for the first promise that was not kept."""
    world.network.weather = CALM
    _every_act_is_final(world)
    _every_act_happened_once(world)
    _everybody_has_what_is_theirs(world)
    _books_equal_those_read_in_peace(world)


def _every_act_is_final(world: World) -> None:
    with reading(world.store) as conn:
        rows = conn.execute(sa.select(operations.c.id, operations.c.status, operations.c.reason)).all()
    standing = {row.id: (row.status, row.reason) for row in rows if "#" not in row.id}
    for act in sorted(world.expected.acts):
        status = standing.get(act, ("forgotten", None))
        if status[0] != FINAL:
            raise BrokenPromiseError(f"{act} is {status[0]}: {status[1]}")
    if strangers := set(standing) - world.expected.acts:
        raise BrokenPromiseError(f"nobody asked for {sorted(strangers)}")


def _every_act_happened_once(world: World) -> None:
    """As many mints, withdrawals and payments on the chain as were asked for."""
    names = Counter(
        "withdraw" if act.startswith("withdrawal") else "mint" if act.startswith("deposit") else "transfer"
        for act in world.expected.acts
    )
    with reading(world.store) as conn:
        found = Counter(conn.execute(sa.select(events.c.name)).scalars())
    seen = Counter(mint=found["Minted"], withdraw=found["Withdrawn"])
    seen["transfer"] = found["Transfer"] - seen["mint"] - seen["withdraw"]
    if +seen != +names:
        raise BrokenPromiseError(f"asked for {dict(names)}, happened {dict(seen)}")


def _everybody_has_what_is_theirs(world: World) -> None:
    rpc = Rpc(world.network)
    for address, amount in world.expected.balances.items():
        (answer,) = rpc.eth_calls([(world.money.address, world.money.encode("balanceOf", address))])
        if int.from_bytes(answer, "big") != amount:
            raise BrokenPromiseError(f"{address} has {int.from_bytes(answer, 'big')}, should have {amount}")


def _books_equal_those_read_in_peace(world: World) -> None:
    with world.peaceful_copy() as fresh:
        for table in metadata.sorted_tables:
            if table.name in _OWN_MEMORY:
                continue
            columns = [
                column for column in table.columns if (table.name, column.name) != (cursors.name, "final_number")
            ]
            query = sa.select(*columns).order_by(*table.primary_key.columns)
            with reading(world.store) as stormy, reading(fresh) as peaceful:
                ours, theirs = stormy.execute(query).all(), peaceful.execute(query).all()
            if ours != theirs:
                odd = sorted(set(map(repr, ours)) ^ set(map(repr, theirs)))[:3]
                raise BrokenPromiseError(f"{table.name} differs from one read in peace: {odd}")
