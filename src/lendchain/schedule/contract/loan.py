"""The life of one loan, act by act: the oracle of the contracts, and the engine behind quotes and the replay.

An act changes the loan and returns what it moved, in minor units, or raises `Refused` and changes nothing. Tokens,
signatures and roles are the caller's.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import IntEnum

from lendchain.schedule.contract.dates import local_day
from lendchain.schedule.contract.outstanding import OutstandingBalance
from lendchain.schedule.contract.positions import Claim, Register
from lendchain.schedule.contract.refusals import Refusal, Refused, need
from lendchain.schedule.contract.scheduled import ScheduledBalance
from lendchain.schedule.contract.split import Split
from lendchain.schedule.contract.terms import MOST_MONTHS, Accrual, ContractTerms, Method
from lendchain.schedule.contract.workout import Ballot, Proposal, Recovery, Shortfall

__all__ = ["Loan", "Status"]


class Status(IntEnum):
    """What is stored of a loan's state; lateness is derived from time."""

    FUNDING = 0
    ACTIVE = 1
    DEFAULTED = 2
    CANCELLED = 3
    CLOSED = 4
    WRITTEN_OFF = 5


_ENDED = (Status.CLOSED, Status.WRITTEN_OFF)
_IN_DEFAULT = (Status.DEFAULTED, Status.WRITTEN_OFF)


