"""Root of a discounted sum of cash flows: the one solver under the EU rate, the US rate and the IRR.

Decimal arithmetic of stated precision, bisection kept around Newton's step: no floats, no starting guess to be wrong.
"""

from collections.abc import Callable, Mapping
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from math import lcm

from lendchain.schedule.errors import NoRateError

__all__ = ["PRECISION", "bracketed_root", "rate_of", "settled", "to_decimal"]

PRECISION = 40
"""Significant digits of the arithmetic; the results hold to `_CERTAIN_DIGITS`."""

_CERTAIN_DIGITS = 28

_MOST_STEPS = 1000
_HALVE_EVERY = 12
_FURTHEST_LOG = 20_000
"""Bound of |ln v|: money that grows by the factor e^55 a day is no cash flow."""


def to_decimal(value: int | Fraction, digits: int = PRECISION) -> Decimal:
    """``value`` to ``digits`` significant digits."""
    context = Context(prec=digits)
    if isinstance(value, int):
        return context.create_decimal(value)
    return context.divide(Decimal(value.numerator), Decimal(value.denominator))


def bracketed_root(
    function: Callable[[Decimal], tuple[Decimal, Decimal]], low: Decimal, high: Decimal, tolerance: Decimal
) -> Decimal:
    """Where ``function``, which answers value and slope, crosses zero between ``low`` and ``high``.

    The signs at both ends must differ. Newton's step is taken where it stays inside the bracket; otherwise, and now
    and then in any case, the bracket is halved, so that it always ends.
    """
    at_low, _ = function(low)
    at_high, _ = function(high)
    if at_low == 0:
        return low
    if at_high == 0:
        return high
    if (at_low > 0) == (at_high > 0):
        raise NoRateError("the cash flows do not change sign between the bounds")
    x = (low + high) / 2
    for count in range(1, _MOST_STEPS):
        value, slope = function(x)
        if value == 0:
            return x
        if (value > 0) == (at_low > 0):
            low = x
        else:
            high = x
        step = x - value / slope if slope else low
        halve = count % _HALVE_EVERY == 0 or not low < step < high
        following = (low + high) / 2 if halve else step
        if abs(following - x) <= tolerance:
            return following
        x = following
    raise NoRateError("the rate was not found")


def rate_of(flows: Mapping[Fraction, Fraction]) -> Decimal:
    """i with sum of flow / (1 + i)^t = 0, for flows by their time t >= 0; i is per unit of time, 0.12 for 12 %.

    Raises `NoRateError` unless money goes both ways. Of several roots the one nearest to 0 is taken. The answer has
    28 digits and does not depend on the caller's decimal context.
    """
    alive = {t: flow for t, flow in flows.items() if flow}
    if not any(flow > 0 for flow in alive.values()) or not any(flow < 0 for flow in alive.values()):
        raise NoRateError("a rate needs money paid out and money paid back")
    with localcontext(Context(prec=PRECISION)):
        rate = 1 / _factor(alive) - 1
    return settled(rate)


def settled(rate: Decimal) -> Decimal:
    """``rate`` to the digits that are certain."""
    return Context(prec=_CERTAIN_DIGITS).plus(rate)


def _factor(flows: Mapping[Fraction, Fraction]) -> Decimal:
    """Times are put on one grid of whole steps where that is fine enough to be quick, on real powers otherwise."""
    grid = lcm(*(t.denominator for t in flows))
    scale = max(abs(flow) for flow in flows.values())
    terms = sorted((t * grid, to_decimal(flow / scale)) for t, flow in flows.items())
    steps = [(int(t), flow) for t, flow in terms]

    def value(log_v: Decimal) -> tuple[Decimal, Decimal]:
        step = (log_v / grid).exp()
        return _horner(steps, step, log_v, grid)

    low, high = _bracket(lambda x: value(x)[0])
    return bracketed_root(value, low, high, Decimal(10) ** -32).exp()


def _horner(steps: list[tuple[int, Decimal]], base: Decimal, log_v: Decimal, grid: int) -> tuple[Decimal, Decimal]:
    """Sum of flow x base^step and its slope in the logarithm of v, powers carried from step to step."""
    total = slope = Decimal(0)
    power, at = Decimal(1), 0
    powers: dict[int, Decimal] = {}
    for step, flow in steps:
        gap = step - at
        if gap:
            factor = powers.get(gap)
            if factor is None:
                factor = powers[gap] = base**gap if gap <= 64 else (log_v * gap / grid).exp()
            power *= factor
            at = step
        present = flow * power
        total += present
        slope += present * step
    return total, slope / grid


def _bracket(value: Callable[[Decimal], Decimal]) -> tuple[Decimal, Decimal]:
    """Nearest interval around v = 1 over which the sum changes sign; ln v from 0 outwards."""
    at_one = value(Decimal(0))
    if at_one == 0:
        return Decimal(0), Decimal(0)
    reach, inner = Decimal("0.05"), Decimal(0)
    while reach < _FURTHEST_LOG:
        for sign in (-1, 1):
            if (value(sign * reach) > 0) != (at_one > 0):
                return (sign * inner, sign * reach) if sign > 0 else (sign * reach, sign * inner)
        inner, reach = reach, reach * 2
    raise NoRateError("no rate explains these cash flows")
