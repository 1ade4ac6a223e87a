"""The indexer: reorganisations, hidden events, rebuilding."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from lendchain.chain import Chain, Indexer, IndexerLimits, Rpc
from lendchain.chain.errors import CursorMovedError, HistoryBrokenError, WrongChainError
from lendchain.chain.event_store import EventStore, Position
from lendchain.chain.http import HttpTransport
from lendchain.chain.models import blocks, cursors, events, operations
from lendchain.chain.ports import Call, Reply
from lendchain.chain.running_hash import next_head, sequence_of
from lendchain.db import reading

from .conftest import Tally, Totals


class Meddling:
    """A transport that alters what the node answers."""

    def __init__(self, inner: HttpTransport) -> None:
        self.inner = inner
        self.hide: set[str] = set()  # transactions whose logs are held back
        self.hide_times = 10**9
        self.swap = False

    def post(self, calls: Sequence[Call]) -> list[Reply]:
        replies = self.inner.post(calls)
        return [
            dataclasses.replace(reply, result=self._logs(reply.result)) if call.method == "eth_getLogs" else reply
            for call, reply in zip(calls, replies, strict=True)
        ]

    def _logs(self, logs: list[dict[str, Any]]) -> list[dict[str, Any]]:
        kept = [log for log in logs if log["transactionHash"] not in self.hide]
        if len(kept) < len(logs):
            if self.hide_times <= 0:
                return logs
            self.hide_times -= 1
        if self.swap and len(kept) > 1:
            first, second = kept[0]["data"], kept[1]["data"]
            kept[0], kept[1] = {**kept[0], "data": second}, {**kept[1], "data": first}
        return kept


def content(store: sa.Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of what is read from the chain."""
    tables = (blocks, events, Totals.table)
    with reading(store) as conn:
        return {t.name: [tuple(r) for r in conn.execute(sa.select(t).order_by(*t.primary_key))] for t in tables}


def fill(tally: Tally, rounds: int = 6, each: int = 3) -> None:
    for number in range(rounds):
        tally.chain.enqueue([tally.levy(100 * number + n, n + 1, f"lender/{n}") for n in range(each)])
        tally.chain.settle()


@pytest.mark.parametrize("depth", range(1, 11))
def test_a_reorg_of_depth_leaves_the_same_books(tally: Tally, store: sa.Engine, depth: int) -> None:
    fill(tally, rounds=11, each=2)
    books = tally.totals.books(store)
    head = tally.chain.rpc.block_number()
    tally.chain.rpc.call("anvil_reorg", depth, [])
    tally.chain.settle()
    progress = tally.chain.step()
    assert progress.cursor >= head
    tally.chain.settle()
    assert tally.totals.books(store) == books
    assert tally.read("total") == 11 * 3
    assert tally.chain.counts().failed == 0
    with reading(store) as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(events)).scalar() == 22


def test_a_rebuild_gives_the_same_bytes(tally: Tally, store: sa.Engine) -> None:
    fill(tally)
    before = content(store)
    tally.chain.indexer.rebuild()
    assert content(store) == before


def test_small_batches_and_ranges_read_the_same_as_blocks_by_hash(tally: Tally, store: sa.Engine) -> None:
    fill(tally)
    before = content(store)
    for limits in (IndexerLimits(near_head=0), IndexerLimits(blocks=1), IndexerLimits(near_head=3, blocks=2)):
        indexer = rereading(tally, tally.chain.engine.rpc(), limits)
        indexer.rebuild()
        assert content(store) == before


def rereading(tally: Tally, rpc: Rpc, limits: IndexerLimits | None = None) -> Indexer:
    return Indexer(
        tally.chain.store,
        rpc,
        [tally.contract],
        [tally.totals],
        finality=tally.chain.engine.finality,
        genesis_hash=tally.chain.indexer._genesis_hash,
        limits=limits,
    )


