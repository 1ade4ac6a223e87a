"""The outbox: what the platform wants done on the chain, kept in the same SQL transaction as the business act.

An operation's life: queued -> signed -> submitted -> included -> final, or failed. Nothing here talks to a node.

Stages order operations of different senders. Operations of one stage may be carried out in any order (those of one
sender keep theirs); a stage begins only when every operation of the stages before it has been carried out. The order
holds again when a node has lost blocks and they are driven anew, so that whatever depends on it, such as a sandbox
clock moved between two payments, comes out the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from lendchain.chain.errors import OperationConflictError
from lendchain.chain.keys import Account
from lendchain.chain.models import (
    FAILED,
    FINAL,
    INCLUDED,
    QUEUED,
    REFUSED,
    SIGNED,
    SUBMITTED,
    operations,
    settings,
)
from lendchain.chain.rpc import Header
from lendchain.i18n import _

PENDING: Final = (QUEUED, SIGNED, SUBMITTED, REFUSED)
MAX_ATTEMPTS: Final = 5  # of an operation that is refused after a reorganisation
_CHUNK: Final = 400  # values in one IN (...)

_STAGE: Final = "outbox-stage"


@dataclass(frozen=True, slots=True)
class NewOperation:
    """A call that the platform wants made. `id` names the business act: the same id is never carried out twice."""

    id: str
    sender: Account
    kind: str
    to: str | None
    data: bytes
    gas_limit: int


@dataclass(frozen=True, slots=True)
class OperationState:
    """How far an operation has come; `reason` says why it failed."""

    id: str
    kind: str
    status: str
    tx_hash: str | None
    block_number: int | None
    reason_code: int | None
    reason: str | None

    @property
    def is_pending(self) -> bool:
        return self.status in PENDING


@dataclass(frozen=True, slots=True)
class Counts:
    """How many operations stand in each status."""

    queued: int = 0
    signed: int = 0
    submitted: int = 0
    included: int = 0
    refused: int = 0
    final: int = 0
    failed: int = 0

    @property
    def pending(self) -> int:
        return self.queued + self.signed + self.submitted + self.refused


def enqueue(conn: sa.Connection, new: Sequence[NewOperation], *, stage: int | None = None) -> None:
    """Put operations into the outbox, in order, inside the caller's transaction.

    An id that stands already with the same content is left alone, so that a business act may be repeated after a
    crash; with other content it raises `OperationConflictError`.
    """
    if not new:
        return
    number = current_stage(conn) if stage is None else stage
    known = _standing(conn, [operation.id for operation in new])
    rows: list[dict[str, Any]] = []
    for operation in new:
        row = {
            "id": operation.id,
            "stage": number,
            "sender": operation.sender.address,
            "key_ref": operation.sender.ref,
            "kind": operation.kind,
            "to_address": operation.to.lower() if operation.to else None,
            "data": operation.data,
            "gas_limit": operation.gas_limit,
            "status": QUEUED,
        }
        content = (operation.sender.address, operation.to.lower() if operation.to else None, operation.data)
        standing = known.setdefault(operation.id, content)
        if standing is content:
            rows.append(row)
        elif standing != content:
            raise OperationConflictError(
                _("Operation {id} stands already with other content.").format(id=operation.id),
                hint=_("Another act has used this id; nothing was sent."),
            )
    if rows:
        conn.execute(sa.insert(operations), rows)


def current_stage(conn: sa.Connection) -> int:
    """The stage that new operations join."""
    value = conn.execute(sa.select(settings.c.value).where(settings.c.name == _STAGE)).scalar()
    return int(value) if value is not None else 0


def new_stage(conn: sa.Connection) -> int:
    """Begin a stage: what is enqueued from now on waits until everything before has been carried out."""
    number = current_stage(conn) + 1
    changed = conn.execute(sa.update(settings).where(settings.c.name == _STAGE).values(value=str(number)))
    if changed.rowcount == 0:
        conn.execute(sa.insert(settings).values(name=_STAGE, value=str(number)))
    return number


def states(conn: sa.Connection, ids: Sequence[str]) -> dict[str, OperationState]:
    """The states of the operations that stand in the outbox, by id."""
    table = operations.c
    columns = (table.id, table.kind, table.status, table.tx_hash, table.block_number, table.reason_code, table.reason)
    found: dict[str, OperationState] = {}
    for part in _chunks(ids):
        for row in conn.execute(sa.select(*columns).where(table.id.in_(part))):
            found[row.id] = OperationState(*row)
    return found


def counts(conn: sa.Connection) -> Counts:
    """How many operations stand in each status."""
    rows = conn.execute(sa.select(operations.c.status, sa.func.count()).group_by(operations.c.status))
    return Counts(**{row[0]: row[1] for row in rows})


def pending_by_status(conn: sa.Connection) -> dict[str, int]:
    """How many operations are still to be carried out, by status; quick however many are done."""
    table = operations.c
    query = sa.select(table.status, sa.func.count()).where(table.status.in_(PENDING)).group_by(table.status)
    return {row[0]: row[1] for row in conn.execute(query)}


def failures(conn: sa.Connection, *, limit: int = 100) -> list[OperationState]:
    """The latest failed operations, newest first."""
    table = operations.c
    columns = (table.id, table.kind, table.status, table.tx_hash, table.block_number, table.reason_code, table.reason)
    rows = conn.execute(sa.select(*columns).where(table.status == FAILED).order_by(table.seq.desc()).limit(limit))
    return [OperationState(*row) for row in rows]


def _earliest_pending() -> sa.Select[Any]:
    """The least stage of each pending status, found by the index, and the least of those."""
    table = operations.c
    earliest = [
        sa.select(table.stage).where(table.status == status).order_by(table.stage).limit(1).scalar_subquery()
        for status in PENDING
    ]
    each = sa.union_all(*(sa.select(stage.label("stage")) for stage in earliest)).subquery()
    return sa.select(sa.func.min(each.c.stage))


_EARLIEST_PENDING: Final = _earliest_pending()


def pending_stage(conn: sa.Connection) -> int | None:
    """The earliest stage with something still to be carried out; None when all is done."""
    stage: int | None = conn.execute(_EARLIEST_PENDING).scalar()
    return stage


# --- what the indexer tells the outbox, inside its own transaction --------------------------------------------------


@dataclass(frozen=True, slots=True)
class Awaited:
    """An operation of ours whose transaction was found in a block."""

    seq: int
    stage: int
    sender: str
    to: str | None
    data: bytes
    gas_limit: int
    disturbed: bool
    attempt: int


def awaited(conn: sa.Connection, tx_hashes: Iterable[str]) -> dict[str, Awaited]:
    """Which of these transactions are ours, by hash."""
    table = operations.c
    columns = (
        table.tx_hash,
        table.seq,
        table.stage,
        table.sender,
        table.to_address,
        table.data,
        table.gas_limit,
        table.disturbed,
        table.attempt,
    )
    found: dict[str, Awaited] = {}
    for part in _chunks(list(tx_hashes)):
        for tx_hash, *rest in conn.execute(sa.select(*columns).where(table.tx_hash.in_(part))):
            found[tx_hash] = Awaited(*rest)
    return found


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a transaction of ours had no effect."""

    code: int | None
    reason: str


