"""Interest on the outstanding balance (accrual 1): a payment lowers what bears interest on the day it is made.

Interest of a period is billed when its due date passes and then waits without bearing interest itself.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from lendchain.schedule.contract.dates import LoanCalendar
from lendchain.schedule.contract.refusals import Refusal, need
from lendchain.schedule.contract.split import Arrears, Split
from lendchain.schedule.contract.terms import BPS, ContractTerms
from lendchain.schedule.rounding import round_half_up

__all__ = ["OutstandingBalance"]


@dataclass(slots=True)
class OutstandingBalance:
    """A running loan of accrual 1."""

    terms: ContractTerms
    calendar: LoanCalendar
    balance: int
    level: int
    accrued_to: date
    billed: int = 0
    """Periods whose interest was billed."""
    owed: int = 0
    """Billed interest not yet paid."""
    accrued: Fraction = Fraction(0)
    """Interest since the last bill, exactly."""
    fees_open: int = 0
    fees_paid: int = 0
    interest_paid: int = 0

    @classmethod
    def begin(cls, terms: ContractTerms, start: date) -> OutstandingBalance:
        """The loan as it stands right after disbursement."""
        return cls(terms, LoanCalendar.of(terms, start), terms.principal, terms.level, start)

    # ------------------------------------------------------------------ time

    def value_day(self, today: date) -> date:
        """The day as of which an act of today counts."""
        last_due = self.calendar.boundary(self.calendar.due_dates_passed(today))
        return last_due if 0 <= (today - last_due).days <= self.terms.value_days else today

    def accrue(self, today: date) -> None:
        """Bill the periods that ended and let interest run to the value day."""
        while self.billed < self.calendar.due_dates_passed(today):
            end = self.calendar.boundary(self.billed + 1)
            self._run(end)
            self.owed += round_half_up(self.accrued)
            self.accrued = Fraction(0)
            self.billed += 1
        self._run(self.value_day(today))

    def _run(self, day: date) -> None:
        if day > self.accrued_to:
            years = self.calendar.years(self.billed, self.accrued_to, day)
            self.accrued += self.balance * self.terms.rate * years
            self.accrued_to = day

    def at(self, today: date) -> OutstandingBalance:
        """A copy brought to today."""
        seen = copy.copy(self)
        seen.accrue(today)
        return seen

    # ------------------------------------------------------------------ what is owed; all of these after `accrue`

    @property
    def paid(self) -> int:
        """Principal and interest paid so far."""
        return self.terms.principal - self.balance + self.interest_paid

    @property
    def broken(self) -> int:
        """Interest since the last bill, rounded."""
        return round_half_up(self.accrued)

    @property
    def principal_outstanding(self) -> int:
        """Principal not yet repaid."""
        return self.balance

    def is_cooling(self, today: date) -> bool:
        """Whether paying all of it still bears no interest."""
        return (today - self.calendar.boundary(0)).days <= self.terms.cooling_days

    def all_open(self, today: date) -> int:
        """Interest and principal that would end the loan today, late fees apart."""
        return self.owed + self.balance + (0 if self.is_cooling(today) else self.broken)

    def due_open(self, today: date) -> int:
        """Interest and principal due today and not yet paid."""
        passed = self.calendar.due_dates_passed(today)
        if passed >= self.terms.count:
            return self.all_open(today)
        return max(0, min(self.all_open(today), self.level * passed - self.paid))

    def _covered(self) -> int:
        return min(self.paid // self.level, self.terms.count - 1)

    def payable(self, today: date, *, ahead: bool) -> int:
        """Most that `pay` would take: what is due, or with `ahead` everything."""
        seen = self.at(today)
        return seen.fees_open + (seen.all_open(today) if ahead else seen.due_open(today))

    def oldest_late_day(self, today: date) -> date:  # noqa: ARG002 - same question for both accruals
        """Day from which the oldest instalment not covered counts as late."""
        return self.calendar.late_day(self._covered())

    def is_late(self, today: date) -> bool:
        """Whether that instalment's grace days are over."""
        return today > self.oldest_late_day(today) + timedelta(days=self.terms.grace)

    def elapsed(self, today: date) -> int:
        """The period that a restructure or a collection names: due dates passed."""
        return self.calendar.due_dates_passed(today)

    # ------------------------------------------------------------------ payments

    def pay(self, amount: int | None, today: date, *, ahead: bool) -> Split:
        """Late fees, billed interest, then principal at once; `None` pays all that may be paid."""
        most = self.payable(today, ahead=ahead)
        amount = most if amount is None else min(amount, most)
        self.accrue(today)
        if amount >= self.fees_open + self.all_open(today):
            return self._pay_all(today)
        fee = min(amount, self.fees_open)
        interest = min(amount - fee, self.owed)
        principal = min(amount - fee - interest, self.balance)
        self.fees_open -= fee
        self.fees_paid += fee
        self.owed -= interest
        self.balance -= principal
        if not self.balance:
            interest += self._bill_the_rest(amount - fee - interest - principal)
        self.interest_paid += interest
        return Split(penalty=fee, interest=interest, principal=principal)

    def _bill_the_rest(self, leftover: int) -> int:
        self.owed += self.broken
        self.accrued = Fraction(0)
        self.owed -= leftover
        return leftover

    def _pay_all(self, today: date) -> Split:
        broken = 0 if self.is_cooling(today) else self.broken
        split = Split(penalty=self.fees_open, interest=self.owed + broken, principal=self.balance)
        self._close()
        self.fees_paid += split.penalty
        self.interest_paid += split.interest
        return split

    def _close(self) -> None:
        self.balance = self.owed = self.fees_open = 0
        self.accrued = Fraction(0)

    @property
    def is_paid(self) -> bool:
        """Whether nothing of principal, interest and late fees is left."""
        return not (self.balance or self.owed or self.fees_open)

    def pay_off(self, today: date, *, ahead: bool) -> Split:
        """Everything; without `ahead` everything due."""
        return self.pay(None, today, ahead=ahead)

    def collectable(self, period: int, target: int, today: date) -> int:
        """What an operator's item brings after `period` due dates: up to `target` paid in all, and late fees."""
        seen = self.at(today)
        if seen.calendar.due_dates_passed(today) != period:
            return 0
        due = seen.due_open(today)
        return max(0, min(target - seen.paid, due)) + seen.fees_open

    # ------------------------------------------------------------------ late fees, default, new terms

    def levy(self, amount: int, today: date) -> None:
        """Add a late fee."""
        need(self.is_late(today), Refusal.NOT_LATE)
        cap = self.calendar.due_dates_passed(today) * (self.level * self.terms.penalty_cap // BPS)
        need(self.fees_open + self.fees_paid + amount <= cap, Refusal.LATE_CHARGE_CAP)
        self.fees_open += amount

    def waive(self, amount: int, today: date) -> None:  # noqa: ARG002 - same act for both accruals
        """Forgive late fees that are open."""
        need(0 < amount <= self.fees_open, Refusal.MORE_THAN_ALLOWED)
        self.fees_open -= amount

    def waive_rest(self, today: date) -> Split:
        """Forgive all that is left and close the loan."""
        self.accrue(today)
        interest = self.all_open(today) - self.balance
        rest = Split(penalty=self.fees_open, interest=interest, principal=self.balance)
        need(rest.total <= self.terms.rest_cap, Refusal.REST_ABOVE_CAP)
        self._close()
        return rest

    def default(self, today: date) -> Arrears:
        """Stop the clocks and fix what is owed."""
        self.accrue(today)
        return Arrears(self.balance, self.owed + self.fees_open)

    def restructure(self, rate_ppm: int, count: int, level: int, defer_months: int, today: date) -> None:
        """Go on with a new rate, number of instalments and level, so many months later."""
        self.accrue(today)
        terms = replace(self.terms, rate_ppm=rate_ppm, count=count)
        need(terms.size_fits(self.balance), Refusal.RESTRUCTURE_RANGE)
        need(terms.longest_interest(self.balance) < level < 2**47, Refusal.RESTRUCTURE_RANGE)
        self.terms = terms
        self.calendar = self.calendar.deferred(defer_months)
        self.level = level
        self.billed = self.calendar.due_dates_passed(today)
        self.accrued_to = max(self.accrued_to, self.calendar.boundary(self.billed))
