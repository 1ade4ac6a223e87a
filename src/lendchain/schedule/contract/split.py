"""Where a payment went."""

from __future__ import annotations

from dataclasses import dataclass

from lendchain.schedule.contract.terms import Slot

__all__ = ["Arrears", "Split"]


@dataclass(frozen=True, slots=True)
class Split:
    """Parts of a payment in minor units."""

    penalty: int = 0
    fee: int = 0
    interest: int = 0
    principal: int = 0

    @classmethod
    def of(cls, parts: dict[Slot, int]) -> Split:
        """From amounts by slot; a slot left out got nothing."""
        return cls(*(parts.get(slot, 0) for slot in Slot))

    def __add__(self, other: Split) -> Split:
        return Split(
            self.penalty + other.penalty,
            self.fee + other.fee,
            self.interest + other.interest,
            self.principal + other.principal,
        )

    @property
    def total(self) -> int:
        """What the payer gave."""
        return self.penalty + self.fee + self.interest + self.principal

    @property
    def lenders_interest(self) -> int:
        """What lenders are credited beside principal: late charges are theirs, instalment fees are not."""
        return self.penalty + self.interest


@dataclass(frozen=True, slots=True)
class Arrears:
    """What is fixed on the day of default: principal outstanding, and unpaid interest, fees and late charges."""

    outstanding: int
    arrears: int
