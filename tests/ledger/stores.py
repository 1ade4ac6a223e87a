"""What tests do with stores: fold into them, dump them, compare them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from lendchain.chain import Event
from lendchain.chain.bindings import Contract
from lendchain.chain.event_store import EventStore
from lendchain.chain.rpc import Header
from lendchain.db import reading
from lendchain.ledger import models as m
from lendchain.ledger.books import Books
from lendchain.ledger.fold import LedgerFold
from lendchain.ledger.posting import fold

LEDGER_TABLES = (m.accounts, m.entries, m.lines, m.loans, m.positions, m.clock)


def post(store: sa.Engine, batches: Iterable[Sequence[Event]]) -> None:
    """Fold batches, each in a transaction of its own."""
    ledger = LedgerFold()
    for batch in batches:
        with store.begin() as conn:
            ledger.apply(conn, batch)


def keep(store: sa.Engine, contracts: Sequence[Contract], events: Sequence[Event]) -> None:
    """Store events and their blocks as the indexer does before it folds."""
    headers = {
        e.block_number: Header(e.block_number, e.block_hash, "0x" + 64 * "0", e.block_time, (e.tx_hash,))
        for e in events
    }
    with store.begin() as conn:
        EventStore(contracts).add(conn, list(headers.values()), events, {})


def dump(store: sa.Engine) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of the ledger, in the order of their keys by plain comparison."""
    with reading(store) as conn:
        return {
            table.name: sorted(
                (tuple(row) for row in conn.execute(sa.select(table))),
                key=lambda row: tuple(v for c, v in zip(table.columns, row, strict=True) if c.primary_key),
            )
            for table in LEDGER_TABLES
        }


def books_of(events: Iterable[Event]) -> Books:
    """The books of a whole log, in memory."""
    books = Books()
    fold(books, events)
    return books
