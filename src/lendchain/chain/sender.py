"""The sender: gives each operation its nonce, signs it, stores the bytes, and only then sends them.

One sender works on a store. Each `step` does one bounded piece of work and never waits; a runner repeats it. Whatever
moment it dies at, the next step goes on from the store: bytes once signed are sent again as they are, and a node takes
the same bytes once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from lendchain.chain import outbox
from lendchain.chain.engine import GasPolicy
from lendchain.chain.keys import Keyring
from lendchain.chain.models import FAILED, QUEUED, SIGNED, SUBMITTED, accounts, cursors, operations
from lendchain.chain.rpc import Rpc, Sent
from lendchain.chain.tx import Signed, sign_transaction
from lendchain.db import insert_new, reading

FILLER: Final = "filler"
_FILLER_GAS: Final = 21_000


@dataclass(frozen=True, slots=True)
class SenderLimits:
    """Knobs: operations signed and sent in one step, in flight per key, blocks before bytes are sent again."""

    batch: int = 500
    in_flight_per_sender: int = 10_000
    resend_after_blocks: int = 4
    resend_at_most_after_blocks: int = 256


@dataclass(frozen=True, slots=True)
class SenderProgress:
    """What one step did."""

    signed: int
    sent: int

    @property
    def did_something(self) -> bool:
        return self.signed + self.sent > 0


class Sender:
    """Carries the outbox to the node."""

    def __init__(
        self,
        store: sa.Engine,
        rpc: Rpc,
        keys: Keyring,
        *,
        chain_id: int,
        gas: GasPolicy,
        limits: SenderLimits | None = None,
    ) -> None:
        self._store = store
        self._rpc = rpc
        self._keys = keys
        self._chain_id = chain_id
        self._gas = gas
        self._limits = limits or SenderLimits()

    def step(self) -> SenderProgress:
        """Sign the next operations of the current stage and send what is due. Raises `NodeUnreachableError`."""
        signed = self.sign_next()
        return SenderProgress(signed, self.send_due())

    # --- signing ------------------------------------------------------------------------------------------------------

    def sign_next(self) -> int:
        """Nonces, signatures and bytes for the next queued operations, stored in one transaction."""
        with reading(self._store) as conn:
            unknown = self._senders_without_nonce(conn)
        nonces = self._rpc.nonces(unknown) if unknown else []
        with self._store.begin() as conn:
            rows = [{"address": who, "next_nonce": nonce} for who, nonce in zip(unknown, nonces, strict=True)]
            insert_new(conn, accounts, rows)
            return self._sign(conn)

    def _senders_without_nonce(self, conn: sa.Connection) -> list[str]:
        stage = outbox.pending_stage(conn)
        if stage is None:
            return []
        nexts = self._next_queued(stage).subquery()
        query = (
            sa.select(nexts.c.sender)
            .distinct()
            .outerjoin(accounts, accounts.c.address == nexts.c.sender)
            .where(accounts.c.address.is_(None))
            .order_by(nexts.c.sender)
        )
        return list(conn.execute(query).scalars())

    def _next_queued(self, stage: int) -> sa.Select[Any]:
        table = operations.c
        columns = (table.seq, table.sender, table.key_ref, table.to_address, table.data, table.gas_limit)
        return (
            sa.select(*columns)
            .where(table.status == QUEUED, table.stage == stage)
            .order_by(table.seq)
            .limit(self._limits.batch)
        )

    def _sign(self, conn: sa.Connection) -> int:
        stage = outbox.pending_stage(conn)
        if stage is None:
            return 0
        queued = conn.execute(self._next_queued(stage).with_for_update()).all()
        senders = sorted({row.sender for row in queued})
        nonces = self._lock_nonces(conn, senders)
        flying = self._in_flight(conn, senders)
        updates: list[dict[str, Any]] = []
        for row in queued:
            nonce = nonces.get(row.sender)
            if nonce is None or flying[row.sender] >= self._limits.in_flight_per_sender:
                continue
            signed = self._signed(row.key_ref, nonce, row.to_address, bytes(row.data), row.gas_limit)
            updates.append({"s": row.seq, "n": nonce, "r": signed.raw, "h": signed.tx_hash})
            nonces[row.sender] = nonce + 1
            flying[row.sender] += 1
        if not updates:
            return 0
        table = operations.c
        bind = sa.bindparam
        conn.execute(
            sa.update(operations)
            .where(table.seq == bind("s"))
            .values(status=SIGNED, nonce=bind("n"), raw=bind("r"), tx_hash=bind("h"), sent_at_block=None, sends=0),
            updates,
        )
        conn.execute(
            sa.update(accounts).where(accounts.c.address == bind("a")).values(next_nonce=bind("n")),
            [{"a": sender, "n": nonce} for sender, nonce in nonces.items()],
        )
        return len(updates)

    def _lock_nonces(self, conn: sa.Connection, senders: Sequence[str]) -> dict[str, int]:
        found: dict[str, int] = {}
        for part in _chunks(senders):
            query = sa.select(accounts).where(accounts.c.address.in_(part)).with_for_update()
            found |= {row.address: row.next_nonce for row in conn.execute(query)}
        return found

    def _in_flight(self, conn: sa.Connection, senders: Sequence[str]) -> Counter[str]:
        table = operations.c
        found: Counter[str] = Counter()
        query = sa.select(table.sender, sa.func.count()).where(table.status.in_((SIGNED, SUBMITTED)))
        for part in _chunks(senders):
            for sender, number in conn.execute(query.where(table.sender.in_(part)).group_by(table.sender)):
                found[sender] = number
        return found

    def _signed(self, key_ref: str, nonce: int, to: str | None, data: bytes, gas_limit: int) -> Signed:
        return sign_transaction(
            self._keys.account(key_ref),
            chain_id=self._chain_id,
            nonce=nonce,
            gas_limit=gas_limit,
            to=to,
            data=data,
            max_fee=self._gas.max_fee,
            max_priority_fee=self._gas.max_priority_fee,
        )

    # --- sending ------------------------------------------------------------------------------------------------------

    def send_due(self) -> int:
        """Send signed bytes: those never sent, those whose block was lost, and those not included for some blocks."""
        with reading(self._store) as conn:
            stage = outbox.pending_stage(conn)
            if stage is None or not self._anything_to_send(conn, stage):
                return 0
        head = self._rpc.block_number()
        if not self._store_is_abreast():
            return 0
        with reading(self._store) as conn:
            due = conn.execute(self._due(stage, head)).all()
        if not due:
            return 0
        answers = self._rpc.send_raw([bytes(row.raw) for row in due])
        said = [(row, *_heard(row, answer)) for row, answer in zip(due, answers, strict=True)]
        overtaken = self._overtaken([row for row, answer, _ in said if answer is Sent.NONCE_USED])
        with self._store.begin() as conn:
            self._note_sent(conn, said, head)
            for row, answer, words in said:
                if answer is Sent.REFUSED:
                    self._fill(conn, row, words)
                elif row.seq in overtaken:
                    self._start_over(conn, row, overtaken[row.seq])
        return len(due)

    def _store_is_abreast(self) -> bool:
        """The node still has the block that the indexer read last.

        If not, operations of earlier stages may be lost without the store knowing it, and nothing of a later stage may
        be sent before the indexer has gone back.
        """
        with reading(self._store) as conn:
            read = conn.execute(sa.select(cursors.c.block_number, cursors.c.block_hash)).first()
        if read is None:
            return True
        header = self._rpc.header(read.block_number)
        return header is not None and header.hash == read.block_hash

    def _anything_to_send(self, conn: sa.Connection, stage: int) -> bool:
        table = operations.c
        query = sa.select(table.seq).where(table.status.in_((SIGNED, SUBMITTED)), table.stage == stage).limit(1)
        return conn.execute(query).first() is not None

    def _due(self, stage: int, head: int) -> sa.Select[Any]:
        table = operations.c
        # 4, 8, 16 ... blocks between two sends of the same bytes
        step = self._limits.resend_after_blocks
        waits = [(table.sends == tries, table.sent_at_block + (step << (tries - 1)) <= head) for tries in range(1, 7)]
        patience = sa.case(*waits, else_=table.sent_at_block + self._limits.resend_at_most_after_blocks <= head)
        rolled_back = table.sent_at_block > head
        # A later stage's operation that holds a nonce below one of this stage has to go first, or both wait for ever:
        # this happens when an operation starts over under a fresh nonce.
        mine = operations.alias()
        in_the_way = (
            sa.select(mine.c.seq)
            .where(mine.c.sender == table.sender, mine.c.stage == stage, mine.c.nonce > table.nonce)
            .where(mine.c.status.in_((SIGNED, SUBMITTED)))
            .exists()
        )
        return (
            sa.select(
                table.seq, table.id, table.sender, table.key_ref, table.kind, table.nonce, table.raw, table.tx_hash
            )
            .where(table.status.in_((SIGNED, SUBMITTED)), sa.or_(table.stage == stage, in_the_way))
            .where(sa.or_(table.sent_at_block.is_(None), rolled_back, patience))
            .order_by(table.seq)
            .limit(self._limits.batch)
        )

    def _note_sent(self, conn: sa.Connection, said: Sequence[tuple[Any, Sent, str]], head: int) -> None:
        table = operations.c
        noted = [
            {"s": row.seq, "t": SIGNED if answer is Sent.LATER else SUBMITTED}
            for row, answer, _ in said
            if answer is not Sent.REFUSED
        ]
        if noted:
            conn.execute(
                sa.update(operations)
                # the indexer may have seen it included meanwhile: then there is nothing to note
                .where(table.seq == sa.bindparam("s"), sa.or_(table.status == SIGNED, table.status == SUBMITTED))
                .values(status=sa.bindparam("t"), sent_at_block=head, sends=table.sends + 1),
                noted,
            )

    def _overtaken(self, rows: Sequence[Any]) -> dict[int, int]:
        """Operations whose nonce was used for good by a transaction that is not theirs; with the chain's nonce."""
        if not rows:
            return {}
        with reading(self._store) as conn:
            final_number = conn.execute(sa.select(sa.func.max(cursors.c.final_number))).scalar()
        if final_number is None:
            return {}
        receipts = self._rpc.receipts([row.tx_hash for row in rows])
        missing = [row for row, receipt in zip(rows, receipts, strict=True) if receipt is None]
        senders = [row.sender for row in missing]
        settled = self._rpc.nonces(senders, final_number)
        latest = self._rpc.nonces(senders)
        return {
            row.seq: now for row, then, now in zip(missing, settled, latest, strict=True) if min(then, now) > row.nonce
        }

    def _start_over(self, conn: sa.Connection, row: Any, chain_nonce: int) -> None:
        """Back into the queue for another nonce; the contracts' natural keys keep the act from happening twice."""
        table = operations.c
        again = conn.execute(
            sa.update(operations)
            .where(table.seq == row.seq, table.status == SUBMITTED)
            .values(status=QUEUED, nonce=None, raw=None, tx_hash=None, sent_at_block=None, attempt=table.attempt + 1)
        )
        if again.rowcount:
            mine = (accounts.c.address == row.sender, accounts.c.next_nonce < chain_nonce)
            conn.execute(sa.update(accounts).where(*mine).values(next_nonce=chain_nonce))

    def _fill(self, conn: sa.Connection, row: Any, words: str) -> None:
        """The node will never take this transaction: give its nonce to an empty one, so that the next can follow."""
        table = operations.c
        conn.execute(
            sa.update(operations)
            .where(table.seq == row.seq, table.status.in_((SIGNED, SUBMITTED)))
            .values(status=FAILED, reason=words)
        )
        filler = self._signed(row.key_ref, row.nonce, row.sender, b"", _FILLER_GAS)
        standing = dict(conn.execute(sa.select(operations).where(table.seq == row.seq)).mappings().one())
        del standing["seq"]
        conn.execute(
            sa.insert(operations).values(
                {
                    **standing,
                    "id": f"{row.id}#{FILLER}",
                    "kind": FILLER,
                    "to_address": row.sender,
                    "data": b"",
                    "gas_limit": _FILLER_GAS,
                    "status": SIGNED,
                    "raw": filler.raw,
                    "tx_hash": filler.tx_hash,
                    "sent_at_block": None,
                    "sends": 0,
                    "disturbed": False,
                    "reason": None,
                }
            )
        )


def _heard(row: Any, answer: tuple[Sent, str]) -> tuple[Sent, str]:
    """What the node said; a refused filler is only put off, for nothing else could take its place."""
    said, words = answer
    return (Sent.LATER, words) if said is Sent.REFUSED and row.kind == FILLER else (said, words)


def _chunks(values: Sequence[str]) -> list[Sequence[str]]:
    return [values[start : start + 400] for start in range(0, len(values), 400)]
