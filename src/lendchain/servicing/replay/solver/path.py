"""What the solver hands out: a payment path that explains a loan's totals, or the nearest one and why none does."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Rule(IntEnum):
    """The rules in the order they are tried; docs/replay.md tells them in full."""

    PLAIN = 0
    MONTH_LATER = 1
    ODD_PAYMENT = 2
    PAID_AHEAD = 3
    SKIPPED = 4
    TWO_ODD = 5
    REST_WAIVED = 6
    LAST_AMOUNT_OPEN = 7
    LAST_MONTH_OPEN = 8


class Cause(StrEnum):
    """Why no path of the contract can explain a loan's totals."""

    PRINCIPAL_ABOVE_LOAN = "principal-above-loan"
    LESS_THAN_A_MONTHS_INTEREST = "less-than-a-months-interest"
    RATE_CHANGED = "rate-changed"
    WITHIN_A_MONTH = "within-a-month"
    NO_WHOLE_MONTH_PATH = "no-whole-month-path"
    NEVER_LATE = "never-late"


@dataclass(frozen=True, slots=True)
class Levy:
    """A late fee levied, and paid with the payment of its month."""

    month: int
    amount: int


@dataclass(frozen=True, slots=True)
class Path:
    """Payments by month after issue (the first is month 1), without late fees; those are levied and paid on top.

    `waived` is the small rest that the servicer waives after the last payment. It explains totals, it is not history.
    """

    payments: tuple[int, ...]
    waived: int = 0
    levies: tuple[Levy, ...] = ()

    @property
    def last_month(self) -> int:
        """The month of the last payment; 0 when nothing is paid."""
        return len(self.payments)


@dataclass(frozen=True, slots=True)
class Solution:
    """A loan's path with the rule that found it; `cause` is set when the path is only the nearest one."""

    path: Path
    rule: Rule | None
    cause: Cause | None = None
