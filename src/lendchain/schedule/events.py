"""What happens during a loan: payments, lateness, a pay-off, seen from a given day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from lendchain.schedule.accrual import arrears_accrual, scheduled_accrual
from lendchain.schedule.charges import charge_overdue, charge_rows
from lendchain.schedule.errors import InvalidTermsError, ScheduleError
from lendchain.schedule.rows import Phase, Plan, Row
from lendchain.schedule.terms import Reschedule, Terms
from lendchain.schedule.waterfall import Ledger, Payment

__all__ = ["InterestUntil", "Life", "Outcome", "Payoff", "PayoffFigure", "live"]

_MOST_ROUNDS = 100
_NOTHING = Fraction(1, 10**18)
"""Of a minor unit."""


class InterestUntil(StrEnum):
    """How long the running row bears interest when a loan is paid off."""

    PAYOFF_DATE = "payoff_date"
    NEXT_DUE_DATE = "next_due_date"


@dataclass(frozen=True, slots=True)
class Payoff:
    """Everything left is paid on ``on``."""

    on: date
    interest_until: InterestUntil = InterestUntil.PAYOFF_DATE
    keep_instalments: bool = False
    """The running and all later rows stay in the schedule with their instalments, paid that day."""


@dataclass(frozen=True, slots=True)
class PayoffFigure:
    """Unpaid principal and the running row's interest, exact in minor units."""

    principal: Fraction
    interest: Fraction

    @property
    def amount(self) -> Fraction:
        return self.principal + self.interest


@dataclass(frozen=True, slots=True)
class Life:
    """The events of a loan. ``as_of`` is the day on which its rows are looked at; later payments don't count yet."""

    payments: tuple[Payment, ...] = ()
    payoff: Payoff | None = None
    as_of: date | None = None
    arrears_interest: bool = False
    """Interest runs on the principal truly unpaid on days before ``as_of``, on the scheduled balance from then on."""
    reschedule: Reschedule | None = None


@dataclass(slots=True)
class Outcome:
    """Rows as they stand after the events."""

    rows: list[Row]
    ledger: Ledger
    """Where each payment went."""
    payoff: PayoffFigure | None = None

    @property
    def excess(self) -> Fraction:
        """Money paid that no row was left to take."""
        return self.ledger.excess


def live(terms: Terms, life: Life | None = None) -> Outcome:
    """The rows of a loan with charges and everything that happened to it. Exact; see `Schedule` for integers."""
    life = life or Life()
    scheduled = Plan(terms, life.reschedule).rows()
    if life.arrears_interest and life.as_of is None:
        raise InvalidTermsError("interest on arrears needs the day as_of")
    payments = [p for p in life.payments if life.as_of is None or p.on <= life.as_of]
    settled = life.payoff.on if life.payoff is not None else None
    payments = [p for p in payments if settled is None or p.on <= settled]
    if payments and terms.start_on is None:
        raise InvalidTermsError("payments need a loan with dates")
    rows, ledger = _with_payments(terms, life, scheduled, payments)
    outcome = Outcome(rows, ledger)
    if life.payoff is not None:
        _pay_off(terms, life, life.payoff, scheduled, outcome)
    if life.as_of is not None:
        charge_overdue(terms, outcome.rows, scheduled, life.as_of)
    return outcome


def _with_payments(
    terms: Terms, life: Life, scheduled: Sequence[Row], payments: Sequence[Payment]
) -> tuple[list[Row], Ledger]:
    """Rows and the payments laid on them.

    With interest on arrears a row's interest depends on the principal that payments reached, and that on the row's
    interest: repeated until both agree.
    """
    paid: list[tuple[date, Fraction]] = []
    for _ in range(_MOST_ROUNDS):
        rows = _plan(terms, life, scheduled, paid).rows()
        charge_rows(terms, rows, scheduled)
        ledger = Ledger(rows, terms.waterfall)
        ledger.take_all(payments)
        if not life.arrears_interest or _agree(ledger.principal_paid, paid):
            return rows, ledger
        paid = ledger.principal_paid
    raise ScheduleError("interest on arrears and the payments' parts do not settle")


def _agree(one: Sequence[tuple[date, Fraction]], other: Sequence[tuple[date, Fraction]]) -> bool:
    """Whether two histories of principal paid are the same; unrounded ones come ever nearer and never quite there."""
    if len(one) != len(other):
        return False
    return all(a[0] == b[0] and abs(a[1] - b[1]) < _NOTHING for a, b in zip(one, other, strict=True))


def _plan(terms: Terms, life: Life, scheduled: Sequence[Row], paid: Sequence[tuple[date, Fraction]]) -> Plan:
    if not life.arrears_interest or life.as_of is None:
        return Plan(terms, life.reschedule)
    plan = Plan(terms, life.reschedule, follow=scheduled)
    plan.accrual = arrears_accrual(plan.drawdowns, paid, life.as_of)
    return plan


def _pay_off(terms: Terms, life: Life, payoff: Payoff, scheduled: Sequence[Row], outcome: Outcome) -> None:
    """Find the pay-off and, where the instalments are kept, the rows that it leaves."""
    ledger = outcome.ledger
    plan = _plan(terms, life, scheduled, ledger.principal_paid)
    plan.follow = scheduled
    plan.periods = len(scheduled)
    if terms.start_on is None or payoff.on < terms.start_on:
        raise InvalidTermsError(f"a pay-off on {payoff.on} comes before the loan")
    lent = sum(drawdown.amount for drawdown in plan.drawdowns if drawdown.on <= payoff.on)
    principal = lent - sum((amount for _, amount in ledger.principal_paid), Fraction(0))
    if not life.arrears_interest:
        plan.accrual = scheduled_accrual
    rows: list[Row] = []
    interest = Fraction(0)
    plan.drawdowns = tuple(drawdown for drawdown in plan.drawdowns if drawdown.on <= payoff.on)
    for planned in scheduled:
        span = plan.timeline.span(planned.number)
        assert span.to_on is not None
        if span.to_on <= payoff.on:
            rows.append(plan.step(planned.number))
            continue
        if span.from_on is not None and span.from_on <= payoff.on:
            stop = payoff.on if payoff.interest_until is InterestUntil.PAYOFF_DATE else None
            rows.append(plan.step(planned.number, stop=stop, phase=Phase.PAID_OFF))
            interest = rows[-1].interest
        else:
            rows.append(plan.step(planned.number, phase=Phase.SETTLED))
    outcome.payoff = PayoffFigure(principal, interest)
    if payoff.keep_instalments:
        outcome.rows = _settled(terms, rows, scheduled, outcome.rows, payoff.on)


def _settled(terms: Terms, rows: list[Row], scheduled: Sequence[Row], before: Sequence[Row], on: date) -> list[Row]:
    """All rows as the pay-off leaves them: those open on the day are paid with it."""
    charge_rows(terms, rows, scheduled)
    for row, earlier in zip(rows, before, strict=True):
        ended = row.due_on is not None and row.due_on <= on
        row.paid, row.paid_on = row.due, on
        if ended and earlier.paid_on is not None:
            row.paid_on = earlier.paid_on
    return rows
