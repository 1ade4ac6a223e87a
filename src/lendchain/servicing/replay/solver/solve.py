"""Finds for each loan of a totals-only file a payment path that explains its totals. It is never its history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from lendchain.servicing.replay.book import Loan, Outcome
from lendchain.servicing.replay.solver.arithmetic import month_interest
from lendchain.servicing.replay.solver.fees import place_late_fees
from lendchain.servicing.replay.solver.paid import Found, PaidLoan
from lendchain.servicing.replay.solver.path import Cause, Path, Rule, Solution
from lendchain.servicing.replay.solver.unpaid import UnpaidLoan

REST_CAP: Final = 100  # minor units: the most that the servicer may waive to close a loan
_LOWERED_RATE_PPM: Final = 60_000  # the file's rows of 6.00 %: the rate was lowered during the loan's life


def solve(loan: Loan) -> Solution:
    """The loan's path by the first rule that meets all its totals, else the nearest one with the cause."""
    solution = _paid(loan) if loan.outcome is Outcome.PAID else _unpaid(loan)
    return place_late_fees(loan, solution)


def _paid(loan: Loan) -> Solution:
    waived = loan.principal - loan.received.principal
    months = loan.months_to_last
    if not 0 <= waived <= REST_CAP:
        search = PaidLoan(loan, 0)
        found = _first_paid(search, months)
        payments = found.payments if found else search.nearest(max(months, 1))
        return Solution(Path(payments), None, Cause.PRINCIPAL_ABOVE_LOAN)
    search = PaidLoan(loan, waived)
    found = _first_paid(search, months)
    if found is None:
        return Solution(Path(search.nearest(max(months, 1))), None, _cause(loan))
    rule = Rule.REST_WAIVED if waived and found.rule < Rule.REST_WAIVED else found.rule
    return Solution(Path(found.payments, waived), rule)


def _first_paid(search: PaidLoan, months: int) -> Found | None:
    if months >= 1 and (plain := search.plain(months)):
        return plain
    if months >= 2 and (later := search.plain(months - 1)):
        return Found(later.payments, Rule.MONTH_LATER, later.off)
    ends = [end for end in (months, months - 1) if end >= 1]
    for rule in (search.odd_payment, search.paid_ahead, search.skipped, search.two_odd):
        found = [path for end in ends if (path := rule(end))]
        if found:
            return min(found, key=lambda path: path.off)
    for rule in (search.plain, search.odd_payment, search.paid_ahead, search.skipped):
        if path := rule(months + 1):
            return Found(path.payments, Rule.LAST_MONTH_OPEN, path.off)
    return None


def _unpaid(loan: Loan) -> Solution:
    search = UnpaidLoan(loan)
    if not loan.received.principal + loan.received.interest:
        return Solution(Path(()), Rule.PLAIN)
    months = max(loan.months_to_last, 1)
    for rule, payments in _unpaid_attempts(search, months):
        if payments is not None:
            return Solution(Path(payments), rule)
    return Solution(Path(search.nearest(months)), None, _cause(loan))


def _unpaid_attempts(search: UnpaidLoan, months: int) -> Iterator[tuple[Rule, tuple[int, ...] | None]]:
    ends = [end for end in (months, months - 1) if end >= 1]
    yield Rule.PLAIN, search.plain()
    for end in ends:
        yield Rule.MONTH_LATER, search.plain_until(end)
    for end in ends:
        yield Rule.ODD_PAYMENT, search.shifted(end)
    for end in ends:
        yield Rule.SKIPPED, search.paused(end)
    for end in ends:
        yield Rule.TWO_ODD, search.paused_and_shifted(end)
    for end in ends:
        yield Rule.LAST_AMOUNT_OPEN, search.last_open(end)
    for end in _outwards(months):
        yield Rule.LAST_MONTH_OPEN, search.last_open(end)


def _outwards(months: int) -> Iterator[int]:
    """Other last months, nearest first."""
    for distance in range(1, months + 2):
        yield months + distance
        if distance > 1 and months - distance >= 1:
            yield months - distance


def _cause(loan: Loan) -> Cause:
    first = month_interest(loan.principal, loan.rate_ppm)
    if loan.received.interest < first:
        return Cause.LESS_THAN_A_MONTHS_INTEREST
    if loan.rate_ppm == _LOWERED_RATE_PPM:
        return Cause.RATE_CHANGED
    if loan.months_to_last <= 2:
        return Cause.WITHIN_A_MONTH
    return Cause.NO_WHOLE_MONTH_PATH
