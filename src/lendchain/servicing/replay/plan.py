"""Turns a loan's path into dated acts of borrower, servicer and collector."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import IntEnum
from typing import Final

from lendchain.servicing.replay.book import Kind, Loan, Outcome, add_months
from lendchain.servicing.replay.solver import Path, Solution

# A late payment of the path is made on this day after its due date: the grace days are over, the month is not.
LATE_BY_DAYS: Final = 17
DEFAULT_AFTER_MONTHS: Final = 5
_CALLABLE_MONTHS: Final = 4  # months after an unpaid due date in which grace and default days are surely over
_WRITE_OFF_AFTER_MONTHS: Final = 1
_RECOVERY_MONTHS: Final = (2, 5, 8)
# A mandate lets the servicer collect at most so many instalments at once; a borrower pays larger sums himself.
MANDATE_INSTALMENTS: Final = 2


class Act(IntEnum):
    """What is done, in the order of one day."""

    LEVY = 1
    COLLECT = 2
    REPAY = 3
    PAY_OFF = 4
    WAIVE_REST = 5
    DEFAULT = 6
    COVER = 7
    WRITE_OFF = 8
    RECOVER = 9
    RECOVER_ALL = 10


_FROM_BORROWER: Final = (Act.COLLECT, Act.REPAY, Act.PAY_OFF)


@dataclass(frozen=True, slots=True)
class Step:
    """One act on one loan.

    `amount` is the money that moves or is levied. For a collection `period` is the number of due dates passed and
    `target` what is then paid in all, late fees apart. `row` is the file's line, 0 when a rule made the step.
    """

    day: date
    act: Act
    amount: int = 0
    period: int = 0
    target: int = 0
    row: int = 0

    @property
    def borrower_pays(self) -> int:
        """What leaves the borrower's account."""
        return self.amount if self.act in _FROM_BORROWER else 0


@dataclass(frozen=True, slots=True)
class Plan:
    """A loan's life to be lived: its path, why it was chosen, and the steps in order."""

    loan: Loan
    solution: Solution | None
    steps: tuple[Step, ...]

    @property
    def per_call(self) -> int:
        """The limit of the borrower's mandate for one collection."""
        return self.loan.instalment * MANDATE_INSTALMENTS


def plan_of_path(loan: Loan, solution: Solution) -> Plan:
    """Steps of a solved path: on due dates, late ones with a fee; then default and recoveries by the stated rule."""
    steps = list(_payments(loan, solution.path))
    if loan.outcome is Outcome.CHARGED_OFF:
        steps += _default(loan, solution.path)
    return Plan(loan, solution, tuple(steps))


def _payments(loan: Loan, path: Path) -> Iterator[Step]:
    fees = {levy.month: levy.amount for levy in path.levies}
    paid = 0
    for month, amount in enumerate(path.payments, start=1):
        fee = fees.get(month, 0)
        day = add_months(loan.issued_on, month) + timedelta(days=LATE_BY_DAYS if fee else 0)
        if fee:
            yield Step(day, Act.LEVY, fee)
        if amount:
            paid += amount
            yield _payment(loan, path, month, day, amount + fee, paid)
    if path.waived:
        yield Step(day, Act.WAIVE_REST)


def _payment(loan: Loan, path: Path, month: int, day: date, money: int, paid: int) -> Step:
    """Collected by mandate when it is due and within the mandate; else the borrower pays it himself."""
    is_due = month >= loan.term_months or paid <= loan.instalment * month
    if is_due and money <= loan.instalment * MANDATE_INSTALMENTS:
        return Step(day, Act.COLLECT, money, month, paid)
    ends = loan.outcome is Outcome.PAID and month == path.last_month and not path.waived
    return Step(day, Act.PAY_OFF if ends else Act.REPAY, money)


def _default(loan: Loan, path: Path) -> Iterator[Step]:
    """Default called five months after the last payment, or as soon after it as the contract allows."""
    covered = min(sum(path.payments) // loan.instalment, loan.term_months - 1)
    month = max(path.last_month + DEFAULT_AFTER_MONTHS, covered + 1 + _CALLABLE_MONTHS)
    yield Step(add_months(loan.issued_on, month), Act.DEFAULT)
    yield Step(add_months(loan.issued_on, month), Act.COVER)
    yield Step(add_months(loan.issued_on, month + _WRITE_OFF_AFTER_MONTHS), Act.WRITE_OFF)
    left = loan.received.recoveries
    outstanding = loan.principal - loan.received.principal
    parts = len(_RECOVERY_MONTHS) if len(_RECOVERY_MONTHS) < left < outstanding else 1
    for place in range(parts if left else 0):
        is_last = place == parts - 1
        amount = left if is_last else loan.received.recoveries // parts
        left -= amount
        day = add_months(loan.issued_on, month + _RECOVERY_MONTHS[place])
        yield Step(day, Act.RECOVER_ALL if is_last else Act.RECOVER, amount)


_ACTS: Final = {
    Kind.PAYMENT: Act.REPAY,
    Kind.LATE_FEE: Act.LEVY,
    Kind.REST_WAIVED: Act.WAIVE_REST,
    Kind.DEFAULT: Act.DEFAULT,
    Kind.WRITE_OFF: Act.WRITE_OFF,
    Kind.RECOVERY: Act.RECOVER_ALL,
}


def plan_of_entries(loan: Loan) -> Plan:
    """The steps of a plain file's lines, on their days in the order of acts; the guarantee pays at default."""
    steps: list[Step] = []
    for entry in loan.entries:
        steps.append(Step(entry.day, _ACTS[entry.kind], entry.amount, row=entry.row))
        if entry.kind is Kind.DEFAULT:
            steps.append(Step(entry.day, Act.COVER))
    return Plan(loan, None, tuple(sorted(steps, key=lambda step: (step.day, step.act))))