def settle(
    conn: sa.Connection, headers: Sequence[Header], ours: Mapping[str, Awaited], refused: Mapping[str, Refusal]
) -> None:
    """Mark our operations found in these blocks as included, or as failed with the reason."""
    for header in headers:
        found = [(operation, refused.get(name)) for name in header.tx_hashes if (operation := ours.get(name))]
        _include(conn, [operation.seq for operation, refusal in found if refusal is None], header)
        for operation, refusal in found:
            if refusal is not None:
                _refuse(conn, operation, header, refusal)


def _include(conn: sa.Connection, seqs: Sequence[int], header: Header) -> None:
    if not seqs:
        return
    taken = {
        "status": INCLUDED,
        "block_number": header.number,
        "block_hash": header.hash,
        "disturbed": True,
        "reason_code": None,
        "reason": None,
    }
    mine = operations.c.seq == sa.bindparam("s")
    conn.execute(sa.update(operations).where(mine).values(taken), [{"s": seq} for seq in seqs])


def _refuse(conn: sa.Connection, operation: Awaited, header: Header, refusal: Refusal) -> None:
    """Record a refusal.

    What took effect before its block was lost, or was carried out ahead of an earlier stage, is tried again once this
    block cannot be lost.
    """
    earliest = pending_stage(conn)
    too_early = earliest is not None and earliest < operation.stage
    again = (operation.disturbed or too_early) and operation.attempt < MAX_ATTEMPTS
    conn.execute(
        sa.update(operations)
        .where(operations.c.seq == operation.seq)
        .values(
            status=REFUSED if again else FAILED,
            block_number=header.number,
            block_hash=header.hash,
            reason_code=refusal.code,
            reason=refusal.reason,
        )
    )


