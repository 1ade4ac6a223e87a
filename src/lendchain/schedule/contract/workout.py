"""After default: what the guarantee pays, where recoveries go, when the loan is whole; and the vote on new terms."""

from __future__ import annotations

from dataclasses import dataclass, field

from lendchain.schedule.contract.refusals import Refusal, need
from lendchain.schedule.contract.split import Arrears
from lendchain.schedule.contract.terms import BPS

__all__ = ["Ballot", "Proposal", "Recovery", "Shortfall"]


@dataclass(frozen=True, slots=True)
class Recovery:
    """Where recovered money went, in minor units; arrears and extra are the lenders' as interest."""

    lenders: int
    guarantor: int
    arrears: int
    extra: int

    @property
    def total(self) -> int:
        """What was taken from the payer."""
        return self.lenders + self.guarantor + self.arrears + self.extra


@dataclass(slots=True)
class Shortfall:
    """The account of a defaulted loan. First loss is the guarantee's, up to a share of the principal outstanding.

    Whatever the order of cover and recovery, lenders end at min(O, R + G') and the guarantee at min(G, O - R).
    """

    outstanding: int
    guaranteed: int
    arrears: int
    recovered: int = 0
    """Recovered towards principal, for lenders and guarantor together."""
    guarantor_out: int = 0
    """Paid by the guarantee and not yet returned to it."""
    lenders_got: int = 0
    arrears_got: int = 0

    @classmethod
    def fixed_at(cls, default: Arrears, coverage_bps: int) -> Shortfall:
        """The account on the day of default."""
        return cls(default.outstanding, default.outstanding * coverage_bps // BPS, default.arrears)

    @property
    def guarantee_owes(self) -> int:
        """What the guarantee still has to pay."""
        return max(0, min(self.guaranteed, self.outstanding - self.recovered) - self.guarantor_out)

    @property
    def is_whole(self) -> bool:
        """Lenders, guarantee and arrears have all been paid."""
        return not (self.outstanding - self.lenders_got or self.guarantor_out or self.arrears - self.arrears_got)

    def cover(self, fund: int) -> int:
        """Let a fund of this size pay what it owes; returns what it paid."""
        paid = min(self.guarantee_owes, fund)
        self.guarantor_out += paid
        self.lenders_got += paid
        return paid

    def recover(self, amount: int, *, extra: bool) -> Recovery:
        """Deal recovered money out: lenders' principal, guarantee, arrears, and with `extra` the surplus to lenders."""
        lenders = min(amount, self.outstanding - self.lenders_got)
        guarantor = min(amount - lenders, self.guarantor_out)
        arrears = min(amount - lenders - guarantor, self.arrears - self.arrears_got)
        surplus = amount - lenders - guarantor - arrears if extra else 0
        split = Recovery(lenders, guarantor, arrears, surplus)
        need(split.total > 0, Refusal.NOTHING_DUE)
        self.recovered += lenders + guarantor
        self.lenders_got += lenders
        self.guarantor_out -= guarantor
        self.arrears_got += arrears
        return split


@dataclass(frozen=True, slots=True)
class Proposal:
    """New terms for a running loan, signed by its borrower."""

    period: int
    rate_ppm: int
    count: int
    level: int
    defer_months: int
    expiry: int
    salt: int = 0


@dataclass(slots=True)
class Ballot:
    """The holders' consent to one proposal."""

    proposal: Proposal
    consenting: set[str] = field(default_factory=set)
    """Holders who consented; every unit that such a holder has at the moment counts, no other does."""

    def consent(self, holder: str, units: int) -> None:
        """Count a holder, once."""
        need(units > 0, Refusal.UNITS_RANGE)
        need(holder not in self.consenting, Refusal.VOTED_ALREADY)
        self.consenting.add(holder)
