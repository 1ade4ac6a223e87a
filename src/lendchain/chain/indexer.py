"""The indexer: reads the chain into the store, one SQL transaction a batch.

Things that stay true: the cursor stands on a block of the chain that was checked to follow from the one before; every
event up to it is stored and folded, none above it; each contract's running hash continues through the stored events. A
reorganisation rewinds cursor, events, folds and outbox together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import sqlalchemy as sa

from lendchain.chain import outbox
from lendchain.chain.bindings import Contract
from lendchain.chain.engine import FinalityRule
from lendchain.chain.errors import CursorMovedError, HistoryBrokenError, RpcRefusedError, WrongChainError
from lendchain.chain.event_store import EventStore, Position
from lendchain.chain.events import Decoder, Event, Fold
from lendchain.chain.outbox import Awaited, Refusal
from lendchain.chain.reverts import words
from lendchain.chain.rpc import Header, Rpc
from lendchain.chain.running_hash import LINKS, next_head, sequence_of
from lendchain.db import reading
from lendchain.i18n import _

CURSOR: Final = "chain"


@dataclass(frozen=True, slots=True)
class IndexerLimits:
    """Knobs.

    `near_head`: blocks below the head that are read by block hash; further back by range. `blocks`, `transactions`
    and `gas`, which bounds the events, bound a batch. `kept_headers`: headers of empty blocks that are kept for finding
    the fork.
    """

    near_head: int = 64
    blocks: int = 256
    transactions: int = 4_000
    gas: int = 150_000_000
    kept_headers: int = 256


@dataclass(frozen=True, slots=True)
class IndexerProgress:
    """What one step did: where the cursor stands, the node's head, and whether blocks were taken back."""

    cursor: int
    head: int
    events: int = 0
    rewound: bool = False

    @property
    def at_head(self) -> bool:
        return self.cursor >= self.head and not self.rewound


@dataclass(slots=True)
class _Batch:
    headers: list[Header]
    events: list[Event]
    heads: dict[str, list[tuple[int, int]]]  # by address: (block, head after it)
    ours: dict[str, Awaited]
    refused: dict[str, Refusal]
    final_number: int


