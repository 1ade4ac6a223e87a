"""The books in memory: accounts, loans and positions, moved forward event by event.

`Books` holds either everything (an audit) or what a batch touches (the fold, which loads the rest's counters). It knows
no database and no clock but the chain's, so the same events give the same rows wherever and however they are read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from lendchain.chain.events import Event
from lendchain.errors import LendchainError
from lendchain.i18n import _
from lendchain.ledger.accounts import Key
from lendchain.ledger.loans import Loan


class LedgerError(LendchainError):
    """The books cannot be kept: an event contradicts those before it, or the store is not the ledger's."""

    code = "ledger"


@dataclass(slots=True)
class Balance:
    """An account's number and its turnover on both sides."""

    id: int
    opened: int
    debit: int = 0
    credit: int = 0

    @property
    def amount(self) -> int:
        """Debit less credit."""
        return self.debit - self.credit


@dataclass(slots=True)
class Entry:
    """One event's balanced lines: (account, amount), debit positive."""

    number: int
    block: int
    log_index: int
    tx_hash: str
    ordinal: int
    at: int
    kind: str
    act: str
    loan: str
    lines: list[tuple[int, int]]


@dataclass(slots=True)
class Pending:
    """The last act of the loan book in the running transaction, whose money move is still to come."""

    tx_hash: str = ""
    book: str = ""
    act: str = ""
    loan: str = ""
    paid_in: int = 0  # what the book shall receive for it
    paid_out: int = 0


NO_BLOCK: Final = -1


@dataclass(slots=True)
class Books:
    """State of the ledger, and the entries made since `drain` was last called."""

    accounts: dict[Key, Balance] = field(default_factory=dict)
    loans: dict[str, Loan] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    clock_moves: list[tuple[int, int, int]] = field(default_factory=list)
    last_entry: int = 0
    last_account: int = 0
    clock: int | None = None  # the sandbox clock's time; None: the book follows block time
    pending: Pending = field(default_factory=Pending)
    books_seen: set[str] = field(default_factory=set)  # loan books that acted; their own money only passes through

    def now(self, event: Event) -> int:
        """The time that the contracts read at this event."""
        return event.block_time if self.clock is None else self.clock

    def loan(self, name: str) -> Loan:
        """A loan that was requested before; an unknown one means that the log has a hole."""
        found = self.loans.get(name)
        if found is None:
            raise LedgerError(
                _("An event names the loan {loan}, which was never requested.").format(loan=name),
                hint=_("The events read from the chain have a gap. Run `lendchain audit`, then rebuild the store."),
            )
        return found

    def balance(self, key: Key) -> int:
        """Debit less credit of an account; 0 where it was never used."""
        found = self.accounts.get(key)
        return 0 if found is None else found.debit - found.credit

    def post(self, event: Event, lines: Iterable[tuple[Key, int]], *, loan: str = "", act: str = "") -> None:
        """Make one entry of the lines that carry an amount. Raises `LedgerError` when they do not balance."""
        number = self.last_entry + 1
        booked: list[tuple[int, int]] = []
        total = 0
        for key, amount in lines:
            if amount == 0:
                continue
            account = self.accounts.get(key)
            if account is None:
                self.last_account += 1
                account = self.accounts[key] = Balance(self.last_account, number)
            if amount > 0:
                account.debit += amount
            else:
                account.credit -= amount
            total += amount
            booked.append((account.id, amount))
        if total != 0:
            raise LedgerError(f"entry {number} ({event.name}, {event.tx_hash} log {event.log_index}) is off by {total}")
        if booked:
            self.last_entry = number
            at = self.now(event)
            entry = Entry(
                number,
                event.block_number,
                event.log_index,
                event.tx_hash,
                event.ordinal,
                at,
                event.name,
                act,
                loan,
                booked,
            )
            self.entries.append(entry)

    def drain(self) -> list[Entry]:
        """The entries made since the last call."""
        made, self.entries = self.entries, []
        return made
