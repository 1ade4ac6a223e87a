"""Planted bugs: each takes away one precaution of the platform. The simulation has to find every one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import count
from typing import Any
from unittest.mock import patch

import sqlalchemy as sa

from lendchain.chain import outbox
from lendchain.chain.event_store import EventStore
from lendchain.chain.indexer import Indexer
from lendchain.chain.models import SUBMITTED, accounts, operations
from lendchain.chain.sender import Sender

Bug = Callable[[], AbstractContextManager[None]]


@contextmanager
def double_send() -> Iterator[None]:
    """A nonce that is used already is taken for lost: the order is signed and sent a second time."""

    def every_row(_: Sender, rows: Sequence[Any]) -> dict[int, int]:
        return {row.seq: row.nonce + 1 for row in rows}

    with patch.object(Sender, "_overtaken", every_row):
        yield


@contextmanager
def cursor_moved_before_the_fold() -> Iterator[None]:
    """The cursor is moved in a transaction of its own, and what belongs to it follows in another."""

    def commit(self: Indexer, position: Any, batch: Any) -> None:
        last = batch.headers[-1]
        target = type(position)(last.number, last.hash, batch.final_number)
        with self._store.begin() as conn:
            self._move(conn, position, target)
        with self._store.begin() as conn:
            self._events.add(conn, batch.headers, batch.events, batch.heads)
            for fold in self._folds:
                fold.apply(conn, batch.events)
            outbox.settle(conn, batch.headers, batch.ours, batch.refused)
            outbox.finalize(conn, batch.final_number)

    with patch.object(Indexer, "_commit", commit):
        yield


@contextmanager
def lost_rewind() -> Iterator[None]:
    """After a reorganisation the cursor goes back, and the events of the lost branch stay."""
    with patch.object(EventStore, "forget", _nothing):
        yield


@contextmanager
def reused_nonce() -> Iterator[None]:
    """The next nonce is what the node says at the moment, not what was given out last."""
    original = Sender.sign_next

    def sign_next(self: Sender) -> int:
        with self._store.begin() as conn:
            conn.execute(sa.delete(accounts))
        return original(self)

    with patch.object(Sender, "sign_next", sign_next):
        yield


@contextmanager
def forgotten_operation_id() -> Iterator[None]:
    """The same order under the same id is taken for a new one."""
    numbers = count()
    original = outbox.enqueue

    def enqueue(conn: sa.Connection, new: Sequence[outbox.NewOperation], **more: Any) -> None:
        standing = outbox.states(conn, [item.id for item in new])
        renamed = [item if item.id not in standing else _with_id(item, f"{item.id}#{next(numbers)}") for item in new]
        original(conn, renamed, **more)

    with patch.object(outbox, "enqueue", enqueue):
        yield


@contextmanager
def vanished_operation() -> Iterator[None]:
    """Operations whose block was lost are not sent again."""
    with patch.object(outbox, "rewind", lambda *_: 0):
        yield


@contextmanager
def sent_before_stored() -> Iterator[None]:
    """Bytes go out first and are noted afterwards; what died in between is signed anew."""
    original = Sender.send_due

    def send_due(self: Sender) -> int:
        sent = original(self)
        with self._store.begin() as conn:
            fresh = {"status": "queued", "nonce": None, "raw": None, "tx_hash": None, "sent_at_block": None}
            late = (operations.c.status == SUBMITTED) & (operations.c.sends > 1)
            conn.execute(sa.update(operations).where(late).values(**fresh))
        return sent

    with patch.object(Sender, "send_due", send_due):
        yield


@contextmanager
def failure_taken_for_success() -> Iterator[None]:
    """A transaction in a block is taken for done, whether it took effect or not."""

    def done(self: Indexer, *_: Any) -> Any:
        found = self_settlements(self, *_)
        return found[0], {}

    self_settlements = Indexer._settlements
    with patch.object(Indexer, "_settlements", done):
        yield


def _with_id(item: outbox.NewOperation, name: str) -> outbox.NewOperation:
    return outbox.NewOperation(name, item.sender, item.kind, item.to, item.data, item.gas_limit)


def _nothing(*_: Any) -> None:
    return None


BUGS: dict[str, Bug] = {
    bug.__name__: bug
    for bug in (
        double_send,
        cursor_moved_before_the_fold,
        lost_rewind,
        reused_nonce,
        forgotten_operation_id,
        vanished_operation,
        sent_before_stored,
        failure_taken_for_success,
    )
}