class Indexer:
    """Follows the chain. Repeat `step`; it never waits."""

    def __init__(
        self,
        store: sa.Engine,
        rpc: Rpc,
        contracts: Sequence[Contract],
        folds: Sequence[Fold],
        *,
        finality: FinalityRule,
        genesis_hash: str,
        first_block: int = 1,
        limits: IndexerLimits | None = None,
    ) -> None:
        self._store = store
        self._rpc = rpc
        self._decoder = Decoder(contracts)
        self._folds = tuple(folds)
        self._finality = finality
        self._genesis_hash = genesis_hash
        self._first_block = first_block
        self._limits = limits or IndexerLimits()
        self._events = EventStore(contracts)
        self._suspect: tuple[str, int] | None = None  # where a history broke that is being read again
        self._halved = 0

    # --- the template: one batch ------------------------------------------------------------------------------------

    def step(self) -> IndexerProgress:
        """One batch of blocks, or one rewind.

        Raises `NodeUnreachableError`, `HistoryBrokenError`, `WrongChainError`, `CursorMovedError`.
        """
        with reading(self._store) as conn:
            position = self._events.position(conn, CURSOR)
        if position is None:
            position = self._begin()
        head = self._rpc.block_number()
        if not self._still_there(position):
            return self._go_back(position, head)
        headers = self._fetch_headers(position, head)
        if not headers:
            self._note_finality(position, head)
            return IndexerProgress(position.number, head)
        logs = self._fetch_logs(headers, head)
        if logs is None:
            return IndexerProgress(position.number, max(head, position.number + 1))
        events = self._decode(logs, headers)
        try:
            heads = self._check_history(events)
        except HistoryBrokenError as broken:
            return self._read_again(position, head, broken)
        ours, refused = self._settlements(headers, events)
        final_number = max(position.final, self._finality.final_number(self._rpc, headers[-1].number))
        self._commit(position, _Batch(headers, events, heads, ours, refused, final_number))
        return IndexerProgress(headers[-1].number, head, len(events))

    def catch_up(self) -> IndexerProgress:
        """Steps until the cursor stands at the head."""
        while True:
            progress = self.step()
            if progress.at_head:
                return progress

    def rebuild(self) -> None:
        """Forget every projection and read the chain from the beginning. The outbox keeps what it knows."""
        with self._store.begin() as conn:
            for fold in self._folds:
                fold.rewind(conn, -1)
            self._events.forget(conn, -1)
            self._events.drop_cursor(conn, CURSOR)
        self.catch_up()

    # --- steps ------------------------------------------------------------------------------------------------------

    def _begin(self) -> Position:
        genesis = self._rpc.header(0)
        if genesis is None or genesis.hash != self._genesis_hash:
            raise WrongChainError(
                _("This chain begins with another block than the one expected."),
                hint=_("Name the right endpoint, or use a fresh data folder."),
            )
        start = self._rpc.header(self._first_block - 1) if self._first_block > 1 else genesis
        if start is None:
            start = genesis
        with self._store.begin() as conn:
            return self._events.begin(conn, CURSOR, start)

    def _still_there(self, position: Position) -> bool:
        header = self._rpc.header(position.number)
        return header is not None and header.hash == position.hash

    def _fetch_headers(self, position: Position, head: int) -> list[Header]:
        """The next headers, each checked to follow from the one before; cut where the node changed its mind."""
        last = min(head, position.number + max(self._limits.blocks >> self._halved, 1))
        found = self._rpc.headers(range(position.number + 1, last + 1))
        headers: list[Header] = []
        parent, transactions, gas = position.hash, 0, 0
        for number, header in enumerate(found, position.number + 1):
            if header is None or header.number != number or header.parent_hash != parent:
                break
            headers.append(header)
            parent = header.hash
            transactions += len(header.tx_hashes)
            gas += header.gas_used
            if transactions >= self._limits.transactions >> self._halved or gas >= self._limits.gas >> self._halved:
                break
        return headers

    def _fetch_logs(self, headers: Sequence[Header], head: int) -> list[dict[str, Any]] | None:
        """The logs of these blocks in order; None when the node could not give them as asked."""
        busy = [header for header in headers if header.tx_hashes]
        addresses = self._decoder.addresses
        if not busy or not addresses:
            return []
        try:
            if busy[-1].number > head - self._limits.near_head:
                parts = self._rpc.logs_in_blocks([header.hash for header in busy], addresses)
                logs = [log for part in parts for log in part]
            else:
                logs = self._rpc.logs_in_range(busy[0].number, busy[-1].number, addresses)
        except RpcRefusedError:
            if self._halved >= 12:
                raise
            self._halved += 1  # too much at once, or a block that went away: the next step asks for less
            return None
        self._halved = 0
        hashes = {header.hash for header in busy}
        if any(log["blockHash"] not in hashes or log.get("removed") for log in logs):
            return None  # the chain moved between two questions
        return _in_order(logs)

    def _decode(self, logs: list[dict[str, Any]], headers: Sequence[Header]) -> list[Event]:
        return self._decoder.decode(logs, {header.hash: header.timestamp for header in headers})

    def _check_history(self, events: Sequence[Event]) -> dict[str, list[tuple[int, int]]]:
        """Each contract's running hash continues through the events. The head after each block."""
        current: dict[str, int] = {}
        heads: dict[str, list[tuple[int, int]]] = {}
        with reading(self._store) as conn:
            for event in events:
                if "head" not in event.args or event.name not in LINKS:
                    continue
                address = event.address
                if address not in current:
                    current[address] = self._events.head(conn, address)
                    heads[address] = []
                expected = next_head(current[address], event.name, event.args)
                if event.args["head"] != expected:
                    raise _broken(event, current[address])
                current[address] = expected
                trail = heads[address]
                if trail and trail[-1][0] == event.block_number:
                    trail[-1] = (event.block_number, expected)
                else:
                    trail.append((event.block_number, expected))
        return heads

    def _settlements(
        self, headers: Sequence[Header], events: Sequence[Event]
    ) -> tuple[dict[str, Awaited], dict[str, Refusal]]:
        """Which transactions are ours, and which of them had no effect. One with an event of ours took effect."""
        hashes = [name for header in headers for name in header.tx_hashes]
        if not hashes:
            return {}, {}
        with reading(self._store) as conn:
            ours = outbox.awaited(conn, hashes)
        with_event = {event.tx_hash for event in events}
        silent = [name for name in hashes if name in ours and name not in with_event]
        refused: dict[str, Refusal] = {}
        for name, receipt in zip(silent, self._rpc.receipts(silent) if silent else (), strict=True):
            if receipt is not None and not receipt.succeeded:
                refused[name] = self._refusal(ours[name], receipt.block_number, receipt.gas_used)
        return ours, refused

    def _refusal(self, operation: Awaited, block: int, gas_used: int) -> Refusal:
        code = None
        for state in (block, block - 1):
            try:
                code = self._rpc.revert_of(operation.sender, operation.to, operation.data, operation.gas_limit, state)
            except RpcRefusedError:
                break
            if code is not None:
                return Refusal(code, words(code))
        if gas_used >= operation.gas_limit:
            return Refusal(None, _("It ran out of gas."))
        return Refusal(None, _("The contract refused without a reason."))

    def _commit(self, position: Position, batch: _Batch) -> None:
        with self._store.begin() as conn:
            last = batch.headers[-1]
            self._move(conn, position, Position(last.number, last.hash, batch.final_number))
            counts = self._events.add(conn, batch.headers, batch.events, batch.heads)
            self._events.prune(conn, position.number, last.number, self._limits.kept_headers, counts)
            for fold in self._folds:
                fold.apply(conn, batch.events)
            outbox.settle(conn, batch.headers, batch.ours, batch.refused)
            if batch.final_number > position.final:
                outbox.finalize(conn, batch.final_number)
        if self._suspect and self._suspect[1] <= last.number:
            self._suspect = None

    def _move(self, conn: sa.Connection, old: Position, new: Position) -> None:
        if not self._events.move(conn, CURSOR, old, new):
            raise CursorMovedError(
                _("Another process is reading the chain into this store."), hint=_("Run one platform for a store.")
            )

    def _note_finality(self, position: Position, head: int) -> None:
        final_number = min(self._finality.final_number(self._rpc, head), position.number)
        if final_number > position.final:
            with self._store.begin() as conn:
                self._move(conn, position, Position(position.number, position.hash, final_number))
                outbox.finalize(conn, final_number)

    # --- going back -------------------------------------------------------------------------------------------------

    def _go_back(self, position: Position, head: int) -> IndexerProgress:
        """The block under the cursor is gone: back to the highest stored block that the node still has."""
        with reading(self._store) as conn:
            below = position.number
            while stored := self._events.headers_below(conn, below, 64):
                found = self._rpc.headers([number for number, _ in stored])
                for (number, block_hash), header in zip(stored, found, strict=True):
                    if header is not None and header.hash == block_hash:
                        target = Position(number, block_hash, min(position.final, number))
                        return self._rewind(position, target, head)
                below = stored[-1][0]
        raise WrongChainError(
            _("The node has none of the blocks read so far: this is another chain."),
            hint=_("Name the right endpoint, or use a fresh data folder."),
        )

    def _rewind(self, position: Position, target: Position, head: int) -> IndexerProgress:
        with self._store.begin() as conn:
            self._move(conn, position, target)
            for fold in self._folds:
                fold.rewind(conn, target.number)
            self._events.forget(conn, target.number)
            outbox.rewind(conn, target.number)
        return IndexerProgress(target.number, head, rewound=True)

    def _read_again(self, position: Position, head: int, broken: HistoryBrokenError) -> IndexerProgress:
        """A node may have held an event back once. Read on from the last event that fitted; a second time is final."""
        place = (broken.address, broken.block_number)
        if self._suspect == place:
            raise broken
        self._suspect = place
        with reading(self._store) as conn:
            good = self._events.head_block(conn, broken.address)
            stored = self._events.headers_below(conn, max(good, 1), 1)
        if not stored or stored[0][0] >= position.number:
            return IndexerProgress(position.number, head, rewound=True)
        number, block_hash = stored[0]
        return self._rewind(position, Position(number, block_hash, min(position.final, number)), head)


def _in_order(logs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The logs by block and index; one that was given twice is one."""
    places = [(int(log["blockNumber"], 16), int(log["logIndex"], 16)) for log in logs]
    if all(before < after for before, after in pairwise(places)):
        return logs
    return [log for _, log in sorted(dict(zip(places, logs, strict=True)).items())]


def _broken(event: Event, before: int) -> HistoryBrokenError:
    text = _("The history of {contract} does not continue at block {block}, log {log}: event {found} after {known}.")
    return HistoryBrokenError(
        text.format(
            contract=event.contract,
            block=event.block_number,
            log=event.log_index,
            found=sequence_of(event.args["head"]),
            known=sequence_of(before),
        ),
        address=event.address,
        block_number=event.block_number,
    )
