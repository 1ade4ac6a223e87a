"""Holds the rows of a calculated loan against the figures that a vector expects."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Final

from lendchain.schedule.apr_eu import effective_rate
from lendchain.schedule.charges import drawdown_charges
from lendchain.schedule.eu_rule import counted_back
from lendchain.schedule.events import Outcome, live
from lendchain.schedule.rounding import round_half_even
from lendchain.schedule.rows import Row, rounded
from lendchain.schedule.vectors.case import Case, Flows, Intervals
from lendchain.schedule.vectors.fields import (
    FieldError,
    Fields,
    a_bool,
    a_count,
    a_date,
    a_decimal,
    a_text,
    items,
    places,
)

__all__ = ["Comparison", "compare_schedule", "read_fraction"]

_ROW_MONEY: Final[dict[str, Callable[[Row], Fraction]]] = {
    "principal": lambda row: row.principal,
    "interest": lambda row: row.interest,
    "fees": lambda row: row.fees,
    "penalties": lambda row: row.penalties,
    "due": lambda row: row.due,
    "balance_after": lambda row: row.balance_after,
    "paid": lambda row: row.paid,
    "outstanding": lambda row: row.outstanding,
}
_SUMS = ("principal", "interest", "fees", "penalties", "due", "paid", "outstanding")


class Comparison:
    """Collects what differs, in words."""

    def __init__(self) -> None:
        self.differences: list[str] = []

    def equal(self, name: str, expected: object, got: object) -> None:
        """Note a difference unless both are the same."""
        if expected != got:
            shown = printed(got) if isinstance(got, Fraction) else got
            wanted = printed(expected) if isinstance(expected, Fraction) else expected
            self.differences.append(f"{name}: expected {wanted}, got {shown}")

    def rate(self, name: str, expected: str, per_cent: Decimal) -> None:
        """Compare a rate in per cent, rounded half up to the places printed."""
        got = per_cent.quantize(Decimal(1).scaleb(-places(expected)), rounding=ROUND_HALF_UP)
        self.equal(name, Decimal(expected), got)


def printed(value: Fraction) -> str:
    """A fraction as a decimal where it ends soon, as a quotient otherwise."""
    for digits in range(13):
        scaled = value * 10**digits
        if scaled.denominator == 1:
            return str(Decimal(scaled.numerator).scaleb(-digits))
    return f"{value.numerator}/{value.denominator}" if value.denominator < 10**12 else f"about {round(value, 12)}"


def read_fraction(value: object) -> Fraction:
    """A fraction printed as "19/30" or "0"."""
    try:
        return Fraction(a_text(value))
    except (ValueError, ZeroDivisionError) as wrong:
        raise FieldError(f"a fraction is expected, not {value!r}") from wrong


def compare_schedule(case: Case, expected: Fields) -> list[str]:
    """What of ``expected`` the arithmetic does not give; every field of it is taken."""
    loan = _Loan(case, live(case.terms, case.life))
    comparison = Comparison()
    _compare_rows(loan, expected, comparison)
    _compare_sums(loan, expected, comparison)
    _compare_instalments(loan, expected, comparison)
    _compare_payoff(loan, expected, comparison)
    _compare_rates(loan, expected, comparison)
    expected.done()
    return comparison.differences


class _Loan:
    """A calculated loan and how its amounts are shown."""

    def __init__(self, case: Case, outcome: Outcome) -> None:
        self.case = case
        self.terms = case.terms
        self.rows = outcome.rows
        self.payoff = outcome.payoff
        self.last = self.rows[-1]
        self.to_last = self.rows[:-1]
        grace = max(self.terms.grace_principal, self.terms.grace_interest)
        self.regular = [row for row in self.to_last if row.number > grace]

    def money(self, minor: Fraction) -> Fraction:
        """An amount as shown, in the vector's own unit."""
        return rounded(self.case.shown, minor) / Fraction(self.case.scale.minor)

    def payments(self) -> list[Fraction]:
        """The dues as they enter the APR."""
        shown = self.case.shown if self.case.flows is Flows.SHOWN else None
        return [rounded(shown, row.due) for row in self.rows]

    def regular_instalment(self) -> Fraction:
        """Principal + interest of a regular row."""
        if self.regular:
            return self.regular[0].principal + self.regular[0].interest
        return self.last.instalment if self.last.instalment is not None else self.last.principal + self.last.interest

    def rows_until_repaid(self) -> int:
        """Number of the row after which nothing is owed any more."""
        open_rows = [row.number for row in self.rows if row.balance_after > 0]
        return max(open_rows, default=0) + 1

    def times(self) -> list[Fraction]:
        """Time of each row in years by the vector's APR rule."""
        start = self.terms.start_on
        if self.case.intervals is Intervals.EU_COUNTED_BACK:
            if start is None:
                raise FieldError("apr.intervals eu_counted_back needs dates")
            unit = self.terms.every.unit
            return [counted_back(start, row.due_on, unit).years for row in self.rows if row.due_on is not None]
        return [row.number * self.terms.every.years for row in self.rows]


