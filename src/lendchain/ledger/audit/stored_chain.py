"""The indexer's own tables beside the chain: cursor, blocks, events, running heads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import sqlalchemy as sa

from lendchain.chain import models as chain
from lendchain.chain.bindings import Contract
from lendchain.chain.engine import FinalityRule
from lendchain.chain.events import Event
from lendchain.chain.indexer import CURSOR, IndexerLimits
from lendchain.chain.rpc import Header
from lendchain.chain.running_hash import LINKS, next_head
from lendchain.ledger.audit.report import Difference
from lendchain.ledger.audit.rows import compare, differing_columns, extra_row, missing_row, stored_rows
from lendchain.ledger.audit.source import FreshChain, Slice
from lendchain.ledger.bulk import Row
from lendchain.ledger.checks import Violation

# Headers of empty blocks this near to the end of the window may have gone with a reorganisation.
DEEPEST_REORG: Final = 64


def find_cursor(conn: sa.Connection, fresh: FreshChain, finality: FinalityRule) -> tuple[int, list[Difference]]:
    """The block up to which the store must hold everything, and what is wrong with the rows that say so."""
    head = fresh.rpc.block_number()
    found: list[Difference] = []
    last: int | None = None
    for row in stored_rows(conn, chain.cursors):
        name, number, block_hash, final_number = row
        if name != CURSOR:
            found.append(extra_row(chain.cursors, row))
            continue
        header = fresh.rpc.header(number) if isinstance(number, int) and 0 <= number <= head else None
        if header is None or header.hash != block_hash:
            header = _block_by_hash(fresh, block_hash) or _last_stored(conn, fresh, head)
        last = header.number
        low, high = _final_bounds(conn, min(finality.final_number(fresh.rpc, head), last))
        expected = max(low, min(high, final_number)) if low <= high else final_number
        found += differing_columns(chain.cursors, row, (CURSOR, last, header.hash, expected))
    if last is None:
        header = _last_stored(conn, fresh, head)
        found.append(missing_row(chain.cursors, (CURSOR, header.number, header.hash, 0)))
        last = header.number
    return last, found


def _final_bounds(conn: sa.Connection, final_now: int) -> tuple[int, int]:
    """Where the mark of finality may stand: it lags behind the chain, but the operations it made final lie below it."""
    c = chain.operations.c
    newest_final = conn.scalar(sa.select(sa.func.max(c.block_number)).where(c.status == chain.FINAL))
    oldest_open = conn.scalar(sa.select(sa.func.min(c.block_number)).where(c.status == chain.INCLUDED))
    return newest_final or 0, final_now if oldest_open is None else min(final_now, oldest_open - 1)


def _block_by_hash(fresh: FreshChain, block_hash: str) -> Header | None:
    answer = fresh.rpc.replies([("eth_getBlockByHash", (block_hash, False))])[0]
    if answer.error is not None or not answer.result:
        return None
    return fresh.rpc.header(int(answer.result["number"], 16))


def _last_stored(conn: sa.Connection, fresh: FreshChain, head: int) -> Header:
    numbers = conn.scalars(sa.select(chain.blocks.c.number).where(chain.blocks.c.number <= head))
    header = fresh.rpc.header(max(numbers, default=head))
    assert header is not None
    return header


class StoredChain:
    """Compares slice by slice; keeps the running heads as the events imply them."""

    def __init__(self, conn: sa.Connection, contracts: Sequence[Contract], last: int) -> None:
        self._conn = conn
        self._types = {(c.name, name): kind for c in contracts for name, kind in c.artifact.events.items()}
        self.last = last
        self.heads: dict[str, int] = {}
        self._trails: dict[tuple[str, int], int] = {}
        self.violations: list[Violation] = []

    def compare_events(self, part: Slice) -> Iterator[Difference]:
        """Stored events of a slice against the chain's; those above the cursor are nobody's."""
        number = chain.events.c.block_number
        stored = stored_rows(self._conn, chain.events, number >= part.first, number <= part.last)
        yield from compare(chain.events, stored, [self._event_row(event) for event in part.events])
        for event in part.events:
            self._link(event)

    def compare_rest(self) -> Iterator[Difference]:
        """What stands outside the blocks that were read."""
        number = chain.events.c.block_number
        for row in stored_rows(self._conn, chain.events, sa.or_(number < 0, number > self.last)):
            yield extra_row(chain.events, row)

    def _event_row(self, e: Event) -> Row:
        args = self._types[e.contract, e.name].to_json(e.args)
        return (e.block_number, e.log_index, e.block_hash, e.tx_hash, e.ordinal, e.address, e.contract, e.name, args)

    def _link(self, event: Event) -> None:
        if event.name not in LINKS or "head" not in event.args:
            return
        before = self.heads.get(event.address, 0)
        expected = next_head(before, event.name, event.args)
        if expected != event.args["head"]:
            place = f"block {event.block_number}, log {event.log_index}"
            self.violations.append(Violation("history", place, f"head {event.args['head']:#x}, expected {expected:#x}"))
        self.heads[event.address] = event.args["head"]
        self._trails[event.address, event.block_number] = event.args["head"]

    def compare_heads(self) -> Iterator[Difference]:
        """Stored heads are those of the log; the newest of each contract and those of the last blocks are there."""
        stored = {(row[0], row[1]): row for row in stored_rows(self._conn, chain.heads)}
        kept_from = self.last - IndexerLimits().kept_headers + DEEPEST_REORG
        newest: dict[str, int] = {}
        for address, block in self._trails:
            newest[address] = max(block, newest.get(address, 0))
        for (address, block), head in sorted(self._trails.items()):
            row = (address, block, f"{head:#066x}")
            if (address, block) in stored:
                yield from differing_columns(chain.heads, stored[address, block], row)
            elif block > kept_from or block == newest[address]:
                yield missing_row(chain.heads, row)
        for key in sorted(set(stored) - set(self._trails), key=str):
            yield extra_row(chain.heads, stored[key])

    def compare_blocks(self, fresh: FreshChain, counts: dict[int, int]) -> Iterator[Difference]:
        """Every stored header is the chain's; those with events, milestones and the last ones are there."""
        stored = list(stored_rows(self._conn, chain.blocks))
        kept_from = self.last - IndexerLimits().kept_headers + DEEPEST_REORG
        with_events = {number for number, count in counts.items() if count}
        born = min(with_events, default=self.last)  # a chain that others run is older than the platform
        needed = with_events | set(range(max(kept_from, born), self.last + 1)) | {self.last}
        numbers = {row[0] for row in stored if isinstance(row[0], int) and row[0] <= self.last} | needed
        headers = fresh.headers(sorted(numbers))
        for row in stored:
            header = headers.get(row[0])
            if header is None:
                yield extra_row(chain.blocks, row)
            else:
                yield from differing_columns(chain.blocks, row, _block_row(header, counts))
        for number in sorted(needed - {row[0] for row in stored}):
            yield missing_row(chain.blocks, _block_row(headers[number], counts))


def _block_row(header: Header, counts: dict[int, int]) -> Row:
    return (header.number, header.hash, header.parent_hash, header.timestamp, counts.get(header.number, 0))
