"""Interest on the scheduled balance (accrual 0): what is open in the oldest unpaid period, and how a payment serves it.

The schedule does not move when a borrower is late; lateness costs penalties. Only a prepayment or a restructure
changes later periods.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from lendchain.schedule.contract.dates import LoanCalendar
from lendchain.schedule.contract.refusals import Refusal, need
from lendchain.schedule.contract.split import Arrears, Split
from lendchain.schedule.contract.terms import (
    BPS,
    PPM,
    ContractTerms,
    LateMode,
    Method,
    Slot,
    exact_level,
    level_accepted,
)
from lendchain.schedule.rounding import round_half_up

__all__ = ["Figures", "ScheduledBalance"]

_NOTHING = Fraction(0)


@dataclass(frozen=True, slots=True)
class Figures:
    """An instalment's parts as the schedule asks for them, in minor units."""

    fee: int
    interest: int
    principal: int

    @property
    def total(self) -> int:
        """The instalment."""
        return self.fee + self.interest + self.principal

    def served(self, amount: int, order: tuple[Slot, ...]) -> dict[Slot, int]:
        """How `amount` fills the parts in the given order, penalties apart."""
        parts = {Slot.FEE: self.fee, Slot.INTEREST: self.interest, Slot.PRINCIPAL: self.principal}
        filled: dict[Slot, int] = {}
        for slot in order:
            if slot is not Slot.PENALTY:
                filled[slot] = min(amount, parts[slot])
                amount -= filled[slot]
        return filled


