"""The ledger as a fold of the indexer: every batch of events becomes entries in the indexer's own transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from lendchain.chain.bindings import Contract, artifact
from lendchain.chain.deploy import CONTRACTS
from lendchain.chain.event_store import EventStore
from lendchain.chain.events import Event
from lendchain.i18n import _
from lendchain.ledger import repository
from lendchain.ledger.books import Books, LedgerError
from lendchain.ledger.checks import Violation, check_entries, check_loans
from lendchain.ledger.events import CLOCK, LOAN_BOOK, NOBODY
from lendchain.ledger.posting import fold


class LedgerFold:
    """Keeps journal, balances, loans and positions. Holds no state between batches, so a failed one leaves no trace."""

    name = "ledger"

    def __init__(self) -> None:
        self._events = EventStore([Contract(artifact(name), NOBODY) for name in CONTRACTS])

    def apply(self, conn: sa.Connection, events: Sequence[Event]) -> None:
        """Post the events of whole blocks. Raises `LedgerError` when the books would not hold."""
        touched = repository.touched(events)
        if touched is None:
            return
        loaded = repository.load(conn, touched)
        books = loaded.books
        fold(books, events)
        _refuse(check_entries(books, books.entries) + check_loans(books, touched.loans, positions=touched.shared))
        repository.save(conn, loaded)

    def rewind(self, conn: sa.Connection, to_block: int) -> None:
        """Take back what blocks above `to_block` brought."""
        if to_block < 0:
            repository.clear(conn)
            return
        loans = repository.rewind(conn, to_block)
        repository.forget_loans(conn, loans)
        if loans:
            rows = repository.Loaded(self._loans_as_of(conn, loans, to_block))
            rows.books.entries.clear()
            rows.books.accounts.clear()
            rows.books.clock_moves.clear()
            repository.save(conn, rows)

    def _loans_as_of(self, conn: sa.Connection, loans: set[str], to_block: int) -> Books:
        """These loans, folded anew from the stored events."""
        books = Books()
        fold(books, _about(self._events.events_between(conn, 0, to_block), loans))
        return books


def _about(events: Iterable[Event], loans: set[str]) -> Iterable[Event]:
    for event in events:
        if event.contract == CLOCK or (event.contract == LOAN_BOOK and event.args.get("loan") in loans):
            yield event


def _refuse(violations: list[Violation]) -> None:
    if violations:
        raise LedgerError(
            _("The books do not hold: {violation}").format(violation=violations[0]),
            hint=_("Nothing of this batch was booked. Run `lendchain audit` to see which rows differ from the chain."),
        )
