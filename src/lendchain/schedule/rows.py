"""The rows of a schedule, exactly: fractions of minor units until a rounding rule says otherwise.

One `Plan` walks a loan from its first row to its last. What is specific to a method stands in one small function each;
`events` runs the same walk again with interest of arrears or a pay-off laid over it.
"""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from fractions import Fraction

from lendchain.schedule.accrual import Accrual, Part, compounded_interest, scheduled_accrual
from lendchain.schedule.errors import InvalidTermsError, NeverRepaidError
from lendchain.schedule.instalment import PlannedRow, level_instalment
from lendchain.schedule.rounding import Rounding
from lendchain.schedule.terms import Drawdown, Method, Prepayment, PrepaymentChoice, Reschedule, Terms
from lendchain.schedule.timeline import Span, Timeline

__all__ = ["Phase", "Plan", "Row", "exact_rows", "rounded"]

_MOST_ROWS = 20_000
_LONGEST_DENOMINATOR_BITS = 8192
_KEPT_BITS = 512
_LEVEL = (Method.EQUAL_INSTALMENT, Method.BALLOON)
_ALL_AT_END = (Method.INTEREST_ONLY, Method.BULLET, Method.BALLOON)
_ZERO = Fraction(0)


class Phase(Enum):
    """Where a row stands to a pay-off."""

    RUNNING = auto()
    PAID_OFF = auto()
    """The pay-off lies in the row: it charges everything up to then, what was deferred too."""
    SETTLED = auto()
    """The row comes after the pay-off and bears no interest."""


@dataclass(slots=True)
class Row:
    """One row of a schedule, amounts exact in minor units."""

    number: int
    from_on: date | None
    due_on: date | None
    principal: Fraction
    interest: Fraction
    balance_after: Fraction
    instalment: Fraction | None
    """The computed or agreed instalment in force; None for methods that have none."""
    rate: Fraction
    parts: tuple[Part, ...] = ()
    fees: Fraction = _ZERO
    penalties: Fraction = _ZERO
    paid: Fraction = _ZERO
    paid_on: date | None = None
    """The day on which the row was paid in full."""

    @property
    def due(self) -> Fraction:
        """Everything that falls due with the row."""
        return self.principal + self.interest + self.fees + self.penalties

    @property
    def outstanding(self) -> Fraction:
        """What of the row is still unpaid."""
        return self.due - self.paid

    @property
    def days(self) -> int | None:
        """Actual days of the row; None without dates."""
        return (self.due_on - self.from_on).days if self.due_on and self.from_on else None

    @property
    def rate_factors(self) -> tuple[Fraction, ...]:
        """Rate x fraction of a year for each part of the row that has a balance."""
        return tuple(self.rate * part.years for part in self.parts)