@dataclass(slots=True)
class ScheduledBalance:
    """A running loan of accrual 0. `period` is the oldest unpaid one, `balance` the principal before it."""

    terms: ContractTerms
    calendar: LoanCalendar
    balance: int
    level: int
    period: int = 0
    paid: int = 0
    """Paid in the open period, penalties apart."""
    carried: Fraction = _NOTHING
    """Interest of the open period up to `carried_to`, on the balances before its prepayments."""
    carried_to: date | None = None
    charged: Fraction = _NOTHING
    """Late charges of the open period, accrued ever up to `charged_to`."""
    charged_to: date | None = None
    charge_settled: int = 0
    """Late charges of the open period that were paid or waived."""

    @classmethod
    def begin(cls, terms: ContractTerms, start: date) -> ScheduledBalance:
        """The loan as it stands right after disbursement."""
        return cls(terms, LoanCalendar.of(terms, start), terms.principal, terms.level)

    # ------------------------------------------------------------------ figures of the open period

    def interest_until(self, day: date) -> Fraction:
        """Exact interest of the open period up to `day`; nothing before the period begins."""
        since = self.carried_to or self.calendar.boundary(self.period)
        if day <= since:
            return self.carried
        return self.carried + self.balance * self.terms.rate * self.calendar.years(self.period, since, day)

    def figures(self) -> Figures:
        """The instalment of the open period."""
        interest = round_half_up(self.interest_until(self.calendar.due(self.period)))
        principal = self._principal_part(interest)
        return Figures(self.terms.fee_on(interest + principal), interest, principal)

    def _principal_part(self, interest: int) -> int:
        if self.period == self.terms.count - 1:
            return self.balance
        if self.terms.method == Method.EQUAL_INSTALMENT:
            return min(max(self.level - interest, 0), self.balance)
        return min(self.level, self.balance) if self.terms.method == Method.EQUAL_PRINCIPAL else 0

    def charge_cap(self) -> int:
        """Most that all late charges of the open period may come to."""
        return self.figures().total * self.terms.penalty_cap // BPS

    def is_late(self, today: date) -> bool:
        """Whether the open period's grace days are over."""
        return today > self.calendar.late_day(self.period) + timedelta(days=self.terms.grace)

    def charge(self, today: date) -> Fraction:
        """Late charges of the open period accrued ever, to `today`."""
        if self.terms.late_mode != LateMode.BY_TIME or not self.is_late(today):
            return self.charged
        days = (today - (self.charged_to or self.calendar.late_day(self.period))).days
        unpaid = self.figures().total - self.paid
        return min(
            self.charged + Fraction(unpaid * self.terms.penalty_ppm * days, 365 * PPM), Fraction(self.charge_cap())
        )

    def charge_owed(self, today: date) -> int:
        """Late charges of the open period that can be paid today."""
        return round_half_up(self.charge(today)) - self.charge_settled

    def open_parts(self, today: date) -> dict[Slot, int]:
        """What is left to pay of the open period, by slot."""
        figures = self.figures()
        done = figures.served(self.paid, self.terms.order)
        return {
            Slot.PENALTY: self.charge_owed(today),
            Slot.FEE: figures.fee - done[Slot.FEE],
            Slot.INTEREST: figures.interest - done[Slot.INTEREST],
            Slot.PRINCIPAL: figures.principal - done[Slot.PRINCIPAL],
        }

    @property
    def principal_outstanding(self) -> int:
        """Principal not yet repaid, what was paid of the open period's part taken off."""
        if not self.balance:
            return 0
        return self.balance - self.figures().served(self.paid, self.terms.order)[Slot.PRINCIPAL]

    @property
    def is_paid(self) -> bool:
        """Whether nothing is left of the loan."""
        return not self.balance

    def remaining_rows(self) -> Iterator[tuple[int, Figures]]:
        """The instalments still to come by the schedule, the open one first, as if paid on time."""
        rest = copy.copy(self)
        while rest.balance:
            figures = rest.figures()
            yield rest.period, figures
            rest.close_period(figures)

    # ------------------------------------------------------------------ payments

    def step_over_empty(self, today: date) -> None:
        """Periods that owe nothing pass by time."""
        while self.balance and self.calendar.due(self.period) <= today:
            figures = self.figures()
            if figures.total:
                return
            self.close_period(figures)

    def payable(self, today: date, *, ahead: bool) -> int:
        """Most that `pay` would take."""
        return copy.copy(self).pay(None, today, ahead=ahead).total

    def pay(self, amount: int | None, today: date, *, ahead: bool) -> Split:
        """Serve the due periods, oldest first; with `ahead` the running one too. `None` pays all of them."""
        split = Split()
        while self.balance and amount != split.total:
            self.step_over_empty(today)
            if not self._may_pay(today, ahead=ahead):
                break
            part = self._pay_open_period(None if amount is None else amount - split.total, today)
            if not part.total:
                break
            split += part
        return split

    def _may_pay(self, today: date, *, ahead: bool) -> bool:
        return (self.calendar.boundary(self.period) if ahead else self.calendar.due(self.period)) <= today

    def _pay_open_period(self, amount: int | None, today: date) -> Split:
        figures = self.figures()
        wanted = self.open_parts(today)
        left = sum(wanted.values()) if amount is None else amount
        given = {}
        for slot in self.terms.order:
            given[slot] = min(left, wanted[slot])
            left -= given[slot]
        split = Split.of(given)
        self._fix_charge(today)
        self.charge_settled += split.penalty
        self.paid += split.total - split.penalty
        if given == wanted:
            self.close_period(figures)
        return split

    def _fix_charge(self, today: date) -> None:
        """Bring the late charges to today before what they run on changes."""
        if self.is_late(today):
            self.charged = self.charge(today)
            self.charged_to = today

    def close_period(self, figures: Figures) -> None:
        """Go on to the next period."""
        self.balance -= figures.principal
        self.period += 1
        self._clear_period()

    def _clear_period(self) -> None:
        self.paid = self.charge_settled = 0
        self.carried = self.charged = _NOTHING
        self.carried_to = self.charged_to = None

    def prepay(self, amount: int, new_level: int, today: date) -> Split:
        """Take `amount` off the balance inside the running period; `new_level` 0 keeps the instalment."""
        self.step_over_empty(today)
        need(self.calendar.due(self.period) > today and not self.paid, Refusal.PAY_OPEN_PERIOD_FIRST)
        need(0 < amount < self.balance, Refusal.NOT_BELOW_BALANCE)
        if new_level:
            periods = self.terms.count - self.period
            need(self._level_fits(new_level, self.balance - amount, self.terms.rate_ppm, periods), Refusal.LEVEL_RANGE)
        self.carried = self.interest_until(today)
        self.carried_to = max(today, self.carried_to or self.calendar.boundary(self.period))
        self.balance -= amount
        self.level = new_level or self.level
        return Split(principal=amount)

    def _level_fits(self, level: int, balance: int, rate_ppm: int, periods: int) -> bool:
        return level_accepted(self.terms.method, level, balance, rate_ppm, periods, self.terms.months)

    def lower_level(self, amount: int, today: date) -> int:
        """The level that a prepayment of `amount` with the lower instalment must name."""
        rest = copy.copy(self)
        rest.step_over_empty(today)
        periods = rest.terms.count - rest.period
        return exact_level(self.terms.method, rest.balance - amount, self.terms.rate_ppm, periods, self.terms.months)

    def pay_off(self, today: date, *, ahead: bool) -> Split:
        """Everything due; with `ahead` also the rest of the loan, with interest to the day."""
        split = self.pay(None, today, ahead=False)
        if not ahead or not self.balance:
            return split
        done = self.figures().served(self.paid, self.terms.order)
        interest = 0 if self.is_cooling(today) else round_half_up(self.interest_until(today))
        interest = max(interest, done[Slot.INTEREST])
        fee = max(self.terms.fee_on(interest), done[Slot.FEE])
        rest = Split(
            penalty=0,
            fee=fee - done[Slot.FEE],
            interest=interest - done[Slot.INTEREST],
            principal=self.balance - done[Slot.PRINCIPAL],
        )
        self.balance = 0
        self._clear_period()
        return split + rest

    def is_cooling(self, today: date) -> bool:
        """Whether a pay-off still bears no interest."""
        return (today - self.calendar.boundary(0)).days <= self.terms.cooling_days

    def collectable(self, period: int, target: int, today: date) -> int:
        """What an operator's item for `period` brings: up to `target` of the instalment, and late charges owed.

        An instalment paid beyond the target is left alone: a payment that served late charges last may have taken
        their share already, and an item repeated must have no effect.
        """
        self.step_over_empty(today)
        total = self.figures().total
        wanted = min(target, total)
        if self.period != period or self.calendar.late_day(period) > today or wanted <= self.paid < total:
            return 0
        return max(wanted - self.paid, 0) + self.charge_owed(today)

    # ------------------------------------------------------------------ late charges, default, new terms

    def levy(self, amount: int, today: date) -> None:
        """Add a late fee to the open period."""
        self.step_over_empty(today)
        need(self.terms.late_mode == LateMode.LEVIED and self.is_late(today), Refusal.NOT_LATE)
        need(self.charged + amount <= self.charge_cap(), Refusal.LATE_CHARGE_CAP)
        self.charged += amount

    def waive(self, amount: int, today: date) -> None:
        """Forgive late charges that are owed."""
        self.step_over_empty(today)
        need(0 < amount <= self.charge_owed(today), Refusal.MORE_THAN_ALLOWED)
        self.charge_settled += amount
        if not any(self.open_parts(today).values()):
            self.close_period(self.figures())

    def waive_rest(self, today: date) -> Split:
        """Forgive what is left of the last instalment and close the loan."""
        self.step_over_empty(today)
        parts = self.open_parts(today)
        last = self.figures().principal == self.balance
        need(last and sum(parts.values()) <= self.terms.rest_cap, Refusal.REST_ABOVE_CAP)
        self.balance = 0
        self._clear_period()
        return Split.of(parts)

    def oldest_late_day(self, today: date) -> date:
        """Day from which the oldest unpaid period that has an amount counts as late."""
        rest = copy.copy(self)
        rest.step_over_empty(today)
        return rest.calendar.late_day(rest.period)

    def elapsed(self, today: date) -> int:
        """The period that a restructure or a collection names: the oldest one with an amount."""
        rest = copy.copy(self)
        rest.step_over_empty(today)
        return rest.period

    def default(self, today: date) -> Arrears:
        """Stop the clocks and fix what is owed."""
        self.step_over_empty(today)
        parts = self.open_parts(today)
        return Arrears(self.principal_outstanding, sum(parts.values()) - parts[Slot.PRINCIPAL])

    def restructure(self, rate_ppm: int, count: int, level: int, defer_months: int, today: date) -> None:
        """Go on with a new rate, number of instalments and level, so many months later."""
        self.step_over_empty(today)
        need(not self.paid, Refusal.PAY_OPEN_PERIOD_FIRST)
        terms = replace(self.terms, rate_ppm=rate_ppm, count=count)
        need(terms.size_fits(self.balance), Refusal.RESTRUCTURE_RANGE)
        need(self._level_fits(level, self.balance, rate_ppm, count - self.period), Refusal.RESTRUCTURE_RANGE)
        carried, carried_to = self.carried, self.carried_to
        self._clear_period()
        self.terms = terms
        self.calendar = self.calendar.deferred(defer_months)
        self.level = level
        if carried_to:
            self.carried, self.carried_to = carried, max(carried_to, self.calendar.boundary(self.period))
