"""The waterfall: which claim a payment serves first. The order is data of the terms, not code."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from lendchain.schedule.rows import Row
from lendchain.schedule.terms import Claim, Waterfall

__all__ = ["Ledger", "Payment", "allocate"]


@dataclass(frozen=True, slots=True)
class Payment:
    """Money received from the borrower, in minor units."""

    on: date
    amount: int


def allocate(amount: int, claims: dict[Claim, int], order: Sequence[Claim]) -> dict[Claim, int]:
    """How ``amount`` serves ``claims`` in ``order``. What is left over is the difference to the sum of the answer."""
    served: dict[Claim, int] = {}
    for claim in order:
        served[claim] = min(amount, claims.get(claim, 0))
        amount -= served[claim]
    return served


class Ledger:
    """Payments laid against rows: due rows first, oldest first, then rows in advance; inside a row by the waterfall."""

    def __init__(self, rows: Sequence[Row], waterfall: Waterfall) -> None:
        self._rows = rows
        self._waterfall = waterfall
        self._claims = [_claims(row) for row in rows]
        self._paid: dict[tuple[int, Claim], Fraction] = {}
        self.excess = Fraction(0)
        """Money that no row was left to take."""
        self.principal_paid: list[tuple[date, Fraction]] = []

    def paid_of(self, row: Row, claim: Claim) -> Fraction:
        """What of one claim of a row the payments have served."""
        return self._paid.get((row.number, claim), Fraction(0))

    def take_all(self, payments: Iterable[Payment]) -> None:
        """Lay payments in the order of their dates."""
        for payment in sorted(payments, key=lambda received: received.on):
            self.take(payment)

    def take(self, payment: Payment) -> None:
        """Lay one payment; rows it fills get its date as the day they were paid."""
        money, principal = Fraction(payment.amount), Fraction(0)
        for row, claims in zip(self._rows, self._claims, strict=True):
            if money <= 0:
                break
            is_due = row.due_on is not None and row.due_on <= payment.on
            for claim in self._waterfall.due if is_due else self._waterfall.in_advance:
                part = max(min(money, claims[claim]), Fraction(0))
                claims[claim] -= part
                self._paid[row.number, claim] = self.paid_of(row, claim) + part
                row.paid += part
                money -= part
                principal += part if claim is Claim.PRINCIPAL else 0
            if row.paid_on is None and row.due > 0 and row.outstanding <= 0:
                row.paid_on = payment.on
        self.excess += money
        if principal:
            self.principal_paid.append((payment.on, principal))


def _claims(row: Row) -> dict[Claim, Fraction]:
    return {
        Claim.PENALTY: row.penalties,
        Claim.FEE: row.fees,
        Claim.INTEREST: row.interest,
        Claim.PRINCIPAL: row.principal,
    }
