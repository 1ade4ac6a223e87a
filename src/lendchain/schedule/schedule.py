"""A repayment schedule in integers of minor units: what a borrower is shown and a lender counts on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, partial
from itertools import count, repeat
from typing import NamedTuple

from lendchain.schedule.apr_eu import effective_rate
from lendchain.schedule.charges import charge_rows, drawdown_charges
from lendchain.schedule.daycount import DayCount
from lendchain.schedule.errors import UnroundedAmountError
from lendchain.schedule.eu_rule import counted_back
from lendchain.schedule.level import level_columns, row_factor
from lendchain.schedule.rows import Plan, Row
from lendchain.schedule.terms import InterestPeriod, Method, Prepayment, Reschedule, RoundingRules, Terms
from lendchain.schedule.timeline import Timeline

__all__ = ["Instalment", "Schedule", "from_rows", "make_schedule", "to_minor"]

_PLAIN_ROUNDING = RoundingRules()


class Instalment(NamedTuple):
    """One row of a repayment schedule. Amounts in minor units of the loan's currency.

    A tuple and no dataclass: a loan book has millions of rows, and these are made several times faster.
    """

    number: int
    due_on: date | None
    principal: int
    interest: int
    balance_after: int
    fees: int = 0
    penalties: int = 0

    @property
    def total(self) -> int:
        """Everything that falls due with the row."""
        return self.principal + self.interest + self.fees + self.penalties


@dataclass(frozen=True)
class Schedule:
    """All rows of a loan as planned, as columns; `instalments` has them row by row."""

    terms: Terms
    principals: Sequence[int]
    interests: Sequence[int]
    balances: Sequence[int]
    fees: Sequence[int] = ()
    """Empty where the loan has no charges in its rows."""
    penalties: Sequence[int] = ()
    due_dates: Sequence[date] | None = None
    drawdown_charges: int = 0
    """Paid when the money is lent; in no row."""

    def __len__(self) -> int:
        return len(self.principals)

    @cached_property
    def instalments(self) -> tuple[Instalment, ...]:
        """The rows, first to last."""
        nothing = repeat(0)
        columns = (self.due_on or repeat(None), self.principals, self.interests, self.balances)
        rows = zip(count(1), *columns, self.fees or nothing, self.penalties or nothing, strict=False)
        return tuple(map(partial(tuple.__new__, Instalment), rows))

    @cached_property
    def due_on(self) -> tuple[date, ...]:
        """Due dates; empty for a loan without dates."""
        if self.due_dates is not None:
            return tuple(self.due_dates)
        if self.terms.start_on is None:
            return ()
        timeline = Timeline(self.terms)
        dates = (timeline.due_on(number) for number in range(1, len(self) + 1))
        return tuple(day for day in dates if day is not None)

    @property
    def total_interest(self) -> int:
        return sum(self.interests)

    @property
    def total_fees(self) -> int:
        """Fees and insurance of the rows and at drawdown."""
        return sum(self.fees) + self.drawdown_charges

    @property
    def total_paid(self) -> int:
        """Everything the borrower pays, charges at drawdown included."""
        return sum(self.principals) + sum(self.interests) + sum(self.penalties) + self.total_fees

    def effective_rate(self) -> Decimal:
        """The EU APR of the loan as planned (0.0643 for 6.43 %): effective, a year, all charges in it.

        Dated loans are counted back by Annex I, remark (c), others in equal periods.
        """
        return effective_rate(list(self._flows()))

    def _flows(self) -> Iterable[tuple[Fraction, Fraction]]:
        start, every = self.terms.start_on, self.terms.every
        if start is None:
            yield Fraction(0), Fraction(self.drawdown_charges - self.terms.principal)
            for row in self.instalments:
                yield row.number * every.years, Fraction(row.total)
            return
        lent = [(drawdown.on, drawdown.amount) for drawdown in self.terms.drawdowns] or [(start, self.terms.principal)]
        first = min(on for on, _ in lent)
        yield Fraction(0), Fraction(self.drawdown_charges)
        for on, amount in lent:
            yield counted_back(first, on, every.unit).years, Fraction(-amount)
        for row in self.instalments:
            if row.due_on is not None:
                yield counted_back(first, row.due_on, every.unit).years, Fraction(row.total)


def make_schedule(
    terms: Terms, *, reschedule: Reschedule | None = None, prepayments: Sequence[Prepayment] = ()
) -> Schedule:
    """The schedule of ``terms`` in minor units.

    Raises `InvalidTermsError` or `NeverRepaidError` on impossible terms, `UnroundedAmountError` where the rounding
    rules leave fractions of a minor unit (`exact_rows` keeps them).
    """
    if reschedule is None and not prepayments and _is_plain(terms):
        assert terms.periods is not None
        columns = level_columns(terms.principal, *row_factor(terms.rate, terms.every.years), terms.periods)
        return Schedule(terms, *columns)
    rows = Plan(terms, reschedule, prepayments=prepayments).rows()
    charge_rows(terms, rows, rows)
    return from_rows(terms, rows)


def from_rows(terms: Terms, rows: Sequence[Row]) -> Schedule:
    """Exact rows as a schedule of integers."""
    dates = [row.due_on for row in rows if row.due_on is not None]
    return Schedule(
        terms,
        [to_minor(row.principal, row.number) for row in rows],
        [to_minor(row.interest, row.number) for row in rows],
        [to_minor(row.balance_after, row.number) for row in rows],
        [to_minor(row.fees, row.number) for row in rows],
        [to_minor(row.penalties, row.number) for row in rows],
        dates or None,
        to_minor(drawdown_charges(terms), 0),
    )


def to_minor(amount: Fraction, row: int) -> int:
    """``amount`` as an integer; raises `UnroundedAmountError` when it is none."""
    if amount.denominator != 1:
        raise UnroundedAmountError(f"row {row} holds {amount} minor units; set a rounding rule for that figure")
    return amount.numerator


def _is_plain(terms: Terms) -> bool:
    """Whether the integer path of `level` gives this loan: even rows, half up to the minor unit, nothing special."""
    if terms.method is not Method.EQUAL_INSTALMENT or terms.rounding != _PLAIN_ROUNDING or terms.charges:
        return False
    if terms.drawdowns or terms.rate_changes or terms.grace_principal or terms.grace_interest:
        return False
    if terms.first_interval_eu or terms.working_days is not None:
        return False
    if terms.interest_period is InterestPeriod.SAME_AS_REPAYMENT:
        return True
    by_months = terms.day_count is DayCount.THIRTY_360 and terms.every.months is not None
    return by_months and terms.first_due_on is None