def _compare_rows(loan: _Loan, expected: Fields, comparison: Comparison) -> None:
    wanted = expected.each("rows")
    numbers = []
    for fields in wanted:
        number = fields.take("n", a_count)
        numbers.append(number)
        if not 1 <= number <= len(loan.rows):
            comparison.differences.append(f"row {number}: there are {len(loan.rows)} rows")
            continue
        _compare_row(loan, loan.rows[number - 1], fields, comparison)
        fields.done()
    if len(set(numbers)) != len(numbers):
        raise FieldError(f"{expected.where}.rows names a row twice")
    if expected.take("rows_complete", a_bool, False):
        comparison.equal("rows", len(wanted), len(loan.rows))


def _compare_row(loan: _Loan, row: Row, fields: Fields, comparison: Comparison) -> None:
    name = f"row {row.number}"
    for field, column in _ROW_MONEY.items():
        if field in fields:
            comparison.equal(f"{name} {field}", fields.take(field, a_decimal), loan.money(column(row)))
    dates: dict[str, date | None] = {"from_date": row.from_on, "due_date": row.due_on, "paid_date": row.paid_on}
    for field, day in dates.items():
        if field in fields:
            may_be_none = field == "paid_date" and fields.peek(field) is None
            comparison.equal(f"{name} {field}", fields.take(field, _nothing if may_be_none else a_date), day)
    if "days" in fields:
        comparison.equal(f"{name} days", fields.take("days", a_count), row.days)
    if "rate_factors" in fields:
        texts = [a_text(text) for text in fields.take("rate_factors", items)]
        _compare_factors(name, texts, row.rate_factors, comparison)


def _compare_factors(name: str, texts: Sequence[str], factors: Sequence[Fraction], comparison: Comparison) -> None:
    comparison.equal(f"{name} rate_factors", len(texts), len(factors))
    for text, factor in zip(texts, factors, strict=False):
        scale = 10 ** places(text)
        comparison.equal(f"{name} rate_factor", a_decimal(text), Fraction(round_half_even(factor * scale), scale))


def _compare_sums(loan: _Loan, expected: Fields, comparison: Comparison) -> None:
    totals = expected.inner("totals")
    if totals is not None:
        for name in _SUMS:
            if name in totals:
                total = sum((_ROW_MONEY[name](row) for row in loan.rows), Fraction(0))
                comparison.equal(f"totals {name}", totals.take(name, a_decimal), loan.money(total))
        payable = sum(loan.payments(), drawdown_charges(loan.terms))
        for name, amount in (("payable", payable), ("cost", payable - loan.terms.principal)):
            if name in totals:
                comparison.equal(f"totals {name}", totals.take(name, a_decimal), loan.money(amount))
        totals.done()
    for fields in expected.each("year_sums"):
        year = fields.take("year", a_count)
        years = loan.terms.every.years
        rows = [row for row in loan.rows if year - 1 < row.number * years <= year]
        for name in ("principal", "interest", "due"):
            if name in fields:
                total = sum((_ROW_MONEY[name](row) for row in rows), Fraction(0))
                comparison.equal(f"year {year} {name}", fields.take(name, a_decimal), loan.money(total))
        fields.done()


