"""All SQL that reads the journal for statements, summaries and returns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from lendchain.ledger import accounts as chart
from lendchain.ledger import models as m

A, E, L = m.accounts.c, m.entries.c, m.lines.c


class EntryRange(NamedTuple):
    """Entries after `before` up to `last`: time never goes back on the chain, so a period is a run of entries."""

    before: int
    last: int


def entry_range(conn: sa.Connection, start: int | None, end: int | None) -> EntryRange:
    """The entries of a period."""
    highest = sa.select(sa.func.coalesce(sa.func.max(E.number), 0))
    before = 0 if start is None else conn.scalar(highest.where(E.at < start))
    last = conn.scalar(highest if end is None else highest.where(E.at < end))
    return EntryRange(before or 0, last or 0)


def accounts_of_holder(holder: str) -> sa.ColumnElement[bool]:
    """Accounts kept for an address."""
    return A.holder == holder


def accounts_of_borrower(conn: sa.Connection, borrower: str, codes: Sequence[str]) -> sa.ColumnElement[bool]:
    """Money of an address, and the accounts named of the loans it borrowed."""
    names = list(conn.scalars(sa.select(m.loans.c.loan).where(m.loans.c.borrower == borrower)))
    own = sa.and_(A.code == chart.MONEY, A.holder == borrower)
    return sa.or_(own, sa.and_(A.loan.in_(names), A.code.in_(codes))) if names else own


def accounts_of_loan(loan: str) -> sa.ColumnElement[bool]:
    """Accounts kept for a loan."""
    return A.loan == loan


def is_used(conn: sa.Connection, chosen: sa.ColumnElement[bool]) -> bool:
    """Whether any such account was ever posted to."""
    return conn.scalar(sa.select(A.id).where(chosen).limit(1)) is not None


def balances(conn: sa.Connection, chosen: sa.ColumnElement[bool] | None, *, upto: int) -> dict[str, int]:
    """Debit less credit by account of the chart, after entry `upto`."""
    if not upto:
        return {}
    query = sa.select(A.code, sa.func.sum(L.amount)).select_from(_journal()).where(L.entry <= upto)
    return {code: int(total) for code, total in conn.execute(_only(query, chosen).group_by(A.code))}


def turnovers(
    conn: sa.Connection, chosen: sa.ColumnElement[bool] | None, entries: EntryRange
) -> dict[str, tuple[int, int]]:
    """(debits, credits) of a run of entries by account of the chart."""
    query = (
        sa.select(
            A.code,
            sa.func.sum(sa.case((L.amount > 0, L.amount), else_=0)),
            sa.func.sum(sa.case((L.amount < 0, -L.amount), else_=0)),
        )
        .select_from(_journal())
        .where(L.entry > entries.before, L.entry <= entries.last)
    )
    rows = conn.execute(_only(query, chosen).group_by(A.code))
    return {code: (int(debit), int(credit)) for code, debit, credit in rows}


def lines(conn: sa.Connection, chosen: sa.ColumnElement[bool] | None, entries: EntryRange) -> Iterator[sa.Row[Any]]:
    """Lines of a run of entries in order; of a money move with the account on its other side."""
    other, other_account = m.lines.alias("other"), m.accounts.alias("other_account")
    query = (
        sa.select(
            E.number,
            E.at,
            E.tx_hash,
            E.log_index,
            E.kind,
            E.act,
            E.loan,
            A.code,
            A.loan.label("account_loan"),
            A.holder,
            L.amount,
            sa.func.coalesce(other_account.c.code, "").label("other_code"),
            sa.func.coalesce(other_account.c.holder, "").label("other_holder"),
        )
        .select_from(
            _journal()
            .join(m.entries, E.number == L.entry)
            .outerjoin(other, sa.and_(other.c.entry == L.entry, other.c.line == 1 - L.line, E.kind == "Transfer"))
            .outerjoin(other_account, other_account.c.id == other.c.account)
        )
        .where(L.entry > entries.before, L.entry <= entries.last)
        .order_by(L.entry, L.line)
    )
    yield from conn.execute(_only(query, chosen))


def _journal() -> sa.Join:
    return m.lines.join(m.accounts, A.id == L.account)


def _only(query: sa.Select[Any], chosen: sa.ColumnElement[bool] | None) -> sa.Select[Any]:
    return query if chosen is None else query.where(chosen)


# ---------------------------------------------------------------- cash flows of the book


def lender_flows(conn: sa.Connection) -> Iterator[tuple[str, int, int]]:
    """(loan, when, amount) as lenders see it: out at disbursement, in whenever money is credited to them."""
    pools = A.code.in_((chart.UNCLAIMED_PRINCIPAL, chart.UNCLAIMED_INTEREST))
    lent = sa.and_(A.code == chart.OWED, L.amount > 0)
    query = (
        sa.select(A.loan, E.at, sa.func.sum(-L.amount))
        .select_from(_journal().join(m.entries, E.number == L.entry))
        .where(sa.or_(lent, sa.and_(pools, L.amount < 0)))
        .group_by(A.loan, E.at)
    )
    for loan, at, amount in conn.execute(query):
        yield loan, at, int(amount)
