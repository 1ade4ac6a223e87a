"""Interest of one row: on which balance, for how long."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise

from lendchain.schedule.periods import Interval, Unit
from lendchain.schedule.terms import Drawdown, Terms
from lendchain.schedule.timeline import Span, Timeline

__all__ = ["Accrual", "Part", "arrears_accrual", "compounded_interest", "cut", "scheduled_accrual"]


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a row with one balance."""

    balance: Fraction
    years: Fraction


Accrual = Callable[[Timeline, Span, Fraction, Sequence[Drawdown], date | None], list[Part]]
"""Parts of a row from its calendar, the scheduled balance at its start, the drawdowns in it and the day it stops."""


def cut(timeline: Timeline, span: Span, days: Sequence[date], balance_on: Callable[[date], Fraction]) -> list[Part]:
    """Parts of a row between ``days``, each with the balance that its first day has; those without one are left out."""
    bounds = sorted(set(days))
    return [
        Part(balance, timeline.part_years(span, start, end))
        for start, end in pairwise(bounds)
        if (balance := balance_on(start))
    ]


def scheduled_accrual(
    timeline: Timeline, span: Span, opening: Fraction, drawn: Sequence[Drawdown], stop: date | None
) -> list[Part]:
    """Interest on the scheduled balance, cut where money is drawn."""
    if not drawn and stop is None:
        return [Part(opening, span.years)] if opening else []
    assert span.from_on is not None
    assert span.to_on is not None
    end = span.to_on if stop is None else stop

    def balance_on(day: date) -> Fraction:
        return opening + sum(drawdown.amount for drawdown in drawn if drawdown.on <= day)

    days = [span.from_on, end, *(drawdown.on for drawdown in drawn if drawdown.on < end)]
    return cut(timeline, span, days, balance_on)


def arrears_accrual(
    drawdowns: Sequence[Drawdown], principal_paid: Sequence[tuple[date, Fraction]], as_of: date
) -> Accrual:
    """Interest on the principal truly unpaid on days before ``as_of``, on the scheduled balance from then on."""

    def accrue(
        timeline: Timeline, span: Span, opening: Fraction, drawn: Sequence[Drawdown], stop: date | None
    ) -> list[Part]:
        assert span.from_on is not None
        assert span.to_on is not None
        begins, end = span.from_on, span.to_on if stop is None else stop

        def balance_on(day: date) -> Fraction:
            if day >= as_of:
                return opening + sum(drawdown.amount for drawdown in drawn if drawdown.on <= day)
            lent = sum(drawdown.amount for drawdown in drawdowns if drawdown.on <= day)
            return lent - sum((amount for on, amount in principal_paid if on <= day), Fraction(0))

        changes = [as_of, *(drawdown.on for drawdown in drawn), *(on for on, _ in principal_paid)]
        return cut(timeline, span, [begins, end, *(day for day in changes if begins < day < end)], balance_on)

    return accrue


def compounded_interest(
    terms: Terms, timeline: Timeline, span: Span, drawn: Sequence[Drawdown], stop: date | None
) -> Fraction:
    """Interest of a bullet loan: it joins the balance at the end of each compounding interval.

    A rest shorter than the interval bears simple interest. ``drawn`` holds every drawdown of a dated loan.
    """
    compounding, rate = terms.compounding, terms.rate
    assert compounding is not None
    whole_loan = stop is None and all(drawdown.on == span.from_on for drawdown in drawn)
    if whole_loan and (ratio := _ratio(terms.every, compounding)).denominator == 1 and _is_unbroken(terms):
        return terms.principal * ((1 + rate * compounding.years) ** int(ratio) - 1)
    if span.from_on is None or span.to_on is None:
        whole, rest = divmod(_ratio(terms.every, compounding), 1)
        grown = (1 + rate * compounding.years) ** whole * (1 + rate * rest * compounding.years)
        return terms.principal * (grown - 1)
    return _compounded_by_calendar(terms, timeline, span, drawn, span.to_on if stop is None else stop)


def _compounded_by_calendar(
    terms: Terms, timeline: Timeline, span: Span, drawn: Sequence[Drawdown], end: date
) -> Fraction:
    compounding = terms.compounding
    assert compounding is not None
    assert span.from_on is not None
    lent = Fraction(sum(drawdown.amount for drawdown in drawn if drawdown.on <= span.from_on))
    balance, interest, step, begins = lent, Fraction(0), 0, span.from_on
    while begins < end:
        step += 1
        joins = compounding.after(span.from_on, step)
        until = min(joins, end)
        bounds = sorted({begins, until, *(d.on for d in drawn if begins < d.on < until)})
        earned = Fraction(0)
        for start, finish in pairwise(bounds):
            if joins <= end:
                years = compounding.years * (finish - start).days / (joins - begins).days
            else:
                years = timeline.part_years(span, start, finish)
            earned += balance * terms.rate * years
            tranches = sum(d.amount for d in drawn if start < d.on <= finish and d.on < end)
            balance += tranches
        balance += earned
        interest += earned
        begins = until
    return interest


def _is_unbroken(terms: Terms) -> bool:
    """Whether the one row is its nominal interval."""
    whole = terms.first_due_on is None or terms.start_on is None
    return not terms.first_interval_eu and (whole or terms.every.after(terms.start_on) == terms.first_due_on)  # type: ignore[arg-type]


def _ratio(term: Interval, compounding: Interval) -> Fraction:
    """How many compounding intervals the term holds: by months, by days, or else by years."""
    days = {Unit.DAY: 1, Unit.WEEK: 7}
    if term.unit in days and compounding.unit in days:
        return Fraction(term.count * days[term.unit], compounding.count * days[compounding.unit])
    return term.years / compounding.years
