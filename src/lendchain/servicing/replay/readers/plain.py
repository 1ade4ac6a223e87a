"""The plain layout: one CSV line an event, so that every single payment is known. docs/replay.md describes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, TypeVar

from lendchain.i18n import _
from lendchain.servicing.replay.book import Entry, Kind, Loan, Outcome, Totals
from lendchain.servicing.replay.problems import Findings
from lendchain.servicing.replay.readers import cells
from lendchain.servicing.replay.readers.cells import CellError
from lendchain.servicing.replay.readers.table import Row, Table

COLUMNS: Final = ("loan", "event", "date", "amount", "rate", "term", "instalment", "grade")
OPENING: Final = "loan"
_WITHOUT_AMOUNT: Final = (Kind.DEFAULT, Kind.WRITE_OFF)
_GRADES: Final = range(16)

T = TypeVar("T")


@dataclass(slots=True)
class _Draft:
    """A loan while its lines are read."""

    opening: Loan
    entries: list[Entry] = field(default_factory=list)


def read_plain(table: Table, findings: Findings) -> list[Loan]:
    """The loans of a table in the plain layout; faults are noted in `findings`.

    A loan's `loan` line stands above its other lines; those are in the order of their dates.
    """
    for column in COLUMNS:
        if column not in table.columns:
            findings.add(1, column, _("the column is missing"))
    if findings.problems:
        return []
    drafts: dict[str, _Draft] = {}
    for row in table.rows:
        _Line(row, findings, drafts).read()
    return [_finished(draft) for draft in drafts.values()]


class _Line:
    """Reads one line into its loan's draft, noting every fault of it."""

    def __init__(self, row: Row, findings: Findings, drafts: dict[str, _Draft]) -> None:
        self._row = row
        self._findings = findings
        self._drafts = drafts
        self._faulty = False

    def read(self) -> None:
        name = self._row.cells["loan"]
        if not name:
            self._fault("loan", _("is empty"))
        if self._row.cells["event"] == OPENING:
            self._open(name)
        else:
            self._append(name)

    def _open(self, name: str) -> None:
        if name in self._drafts:
            row = self._drafts[name].opening.row
            self._fault("loan", _("loan {name} stands in row {row} already").format(name=name, row=row))
        issued_on = self._cell("date", cells.day)
        principal = self._cell("amount", cells.positive_money)
        rate = self._cell("rate", lambda text: cells.rate_ppm(text, percent=True))
        term = self._cell("term", cells.term_months)
        instalment = self._cell("instalment", cells.positive_money)
        grade = self._cell("grade", _grade)
        if self._faulty:
            return
        assert issued_on and principal and rate is not None and term and instalment and grade is not None
        if instalment * 12_000_000 <= principal * rate:
            self._fault("instalment", _("does not even cover the first month's interest"))
            return
        self._drafts[name] = _Draft(
            Loan(name, self._row.number, issued_on, principal, rate, term, instalment, grade, Outcome.OPEN, Totals())
        )

    def _append(self, name: str) -> None:
        kind = self._cell("event", _kind)
        on = self._cell("date", cells.day)
        parse = cells.money if kind in _WITHOUT_AMOUNT else cells.positive_money
        amount = 0 if kind in _WITHOUT_AMOUNT and not self._row.cells["amount"] else self._cell("amount", parse)
        draft = self._drafts.get(name)
        if draft is None and name:
            self._fault("loan", _("no `loan` line of {name} stands above this line").format(name=name))
        if self._faulty or draft is None or kind is None or on is None or amount is None:
            return
        self._check_order(draft, kind, on)
        if not self._faulty:
            draft.entries.append(Entry(on, kind, amount, self._row.number))

    def _check_order(self, draft: _Draft, kind: Kind, on: date) -> None:
        latest = draft.entries[-1].day if draft.entries else draft.opening.issued_on
        kinds = {entry.kind for entry in draft.entries}
        if on < latest:
            self._fault("date", _("{day} is before {latest}, the loan's line above").format(day=on, latest=latest))
        if kind in (Kind.RECOVERY, Kind.WRITE_OFF) and Kind.DEFAULT not in kinds:
            self._fault("event", _("{event} before the loan's default").format(event=kind.value))
        if kind in (Kind.PAYMENT, Kind.LATE_FEE, Kind.REST_WAIVED) and Kind.DEFAULT in kinds:
            self._fault("event", _("{event} after the loan's default; use recovery").format(event=kind.value))
        if kind in _WITHOUT_AMOUNT and kind in kinds:
            self._fault("event", _("{event} a second time").format(event=kind.value))

    def _cell(self, column: str, parse: Callable[[str], T]) -> T | None:
        try:
            return parse(self._row.cells[column])
        except CellError as error:
            self._fault(column, str(error))
            return None

    def _fault(self, column: str, reason: str) -> None:
        self._faulty = True
        self._findings.add(self._row.number, column, reason)


def _finished(draft: _Draft) -> Loan:
    """The loan with what its lines tell; how payments split into interest and principal is the contract's to say."""
    paid = [entry for entry in draft.entries if entry.kind is Kind.PAYMENT]
    called = any(entry.kind is Kind.DEFAULT for entry in draft.entries)
    return replace(
        draft.opening,
        outcome=Outcome.CHARGED_OFF if called else Outcome.OPEN,
        last_paid_on=paid[-1].day if paid else None,
        last_amount=paid[-1].amount if paid else 0,
        entries=tuple(draft.entries),
    )


def _kind(text: str) -> Kind:
    try:
        return Kind(text)
    except ValueError:
        known = ", ".join([OPENING, *Kind])
        raise CellError(_("unknown event {text!r}; known: {known}").format(text=text, known=known)) from None


def _grade(text: str) -> int:
    if not text:
        return 0
    if not text.isascii() or not text.isdigit() or int(text) not in _GRADES:
        raise CellError(_("{text!r} is not a grade from 0 to 15").format(text=text))
    return int(text)
