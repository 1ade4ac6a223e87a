"""The loan book's packed words, taken apart and put together: the same table as `contracts/modules/words.vy`.

A loan is up to six words (`who`, `rules`, `state`, `sums`, `extra`, `shifts`); a position, a ballot and a mandate
are one each.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Any, ClassVar, Final, Self

__all__ = [
    "BIAS",
    "Ballot",
    "DefaultedState",
    "Mandate",
    "Position",
    "Rules",
    "RunningExtra",
    "ScheduledExtra",
    "State",
    "Status",
    "Sums",
    "Who",
    "Word",
    "WordIndex",
    "shift_days",
]

BIAS: Final = 2**95
"""What is added to a position's debts, so that they may be negative."""


class WordIndex(IntEnum):
    """The second argument of `LoanBook.loans`."""

    WHO = 0
    RULES = 1
    STATE = 2
    SUMS = 3
    EXTRA = 4
    SHIFTS = 5


class Status(IntEnum):
    """What the book stores; current, in grace, late and callable follow from time."""

    FUNDING = 0
    ACTIVE = 1
    DEFAULTED = 2
    CANCELLED = 3
    CLOSED = 4
    WRITTEN_OFF = 5


class Word:
    """A word of 256 bits with named fields, lowest first; subclasses give the widths in bits, in that order."""

    WIDTHS: ClassVar[tuple[int, ...]]

    @classmethod
    def decode(cls, word: int) -> Self:
        """The fields of a word; bits above the last field must be zero."""
        values = []
        for width in cls.WIDTHS:
            values.append(word & ((1 << width) - 1))
            word >>= width
        if word:
            raise ValueError(f"{cls.__name__}: bits above the last field")
        return cls(*values)

    def encode(self) -> int:
        """The word; `ValueError` when a field is wider than its place."""
        word, at = 0, 0
        for field, width in zip(fields(self), self.WIDTHS, strict=True):  # type: ignore[arg-type]
            value: Any = getattr(self, field.name)
            if not 0 <= value < 1 << width:
                raise ValueError(f"{type(self).__name__}.{field.name}: {value} does not fit {width} bits")
            word |= value << at
            at += width
        return word


@dataclass(frozen=True, slots=True)
class Who(Word):
    """Whom a loan is lent to and in what units. Written at request."""

    borrower: int
    unit_price: int
    units: int
    open_fee_bps: int
    grade: int
    draw_days: int

    WIDTHS: ClassVar[tuple[int, ...]] = (160, 47, 24, 12, 4, 6)

    @property
    def principal(self) -> int:
        """Minor units lent."""
        return self.units * self.unit_price

    @property
    def borrower_address(self) -> str:
        """The borrower's account, lower case."""
        return f"0x{self.borrower:040x}"


@dataclass(frozen=True, slots=True)
class Rules(Word):
    """What was signed. Written at request and by a restructure."""

    rate_ppm: int
    count: int
    method: int
    day_count: int
    months: int
    zone: int
    grace: int
    penalty_ppm: int
    penalty_cap: int
    default_days: int
    waterfall: int
    fee_bps: int
    deadline: int
    cooling_days: int
    min_ticket: int
    cap: int
    coverage: int
    accrual: int
    late_mode: int
    shifted: int
    value_days: int
    rest_cap: int

    WIDTHS: ClassVar[tuple[int, ...]] = (
        *(24, 10, 2, 2, 8, 7, 6, 24, 14, 10, 8, 12, 40, 5, 24, 24, 14, 1, 1, 1, 5, 10),
    )


@dataclass(frozen=True, slots=True)
class State(Word):
    """How far a loan that is not in default has come. Written by each payment."""

    odd: int
    """1 while the word `extra` counts."""
    period: int
    """Accrual 0: oldest unpaid period. Accrual 1: periods billed."""
    balance: int
    paid: int
    """Accrual 0: paid in the oldest period, penalties apart."""
    level: int
    start_month: int
    """Year * 12 + month - 1 of the day of disbursement."""
    start_day: int
    penalty_since: int
    """Accrual 0: day up to which the penalty numerator was brought, when that is later than the late day."""
    owed: int
    """Accrual 1: billed interest not yet paid."""

    WIDTHS: ClassVar[tuple[int, ...]] = (1, 12, 47, 48, 48, 16, 5, 18, 60)


@dataclass(frozen=True, slots=True)
class DefaultedState(Word):
    """The same word from default on."""

    odd: int
    period: int
    base: int
    """Principal outstanding at default, O."""
    recovered: int
    """Principal recovered so far, R."""
    guaranteed: int
    """What the guarantee paid and has not had back."""
    start_month: int
    start_day: int
    unused: int
    arrears: int
    """Arrears still missing."""

    WIDTHS: ClassVar[tuple[int, ...]] = State.WIDTHS

    @property
    def missing(self) -> int:
        """Principal that lenders still miss."""
        return self.base - self.recovered - self.guaranteed


@dataclass(frozen=True, slots=True)
class Sums(Word):
    """What was credited to all lenders together. Written by fundings, payments, and claims after the end."""

    units: int
    principal: int
    interest: int
    """Penalties and late fees included."""
    dust_principal: int
    dust_interest: int
    fees: int
    """Fees paid by the borrower and not yet taken."""
    cap: int
    free: int
    status: int

    WIDTHS: ClassVar[tuple[int, ...]] = (24, 48, 60, 24, 24, 48, 24, 1, 3)


@dataclass(frozen=True, slots=True)
class ScheduledExtra(Word):
    """Accrual 0: what is odd about the oldest period."""

    accrued: int
    """Interest numerator up to `accrued_to`, after a prepayment inside the period."""
    accrued_to: int
    penalty: int
    """Penalty accrued or levied ever in the period, in 1/365,000,000 of a minor unit."""
    penalty_paid: int
    """Paid or waived."""

    WIDTHS: ClassVar[tuple[int, ...]] = (96, 18, 80, 48)


@dataclass(frozen=True, slots=True)
class RunningExtra(Word):
    """Accrual 1: running interest and late fees."""

    accrued: int
    accrued_to: int
    """0: the day of disbursement."""
    fees_open: int
    fees_paid: int

    WIDTHS: ClassVar[tuple[int, ...]] = (96, 18, 48, 48)


@dataclass(frozen=True, slots=True)
class Position(Word):
    """What a holder has of a loan. A position of u units of U is owed (u * sum - debt) / U of each total."""

    units: int
    biased_principal_debt: int
    biased_interest_debt: int
    ballot: int

    WIDTHS: ClassVar[tuple[int, ...]] = (24, 96, 96, 32)

    @property
    def principal_debt(self) -> int:
        """In 1/U of a minor unit."""
        return self.biased_principal_debt - BIAS

    @property
    def interest_debt(self) -> int:
        """In 1/U of a minor unit."""
        return self.biased_interest_debt - BIAS


@dataclass(frozen=True, slots=True)
class Ballot(Word):
    """The open vote on other terms."""

    round: int
    votes: int
    digest: int
    """The upper 200 bits of the proposal's digest."""

    WIDTHS: ClassVar[tuple[int, ...]] = (32, 24, 200)


@dataclass(frozen=True, slots=True)
class Mandate(Word):
    """The account that a loan is collected from."""

    payer: int
    expiry: int
    per_call: int

    WIDTHS: ClassVar[tuple[int, ...]] = (160, 40, 48)


def shift_days(shifts: int, period: int) -> int:
    """Days by which the due date of a period is moved for lateness and collection."""
    return (shifts >> (4 * period)) & 15
