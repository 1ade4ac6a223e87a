"""The ledger's tables beside the books recomputed from the chain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from lendchain.ledger import models as m
from lendchain.ledger.audit.report import Difference
from lendchain.ledger.audit.rows import compare, extra_row, in_order, stored_rows
from lendchain.ledger.books import Books, Entry
from lendchain.ledger.bulk import Row
from lendchain.ledger.repository import account_row, entry_row, line_rows, loan_row, position_row


class StoredBooks:
    """Compares entries as they are made anew, and at the end the balances, loans, positions and the clock."""

    def __init__(self, conn: sa.Connection) -> None:
        self.conn = conn
        self._clock: list[Row] = []
        self._next = 1

    def compare_entries(self, made: Sequence[Entry], books: Books) -> Iterator[Difference]:
        """Stored entries and lines of the numbers just made."""
        self._clock += books.clock_moves
        books.clock_moves = []
        if not made:
            return
        first, last = made[0].number, made[-1].number
        number, entry = m.entries.c.number, m.lines.c.entry
        stored = stored_rows(self.conn, m.entries, number >= first, number <= last)
        yield from compare(m.entries, stored, [entry_row(item) for item in made])
        stored = stored_rows(self.conn, m.lines, entry >= first, entry <= last)
        yield from compare(m.lines, stored, [row for item in made for row in line_rows(item)])
        self._next = last + 1

    def compare_rest(self, books: Books) -> Iterator[Difference]:
        """Everything that has one row for good, and rows beyond the last entry."""
        number, entry = m.entries.c.number, m.lines.c.entry
        for row in stored_rows(self.conn, m.entries, sa.or_(number < 1, number >= self._next)):
            yield extra_row(m.entries, row)
        for row in stored_rows(self.conn, m.lines, sa.or_(entry < 1, entry >= self._next)):
            yield extra_row(m.lines, row)
        loans = books.loans.values()
        recomputed: dict[sa.Table, list[Row]] = {
            m.accounts: [account_row(key, balance) for key, balance in books.accounts.items()],
            m.loans: [loan_row(loan) for loan in loans],
            m.positions: [position_row(loan.loan, who, p) for loan in loans for who, p in loan.positions.items()],
            m.clock: self._clock,
        }
        for table, rows in recomputed.items():
            stored = in_order(table, stored_rows(self.conn, table))
            yield from compare(table, stored, in_order(table, rows))
