"""A loan book as the replay sees it, whatever file it came from. Money is whole minor units, months are counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path


class Layout(StrEnum):
    """The files the replay reads."""

    LENDING_CLUB = "lendingclub"
    PLAIN = "plain"


class Outcome(StrEnum):
    """How a loan ended in the file."""

    PAID = "paid"
    CHARGED_OFF = "charged-off"
    OPEN = "open"


class Kind(StrEnum):
    """What a dated line of the plain layout says."""

    PAYMENT = "payment"
    LATE_FEE = "late_fee"
    REST_WAIVED = "rest_waived"
    DEFAULT = "default"
    WRITE_OFF = "write_off"
    RECOVERY = "recovery"


@dataclass(frozen=True, slots=True)
class Totals:
    """What a loan returned in all, in minor units."""

    principal: int = 0
    interest: int = 0
    late_fees: int = 0
    recoveries: int = 0

    @property
    def paid(self) -> int:
        """Everything the borrower paid before the loan was given up."""
        return self.principal + self.interest + self.late_fees

    def __add__(self, other: Totals) -> Totals:
        return Totals(
            self.principal + other.principal,
            self.interest + other.interest,
            self.late_fees + other.late_fees,
            self.recoveries + other.recoveries,
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """One dated line of a loan in the plain layout."""

    day: date
    kind: Kind
    amount: int
    row: int


@dataclass(frozen=True, slots=True)
class Loan:
    """One loan of the file. `rate_ppm`: nominal rate a year in parts per million. `grade`: 1 is the best, 0 none."""

    name: str
    row: int
    issued_on: date
    principal: int
    rate_ppm: int
    term_months: int
    instalment: int
    grade: int
    outcome: Outcome
    received: Totals
    last_paid_on: date | None = None
    last_amount: int = 0
    entries: tuple[Entry, ...] = ()

    @property
    def months_to_last(self) -> int:
        """Calendar months from issue to the last payment; 0 when nothing was paid."""
        return months_between(self.issued_on, self.last_paid_on) if self.last_paid_on else 0

    @property
    def group(self) -> str:
        """The group results are told by: paid to term, prepaid, charged off or open."""
        if self.outcome is not Outcome.PAID:
            return self.outcome.value
        return "to-term" if self.months_to_last >= self.term_months else "prepaid"

    @property
    def vintage(self) -> int:
        """The year of issue."""
        return self.issued_on.year


@dataclass(frozen=True, slots=True)
class Book:
    """A checked file."""

    file: Path
    layout: Layout
    loans: tuple[Loan, ...]

    def first(self, count: int | None) -> Book:
        """A part of the book that is spread over all its vintages: every n-th loan in the order of issue."""
        if count is None or count >= len(self.loans):
            return self
        total = len(self.loans)
        return Book(self.file, self.layout, tuple(self.loans[i * total // count] for i in range(count)))


def months_between(start: date, end: date) -> int:
    """Calendar months from one date's month to another's."""
    return (end.year - start.year) * 12 + end.month - start.month


def add_months(start: date, months: int) -> date:
    """The same day `months` later, on the last day of a shorter month."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    for day in range(start.day, 27, -1):
        try:
            return date(year, month + 1, day)
        except ValueError:
            continue
    return date(year, month + 1, min(start.day, 28))
