"""Puts a loan's late fees into months where the contract lets the servicer levy one: where an instalment is late."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from lendchain.servicing.replay.book import Loan
from lendchain.servicing.replay.solver.path import Cause, Levy, Path, Solution

# The source's own tariff: the greater of 15 dollars and 5 % of the instalment.
_LEAST_FEE: Final = 1500
_FEE_PERCENT: Final = 5


def place_late_fees(loan: Loan, solution: Solution) -> Solution:
    """The solution with the file's late fees levied by the tariff, each paid with the payment of its month.

    Months with arrears from before come first, then late ones of the life; the last month only when no other is left.
    A loan that is never late by the path can't be charged: then the fees stay unmet.
    """
    total = loan.received.late_fees
    if not total:
        return solution
    months = _late_months(loan, solution.path)
    if not months:
        return Solution(solution.path, None, solution.cause or Cause.NEVER_LATE)
    unit = max(_LEAST_FEE, loan.instalment * _FEE_PERCENT // 100)
    amounts = [unit] * (total // unit) + ([total % unit] if total % unit else [])
    by_month: dict[int, int] = {}
    for place, amount in enumerate(amounts):
        month = months[place % len(months)]
        by_month[month] = by_month.get(month, 0) + amount
    if not _within_cap(loan, by_month):
        return Solution(solution.path, None, solution.cause or Cause.NEVER_LATE)
    levies = tuple(Levy(month, by_month[month]) for month in sorted(by_month))
    return replace(solution, path=replace(solution.path, levies=levies))


def _late_months(loan: Loan, path: Path) -> list[int]:
    """Months with a payment before which the due instalment is still open, best first."""
    late, paid = [], 0
    for month, payment in enumerate(path.payments, start=1):
        covered = min(paid // loan.instalment, loan.term_months - 1)
        if covered < month and payment:
            in_arrears = paid < loan.instalment * min(month - 1, loan.term_months)
            late.append((month == path.last_month, not in_arrears, -month))
        paid += payment
    return [-month for _, _, month in sorted(late)]


def _within_cap(loan: Loan, by_month: dict[int, int]) -> bool:
    """All fees levied so far stay within one instalment for each due date passed."""
    levied = 0
    for month in sorted(by_month):
        levied += by_month[month]
        if levied > month * loan.instalment:
            return False
    return True