def _compare_instalments(loan: _Loan, expected: Fields, comparison: Comparison) -> None:
    if "periods" in expected:
        comparison.equal("periods", expected.take("periods", a_count), loan.rows_until_repaid())
    if "instalment" in expected:
        amount = expected.take("instalment", a_decimal)
        if not loan.regular:
            comparison.equal("instalment", amount, loan.money(loan.regular_instalment()))
        for row in loan.regular:
            comparison.equal(f"instalment of row {row.number}", amount, loan.money(row.principal + row.interest))
    for fields in expected.each("instalments"):
        first, last = fields.take("from_period", a_count), fields.take("to_period", a_count)
        amount = fields.take("amount", a_decimal)
        fields.done()
        if not 1 <= first <= last <= len(loan.rows):
            comparison.differences.append(f"instalments {first}..{last}: there are {len(loan.rows)} rows")
            continue
        inside = [row for row in loan.regular if first <= row.number <= last] or loan.rows[first - 1 : last]
        for row in inside:
            comparison.equal(f"instalment of row {row.number}", amount, loan.money(row.principal + row.interest))
    if "payment" in expected:
        amount = expected.take("payment", a_decimal)
        for row in loan.to_last or loan.rows:
            comparison.equal(f"payment of row {row.number}", amount, loan.money(row.due))
    last_row = loan.last.principal + loan.last.interest
    singles = {
        "first_payment": loan.rows[0].due,
        "last_payment": loan.last.due,
        "last_principal": loan.last.principal,
        "balloon": last_row - loan.regular_instalment(),
    }
    for name, minor in singles.items():
        if name in expected:
            comparison.equal(name, expected.take(name, a_decimal), loan.money(minor))


def _compare_payoff(loan: _Loan, expected: Fields, comparison: Comparison) -> None:
    fields = expected.inner("payoff")
    if fields is None:
        return
    if loan.payoff is None:
        raise FieldError(f"{fields.where}: the vector has no pay-off")
    figures = {
        "amount": loan.payoff.amount,
        "principal": loan.payoff.principal,
        "interest": loan.payoff.interest,
    }
    for name, minor in figures.items():
        if name in fields:
            comparison.equal(f"payoff {name}", fields.take(name, a_decimal), loan.money(minor))
    fields.done()


def _compare_rates(loan: _Loan, expected: Fields, comparison: Comparison) -> None:
    wanted = [name for name in ("apr_pct", "apr_pct_short") if name in expected]
    if wanted:
        if loan.case.intervals is None:
            raise FieldError(f"{expected.where}.{wanted[0]}: the vector has no apr rule")
        lent = drawdown_charges(loan.terms) - loan.terms.principal
        flows = [(Fraction(0), lent), *zip(loan.times(), loan.payments(), strict=True)]
        per_cent = 100 * effective_rate(flows)
        for name in wanted:
            text = expected.take(name, a_text)
            a_decimal(text)
            comparison.rate(name, text, per_cent)
    interval = expected.inner("first_interval")
    if interval is not None:
        whole, part = _first_interval(loan)
        if "whole" in interval:
            comparison.equal("first_interval whole", interval.take("whole", a_count), whole)
        if "fraction" in interval:
            comparison.equal("first_interval fraction", interval.take("fraction", read_fraction), part)
        interval.done()


def _first_interval(loan: _Loan) -> tuple[int, Fraction]:
    """Whole units and part of a year before the first payment, by the EU rule where the loan has dates."""
    start, due = loan.terms.start_on, loan.rows[0].due_on
    if start is None or due is None or loan.case.intervals is Intervals.EQUAL_PERIODS:
        return loan.terms.every.count, Fraction(0)
    interval = counted_back(start, due, loan.terms.every.unit)
    return interval.whole, interval.part_year


def _nothing(value: object) -> None:
    if value is not None:
        raise FieldError(f"null is expected, not {value!r}")
