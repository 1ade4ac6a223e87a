"""Statements, the book by vintage and audit reports as tables, JSON and CSV. Tables and CSV give money two decimals."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lendchain.i18n import _
from lendchain.ledger.audit.report import AuditReport
from lendchain.ledger.returns import TOTAL, BookLine
from lendchain.ledger.statements import Section, Statement
from lendchain.ledger.wording import short

MOST_SHOWN: Final = 50


def money(minor_units: int) -> str:
    """1234567 as 12,345.67."""
    sign = "-" if minor_units < 0 else ""
    return f"{sign}{abs(minor_units) // 100:,}.{abs(minor_units) % 100:02d}"


def _plain_money(minor_units: int) -> str:
    return money(minor_units).replace(",", "")


def moment(at: int, ahead_s: int = 0) -> str:
    """Seconds since 1970 as a date and time of a zone `ahead_s` seconds ahead of UTC."""
    return datetime.fromtimestamp(at + ahead_s, UTC).strftime("%Y-%m-%d %H:%M")


def to_json(value: Statement | AuditReport | Sequence[BookLine]) -> str:
    """Amounts in minor units, times in seconds since 1970, rates in parts per million."""
    if isinstance(value, Statement | AuditReport):
        found: Any = value.to_dict()
    else:
        found = [asdict(line) for line in value]
    return orjson.dumps(found, option=orjson.OPT_INDENT_2, default=str).decode()


# ---------------------------------------------------------------- statements


def statement_table(statement: Statement, *, ahead_s: int = 0) -> RenderableType:
    """A table for each section that has lines, then the balances of all."""
    parts: list[RenderableType] = [Text(_title(statement, ahead_s), style="bold")]
    parts += [_section_table(section, ahead_s) for section in statement.sections if section.lines]
    parts.append(_balances_table(statement))
    return Group(*parts)


def _title(statement: Statement, ahead_s: int) -> str:
    kinds = {
        "lender": _("Statement of lender"),
        "borrower": _("Statement of borrower"),
        "loan": _("Statement of loan"),
        "platform": _("Statement of the platform"),
    }
    start = moment(statement.start, ahead_s) if statement.start is not None else _("the beginning")
    end = moment(statement.end, ahead_s) if statement.end is not None else _("now")
    return (
        f"{kinds[statement.subject]} {statement.id}".rstrip()
        + "\n"
        + _("{start} to {end}").format(start=start, end=end)
    )


def _section_table(section: Section, ahead_s: int) -> Table:
    table = Table(title=section.name, title_justify="left", expand=False)
    table.add_column(_("Date"), no_wrap=True)
    table.add_column(_("Entry"), justify="right")
    table.add_column(_("What"))
    table.add_column(_("Loan"), no_wrap=True)
    table.add_column(_("Account"), no_wrap=True)
    table.add_column(_("Amount"), justify="right", no_wrap=True)
    table.add_column(_("Balance"), justify="right", no_wrap=True)
    balance = section.opening
    table.add_row("", "", _("Opening balance"), "", "", "", money(balance), style="dim")
    for line in section.lines:
        balance += line.amount
        where = (short(line.loan), short(line.holder))
        table.add_row(moment(line.at, ahead_s), str(line.entry), line.text, *where, money(line.amount), money(balance))
    table.add_row("", "", _("Closing balance"), "", "", "", money(section.closing), style="bold")
    return table


def _balances_table(statement: Statement) -> Table:
    table = Table(title=_("Balances"), title_justify="left")
    table.add_column(_("Account"))
    for name in (_("Opening"), _("Increase"), _("Decrease"), _("Closing")):
        table.add_column(name, justify="right", no_wrap=True)
    for s in statement.sections:
        table.add_row(s.name, money(s.opening), money(s.increase), money(s.decrease), money(s.closing))
    return table


STATEMENT_COLUMNS: Final = (
    *("account", "name", "row", "entry", "time", "tx_hash", "log_index", "kind", "text", "loan", "holder"),
    *("amount", "balance"),
)


def statement_csv(statement: Statement) -> str:
    """One row for each opening, line and closing. Times are ISO 8601 in UTC."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(STATEMENT_COLUMNS)
    for section in statement.sections:
        head = (section.account, section.name)
        balance = section.opening
        writer.writerow((*head, "opening", *[""] * 9, _plain_money(balance)))
        for line in section.lines:
            balance += line.amount
            time = datetime.fromtimestamp(line.at, UTC).isoformat().replace("+00:00", "Z")
            row = (line.entry, time, line.tx_hash, line.log_index, line.kind, line.text, line.loan, line.holder)
            writer.writerow((*head, "line", *row, _plain_money(line.amount), _plain_money(balance)))
        writer.writerow((*head, "closing", *[""] * 9, _plain_money(section.closing)))
    return out.getvalue()


# ---------------------------------------------------------------- the book


def book_table(lines: Sequence[BookLine]) -> Table:
    """The loan book by year of disbursement and in total."""
    table = Table(title=_("Loan book by vintage"), title_justify="left")
    table.add_column(_("Vintage"))
    names = (_("Loans"), _("Lent"), _("Repaid"), _("Interest"), _("Late"), _("Fees"), _("Covered"), _("Recovered"))
    for name in (*names, _("Charged off"), _("Outstanding"), _("IRR")):
        table.add_column(name, justify="right", no_wrap=True)
    for line in lines:
        amounts = (line.lent, line.principal, line.interest, line.late, line.fees, line.covered, line.recovered)
        rate = "" if line.irr_ppm is None else f"{line.irr_ppm / 10_000:.2f} %"
        last = line.vintage == TOTAL
        table.add_row(
            _("total") if last else line.vintage,
            f"{line.loans:,}",
            *map(money, (*amounts, line.charged_off, line.outstanding)),
            rate,
            style="bold" if last else None,
        )
    return table


# ---------------------------------------------------------------- the audit


def audit_table(report: AuditReport) -> RenderableType:
    """What was looked at, then every row that differs and every rule that does not hold."""
    counted = ", ".join(f"{number:,} {what}" for what, number in report.counts.items())
    parts: list[RenderableType] = [
        Text(_("Chain read afresh up to block {block}: {counted}.").format(block=report.block_number, counted=counted))
    ]
    if report.is_clean:
        parts.append(Text(_("The store is what the chain makes it, and every rule holds."), style="green"))
        return Group(*parts)
    if report.differences:
        table = Table(title=_("Rows that differ from the chain"), title_justify="left")
        for name in (_("Table"), _("Row"), _("Column"), _("Stored"), _("Recomputed")):
            table.add_column(name, overflow="fold")
        for d in report.differences[:MOST_SHOWN]:
            if d.column:
                table.add_row(d.table, d.key, d.column, str(d.stored), str(d.recomputed))
            else:
                table.add_row(
                    d.table, d.key, "", *((_("missing"), "") if d.stored is None else ("", _("not on the chain")))
                )
        parts.append(table)
        if report.difference_count > MOST_SHOWN:
            parts.append(Text(_("{count} rows or columns differ in all.").format(count=report.difference_count)))
    if report.violations:
        table = Table(title=_("Rules that do not hold"), title_justify="left")
        for name in (_("Rule"), _("Where"), _("Finding")):
            table.add_column(name, overflow="fold")
        for violation in report.violations[:MOST_SHOWN]:
            table.add_row(violation.rule, violation.place, violation.finding)
        parts.append(table)
    parts.append(Text(_("The chain is the truth: rebuild the store from it."), style="red"))
    return Group(*parts)
