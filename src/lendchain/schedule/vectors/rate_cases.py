"""Vectors without rows: year fractions by the EU rule, and the actuarial rate of US Regulation Z."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from lendchain.schedule.apr_us import actuarial_rate, single_payment_rate, unit_periods
from lendchain.schedule.eu_rule import counted_back
from lendchain.schedule.periods import Interval, Unit
from lendchain.schedule.rounding import Rounding
from lendchain.schedule.vectors.case import Scale, read_interval, read_mode
from lendchain.schedule.vectors.fields import FieldError, Fields, a_count, a_date, a_decimal, a_text, one_of
from lendchain.schedule.vectors.figures import Comparison, read_fraction

__all__ = ["compare_actuarial", "compare_year_fractions"]

Dated = tuple[date, int]


class _Word(StrEnum):
    EU_COUNTED_BACK = "eu_counted_back"
    US_ACTUARIAL = "us_actuarial"
    TERM = "term"


def compare_year_fractions(vector: Fields) -> list[str]:
    """Check the cases of a ``year_fraction`` vector."""
    vector.take("rule", one_of(_Word, _Word.EU_COUNTED_BACK))
    comparison = Comparison()
    for case in vector.each("cases"):
        start, end = case.take("from_date", a_date), case.take("to_date", a_date)
        unit = case.take("unit", one_of(Unit, Unit.MONTH, Unit.YEAR))
        expected = case.inner("expected")
        case.done()
        if expected is None:
            raise FieldError(f"{case.where}.expected is missing")
        interval = counted_back(start, end, unit)
        got = {"whole": interval.whole, "days": interval.days, "year_days": interval.year_days}
        for name, counted in got.items():
            if name in expected:
                comparison.equal(f"{start}..{end} {name}", expected.take(name, a_count), counted)
        expected.done()
    for case in vector.each("rounding_cases"):
        value, digits = case.take("value", a_decimal), case.take("places", a_count)
        rounding = Rounding(Fraction(1, 10**digits), case.take("mode", read_mode))
        wanted = case.take("expected", a_decimal)
        case.done()
        comparison.equal(f"rounded to {digits} places", wanted, rounding.apply(value))
    return comparison.differences


@dataclass(frozen=True, slots=True)
class _Rule:
    """How a US rate is counted; ``unit`` None means the term itself."""

    unit: Interval | None
    per_year: int | None
    year_days: int | None


def compare_actuarial(vector: Fields) -> list[str]:
    """Check an ``apr_us_actuarial`` vector."""
    terms = vector.inner("terms")
    if terms is None:
        raise FieldError(f"{vector.where}.terms is missing")
    scale = Scale(terms.peek("advances"), terms.peek("payments"))
    advances = _advances(terms, scale)
    payments = _payments(terms, scale)
    terms.done()
    rule = _rule(vector)
    expected = vector.inner("expected")
    if expected is None:
        raise FieldError(f"{vector.where}.expected is missing")
    comparison = Comparison()
    first, paid = min(on for on, _ in advances), min(on for on, _ in payments)
    if "apr_pct" in expected or "apr_pct_short" in expected:
        rate = _rate(rule, advances, payments)
        for name in ("apr_pct", "apr_pct_short"):
            if name in expected:
                text = expected.take(name, a_text)
                a_decimal(text)
                comparison.rate(name, text, 100 * rate)
    interval = expected.inner("first_interval")
    if interval is not None:
        if rule.unit is None:
            raise FieldError(f"{interval.where}: the unit-period is the term")
        time = unit_periods(first, paid, rule.unit)
        if "whole" in interval:
            comparison.equal("first_interval whole", interval.take("whole", a_count), time.whole)
        if "fraction" in interval:
            comparison.equal("first_interval fraction", interval.take("fraction", read_fraction), time.part)
        interval.done()
    if "term_years" in expected:
        if rule.year_days is None:
            raise FieldError(f"{expected.where}.term_years: apr has no year_days")
        last = max(on for on, _ in payments)
        wanted = expected.take("term_years", read_fraction)
        comparison.equal("term_years", wanted, Fraction((last - first).days, rule.year_days))
    expected.done()
    return comparison.differences


def _advances(terms: Fields, scale: Scale) -> list[Dated]:
    advances = []
    for fields in terms.each("advances"):
        advances.append((fields.take("date", a_date), fields.take("amount", scale.amount)))
        fields.done()
    if not advances:
        raise FieldError(f"{terms.where}.advances is empty")
    return advances


def _payments(terms: Fields, scale: Scale) -> list[Dated]:
    payments: list[Dated] = []
    for fields in terms.each("payments"):
        first, count = fields.take("first", a_date), fields.take("count", a_count)
        amount, every = fields.take("amount", scale.amount), fields.take("every", read_interval, None)
        fields.done()
        if every is None and count != 1:
            raise FieldError(f"{fields.where}.every is missing")
        payments += [(every.after(first, step) if every else first, amount) for step in range(count)]
    if not payments:
        raise FieldError(f"{terms.where}.payments is empty")
    return payments


def _rule(vector: Fields) -> _Rule:
    apr = vector.inner("apr")
    if apr is None:
        raise FieldError(f"{vector.where}.apr is missing")
    apr.take("method", one_of(_Word, _Word.US_ACTUARIAL))
    unit = apr.peek("unit_period")
    if isinstance(unit, dict) and unit.get("unit") == _Word.TERM:
        inner = apr.inner("unit_period")
        assert inner is not None
        inner.take("unit", a_text)
        inner.done()
        apr.take("unit_periods_per_year", _null, None)
        rule = _Rule(None, None, apr.take("year_days", a_count))
    else:
        year_days = apr.take("year_days", a_count, None)
        rule = _Rule(apr.take("unit_period", read_interval), apr.take("unit_periods_per_year", a_count), year_days)
    apr.done()
    return rule


def _rate(rule: _Rule, advances: list[Dated], payments: list[Dated]) -> Decimal:
    if rule.unit is not None and rule.per_year is not None:
        return actuarial_rate(advances, payments, rule.unit, rule.per_year)
    if len(advances) != 1 or len(payments) != 1:
        raise FieldError("the term as unit-period needs one advance and one payment")
    (lent_on, lent), (paid_on, paid) = advances[0], payments[0]
    return single_payment_rate(lent, paid, (paid_on - lent_on).days, rule.year_days or 365)


def _null(value: object) -> None:
    if value is not None:
        raise FieldError(f"null is expected, not {value!r}")
