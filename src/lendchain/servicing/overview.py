"""The platform at a glance, read from its store; the node is only asked whether it runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from lendchain.chain import Manifest, outbox, running_node
from lendchain.chain.models import cursors, events
from lendchain.db import reading
from lendchain.ledger import accounts as chart
from lendchain.ledger import models as ledger
from lendchain.servicing import models
from lendchain.servicing.sandbox import Folder


@dataclass(frozen=True, slots=True)
class StatusLine:
    """Loans of one status."""

    status: int
    loans: int
    lent: int
    outstanding: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What `lendchain status` tells; amounts in minor units, `clock` in seconds since 1970 (0: no sandbox clock)."""

    folder: Path
    endpoint: str | None
    node_pid: int | None
    external: str | None
    chain_id: int
    block: int
    clock: int
    loans: list[StatusLine]
    money: int
    guarantee: int
    lenders: int
    borrowers: int
    done: int
    pending: int
    failed: int
    events: int
    replay_done: int
    replay_days: int

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def overview(folder: Folder) -> Overview:
    """Read it all at one moment."""
    manifest = Manifest.load(folder.manifest)
    node = running_node(folder.node)
    with reading(folder.open_store()) as conn:
        counts = outbox.counts(conn)
        run = conn.execute(sa.select(models.runs.c.next_day, models.runs.c.days)).first()
        return Overview(
            folder=folder.path,
            endpoint=node.endpoint if node else None,
            node_pid=node.pid if node else None,
            external=folder.rpc_url(),
            chain_id=manifest.chain_id,
            block=conn.scalar(sa.select(sa.func.max(cursors.c.block_number))) or 0,
            clock=conn.scalar(sa.select(sa.func.max(ledger.clock.c.time))) or 0,
            loans=_loans(conn),
            money=_balance(conn, chart.BANK),
            guarantee=-_balance(conn, chart.MONEY, manifest.addresses["Guarantee"].lower()),
            lenders=_count(conn, sa.func.count(ledger.positions.c.holder.distinct())),
            borrowers=_count(conn, sa.func.count(ledger.loans.c.borrower.distinct())),
            done=counts.included + counts.final,
            pending=counts.pending,
            failed=counts.failed,
            events=_count(conn, sa.func.count(events.c.log_index)),
            replay_done=run.next_day if run else 0,
            replay_days=run.days if run else 0,
        )


def _loans(conn: sa.Connection) -> list[StatusLine]:
    c = ledger.loans.c
    total = sa.func.coalesce
    query = (
        sa.select(c.status, sa.func.count(), total(sa.func.sum(c.lent), 0), total(sa.func.sum(c.outstanding), 0))
        .group_by(c.status)
        .order_by(c.status)
    )
    return [StatusLine(status, count, int(lent), int(open_)) for status, count, lent, open_ in conn.execute(query)]


def _balance(conn: sa.Connection, code: str, holder: str = "") -> int:
    c = ledger.accounts.c
    where = (c.code == code, c.holder == holder, c.loan == "")
    return int(conn.scalar(sa.select(sa.func.coalesce(sa.func.sum(c.debit - c.credit), 0)).where(*where)) or 0)


def _count(conn: sa.Connection, what: sa.ColumnElement[int]) -> int:
    return conn.scalar(sa.select(what)) or 0