@dataclass(slots=True)
class Loan:
    """A loan from its request on. `now` is always unix time."""

    terms: ContractTerms
    register: Register
    status: Status = Status.FUNDING
    running: ScheduledBalance | OutstandingBalance | None = None
    shortfall: Shortfall | None = None
    ballot: Ballot | None = None
    proposed: set[Proposal] = field(default_factory=set)
    fees: int = 0
    """Platform fees not yet taken."""
    refunded: dict[str, int] = field(default_factory=dict)
    credits: Split = field(default_factory=Split)
    """Everything borrowers and others paid while the loan ran."""

    @classmethod
    def request(cls, terms: ContractTerms, now: int) -> Loan:
        """Publish signed terms."""
        terms.check(now)
        return cls(terms, Register(terms.units))

    def copied(self) -> Loan:
        """A loan of its own in the same state: to try an act on."""
        twin = copy.copy(self)
        twin.register = self.register.copied()
        twin.running = copy.copy(self.running)
        twin.shortfall = copy.copy(self.shortfall)
        twin.ballot = copy.copy(self.ballot)
        if twin.ballot:
            twin.ballot.consenting = set(twin.ballot.consenting)
        twin.proposed = set(self.proposed)
        twin.refunded = dict(self.refunded)
        return twin

    def today(self, now: int) -> date:
        """The loan's local day."""
        return local_day(now, self.terms.zone)

    @property
    def ended(self) -> bool:
        """Closed or written off."""
        return self.status in _ENDED

    # ------------------------------------------------------------------ funding

    def fund(self, lender: str, units: int, now: int) -> int:
        """Take units; returns the money they cost."""
        need(self.status == Status.FUNDING, Refusal.NOT_FUNDING)
        need(now <= self.terms.deadline, Refusal.DEADLINE_PASSED)
        left = self.terms.units - self.register.funded
        need(0 < units <= left, Refusal.UNITS_RANGE)
        need(units >= self.terms.min_ticket or units == left, Refusal.TICKET_TOO_SMALL)
        self._check_cap(lender, units)
        self.register.of(lender).units += units
        return units * self.terms.unit_price

    def _check_cap(self, holder: str, units: int) -> None:
        held = self.register.holdings[holder].units if holder in self.register.holdings else 0
        need(not self.terms.cap or held + units <= self.terms.cap, Refusal.CAP_PER_LENDER)

    @property
    def is_full(self) -> bool:
        """Every unit is taken."""
        return self.register.funded == self.terms.units

    def cancel(self, by: str, now: int) -> None:
        """End a loan that was not disbursed."""
        need(self.status == Status.FUNDING, Refusal.NOT_FUNDING)
        missed = now > (self.terms.draw_until if self.is_full else self.terms.deadline)
        need(missed or by == self.terms.borrower, Refusal.BORROWER_ONLY)
        self.status = Status.CANCELLED

    def refund(self, lender: str) -> int:
        """Give a lender of a cancelled loan his money back."""
        need(self.status == Status.CANCELLED, Refusal.NOT_CANCELLED)
        holding = self.register.of(lender)
        need(holding.units > 0, Refusal.NOTHING_TO_CLAIM)
        amount = holding.units * self.terms.unit_price
        self.refunded[lender] = self.refunded.get(lender, 0) + amount
        holding.units = 0
        return amount

    def disburse(self, now: int) -> int:
        """Start the loan; returns what the borrower gets. The opening fee stays for the platform."""
        need(self.status == Status.FUNDING, Refusal.NOT_FUNDING)
        need(self.is_full, Refusal.NOT_FULL)
        need(now <= self.terms.draw_until, Refusal.DEADLINE_PASSED)
        self.status = Status.ACTIVE
        self.fees = self.terms.open_fee
        kind = OutstandingBalance if self.terms.accrual == Accrual.OUTSTANDING else ScheduledBalance
        self.running = kind.begin(self.terms, self.today(now))
        return self.terms.principal - self.fees

    # ------------------------------------------------------------------ payments

    def _live(self) -> ScheduledBalance | OutstandingBalance:
        need(self.status == Status.ACTIVE and self.running is not None, Refusal.LOAN_NOT_ACTIVE)
        assert self.running is not None
        return self.running

    def _trial(self) -> ScheduledBalance | OutstandingBalance:
        """A copy to act on, so that a refusal changes nothing."""
        return copy.copy(self._live())

    def _credit(self, running: ScheduledBalance | OutstandingBalance, split: Split) -> Split:
        self.running = running
        self.fees += split.fee
        self.register.credit(split.principal, split.lenders_interest)
        self.credits += split
        self._close_when_paid()
        return split

    def _close_when_paid(self) -> None:
        if self.running is not None and self.running.is_paid:
            self.status = Status.CLOSED

    def payable(self, by: str, now: int) -> int:
        """Most that `repay` would take from this account now."""
        return self._live().payable(self.today(now), ahead=by == self.terms.borrower)

    def repay(self, by: str, amount: int, now: int) -> Split:
        """Pay what is due; the borrower also ahead."""
        running = self._trial()
        split = running.pay(amount, self.today(now), ahead=by == self.terms.borrower)
        need(split.total > 0, Refusal.NOTHING_DUE)
        return self._credit(running, split)

    def pay_off(self, by: str, most: int, now: int) -> Split:
        """Pay everything, interest to the day; others than the borrower everything due."""
        running = self._trial()
        split = running.pay_off(self.today(now), ahead=by == self.terms.borrower)
        need(split.total > 0 or running.is_paid, Refusal.NOTHING_DUE)
        need(split.total <= most, Refusal.MORE_THAN_ALLOWED)
        return self._credit(running, split)

    def prepay(self, by: str, amount: int, new_level: int, now: int) -> Split:
        """Pay principal inside the running period: shorter term, or a lower instalment when `new_level` is named."""
        running = self._trial()
        need(by == self.terms.borrower, Refusal.BORROWER_ONLY)
        if not isinstance(running, ScheduledBalance):
            raise Refused(Refusal.PERIOD_RANGE)
        return self._credit(running, running.prepay(amount, new_level, self.today(now)))

    def collect(self, period: int, target: int, per_call: int, now: int) -> Split:
        """One item of an operator's batch, paid from the account that the repayment mandate names."""
        running = self._trial()
        today = self.today(now)
        amount = running.collectable(period, target, today)
        need(amount > 0, Refusal.NOTHING_DUE)
        need(amount <= per_call, Refusal.EXPIRED_OR_EXHAUSTED)
        return self._credit(running, running.pay(amount, today, ahead=False))

    # ------------------------------------------------------------------ the servicer

    def levy(self, amount: int, now: int) -> None:
        """Add a late fee, within the cap."""
        running = self._trial()
        need(amount > 0, Refusal.MORE_THAN_ALLOWED)
        running.levy(amount, self.today(now))
        self.running = running

    def waive(self, amount: int, now: int) -> None:
        """Forgive late charges; the loan ends when nothing else was left."""
        running = self._trial()
        running.waive(amount, self.today(now))
        self.running = running
        self._close_when_paid()

    def waive_rest(self, now: int) -> Split:
        """Forgive a small rest and close the loan; returns what was forgiven."""
        running = self._trial()
        rest = running.waive_rest(self.today(now))
        self.running = running
        self.status = Status.CLOSED
        return rest

    def take_fees(self) -> int:
        """Platform fees since the last time."""
        taken, self.fees = self.fees, 0
        return taken

    # ------------------------------------------------------------------ holders

    def claim(self, lender: str) -> Claim:
        """Pay a lender his whole minor units."""
        return self.register.claim(lender, ended=self.ended)

    @property
    def principal_outstanding(self) -> int:
        """Principal that lenders have not been paid back."""
        if self.shortfall is not None:
            return self.shortfall.outstanding - self.shortfall.lenders_got
        if self.running is None:
            return self.terms.principal
        return self.running.principal_outstanding

    def transfer(self, seller: str, buyer: str, units: int, min_balance: int = 0) -> None:
        """Move units while the loan runs or is in default; a vote is its holder's, for the units he has."""
        need(self.status in (Status.ACTIVE, Status.DEFAULTED), Refusal.LOAN_NOT_ACTIVE)
        need(buyer != seller, Refusal.RECEIVER_NOT_ALLOWED)
        held = self.register.holdings[seller].units if seller in self.register.holdings else 0
        need(0 < units <= held, Refusal.UNITS_RANGE)
        self._check_cap(buyer, units)
        need(self.principal_outstanding >= min_balance, Refusal.BALANCE_BELOW_FLOOR)
        self.register.move(seller, buyer, units)

    # ------------------------------------------------------------------ default and after

    def callable_after(self, now: int) -> date:
        """The last day on which the loan can't yet be marked."""
        late_day = self._live().oldest_late_day(self.today(now))
        return late_day + timedelta(days=self.terms.grace + self.terms.default_days)

    def mark_default(self, now: int, standing_days: int = 0) -> Shortfall:
        """Stop the clocks of a loan long late; days on which the chain stood still do not count."""
        running = self._trial()
        today = self.today(now)
        need(today - timedelta(days=standing_days) > self.callable_after(now), Refusal.NOT_CALLABLE_YET)
        self.shortfall = Shortfall.fixed_at(running.default(today), self.terms.coverage)
        self.running = running
        self.status = Status.DEFAULTED
        return self.shortfall

    def _defaulted(self) -> Shortfall:
        need(self.status in _IN_DEFAULT and self.shortfall is not None, Refusal.NOT_DEFAULTED)
        assert self.shortfall is not None
        return self.shortfall

    def cover(self, fund: int) -> int:
        """Let the guarantee pay, from a fund of this size."""
        shortfall = self._defaulted()
        need(shortfall.guarantee_owes > 0, Refusal.NOTHING_DUE)
        need(fund > 0, Refusal.GUARANTEE_DRY)
        paid = shortfall.cover(fund)
        self.register.credit(paid, 0)
        self._close_when_whole()
        return paid

    def recover(self, amount: int, *, extra: bool) -> Recovery:
        """Deal recovered money out."""
        shortfall = self._defaulted()
        split = shortfall.recover(amount, extra=extra)
        self.register.credit(split.lenders, split.arrears + split.extra)
        self._close_when_whole()
        return split

    def _close_when_whole(self) -> None:
        if self.shortfall is not None and self.shortfall.is_whole:
            self.status = Status.CLOSED

    def write_off(self) -> None:
        """Give a defaulted loan up; recoveries may still come."""
        need(self.status == Status.DEFAULTED, Refusal.NOT_DEFAULTED)
        self.status = Status.WRITTEN_OFF

    # ------------------------------------------------------------------ new terms by consent

    def propose(self, proposal: Proposal, now: int) -> None:
        """Put the borrower's new terms to the vote; votes on an earlier proposal are void."""
        need(now <= proposal.expiry, Refusal.EXPIRED_OR_EXHAUSTED)
        self._live()
        self.proposed.add(proposal)
        self.ballot = Ballot(proposal)

    def consent(self, holder: str, proposal: Proposal) -> int:
        """A holder's units for the open proposal."""
        self._live()
        need(proposal in self.proposed, Refusal.LOAN_NOT_ACTIVE)
        ballot = self.ballot
        if ballot is None or ballot.proposal != proposal:
            raise Refused(Refusal.OTHER_TERMS)
        units = self.register.of(holder).units
        ballot.consent(holder, units)
        return units

    @property
    def consenting_units(self) -> int:
        """Units whose holders consented to the open proposal."""
        return sum(self.register.of(holder).units for holder in self.ballot.consenting) if self.ballot else 0

    def restructure(self, new: Proposal, now: int) -> None:
        """Carry out what the borrower proposed and two thirds of the units consented to."""
        need(now <= new.expiry, Refusal.EXPIRED_OR_EXHAUSTED)
        running = self._trial()
        months = running.terms.months
        need(new.period < new.count < 1024 and new.count * months <= MOST_MONTHS, Refusal.RESTRUCTURE_RANGE)
        need(0 <= new.rate_ppm < 2**24 and 0 <= new.defer_months < 256, Refusal.RESTRUCTURE_RANGE)
        need(self.terms.method != Method.BULLET or new.count == 1, Refusal.RESTRUCTURE_RANGE)
        today = self.today(now)
        need(running.elapsed(today) == new.period, Refusal.PERIOD_MOVED)
        running.restructure(new.rate_ppm, new.count, new.level, new.defer_months, today)
        need(self.ballot is not None and self.ballot.proposal == new, Refusal.OTHER_TERMS)
        need(3 * self.consenting_units >= 2 * self.terms.units, Refusal.TOO_FEW_UNITS)
        self.running, self.ballot = running, None
