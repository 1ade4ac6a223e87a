"""LendingClub's loan layout: one row a loan with the totals of its life, as Parquet or as the public CSV."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Final, TypeVar

from lendchain.i18n import _
from lendchain.servicing.replay.book import Loan, Outcome, Totals
from lendchain.servicing.replay.problems import Findings
from lendchain.servicing.replay.readers import cells
from lendchain.servicing.replay.readers.cells import CellError
from lendchain.servicing.replay.readers.table import Row, Table

COLUMNS: Final = (
    "issue_d",
    "funded_amnt",
    "term",
    "int_rate",
    "installment",
    "grade",
    "loan_status",
    "total_pymnt",
    "total_rec_prncp",
    "total_rec_int",
    "total_rec_late_fee",
    "recoveries",
    "last_pymnt_d",
    "last_pymnt_amnt",
)
NAME_COLUMNS: Final = ("id", "row_id", "member_id")
_STATUSES: Final = {
    "fully paid": Outcome.PAID,
    "charged off": Outcome.CHARGED_OFF,
    "default": Outcome.CHARGED_OFF,
    "current": Outcome.OPEN,
    "in grace period": Outcome.OPEN,
    "late (16-30 days)": Outcome.OPEN,
    "late (31-120 days)": Outcome.OPEN,
}
_OFF_POLICY: Final = "does not meet the credit policy. status:"
# The file's four parts and their sum are each rounded from fractions of a cent.
_SUM_TOLERANCE: Final = 2
# Returned principal above the loan by cents comes from the source's own notes; more is a fault of the file.
_PRINCIPAL_TOLERANCE: Final = 100

T = TypeVar("T")


def read_lending_club(table: Table, findings: Findings) -> list[Loan]:
    """The loans of a table in LendingClub's layout; faults are noted in `findings`."""
    name_column = next((name for name in NAME_COLUMNS if name in table.columns), None)
    for column in COLUMNS:
        if column not in table.columns:
            findings.add(1, column, _("the column is missing"))
    if name_column is None:
        findings.add(1, NAME_COLUMNS[0], _("the column is missing"))
    if findings.problems or name_column is None:
        return []
    has_percent = any(row.cells["int_rate"].endswith("%") for row in table.rows)
    percent = has_percent or any(_above_one(row.cells["int_rate"]) for row in table.rows)
    loans: list[Loan] = []
    rows_by_name: dict[str, int] = {}
    for row in table.rows:
        name = row.cells[name_column]
        if not name:
            findings.add(row.number, name_column, _("is empty"))
        elif name in rows_by_name:
            reason = _("loan {name} stands in row {row} already").format(name=name, row=rows_by_name[name])
            findings.add(row.number, name_column, reason)
        else:
            rows_by_name[name] = row.number
        loan = _Reading(row, findings, percent=percent).loan(name)
        if loan is not None:
            loans.append(loan)
    return loans


def _above_one(text: str) -> bool:
    try:
        return cells.number(text) > 1
    except CellError:
        return False


class _Reading:
    """Reads one row, noting every fault of it rather than the first."""

    def __init__(self, row: Row, findings: Findings, *, percent: bool) -> None:
        self._row = row
        self._findings = findings
        self._percent = percent
        self._faulty = False

    def loan(self, name: str) -> Loan | None:
        issued_on = self._cell("issue_d", cells.day)
        principal = self._cell("funded_amnt", cells.positive_money)
        rate = self._cell("int_rate", lambda text: cells.rate_ppm(text, percent=self._percent))
        term = self._cell("term", cells.term_months)
        instalment = self._cell("installment", cells.positive_money)
        grade = self._cell("grade", _grade)
        outcome = self._cell("loan_status", _outcome)
        total = self._cell("total_pymnt", cells.money)
        parts = [self._cell(name, cells.money) for name in COLUMNS[8:12]]
        last_paid_on = self._cell("last_pymnt_d", lambda text: cells.day(text) if text else None)
        last_amount = self._cell("last_pymnt_amnt", cells.money)
        if self._has_fault():
            return None
        assert issued_on and principal and rate is not None and term and instalment and outcome
        assert grade is not None and total is not None and last_amount is not None
        received = Totals(*(part for part in parts if part is not None))
        self._check_dates(issued_on, last_paid_on, received)
        self._check_sums(principal, rate, instalment, total, received)
        if self._has_fault():
            return None
        return Loan(
            name, self._row.number, issued_on, principal, rate, term, instalment, grade, outcome, received,
            last_paid_on, last_amount,
        )  # fmt: skip

    def _cell(self, column: str, parse: Callable[[str], T]) -> T | None:
        try:
            return parse(self._row.cells[column])
        except CellError as error:
            self._fault(column, str(error))
            return None

    def _has_fault(self) -> bool:
        return self._faulty

    def _fault(self, column: str, reason: str) -> None:
        self._faulty = True
        self._findings.add(self._row.number, column, reason)

    def _check_dates(self, issued_on: date, last_paid_on: date | None, received: Totals) -> None:
        if last_paid_on and last_paid_on < issued_on:
            self._fault(
                "last_pymnt_d", _("{last} is before the issue on {issued}").format(last=last_paid_on, issued=issued_on)
            )
        if received.paid and not last_paid_on:
            self._fault("last_pymnt_d", _("is empty though the loan was paid on"))

    def _check_sums(self, principal: int, rate: int, instalment: int, total: int, received: Totals) -> None:
        if received.principal > principal + _PRINCIPAL_TOLERANCE:
            self._fault("total_rec_prncp", _("more principal came back than was lent"))
        if abs(total - received.paid - received.recoveries) > _SUM_TOLERANCE:
            self._fault("total_pymnt", _("is not principal + interest + late fees + recoveries"))
        if instalment * 12_000_000 <= principal * rate:
            self._fault("installment", _("does not even cover the first month's interest"))


def _grade(text: str) -> int:
    """A..G as 1..7; no grade is 0."""
    if not text:
        return 0
    if len(text) != 1 or not "A" <= text.upper() <= "G":
        raise CellError(_("{text!r} is not a grade from A to G").format(text=text))
    return ord(text.upper()) - ord("A") + 1


def _outcome(text: str) -> Outcome:
    outcome = _STATUSES.get(text.lower().removeprefix(_OFF_POLICY).strip())
    if outcome is None:
        raise CellError(_("unknown status {text!r}").format(text=text))
    return outcome