def test_a_hidden_event_is_noticed(tally: Tally, store: sa.Engine) -> None:
    fill(tally)
    with reading(store) as conn:
        hidden = conn.execute(sa.select(events.c.tx_hash).order_by(events.c.block_number).offset(7).limit(1)).scalar()
    meddling = Meddling(HttpTransport(tally.chain.engine.endpoint))
    meddling.hide = {str(hidden)}
    with pytest.raises(HistoryBrokenError, match="after 7"):
        rereading(tally, Rpc(meddling)).rebuild()


def test_an_event_held_back_once_is_read_the_second_time(tally: Tally, store: sa.Engine) -> None:
    fill(tally)
    before = content(store)
    with reading(store) as conn:
        hidden = conn.execute(sa.select(events.c.tx_hash).order_by(events.c.block_number).offset(7).limit(1)).scalar()
    meddling = Meddling(HttpTransport(tally.chain.engine.endpoint))
    meddling.hide, meddling.hide_times = {str(hidden)}, 1
    rereading(tally, Rpc(meddling), IndexerLimits(blocks=2)).rebuild()
    assert content(store) == before


def test_events_in_another_order_are_noticed(tally: Tally) -> None:
    fill(tally)
    meddling = Meddling(HttpTransport(tally.chain.engine.endpoint))
    meddling.swap = True
    with pytest.raises(HistoryBrokenError):
        rereading(tally, Rpc(meddling)).rebuild()


def test_the_running_hash_is_the_contracts_own(tally: Tally, store: sa.Engine) -> None:
    fill(tally, rounds=2)
    head = 0
    with reading(store) as conn:
        for event in EventStore([tally.contract]).events_between(conn, 0, 10**9):
            head = next_head(head, event.name, event.args)
    assert head == tally.read("head")
    assert sequence_of(head) == 6


def test_two_indexers_do_not_fold_twice(tally: Tally, store: sa.Engine) -> None:
    fill(tally, rounds=1)
    with reading(store) as conn:
        position = EventStore([]).position(conn, "chain")
    assert position is not None
    tally.chain.enqueue([tally.levy(999, 1)])
    tally.chain.settle()
    with pytest.raises(CursorMovedError), store.begin() as conn:
        tally.chain.indexer._move(conn, position, Position(position.number + 1, "0x" + "00" * 32, 0))


def test_another_chain_is_refused(tally: Tally, store: sa.Engine) -> None:
    fill(tally, rounds=1)
    with store.begin() as conn:
        conn.execute(sa.update(blocks).values(hash="0x" + "11" * 32))
        conn.execute(sa.update(cursors).values(block_hash="0x" + "11" * 32))
    with pytest.raises(WrongChainError):
        tally.chain.indexer.step()


def test_empty_blocks_do_not_fill_the_store(tally: Tally, store: sa.Engine) -> None:
    fill(tally, rounds=2)
    tally.chain.rpc.call("anvil_mine", hex(3_000))
    tally.chain.settle()
    with reading(store) as conn:
        kept = conn.execute(sa.select(sa.func.count()).select_from(blocks)).scalar() or 0
        assert conn.execute(sa.select(sa.func.count()).select_from(events)).scalar() == 6
    assert kept < 300
    books = tally.totals.books(store)
    tally.chain.indexer.rebuild()
    assert tally.totals.books(store) == books


def test_a_reorg_below_the_kept_headers_goes_back_to_a_milestone(tally: Tally, store: sa.Engine) -> None:
    fill(tally, rounds=2)
    books = tally.totals.books(store)
    tally.chain.rpc.call("anvil_mine", hex(600))
    tally.chain.settle()
    with store.begin() as conn:  # as if the node had come back with another branch for the last 300 blocks
        recent = blocks.c.number > 310
        conn.execute(sa.update(blocks).where(recent).values(hash="0x" + "22" * 32))
        conn.execute(sa.update(cursors).values(block_hash="0x" + "22" * 32))
    progress = tally.chain.indexer.step()
    assert progress.rewound
    assert progress.cursor == 256
    tally.chain.settle()
    assert tally.totals.books(store) == books
    assert isinstance(tally.chain, Chain)
    with reading(store) as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(operations)).scalar() == 7
