"""Statements: what an account, a loan or the whole platform opened with, each line, and what it closed with.

A section is one account of the chart as far as it concerns the subject. Amounts carry the sign that a reader expects:
what stands on the account's normal side is positive. Opening + lines = closing, and closing is the journal's balance.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import Any

import sqlalchemy as sa

from lendchain.errors import UsageError
from lendchain.i18n import _
from lendchain.ledger import accounts as a
from lendchain.ledger import reading_room as room
from lendchain.ledger.accounts import CHART
from lendchain.ledger.wording import line_text


class Subject(Enum):
    """Whom a statement is for."""

    LENDER = "lender"
    BORROWER = "borrower"
    LOAN = "loan"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` until before `end`, in seconds since 1970 by the chain's clock; None is open."""

    start: int | None = None
    end: int | None = None

    @classmethod
    def of_days(cls, first: date | None, last: date | None, *, ahead_s: int = 0) -> Period:
        """Whole days, both included, of a zone `ahead_s` seconds ahead of UTC. Raises `UsageError` if reversed."""
        if first and last and last < first:
            raise UsageError(_("The period ends on {last}, before it begins.").format(last=last))
        return cls(_midnight(first, ahead_s), _midnight(last + timedelta(days=1), ahead_s) if last else None)


def _midnight(day: date | None, ahead_s: int) -> int | None:
    return int(datetime.combine(day, time.min, UTC).timestamp()) - ahead_s if day else None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the journal as the statement shows it."""

    entry: int
    at: int
    tx_hash: str
    log_index: int
    kind: str
    text: str
    loan: str
    holder: str
    amount: int


@dataclass(frozen=True, slots=True)
class Section:
    """One account of the chart. `increase` and `decrease` are the turnover of the period on either side."""

    account: str
    name: str
    opening: int
    increase: int
    decrease: int
    closing: int
    lines: list[Line] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Statement:
    """Sections in the chart's order; only those that were ever used."""

    subject: str
    id: str
    start: int | None
    end: int | None
    sections: list[Section]

    def section(self, account: str) -> Section:
        """The section of an account of the chart. Raises `KeyError` where there is none."""
        return {section.account: section for section in self.sections}[account]

    def to_dict(self) -> dict[str, Any]:
        """For JSON; amounts in minor units."""
        return asdict(self)


# Of the accounts kept for a loan, those that a borrower has a part in.
_BORROWER_SIDE = (
    *(a.OWED, a.LOST, a.FORGIVEN, a.GUARANTEE_OWED, a.LATE_FEES_OPEN, a.ARREARS_OPEN, a.COST),
    *(a.EARNED_INTEREST, a.EARNED_PENALTY, a.EARNED_FEE, a.EARNED_OPENING_FEE, a.EARNED_ARREARS, a.EARNED_EXTRA),
)


def lender_statement(conn: sa.Connection, address: str, period: Period | None = None) -> Statement:
    """A lender's money, bids, principal out and interest over all loans. Raises `UsageError` for an unknown one."""
    who = _address(address)
    chosen = room.accounts_of_holder(who)
    return _statement(conn, Subject.LENDER, who, chosen, period)


def borrower_statement(conn: sa.Connection, address: str, period: Period | None = None) -> Statement:
    """A borrower's account: its money, and what it owes and has paid on its loans."""
    who = _address(address)
    chosen = room.accounts_of_borrower(conn, who, _BORROWER_SIDE)
    return _statement(conn, Subject.BORROWER, who, chosen, period)


def loan_statement(conn: sa.Connection, loan: str, period: Period | None = None) -> Statement:
    """Everything booked for one loan, on every account of the chart."""
    name = loan.lower()
    return _statement(conn, Subject.LOAN, name, room.accounts_of_loan(name), period)


def platform_statement(conn: sa.Connection, period: Period | None = None, *, lines: bool = False) -> Statement:
    """The trial balance of the platform; with `lines`, the whole journal under it."""
    return _statement(conn, Subject.PLATFORM, "", None, period, lines=lines)


def _statement(
    conn: sa.Connection,
    subject: Subject,
    name: str,
    chosen: sa.ColumnElement[bool] | None,
    period: Period | None,
    *,
    lines: bool = True,
) -> Statement:
    period = period or Period()
    if chosen is not None and not room.is_used(conn, chosen):
        raise UsageError(
            _("Nothing is booked for {name}.").format(name=name),
            hint=_("Check the id; `lendchain status` lists loans, and new events may still have to be read."),
        )
    entries = room.entry_range(conn, period.start, period.end)
    before = room.balances(conn, chosen, upto=entries.before)
    turnover = room.turnovers(conn, chosen, entries)
    listed: dict[str, list[Line]] = {}
    if lines:
        for row in room.lines(conn, chosen, entries):
            sign = 1 if CHART[row.code].debit else -1
            text = line_text(row.kind, row.act, row.other_code, row.other_holder, outgoing=row.amount > 0)
            listed.setdefault(row.code, []).append(
                Line(
                    row.number,
                    row.at,
                    row.tx_hash,
                    row.log_index,
                    row.kind,
                    text,
                    row.account_loan or row.loan,
                    row.holder,
                    sign * row.amount,
                )
            )
    sections = [
        _section(code, before.get(code, 0), *turnover.get(code, (0, 0)), listed.get(code, []))
        for code in CHART
        if code in before or code in turnover
    ]
    return Statement(subject.value, name, period.start, period.end, sections)


def _section(code: str, before: int, debit: int, credit: int, lines: Iterable[Line]) -> Section:
    account = CHART[code]
    opening = before if account.debit else -before
    increase, decrease = (debit, credit) if account.debit else (credit, debit)
    return Section(code, account.name, opening, increase, decrease, opening + increase - decrease, list(lines))


def _address(text: str) -> str:
    address = text.lower()
    if len(address) != 42 or not address.startswith("0x") or not set(address[2:]) <= set("0123456789abcdef"):
        raise UsageError(_("{text} is no account: 0x and 40 hexadecimal digits.").format(text=text))
    return address
