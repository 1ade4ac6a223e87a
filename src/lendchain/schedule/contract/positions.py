"""Who holds a loan, and what each holder may claim, as exact fractions.

Every credit is dealt out to the holders of that moment at once; the contract reaches the same figures with two running
totals and a signed debt, without a loop.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from fractions import Fraction

from lendchain.schedule.contract.refusals import Refusal, need

__all__ = ["Claim", "Holding", "Register"]


@dataclass(slots=True)
class Holding:
    """One lender's units and his unclaimed credit in minor units."""

    units: int = 0
    principal: Fraction = Fraction(0)
    interest: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Claim:
    """Whole minor units a claim pays; interest includes late charges."""

    principal: int = 0
    interest: int = 0

    @property
    def total(self) -> int:
        """What is sent to the lender."""
        return self.principal + self.interest


@dataclass(slots=True)
class Register:
    """All holders of one loan."""

    units: int
    holdings: dict[str, Holding] = field(default_factory=dict)
    principal_credited: int = 0
    interest_credited: int = 0
    principal_claimed: int = 0
    interest_claimed: int = 0
    principal_dust: Fraction = Fraction(0)
    interest_dust: Fraction = Fraction(0)

    def copied(self) -> Register:
        """A register of its own with the same figures."""
        twin = copy.copy(self)
        twin.holdings = {holder: copy.copy(holding) for holder, holding in self.holdings.items()}
        return twin

    @property
    def funded(self) -> int:
        """Units taken so far."""
        return sum(holding.units for holding in self.holdings.values())

    def of(self, holder: str) -> Holding:
        """That account's holding; an empty one when it has none."""
        return self.holdings.setdefault(holder, Holding())

    def credit(self, principal: int, interest: int) -> None:
        """Deal a payment out to the holders by their units."""
        self.principal_credited += principal
        self.interest_credited += interest
        for holding in self.holdings.values():
            share = Fraction(holding.units, self.units)
            holding.principal += principal * share
            holding.interest += interest * share

    def move(self, seller: str, buyer: str, units: int) -> None:
        """Units change hands; credit earned before stays with the seller."""
        self.of(seller).units -= units
        self.of(buyer).units += units

    def claimable(self, holder: str, *, ended: bool) -> Claim:
        """What a claim would pay now."""
        holding = self.of(holder)
        if ended and not holding.principal and not holding.interest:
            return Claim()
        principal, interest = holding.principal, holding.interest
        if ended:
            principal += self.principal_dust
            interest += self.interest_dust
        return Claim(int(principal), int(interest))

    def claim(self, holder: str, *, ended: bool) -> Claim:
        """Take the whole minor units; after the end the remainder passes to the next claim."""
        holding = self.of(holder)
        paid = self.claimable(holder, ended=ended)
        need(paid.total > 0 or (ended and (holding.principal + holding.interest) > 0), Refusal.NOTHING_TO_CLAIM)
        if ended:
            self.principal_dust += holding.principal - paid.principal
            self.interest_dust += holding.interest - paid.interest
            holding.principal = holding.interest = Fraction(0)
        else:
            holding.principal -= paid.principal
            holding.interest -= paid.interest
        self.principal_claimed += paid.principal
        self.interest_claimed += paid.interest
        return paid
