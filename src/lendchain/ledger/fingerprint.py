"""One hash over the books that does not depend on where in the chain the events came to stand.

A node that loses blocks gets them again with other numbers, and acts of different senders may then follow each other
differently. What was booked must be the same all the same: this hash tells.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import sqlalchemy as sa

from lendchain.ledger import models as m

_PLACE = frozenset({"id", "opened", "number", "block_number", "log_index", "last_block"})


def fingerprint(conn: sa.Connection) -> str:
    """SHA-256 over accounts, entries with their lines, loans and positions, each in an order of its own content."""
    digest = hashlib.sha256()
    for table in (m.accounts, m.entries, m.loans, m.positions):
        columns = [column for column in table.columns if column.name not in _PLACE]
        _add(digest, table.name, (tuple(row) for row in conn.execute(sa.select(*columns))))
    lines = (
        sa.select(
            m.entries.c.tx_hash,
            m.entries.c.ordinal,
            m.lines.c.line,
            m.accounts.c.code,
            m.accounts.c.loan,
            m.accounts.c.holder,
            m.lines.c.amount,
        )
        .join(m.entries, m.entries.c.number == m.lines.c.entry)
        .join(m.accounts, m.accounts.c.id == m.lines.c.account)
    )
    _add(digest, m.lines.name, (tuple(row) for row in conn.execute(lines)))
    return digest.hexdigest()


def _add(digest: hashlib._Hash, name: str, rows: Iterable[tuple[object, ...]]) -> None:
    digest.update(name.encode())
    for text in sorted("|".join(map(str, row)) for row in rows):
        digest.update(text.encode() + b"\n")
