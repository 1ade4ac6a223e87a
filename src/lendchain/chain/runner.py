"""The chain of a platform: engine, outbox, sender and indexer in one hand."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from lendchain.chain import outbox
from lendchain.chain.bindings import Contract
from lendchain.chain.engine import Engine
from lendchain.chain.errors import NodeUnreachableError, OperationFailedError
from lendchain.chain.events import Fold
from lendchain.chain.indexer import Indexer, IndexerLimits, IndexerProgress
from lendchain.chain.keys import Keyring
from lendchain.chain.models import REFUSED
from lendchain.chain.outbox import NewOperation
from lendchain.chain.ports import Clock, SystemClock
from lendchain.chain.rpc import Rpc
from lendchain.chain.sender import Sender, SenderLimits
from lendchain.db import reading
from lendchain.i18n import _


class Chain:
    """Carries operations to the chain and events back, step by step.

    The engine must have been started. One `Chain` works on a store at a time; any number of processes may read.
    """

    def __init__(
        self,
        engine: Engine,
        store: sa.Engine,
        keys: Keyring,
        contracts: Sequence[Contract],
        folds: Sequence[Fold] = (),
        *,
        clock: Clock | None = None,
        sender_limits: SenderLimits | None = None,
        indexer_limits: IndexerLimits | None = None,
        genesis_hash: str | None = None,
        first_block: int = 1,
    ) -> None:
        self.engine = engine
        self.store = store
        self.keys = keys
        self._contracts = tuple(contracts)
        self._folds = tuple(folds)
        self._clock = clock or SystemClock()
        self._sender_limits = sender_limits
        self._indexer_limits = indexer_limits
        self._chain_id, self._genesis_hash = _identity(engine.rpc(), genesis_hash)
        self._first_block = first_block
        self._connect()

    def _connect(self) -> None:
        self.rpc = self.engine.rpc()
        self.sender = Sender(
            self.store,
            self.rpc,
            self.keys,
            chain_id=self._chain_id,
            gas=self.engine.gas,
            limits=self._sender_limits,
        )
        self.indexer = Indexer(
            self.store,
            self.rpc,
            self._contracts,
            self._folds,
            finality=self.engine.finality,
            genesis_hash=self._genesis_hash,
            first_block=self._first_block,
            limits=self._indexer_limits,
        )

    def enqueue(self, operations: Sequence[NewOperation]) -> None:
        """Put operations into the outbox in a transaction of their own; see `outbox.enqueue` for one of yours."""
        with self.store.begin() as conn:
            outbox.enqueue(conn, operations)

    def new_stage(self) -> int:
        """What is enqueued from now on waits until everything before has been carried out."""
        with self.store.begin() as conn:
            return outbox.new_stage(conn)

    def step(self) -> IndexerProgress:
        """Send what is ready, make a block where blocks are made on demand, read what is there."""
        sent = False
        while self.sender.step().did_something:
            sent = True
        if self.engine.capabilities.mines_on_demand and (sent or self._pending()):
            self.engine.mine()
        progress = self.indexer.catch_up()
        # an operation to be tried again waits until its refusal is final
        if self.engine.dump(only_when_due=REFUSED not in self._pending()) is not None:
            progress = self.indexer.catch_up()
        return progress

    def settle(self, *, patience_s: float = 600.0) -> None:
        """Steps until every operation has been carried out and read; restarts an embedded node that has died.

        `NodeUnreachableError` when the node stays away, `OperationFailedError` when nothing moves for so long.
        """
        last: object = None
        since = self._clock.now()
        while True:
            try:
                cursor = self.step().cursor
                pending = self._pending()
                if not pending:
                    return
            except NodeUnreachableError:
                if self._clock.now() - since > patience_s:
                    raise
                self.recover()
                continue
            moved = (pending, 0 if self.engine.capabilities.mines_on_demand else cursor)
            if moved != last:
                last, since = moved, self._clock.now()
            elif self._clock.now() - since > patience_s:
                raise OperationFailedError(
                    _("{count} operations are not being included.").format(count=sum(pending.values())),
                    hint=_("`lendchain status` shows the node and the outbox."),
                )
            elif not self.engine.capabilities.mines_on_demand:
                self._clock.pause(0.05)

    def recover(self) -> None:
        """The node went away: start it again and read what it still has, before anything more is sent."""
        try:
            self.engine.start()
            self._connect()
            self.indexer.catch_up()
        except NodeUnreachableError:
            self._clock.pause(0.2)
            return
        with self.store.begin() as conn:
            outbox.send_again(conn)

    def counts(self) -> outbox.Counts:
        """How many operations stand in each status."""
        with reading(self.store) as conn:
            return outbox.counts(conn)

    def _pending(self) -> dict[str, int]:
        with reading(self.store) as conn:
            return outbox.pending_by_status(conn)


def _identity(rpc: Rpc, expected: str | None) -> tuple[int, str]:
    if expected is not None:
        return rpc.chain_id(), expected
    genesis = rpc.header(0)
    if genesis is None:
        raise NodeUnreachableError(_("The node has no first block."))
    return rpc.chain_id(), genesis.hash
