"""What it takes to end a loan on a given day, item by item."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from lendchain.schedule.errors import InvalidTermsError
from lendchain.schedule.events import InterestUntil, Life, Payoff, live
from lendchain.schedule.schedule import to_minor
from lendchain.schedule.terms import Claim, Terms

__all__ = ["PayoffQuote", "quote_payoff"]

_ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class PayoffQuote:
    """Amounts in minor units that, paid on ``on``, leave nothing owed."""

    on: date
    principal: int
    running_interest: int
    """Interest of the running row to the day agreed, less what of it is paid already."""
    due_interest: int
    """Unpaid interest of rows that have fallen due."""
    fees: int
    """Unpaid fees of rows that have fallen due."""
    penalties: int

    @property
    def total(self) -> int:
        return self.principal + self.running_interest + self.due_interest + self.fees + self.penalties


def quote_payoff(
    terms: Terms, on: date, life: Life | None = None, *, interest_until: InterestUntil = InterestUntil.PAYOFF_DATE
) -> PayoffQuote:
    """The pay-off on ``on`` after the payments of ``life``; charges of rows not yet due are not owed.

    Raises `InvalidTermsError` for a loan without dates or a day before it begins.
    """
    life = life or Life()
    if life.payoff is not None:
        raise InvalidTermsError("the loan is paid off already")
    outcome = live(
        terms,
        Life(life.payments, Payoff(on, interest_until), life.as_of or on, life.arrears_interest, life.reschedule),
    )
    assert outcome.payoff is not None
    ledger = outcome.ledger
    due = [row for row in outcome.rows if row.due_on is not None and row.due_on <= on]
    running = outcome.rows[len(due) :][:1]
    paid_ahead = sum((ledger.paid_of(row, Claim.INTEREST) for row in running), _ZERO)
    penalties = sum((row.penalties - ledger.paid_of(row, Claim.PENALTY) for row in due), _ZERO)
    return PayoffQuote(
        on,
        to_minor(outcome.payoff.principal, 0),
        to_minor(max(outcome.payoff.interest - paid_ahead, _ZERO), 0),
        to_minor(sum((row.interest - ledger.paid_of(row, Claim.INTEREST) for row in due), _ZERO), 0),
        to_minor(sum((row.fees - ledger.paid_of(row, Claim.FEE) for row in due), _ZERO), 0),
        to_minor(penalties, 0),
    )
