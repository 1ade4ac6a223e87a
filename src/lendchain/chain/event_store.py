"""All SQL of the indexer: cursor, headers, events and the contracts' running heads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from lendchain.chain.bindings import Contract
from lendchain.chain.events import Event
from lendchain.chain.models import blocks, cursors, events, heads
from lendchain.chain.rpc import Header

_BLOCK_COLUMNS = ("number", "hash", "parent_hash", "timestamp", "events")
_EVENT_COLUMNS = (
    "block_number",
    "log_index",
    "block_hash",
    "tx_hash",
    "ordinal",
    "address",
    "contract",
    "name",
    "args",
)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a cursor stands, and up to where blocks are final."""

    number: int
    hash: str
    final: int


class EventStore:
    """Reads and writes what the indexer keeps."""

    def __init__(self, contracts: Sequence[Contract]) -> None:
        self._types = {
            (contract.name, name): e for contract in contracts for name, e in contract.artifact.events.items()
        }

    # --- cursor -----------------------------------------------------------------------------------------------------

    def position(self, conn: sa.Connection, cursor: str) -> Position | None:
        query = sa.select(cursors.c.block_number, cursors.c.block_hash, cursors.c.final_number)
        row = conn.execute(query.where(cursors.c.name == cursor)).first()
        return Position(*row) if row else None

    def begin(self, conn: sa.Connection, cursor: str, start: Header) -> Position:
        """Set a new cursor on a block, which counts as read."""
        position = Position(start.number, start.hash, 0)
        self._insert(conn, blocks, _BLOCK_COLUMNS, [(start.number, start.hash, start.parent_hash, start.timestamp, 0)])
        conn.execute(
            sa.insert(cursors).values(name=cursor, block_number=start.number, block_hash=start.hash, final_number=0)
        )
        return position

    def move(self, conn: sa.Connection, cursor: str, old: Position, new: Position) -> bool:
        """Compare and set: False when the cursor did not stand where we had read it."""
        here = (
            cursors.c.name == cursor,
            cursors.c.block_number == old.number,
            cursors.c.block_hash == old.hash,
        )
        changed = conn.execute(
            sa.update(cursors).where(*here).values(block_number=new.number, block_hash=new.hash, final_number=new.final)
        )
        return changed.rowcount == 1

    def drop_cursor(self, conn: sa.Connection, cursor: str) -> None:
        conn.execute(sa.delete(cursors).where(cursors.c.name == cursor))

    # --- blocks and events ------------------------------------------------------------------------------------------

    def add(
        self,
        conn: sa.Connection,
        headers: Sequence[Header],
        found: Sequence[Event],
        running: Mapping[str, Sequence[tuple[int, int]]],
    ) -> Counter[int]:
        """Store a batch. Returns the number of events in each block."""
        counts = Counter([event.block_number for event in found])
        self._insert(
            conn,
            blocks,
            _BLOCK_COLUMNS,
            [(h.number, h.hash, h.parent_hash, h.timestamp, counts[h.number]) for h in headers],
        )
        types = self._types
        self._insert(
            conn,
            events,
            _EVENT_COLUMNS,
            [
                (
                    e.block_number,
                    e.log_index,
                    e.block_hash,
                    e.tx_hash,
                    e.ordinal,
                    e.address,
                    e.contract,
                    e.name,
                    types[e.contract, e.name].to_json(e.args),
                )
                for e in found
            ],
        )
        rows = [(address, block, f"{head:#066x}") for address, trail in running.items() for block, head in trail]
        self._insert(conn, heads, ("address", "block_number", "head"), rows)
        return counts

    def events_between(self, conn: sa.Connection, first: int, last: int) -> Iterator[Event]:
        """Stored events of a range of blocks, in the chain's order."""
        query = (
            sa.select(*(events.c[name] for name in _EVENT_COLUMNS), blocks.c.timestamp)
            .join(blocks, blocks.c.number == events.c.block_number)
            .where(events.c.block_number.between(first, last))
            .order_by(events.c.block_number, events.c.log_index)
        )
        for row in conn.execute(query):
            read = self._types[row.contract, row.name].from_json
            yield Event(
                row.block_number,
                row.block_hash,
                row.timestamp,
                row.log_index,
                row.tx_hash,
                row.ordinal,
                row.address,
                row.contract,
                row.name,
                read(row.args),
            )

    def headers_below(self, conn: sa.Connection, number: int, limit: int) -> list[tuple[int, str]]:
        """Stored (height, hash) below a height, highest first."""
        query = sa.select(blocks.c.number, blocks.c.hash).where(blocks.c.number < number)
        rows = conn.execute(query.order_by(blocks.c.number.desc()).limit(limit)).all()
        return [(row.number, row.hash) for row in rows]

    def forget(self, conn: sa.Connection, above: int) -> None:
        """Drop blocks, events and heads above a height."""
        conn.execute(sa.delete(events).where(events.c.block_number > above))
        conn.execute(sa.delete(blocks).where(blocks.c.number > above))
        conn.execute(sa.delete(heads).where(heads.c.block_number > above))

    def prune(self, conn: sa.Connection, before: int, now: int, kept: int, counts: Counter[int]) -> None:
        """Drop headers of empty blocks that have left the window of `kept`; every 256th stays as a milestone."""
        if now - kept <= 0 or now == before:
            return
        window = blocks.c.number.between(before - kept, now - kept)
        empty = (blocks.c.events == 0, blocks.c.number % 256 != 0)
        conn.execute(sa.delete(blocks).where(window, *empty))
        if counts:
            later = heads.alias()
            newer = (
                sa.select(later.c.block_number)
                .where(later.c.address == heads.c.address)
                .where(later.c.block_number > heads.c.block_number, later.c.block_number <= now - kept)
                .exists()
            )
            conn.execute(sa.delete(heads).where(heads.c.block_number < now - kept, newer))

    # --- running heads ----------------------------------------------------------------------------------------------

    def head(self, conn: sa.Connection, address: str) -> int:
        """The contract's running head after the stored events; 0 before the first."""
        query = sa.select(heads.c.head).where(heads.c.address == address)
        found = conn.execute(query.order_by(heads.c.block_number.desc()).limit(1)).scalar()
        return int(found, 16) if found else 0

    def head_block(self, conn: sa.Connection, address: str) -> int:
        """The block of the contract's last linked event; 0 before the first."""
        return (
            conn.execute(sa.select(sa.func.max(heads.c.block_number)).where(heads.c.address == address)).scalar() or 0
        )

    def _insert(
        self, conn: sa.Connection, table: sa.Table, columns: Sequence[str], rows: list[tuple[Any, ...]]
    ) -> None:
        if not rows:
            return
        if conn.dialect.name == "sqlite":  # straight to the driver: several times faster for many rows
            marks = ",".join("?" * len(columns))
            conn.exec_driver_sql(f"INSERT INTO {table.name} ({','.join(columns)}) VALUES ({marks})", rows)  # noqa: S608
        else:
            conn.execute(sa.insert(table), [dict(zip(columns, row, strict=True)) for row in rows])