def send_again(conn: sa.Connection) -> None:
    """A node has lost its pool: send everything that is not in a block at the next step."""
    waiting = operations.c.status.in_((SIGNED, SUBMITTED))
    conn.execute(sa.update(operations).where(waiting).values(sent_at_block=None))


def finalize(conn: sa.Connection, final_number: int) -> None:
    """Mark what was included up to this height as final; what was refused up to it may start over."""
    table = operations.c
    settled = table.block_number <= final_number
    conn.execute(sa.update(operations).where(table.status == INCLUDED, settled).values(status=FINAL))
    for row in conn.execute(sa.select(operations).where(table.status == REFUSED, settled)).mappings().all():
        _start_over(conn, dict(row))


def _start_over(conn: sa.Connection, row: dict[str, Any]) -> None:
    """A refused operation gets a fresh nonce; the transaction that used the old one stays as a row of its own.

    Never before the refusal is final: in another branch the old bytes may yet take effect, beside the new ones.
    """
    seq = row.pop("seq")
    fresh = {
        "status": QUEUED,
        "attempt": row["attempt"] + 1,
        **dict.fromkeys(
            ("nonce", "raw", "tx_hash", "sent_at_block", "block_number", "block_hash", "reason_code", "reason")
        ),
        "sends": 0,
    }
    conn.execute(sa.update(operations).where(operations.c.seq == seq).values(fresh))
    conn.execute(
        sa.insert(operations).values(
            {**row, "status": FAILED, "id": f"{row['id']}#{row['attempt']}", "disturbed": False}
        )
    )


def rewind(conn: sa.Connection, to_block: int) -> int:
    """The blocks above are gone: their operations are to be sent again, the same bytes. Returns how many.

    What is in flight is marked too: it may be made before what it builds on is there again, and be refused for that.
    What had failed for good is carried out once more in its place, but not tried beyond that: a fresh nonce of its
    sender would come after those that later stages hold, and these would have to go first.
    """
    table = operations.c
    failed = table.status == FAILED
    in_flight = sa.or_(table.status == SIGNED, table.status == SUBMITTED)
    conn.execute(sa.update(operations).where(in_flight).values(disturbed=True))
    changed = conn.execute(
        sa.update(operations)
        .where(table.block_number > to_block)
        .values(
            status=SUBMITTED,
            disturbed=True,
            attempt=sa.case((failed, MAX_ATTEMPTS), else_=table.attempt),
            block_number=None,
            block_hash=None,
            sent_at_block=None,
            sends=0,
            reason_code=None,
            reason=None,
        )
    )
    return changed.rowcount


def _standing(conn: sa.Connection, ids: Sequence[str]) -> dict[str, tuple[str, str | None, bytes]]:
    table = operations.c
    found: dict[str, tuple[str, str | None, bytes]] = {}
    for part in _chunks(ids):
        query = sa.select(table.id, table.sender, table.to_address, table.data).where(table.id.in_(part))
        for row in conn.execute(query):
            found[row.id] = (row.sender, row.to_address, bytes(row.data))
    return found


def _chunks(values: Sequence[str]) -> Iterable[Sequence[str]]:
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))
