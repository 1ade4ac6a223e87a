"""One vector of a file as terms, events and rules of this package. Reads everything but the expected figures."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

from lendchain.schedule.daycount import DayCount
from lendchain.schedule.events import InterestUntil, Life, Payoff
from lendchain.schedule.periods import Interval, Unit
from lendchain.schedule.rounding import Mode, Rounding
from lendchain.schedule.terms import (
    Charge,
    ChargeKind,
    ChargeTime,
    Claim,
    Column,
    Drawdown,
    InterestPeriod,
    Method,
    RateChange,
    Reschedule,
    RoundingRules,
    Terms,
    Waterfall,
)
from lendchain.schedule.vectors.fields import (
    FieldError,
    Fields,
    a_count,
    a_date,
    a_decimal,
    items,
    one_of,
    places,
)
from lendchain.schedule.waterfall import Payment

__all__ = ["Case", "Flows", "Intervals", "Scale", "read_case", "read_interval", "read_mode"]

T = TypeVar("T")

_POINTS = ("instalment", "interest", "principal", "balance", "charge", "shown")


class Flows(StrEnum):
    """Which payments enter the APR."""

    SHOWN = "shown"
    EXACT = "exact"


class Intervals(StrEnum):
    """How times are counted for the EU APR."""

    EQUAL_PERIODS = "equal_periods"
    EU_COUNTED_BACK = "eu_counted_back"


class _Residue(StrEnum):
    PRINCIPAL = "principal"
    INTEREST = "interest"


class _Word(StrEnum):
    """Words that stand alone in their field."""

    RECOMPUTE_INSTALMENT = "recompute_instalment"
    ACTUAL_DAYS = "actual_days"
    EU_COUNTED_BACK = "eu_counted_back"
    SPREAD_RESIDUE = "spread_residue"
    KEEP_INSTALMENTS = "keep_instalments"
    UNPAID_BALANCE = "unpaid_balance_until_as_of"
    DEFERRED = "deferred"
    WAIVED = "waived"
    PAYMENT = "payment"
    PAYOFF = "payoff"
    YEAR = "year"
    MONTH = "month"
    EU_EFFECTIVE = "eu_effective"


class Scale:
    """Minor units of a vector: so many places that every amount and rounding unit in it is a whole number of them."""

    def __init__(self, *trees: object) -> None:
        self.minor: int = 10 ** max((places(text) for tree in trees for text in _decimals(tree)), default=0)

    def amount(self, value: object) -> int:
        """An amount in minor units."""
        return int(a_decimal(value) * self.minor)


@dataclass(frozen=True, slots=True)
class Case:
    """What a vector asks to be calculated."""

    terms: Terms
    life: Life
    shown: Rounding | None
    scale: Scale
    flows: Flows | None
    intervals: Intervals | None


def read_case(vector: Fields, method: Method) -> Case:
    """Take the terms, rounding, charges and events of a schedule vector."""
    scale = Scale(*(vector.peek(name) for name in ("terms", "rounding", "charges", "events")))
    rounding, shown = _rounding(vector, scale)
    charges = tuple(_charge(fields, scale) for fields in vector.each("charges"))
    fields = vector.inner("terms")
    if fields is None:
        raise FieldError(f"{vector.where}.terms is missing")
    terms = _terms(fields, method, scale, rounding, charges)
    fields.done()
    life = _life(vector, scale)
    flows, intervals = _apr(vector)
    return Case(terms, life, shown, scale, flows, intervals)


def _terms(fields: Fields, method: Method, scale: Scale, rounding: RoundingRules, charges: tuple[Charge, ...]) -> Terms:
    take = fields.take
    rule = take("grace_interest_rule", one_of(_Word, _Word.DEFERRED, _Word.WAIVED), _Word.DEFERRED)
    compounding = take("compounding", read_interval, None)
    fixed_instalment = take("fixed_instalment", scale.amount, None)
    fixed_principal = take("fixed_principal", scale.amount, None)
    amortise_periods = take("amortise_periods", a_count, None)
    drawdowns = [
        _finished(each, Drawdown(each.take("date", a_date), each.take("amount", scale.amount)))
        for each in fields.each("drawdowns")
    ]
    changes = [
        _finished(each, RateChange(each.take("from_period", a_count), each.take("pct", a_decimal) / 100))
        for each in fields.each("rate_changes")
    ]
    return Terms(
        principal=take("principal", scale.amount),
        rate=_rate(fields),
        periods=take("periods", a_count, 1 if method is Method.BULLET else None),
        method=method,
        every=take("every", read_interval),
        start_on=take("start_date", a_date, None),
        first_due_on=take("first_due_date", a_date, None),
        drawdowns=tuple(sorted(drawdowns, key=lambda drawdown: drawdown.on)),
        recompute_on_drawdown=take("on_drawdown", one_of(_Word, _Word.RECOMPUTE_INSTALMENT), None) is not None,
        interest_period=take("interest_period", one_of(InterestPeriod), InterestPeriod.SAME_AS_REPAYMENT),
        day_count=take("day_count", one_of(DayCount), None),
        part_by_actual_days=take("part_period", one_of(_Word, _Word.ACTUAL_DAYS), None) is not None,
        first_interval_eu=take("first_interval", one_of(_Word, _Word.EU_COUNTED_BACK), None) is not None,
        compounding=compounding if method is Method.BULLET else None,
        rate_changes=tuple(changes),
        grace_principal=take("grace_principal", a_count, 0),
        grace_interest=take("grace_interest", a_count, 0),
        grace_interest_waived=rule is _Word.WAIVED,
        fixed_instalment=fixed_instalment if method is Method.FIXED_AMOUNT else None,
        fixed_principal=fixed_principal if method is Method.EQUAL_PRINCIPAL else None,
        amortise_periods=amortise_periods if method is Method.BALLOON else None,
        charges=charges,
        rounding=rounding,
        waterfall=_waterfall(fields),
    )


def read_interval(value: object) -> Interval:
    """An interval such as {"count": 3, "unit": "month"}."""
    fields = Fields(value, "interval")
    unit = fields.take("unit", one_of(Unit))
    days: tuple[int, ...] = ()
    if unit is Unit.SEMIMONTH:
        days = tuple(a_count(day) for day in fields.take("month_days", items, [1, 16]))
    count = fields.take("count", a_count)
    fields.done()
    try:
        return Interval(count, unit, days)
    except ValueError as wrong:
        raise FieldError(str(wrong)) from wrong


def read_mode(value: object) -> Mode:
    """A rounding mode that the format knows."""
    return one_of(Mode, Mode.HALF_UP, Mode.HALF_EVEN, Mode.CEIL)(value)


def _rate(fields: Fields) -> Fraction:
    rate = fields.inner("rate")
    if rate is None:
        raise FieldError(f"{fields.where}.rate is missing")
    pct = rate.take("pct", a_decimal)
    per = rate.take("per", one_of(_Word, _Word.YEAR, _Word.MONTH))
    rate.done()
    return pct / 100 * (12 if per is _Word.MONTH else 1)


def _waterfall(fields: Fields) -> Waterfall:
    allocation = fields.inner("allocation")
    if allocation is None:
        return Waterfall()
    usual: list[object] = list(Waterfall().due)
    due, in_advance = (
        tuple(one_of(Claim)(str(claim)) for claim in allocation.take(name, items, usual))
        for name in ("due", "in_advance")
    )
    allocation.done()
    return Waterfall(due, in_advance)


def _rounding(vector: Fields, scale: Scale) -> tuple[RoundingRules, Rounding | None]:
    fields = vector.inner("rounding") or Fields({}, f"{vector.where}.rounding")
    points = {name: _point(fields, name, scale) for name in _POINTS}
    residue = [one_of(_Residue)(word) for word in fields.take("residue", items, [])]
    smoothing = fields.take("smoothing", one_of(_Word, _Word.SPREAD_RESIDUE), None)
    fields.done()
    shown = points.pop("shown")
    rules = RoundingRules(
        **points,
        last_row_pays_balance=_Residue.PRINCIPAL in residue,
        last_row_evens_interest=_Residue.INTEREST in residue,
        spread_residue=smoothing is not None,
    )
    return rules, shown


def _point(fields: Fields, name: str, scale: Scale) -> Rounding | None:
    if fields.peek(name) is None:
        fields.take(name, lambda _: None, None)
        return None
    point = fields.inner(name)
    assert point is not None
    unit, mode = point.take("unit", scale.amount), point.take("mode", read_mode)
    point.done()
    if unit <= 0:
        raise FieldError(f"{point.where}.unit must be positive")
    return Rounding(unit, mode)


def _charge(fields: Fields, scale: Scale) -> Charge:
    pct = fields.take("pct", a_decimal, None)
    charge = Charge(
        kind=fields.take("kind", one_of(ChargeKind)),
        when=fields.take("when", one_of(ChargeTime)),
        amount=fields.take("amount", scale.amount, None),
        amount_per_year=fields.take("amount_per_year", scale.amount, None),
        rate=None if pct is None else pct / 100,
        basis=tuple(one_of(Column)(column) for column in fields.take("basis", items, [])),
        grace_days=fields.take("grace_days", a_count, 0),
    )
    return _finished(fields, charge)


def _life(vector: Fields, scale: Scale) -> Life:
    payments: list[Payment] = []
    payoff: Payoff | None = None
    for event in vector.each("events"):
        on, kind = event.take("date", a_date), event.take("kind", one_of(_Word, _Word.PAYMENT, _Word.PAYOFF))
        if kind is _Word.PAYMENT:
            payments.append(Payment(on, event.take("amount", scale.amount)))
        elif payoff is None:
            until = event.take("interest_until", one_of(InterestUntil))
            keep = event.take("rows_after", one_of(_Word, _Word.KEEP_INSTALMENTS), None)
            payoff = Payoff(on, until, keep_instalments=keep is not None)
        else:
            raise FieldError(f"{event.where}: a loan is paid off once")
        event.done()
    arrears = vector.take("arrears_interest", one_of(_Word, _Word.UNPAID_BALANCE), None)
    return Life(
        payments=tuple(payments),
        payoff=payoff,
        as_of=vector.take("as_of", a_date, None),
        arrears_interest=arrears is not None,
        reschedule=_reschedule(vector),
    )


def _reschedule(vector: Fields) -> Reschedule | None:
    fields = vector.inner("reschedule")
    if fields is None:
        return None
    new_rate = fields.take("new_rate_pct", a_decimal, None)
    agreed = Reschedule(
        from_due_on=fields.take("from_due_date", a_date),
        extra_periods=fields.take("extra_periods", a_count, 0),
        new_rate=None if new_rate is None else new_rate / 100,
        moved_due_on=fields.take("moved_due_date", a_date, None),
        submitted_on=fields.take("submitted", a_date),
    )
    return _finished(fields, agreed)


def _apr(vector: Fields) -> tuple[Flows | None, Intervals | None]:
    fields = vector.inner("apr")
    if fields is None:
        return None, None
    fields.take("method", one_of(_Word, _Word.EU_EFFECTIVE))
    rule = fields.take("flows", one_of(Flows)), fields.take("intervals", one_of(Intervals))
    return _finished(fields, rule)


def _finished(fields: Fields, value: T) -> T:
    """``value``, once nothing unknown is left beside what made it."""
    fields.done()
    return value


def _decimals(tree: object) -> Iterator[str]:
    """Every decimal string in a tree of JSON."""
    if isinstance(tree, str):
        if re.fullmatch(r"-?[0-9]+\.[0-9]+", tree):
            yield tree
    elif isinstance(tree, dict):
        for value in tree.values():
            yield from _decimals(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from _decimals(value)
