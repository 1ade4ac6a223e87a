"""The audit from end to end: one pass over the chain, the store beside it, then the contracts' own storage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

import sqlalchemy as sa

from lendchain.chain.bindings import Contract
from lendchain.chain.engine import FinalityRule
from lendchain.chain.manifest import Manifest
from lendchain.chain.rpc import Rpc
from lendchain.db import reading
from lendchain.ledger.audit.manifest import audit_manifest
from lendchain.ledger.audit.proofs import ChainProof
from lendchain.ledger.audit.report import AuditReport
from lendchain.ledger.audit.source import FreshChain, Slice
from lendchain.ledger.audit.stored_books import StoredBooks
from lendchain.ledger.audit.stored_chain import StoredChain, find_cursor
from lendchain.ledger.audit.stored_outbox import compare_operations
from lendchain.ledger.books import Books, LedgerError
from lendchain.ledger.checks import Violation, check_entries, check_loans, check_totals
from lendchain.ledger.posting import fold

Progress = Callable[[int, int], None]

_IDENTITY: Final = ("addresses.", "chain_id", "genesis_hash")


def audit(
    store: sa.Engine,
    rpc: Rpc,
    contracts: Sequence[Contract],
    finality: FinalityRule,
    *,
    manifest: Manifest | None = None,
    progress: Progress | None = None,
) -> AuditReport:
    """Recompute everything from the chain and compare it with the store, row by row.

    Looks at the chain up to the store's cursor. `progress` is told (block, last block). Changes nothing. A manifest is
    compared with the chain first; where it names other contracts or another chain, there is nothing to compare the
    store with. Raises `NodeUnreachableError` when the node does not answer.
    """
    report = AuditReport()
    if manifest is not None:
        report.differ(audit_manifest(manifest, rpc, store))
        if any(found.key.startswith(_IDENTITY) for found in report.differences):
            return report
    fresh = FreshChain(rpc, contracts)
    with reading(store) as conn:
        last, wrong = find_cursor(conn, fresh, finality)
        report.block_number = last
        report.differ(wrong)
        pass_over = _Pass(conn, contracts, last, report)
        for part in fresh.slices(last):
            pass_over.take(part)
            if progress:
                progress(part.last, last)
        pass_over.finish(fresh)
    if pass_over.folded:
        bound = [Contract(contract.artifact, contract.address, rpc) for contract in contracts]
        proof = ChainProof(bound, last)
        report.violations += proof.violations(pass_over.books, pass_over.chain.heads)
    return report


class _Pass:
    """One reading of the chain; what it makes is compared at once and dropped, balances and loans stay."""

    def __init__(self, conn: sa.Connection, contracts: Sequence[Contract], last: int, report: AuditReport) -> None:
        self.books = Books()
        self.chain = StoredChain(conn, contracts, last)
        self.stored = StoredBooks(conn)
        self.report = report
        self.folded = True
        self._events_in: Counter[int] = Counter()
        self._with_event: set[str] = set()

    def take(self, part: Slice) -> None:
        """Compare a slice of the chain with the store, and post it."""
        self._events_in.update(event.block_number for event in part.events)
        self._with_event.update(event.tx_hash for event in part.events)
        self.report.count("events", len(part.events))
        self.report.differ(self.chain.compare_events(part))
        if not self.folded:
            return
        try:
            fold(self.books, part.events)
        except LedgerError as error:
            self.report.violations.append(Violation("log", f"blocks {part.first}-{part.last}", error.text))
            self.folded = False
        self.report.violations += check_entries(self.books, self.books.entries)
        made = self.books.drain()
        self.report.count("entries", len(made))
        self.report.differ(self.stored.compare_entries(made, self.books))

    def finish(self, fresh: FreshChain) -> None:
        """Compare what has one row for good, and prove the rules about it."""
        report, books = self.report, self.books
        report.differ(self.chain.compare_rest())
        report.differ(self.chain.compare_heads())
        report.differ(self.chain.compare_blocks(fresh, dict(self._events_in)))
        report.differ(self.stored.compare_rest(books))
        report.differ(compare_operations(self.stored.conn, fresh, self._with_event))
        report.violations += self.chain.violations
        report.violations += check_loans(books, books.loans, positions=books.loans)
        report.violations += check_totals(books)
        report.count("accounts", len(books.accounts))
        report.count("loans", len(books.loans))
        report.count("positions", sum(len(loan.positions) for loan in books.loans.values()))
