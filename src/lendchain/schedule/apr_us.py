"""The annual percentage rate of US Regulation Z, Appendix J (actuarial method).

sum of A_k / ((1 + e_k i)(1+i)^q_k)  =  sum of P_j / ((1 + f_j i)(1+i)^t_j), with whole unit-periods q, t and the parts
e, f of one, both counted back from the later date; APR = 100 x i x unit-periods a year.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal, localcontext
from fractions import Fraction

from lendchain.schedule.errors import NoRateError
from lendchain.schedule.periods import Interval, Unit, add_months, whole_months_back
from lendchain.schedule.rates import PRECISION, bracketed_root, settled, to_decimal

__all__ = ["UnitPeriods", "actuarial_rate", "single_payment_rate", "unit_periods"]


@dataclass(frozen=True, slots=True)
class UnitPeriods:
    """Time as whole unit-periods and the part of one that is left."""

    whole: int
    part: Fraction


def unit_periods(start: date, end: date, unit: Interval) -> UnitPeriods:
    """Unit-periods from ``start`` to ``end`` by Appendix J (b)(5): months and semimonths of 30 and 15 days.

    As many whole months as fit are counted back from ``end``, 30 days each, and the actual days left are added. Weeks
    and days are counted in actual days. A year's rest is months / 12 when they are whole, else days / 365.
    """
    if end < start:
        raise ValueError(f"{end} comes before {start}")
    if unit.unit in (Unit.DAY, Unit.WEEK):
        length = unit.count * (7 if unit.unit is Unit.WEEK else 1)
        return _split((end - start).days, length)
    months = whole_months_back(start, end)
    rest = (add_months(end, -months) - start).days
    if unit.unit is Unit.SEMIMONTH:
        return _split(30 * months + rest, 15 * unit.count)
    if unit.unit is Unit.YEAR:
        return _years(start, end, months, rest, 12 * unit.count)
    whole, left = divmod(months, unit.count)
    return UnitPeriods(whole, Fraction(30 * left + rest, 30 * unit.count))


def actuarial_rate(
    advances: Sequence[tuple[date, int | Fraction]],
    payments: Sequence[tuple[date, int | Fraction]],
    unit: Interval,
    unit_periods_per_year: int | Fraction,
) -> Decimal:
    """The rate a year as a plain number (0.1182 for 11.82 %). The first advance is time 0."""
    if not advances or not payments:
        raise NoRateError("a rate needs an advance and a payment")
    first = min(on for on, _ in advances)
    flows: dict[tuple[int, Fraction], Fraction] = {}
    for sign, side in ((-1, advances), (1, payments)):
        for on, amount in side:
            time = unit_periods(first, on, unit)
            key = (time.whole, time.part)
            flows[key] = flows.get(key, Fraction(0)) + sign * amount
    with localcontext(Context(prec=PRECISION)):
        rate = _periodic_rate(flows) * to_decimal(Fraction(unit_periods_per_year))
    return settled(rate)


def single_payment_rate(advance: int | Fraction, payment: int | Fraction, days: int, year_days: int = 365) -> Decimal:
    """One advance, one payment, the term as unit-period: (payment / advance - 1) x year_days / days."""
    if days < 1:
        raise NoRateError("the payment must come after the advance")
    return to_decimal((Fraction(payment) / Fraction(advance) - 1) * Fraction(year_days, days))


def _periodic_rate(flows: dict[tuple[int, Fraction], Fraction]) -> Decimal:
    terms = [(whole, to_decimal(part), to_decimal(flow)) for (whole, part), flow in sorted(flows.items()) if flow]
    size = max(abs(flow) for _, _, flow in terms)
    terms = [(whole, part, flow / size) for whole, part, flow in terms]

    def value(rate: Decimal) -> tuple[Decimal, Decimal]:
        total = slope = Decimal(0)
        grown = 1 + rate
        for whole, part, flow in terms:
            present = flow / ((1 + part * rate) * grown**whole)
            total += present
            slope -= present * (part / (1 + part * rate) + whole / grown)
        return total, slope

    inner, reach = Decimal(0), Decimal("0.01")
    at_zero = value(inner)[0]
    while reach < 10_000:
        for bound in (reach, -1 + 1 / (1 + reach)):
            if (value(bound)[0] > 0) != (at_zero > 0):
                low, high = sorted((bound, inner if bound > 0 else Decimal(0)))
                return bracketed_root(value, low, high, Decimal(10) ** -32)
        inner, reach = reach, reach * 2
    raise NoRateError("no rate explains these cash flows")


def _split(days: int, length: int) -> UnitPeriods:
    whole, rest = divmod(days, length)
    return UnitPeriods(whole, Fraction(rest, length))


def _years(start: date, end: date, months: int, rest: int, length: int) -> UnitPeriods:
    whole, left = divmod(months, length)
    if rest == 0:
        return UnitPeriods(whole, Fraction(left, length))
    days = (add_months(end, -length * whole) - start).days
    return UnitPeriods(whole, Fraction(days, 365 * length // 12))
