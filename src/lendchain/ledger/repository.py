"""All SQL of the ledger: reading what a batch touches, writing what it changed, taking back what a reorg undid."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, Final

import sqlalchemy as sa

from lendchain.chain.events import Event
from lendchain.ledger import models as m
from lendchain.ledger.accounts import Key
from lendchain.ledger.books import Balance, Books, Entry
from lendchain.ledger.bulk import Row, insert_rows, upsert_rows
from lendchain.ledger.events import CLOCK, LOAN_BOOK, MONEY
from lendchain.ledger.loans import LOAN_FIELDS, POSITION_FIELDS, Loan, Position
from lendchain.ledger.posting import LOAN_EVENTS, POSITION_EVENTS

CHUNK: Final = 1000
_LOAN_WORDS: Final = ("who", "rules", "state")
_loan_values = attrgetter(*LOAN_FIELDS)


@dataclass(slots=True)
class Loaded:
    """Books for one batch, and what their rows were when they were read: only changed rows are written back."""

    books: Books
    accounts: dict[Key, tuple[int, int]] = field(default_factory=dict)
    positions: dict[tuple[str, str], Row] = field(default_factory=dict)


@dataclass(slots=True)
class Touched:
    """What a batch is about: loans, those of them whose positions it needs, and money accounts."""

    loans: set[str] = field(default_factory=set)
    shared: set[str] = field(default_factory=set)
    holders: set[str] = field(default_factory=set)


def touched(events: Iterable[Event]) -> Touched | None:
    """What the events are about; None when nothing of it concerns the ledger."""
    found, any_event = Touched(), False
    for event in events:
        if event.contract == MONEY and event.name == "Transfer":
            sender, receiver, _ = event.args.values()
            found.holders.add(sender)
            found.holders.add(receiver)
        elif event.contract == LOAN_BOOK and event.name in LOAN_EVENTS:
            found.holders.add(event.address)
            found.loans.add(event.args["loan"])
            if event.name in POSITION_EVENTS:
                found.shared.add(event.args["loan"])
        elif event.contract != CLOCK:
            continue
        any_event = True
    return found if any_event else None


def load(conn: sa.Connection, touched: Touched) -> Loaded:
    """The books as far as a batch needs them."""
    books = Books()
    loaded = Loaded(books)
    books.last_entry = conn.scalar(sa.select(sa.func.max(m.entries.c.number))) or 0
    books.last_account = conn.scalar(sa.select(sa.func.max(m.accounts.c.id))) or 0
    books.clock = _clock(conn)
    if books.last_account:
        c = m.accounts.c
        _load_accounts(conn, loaded, c.loan, touched.shared)
        _load_accounts(conn, loaded, c.loan, touched.loans - touched.shared, c.holder == "")
        _load_accounts(conn, loaded, c.holder, touched.holders | {""}, c.loan == "")
    _load_loans(conn, loaded, touched)
    return loaded


def _clock(conn: sa.Connection) -> int | None:
    newest = (m.clock.c.block_number.desc(), m.clock.c.log_index.desc())
    return conn.scalar(sa.select(m.clock.c.time).order_by(*newest).limit(1))


def _load_accounts(
    conn: sa.Connection, loaded: Loaded, column: sa.Column[Any], values: Iterable[str], *where: sa.ColumnElement[bool]
) -> None:
    c = m.accounts.c
    for chunk in chunks(sorted(values)):
        query = sa.select(c.id, c.code, c.loan, c.holder, c.opened, c.debit, c.credit).where(column.in_(chunk), *where)
        for number, code, loan, holder, opened, debit, credit in conn.execute(query).all():
            key = Key(code, loan, holder)
            loaded.books.accounts[key] = Balance(number, opened, debit, credit)
            loaded.accounts[key] = (debit, credit)


def _load_loans(conn: sa.Connection, loaded: Loaded, touched: Touched) -> None:
    for chunk in chunks(sorted(touched.loans)):
        for row in conn.execute(sa.select(m.loans).where(m.loans.c.loan.in_(chunk))).all():
            loan = loan_from_row(row)
            loaded.books.loans[loan.loan] = loan
    for chunk in chunks(sorted(touched.shared)):
        for row in conn.execute(sa.select(m.positions).where(m.positions.c.loan.in_(chunk))).all():
            loaded.books.loans[row.loan].positions[row.holder] = position_from_row(row)
            loaded.positions[row.loan, row.holder] = tuple(row)


def save(conn: sa.Connection, loaded: Loaded) -> None:
    """Write what the batch made and changed."""
    books = loaded.books
    made = books.drain()
    insert_rows(conn, m.entries, [entry_row(entry) for entry in made])
    insert_rows(conn, m.lines, [line for entry in made for line in line_rows(entry)])
    insert_rows(conn, m.clock, books.clock_moves)
    books.clock_moves = []
    before = loaded.accounts
    changed = (
        (key, balance) for key, balance in books.accounts.items() if before.get(key) != (balance.debit, balance.credit)
    )
    upsert_rows(conn, m.accounts, [account_row(key, balance) for key, balance in changed])
    upsert_rows(conn, m.loans, [loan_row(loan) for loan in books.loans.values()])
    rows = (position_row(loan.loan, holder, p) for loan in books.loans.values() for holder, p in loan.positions.items())
    upsert_rows(conn, m.positions, [row for row in rows if loaded.positions.get((row[0], row[1])) != row])


# ---------------------------------------------------------------- rows


def entry_row(entry: Entry) -> Row:
    return (
        entry.number,
        entry.block,
        entry.log_index,
        entry.tx_hash,
        entry.ordinal,
        entry.at,
        entry.kind,
        entry.act,
        entry.loan,
    )


def line_rows(entry: Entry) -> Iterator[Row]:
    number = entry.number
    for line, (account, amount) in enumerate(entry.lines):
        yield number, line, account, amount


def account_row(key: Key, balance: Balance) -> Row:
    return balance.id, key.code, key.loan, key.holder, balance.opened, balance.debit, balance.credit


def loan_row(loan: Loan) -> Row:
    return (*_loan_values(loan), *(word_text(getattr(loan, name)) for name in _LOAN_WORDS))


def position_row(loan: str, holder: str, p: Position) -> Row:
    return (
        loan,
        holder,
        p.units,
        str(p.principal_debt),
        str(p.interest_debt),
        p.claimed_principal,
        p.claimed_interest,
    )


def loan_from_row(row: sa.Row[Any]) -> Loan:
    """A loan as its row has it, without its positions."""
    loan = Loan(*row[: len(LOAN_FIELDS)])
    for name, text in zip(_LOAN_WORDS, row[len(LOAN_FIELDS) :], strict=True):
        setattr(loan, name, int(text, 16))
    return loan


def position_from_row(row: sa.Row[Any]) -> Position:
    return Position(row.units, int(row.principal_debt), int(row.interest_debt), *row[-2:])


def word_text(word: int) -> str:
    """A 256-bit word as the tables write it."""
    return f"0x{word:064x}"


def chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


assert len(POSITION_FIELDS) + 2 == len(m.positions.columns)
assert len(LOAN_FIELDS) + len(_LOAN_WORDS) == len(m.loans.columns)


# ---------------------------------------------------------------- taking back


def rewind(conn: sa.Connection, to_block: int) -> set[str]:
    """Take back every entry after `to_block`; balances fall by exactly their lines.

    Loans touched after that block lose their rows and positions; their names are returned, to be folded anew.
    """
    e, x, a = m.entries.c, m.lines.c, m.accounts.c
    last = conn.scalar(sa.select(sa.func.max(e.number)).where(e.block_number <= to_block)) or 0
    undone = (
        sa.select(
            x.account,
            sa.func.sum(sa.case((x.amount > 0, x.amount), else_=0)).label("debit"),
            sa.func.sum(sa.case((x.amount < 0, -x.amount), else_=0)).label("credit"),
        )
        .where(x.entry > last)
        .group_by(x.account)
    )
    changes = [(int(debit), int(credit), account) for account, debit, credit in conn.execute(undone)]
    conn.execute(sa.delete(m.accounts).where(a.opened > last))
    statement = (
        sa.update(m.accounts)
        .where(a.id == sa.bindparam("key"))
        .values(debit=a.debit - sa.bindparam("less_debit"), credit=a.credit - sa.bindparam("less_credit"))
    )
    if changes:
        conn.execute(statement, [{"key": key, "less_debit": d, "less_credit": c} for d, c, key in changes])
    conn.execute(sa.delete(m.lines).where(x.entry > last))
    conn.execute(sa.delete(m.entries).where(e.number > last))
    conn.execute(sa.delete(m.clock).where(m.clock.c.block_number > to_block))
    return {str(name) for name in conn.scalars(sa.select(m.loans.c.loan).where(m.loans.c.last_block > to_block))}


def forget_loans(conn: sa.Connection, loans: Iterable[str]) -> None:
    for chunk in chunks(sorted(loans)):
        conn.execute(sa.delete(m.positions).where(m.positions.c.loan.in_(chunk)))
        conn.execute(sa.delete(m.loans).where(m.loans.c.loan.in_(chunk)))


def clear(conn: sa.Connection) -> None:
    """Empty the ledger."""
    for table in (m.lines, m.entries, m.accounts, m.positions, m.loans, m.clock):
        conn.execute(sa.delete(table))