def rounded(rounding: Rounding | None, value: Fraction) -> Fraction:
    """``value`` by a rounding point; as it is where the point is left open.

    An open figure of thousands of digits is cut to 512 binary places, far below any money: a fraction so long is no
    tie of any rounding, and hundreds of unrounded uneven rows would otherwise take minutes.
    """
    if rounding is not None:
        return rounding.apply(value)
    if value.denominator.bit_length() <= _LONGEST_DENOMINATOR_BITS:
        return value
    return Fraction((value.numerator << _KEPT_BITS) // value.denominator, 1 << _KEPT_BITS)


def exact_rows(terms: Terms, reschedule: Reschedule | None = None) -> list[Row]:
    """All rows of a loan that lives as planned, without charges. Raises `ScheduleError` on impossible terms."""
    return Plan(terms, reschedule).rows()


class Plan:
    """The walk over a loan's rows and what it has to remember from one to the next."""

    def __init__(
        self,
        terms: Terms,
        reschedule: Reschedule | None = None,
        *,
        accrual: Accrual = scheduled_accrual,
        follow: Sequence[Row] | None = None,
        prepayments: Sequence[Prepayment] = (),
    ) -> None:
        """``follow`` keeps the instalments of an earlier plan instead of solving them from the balance."""
        self.terms = terms
        self.rounding = terms.rounding
        self.timeline = Timeline(terms)
        self.drawdowns = terms.drawdowns or _all_at_once(terms)
        self.accrual = accrual
        self.follow = follow
        self.reschedule = reschedule
        self.rate = terms.rate
        self.periods = terms.periods if follow is None else len(follow)
        self.amortise_periods = terms.amortise_periods or terms.periods
        start = terms.start_on
        self.balance = Fraction(
            terms.principal if start is None else sum(d.amount for d in self.drawdowns if d.on == start)
        )
        self.frozen = False
        self.prepayments = prepayments
        self.shortened = False
        self.instalment: Fraction | None = None
        self.equal_principal: Fraction | None = None
        self.deferred = _ZERO
        self.interest_exact = _ZERO
        self.interest_rounded = _ZERO
        self.no_principal = range(1, terms.grace_principal + 1)
        self.no_interest = range(1, terms.grace_interest + 1)
        self.later_no_principal = range(0)
        self.later_no_interest = range(0)

    def rows(self) -> list[Row]:
        """Every row, until the last of ``periods`` or a balance of 0."""
        rows: list[Row] = []
        while not self._is_over(rows):
            if len(rows) >= _MOST_ROWS:
                raise NeverRepaidError(f"not repaid after {_MOST_ROWS} rows")
            rows.append(self.step(len(rows) + 1))
        if self.reschedule is not None:
            raise InvalidTermsError(f"no row falls due on {self.reschedule.from_due_on}")
        self._refuse_late(rows[-1])
        return rows

    def step(self, number: int, *, stop: date | None = None, phase: Phase = Phase.RUNNING) -> Row:
        """The row ``number``; the balance moves to its end. ``stop`` is the day on which its interest ends."""
        self._change(number)
        span = self.timeline.span(number)
        drawn = [] if phase is Phase.SETTLED else self._moved_inside(span)
        parts = [] if phase is Phase.SETTLED else self._parts(span, drawn, stop)
        own = self._own_interest(span, parts, stop)
        if self.follow is not None:
            self.instalment = self.follow[number - 1].instalment
        elif not self.frozen:
            self._compute(number, span, own)
        interest = self._interest(number, own, phase)
        available = self.balance + sum(drawdown.amount for drawdown in drawn)
        principal = self._principal(number, interest, available, phase)
        self._refuse_endless(number, principal, own)
        on_due = sum(d.amount for d in self.drawdowns if d.on == span.to_on)
        on_due -= sum(p.amount for p in self.prepayments if p.on == span.to_on)
        self.balance = rounded(self.rounding.balance, available - principal + on_due)
        if self.prepayments and min(available, self.balance) < 0:
            raise InvalidTermsError(f"a prepayment in row {number} is more than the balance")
        return Row(
            number,
            span.from_on,
            span.due_on,
            principal,
            interest,
            self.balance,
            self.instalment,
            self.rate,
            tuple(parts),
        )

    def _is_over(self, rows: Sequence[Row]) -> bool:
        if self.periods is not None and not (self.shortened and self.balance == 0):
            return len(rows) >= self.periods
        if not rows:
            return False
        ended = rows[-1].due_on
        return self.balance <= 0 and (ended is None or all(drawdown.on <= ended for drawdown in self.drawdowns))

    def _change(self, number: int) -> None:
        """Let rate changes and the reschedule of this row take effect."""
        if self.frozen:
            return
        for change in self.terms.rate_changes:
            if change.from_period == number:
                self.rate = change.rate
                if self.terms.method in _LEVEL:
                    self.instalment = None
        agreed = self.reschedule
        if agreed is not None and agreed.from_due_on in (
            self.timeline.span(number).due_on,
            self.timeline.span(number).to_on,
        ):
            self.reschedule = None
            self._agree(number, agreed)

    def _agree(self, number: int, agreed: Reschedule) -> None:
        if agreed.new_rate is not None:
            self.rate = agreed.new_rate
        if agreed.moved_due_on is not None:
            self.timeline.move(number, agreed.moved_due_on)
        if self.periods is not None and self.follow is None:
            self.periods += agreed.extra_periods
            self.amortise_periods = max(self.amortise_periods or 0, self.periods)
        self.later_no_principal = range(number, number + agreed.deferred_principal_periods)
        self.later_no_interest = range(number, number + agreed.deferred_interest_periods)
        if agreed.recomputes:
            self.instalment = None
        if agreed.extra_periods or agreed.deferred_principal_periods:
            self.equal_principal = None

    def _parts(self, span: Span, drawn: Sequence[Drawdown], stop: date | None) -> list[Part]:
        if self.terms.method is Method.FLAT:
            return scheduled_accrual(self.timeline, span, Fraction(self.terms.principal), (), stop)
        return self.accrual(self.timeline, span, self.balance, drawn, stop)

    def _own_interest(self, span: Span, parts: Sequence[Part], stop: date | None) -> Fraction:
        """Exact interest of the row itself, whoever pays it when."""
        if self.terms.compounding is not None and parts:
            return compounded_interest(self.terms, self.timeline, span, self.drawdowns, stop)
        return self.rate * sum((part.balance * part.years for part in parts), _ZERO)

    def _interest(self, number: int, own: Fraction, phase: Phase) -> Fraction:
        """What the row charges: its own interest and what earlier rows deferred, rounded once."""
        free = number in self.no_interest or number in self.later_no_interest
        waived = number in self.no_interest and self.terms.grace_interest_waived
        if free and (waived or phase is Phase.RUNNING):
            self.deferred += _ZERO if waived else own
            exact = _ZERO
        else:
            exact, self.deferred = own + self.deferred, _ZERO
        self.interest_exact += exact
        interest = rounded(self.rounding.interest, exact)
        evens = self.rounding.last_row_evens_interest and self.terms.method is Method.FLAT
        if evens and number == self.periods and phase is Phase.RUNNING:
            interest = rounded(self.rounding.interest, self.interest_exact) - self.interest_rounded
        self.interest_rounded += interest
        return interest

    def _principal(self, number: int, interest: Fraction, available: Fraction, phase: Phase) -> Fraction:
        """What the row repays, never more than the balance."""
        method = self.terms.method
        if number == self.periods and (self.rounding.last_row_pays_balance or self.follow or method in _ALL_AT_END):
            return available
        if not self._repays(number):
            return _ZERO
        planned = self.follow[number - 1] if self.follow is not None else None
        if planned is not None and phase is not Phase.RUNNING:
            kept = planned.instalment if planned.instalment is not None else planned.principal + planned.interest
            return min(kept - interest, available)
        if method is Method.EQUAL_PRINCIPAL:
            return min(planned.principal if planned is not None else self.equal_principal or _ZERO, available)
        if self.instalment is None or method in (Method.INTEREST_ONLY, Method.BULLET):
            return _ZERO
        return min(self.instalment - interest, available)

    def _repays(self, number: int) -> bool:
        return number not in self.no_principal and number not in self.later_no_principal

    def _drawn_inside(self, span: Span) -> list[Drawdown]:
        """Tranches after the row's first day, whose own stand in the balance already, and before its due date."""
        if span.from_on is None or span.to_on is None:
            return []
        return [drawdown for drawdown in self.drawdowns if span.from_on < drawdown.on < span.to_on]

    def _moved_inside(self, span: Span) -> list[Drawdown]:
        """Tranches and prepayments, these with a minus, inside the row."""
        if not self.prepayments or span.from_on is None or span.to_on is None:
            return self._drawn_inside(span)
        back = [Drawdown(p.on, -p.amount) for p in self.prepayments if span.from_on < p.on < span.to_on]
        return sorted(self._drawn_inside(span) + back, key=lambda moved: moved.on)

    def _heed_prepayments(self, number: int, span: Span) -> None:
        """Let this row's prepayments shorten the loan or open the instalment to be computed anew."""
        if not self.prepayments:
            return
        if span.from_on is None:
            raise InvalidTermsError("a prepayment needs a loan with dates")
        if number == 1 and any(prepayment.on <= span.from_on for prepayment in self.prepayments):
            raise InvalidTermsError("a prepayment comes after the day the loan begins")
        choices = [p.choice for p in self.prepayments if span.from_on <= p.on and (not span.to_on or p.on < span.to_on)]
        if PrepaymentChoice.SHORTER_TERM in choices:
            self.shortened = True
        if PrepaymentChoice.LOWER_INSTALMENT in choices:
            self.instalment = self.equal_principal = None

    def _known_inside(self, span: Span) -> list[Drawdown]:
        """What an instalment computed here knows of: tranches, and prepayments when one is to lower it."""
        lowers = any(
            span.from_on and span.to_on and span.from_on <= p.on < span.to_on
            for p in self.prepayments
            if p.choice is PrepaymentChoice.LOWER_INSTALMENT
        )
        return self._moved_inside(span) if lowers else self._drawn_inside(span)

    def _refuse_late(self, last: Row) -> None:
        for prepayment in self.prepayments:
            if last.due_on is None or prepayment.on >= last.due_on:
                raise InvalidTermsError(f"nothing is left to prepay on {prepayment.on}")

    def _compute(self, number: int, span: Span, own: Fraction) -> None:
        """Find the instalment, or the equal principal, where none is in force."""
        method, terms = self.terms.method, self.terms
        self._heed_prepayments(number, span)
        if terms.recompute_on_drawdown and number > 1 and self._holds_drawdown(span):
            self.instalment = None
        if method is Method.FIXED_AMOUNT:
            self.instalment = Fraction(terms.fixed_instalment or 0)
        elif method is Method.EQUAL_PRINCIPAL and self.equal_principal is None:
            self.equal_principal = self._solve_equal_principal(number, span)
        elif method is Method.FLAT and self.instalment is None:
            available = self.balance + sum(drawdown.amount for drawdown in self._known_inside(span))
            self.instalment = rounded(self.rounding.instalment, available / self._rows_left(number) + own)
        elif method in _LEVEL and self.instalment is None and self._repays(number):
            self.instalment = self._solve_level(number, span)

    def _holds_drawdown(self, span: Span) -> bool:
        return any(
            span.from_on is not None and span.to_on is not None and span.from_on <= drawdown.on < span.to_on
            for drawdown in self.drawdowns
        )

    def _rows_left(self, number: int) -> int:
        """Rows from ``number`` on that repay principal."""
        return sum(self._repays(row) for row in range(number, (self.periods or number) + 1)) or 1

    def _solve_equal_principal(self, number: int, span: Span) -> Fraction:
        if self.terms.fixed_principal is not None:
            return Fraction(self.terms.fixed_principal)
        if number == 1:
            share = Fraction(self.terms.principal, self._rows_left(1))
        else:
            share = (self.balance + sum(d.amount for d in self._known_inside(span))) / self._rows_left(number)
        return rounded(self.rounding.principal, share)

    def _solve_level(self, number: int, span: Span) -> Fraction:
        """The level instalment from this row on, rounded, its residue spread where the rules say so."""
        known = self.drawdowns
        if self.terms.recompute_on_drawdown and span.to_on is not None:
            known = tuple(drawdown for drawdown in known if drawdown.on < span.to_on)
        inside = [moved for moved in self._known_inside(span) if moved.amount < 0]
        known = (*known, *inside)
        last = self.amortise_periods if self.terms.method is Method.BALLOON else self.periods
        assert last is not None
        ahead = [self._planned(row, known) for row in range(number, last + 1)]
        level = rounded(self.rounding.instalment, level_instalment(self.balance, self.deferred, ahead))
        unit = self.rounding.instalment
        if not self.rounding.spread_residue or unit is None or self.terms.method is Method.BALLOON:
            return level
        rows = self._rows_left(number)
        off = self._last_row_off(number, level, known)
        if abs(off) / unit.unit <= rows // 2:
            return level
        nearer = unit.apply(level + off / rows)
        return nearer if abs(self._last_row_off(number, nearer, known)) < abs(off) else level

    def _last_row_off(self, number: int, level: Fraction, known: tuple[Drawdown, ...]) -> Fraction:
        """How far the last row's principal and interest are from ``level`` when the loan goes on as known now."""
        trial = copy(self)
        trial.frozen, trial.instalment, trial.drawdowns = True, level, known
        last = [trial.step(row) for row in range(number, (self.periods or number) + 1)][-1]
        return last.principal + last.interest - level

    def _planned(self, number: int, known: Sequence[Drawdown]) -> PlannedRow:
        span = self.timeline.span(number)
        drawn, drawn_interest = _ZERO, _ZERO
        if span.from_on is not None and span.to_on is not None:
            for drawdown in known:
                if span.from_on < drawdown.on <= span.to_on:
                    drawn += drawdown.amount
                    if drawdown.on < span.to_on:
                        years = self.timeline.part_years(span, drawdown.on, span.to_on)
                        drawn_interest += drawdown.amount * self.rate * years
        free = number in self.no_interest or number in self.later_no_interest
        return PlannedRow(
            self.rate * span.years,
            drawn,
            drawn_interest,
            pays_principal=self._repays(number),
            pays_interest=not free,
            waives_interest=number in self.no_interest and self.terms.grace_interest_waived,
        )

    def _refuse_endless(self, number: int, principal: Fraction, own: Fraction) -> None:
        """Stop when the agreed payment doesn't even cover the interest and nothing ahead can change that."""
        if self.periods is not None or self.terms.method is not Method.FIXED_AMOUNT or not self._repays(number):
            return
        ahead = any(change.from_period > number for change in self.terms.rate_changes) or self.reschedule is not None
        if principal <= 0 < self.balance and own >= (self.instalment or 0) and not ahead:
            raise NeverRepaidError(f"an instalment of {self.terms.fixed_instalment} does not cover the interest")


def _all_at_once(terms: Terms) -> tuple[Drawdown, ...]:
    return () if terms.start_on is None else (Drawdown(terms.start_on, terms.principal),)
