# pragma version 0.4.3
# pragma evm-version cancun
"""
@title   Figures
@license Apache-2.0
@author  The Lendchain authors
@notice  Days, spans and the figures of one instalment, read from the packed words of a loan.
@dev     Interest is a numerator over `_basis` until it is billed: balance 47 bits * rate 24 bits * span 22 bits. Unchecked
         arithmetic is used where those widths keep every product below 2^256.
"""
from . import calendar
from . import words


PPM: constant(uint256) = 1_000_000
# Penalty interest a year, ACT/365, in parts per million.
PENALTY_YEAR: constant(uint256) = 365_000_000
DAY: constant(uint256) = 86400
# 56 quarter hours: the zone is stored so much higher, to be never negative.
ZONE_BIAS: constant(uint256) = 50400


@internal
@pure
def _local_day(time: uint256, rules: uint256) -> uint256:
    """
    @notice Number of the local day that contains a second.
    """
    zone: uint256 = (rules >> words.ZONE) & words.BITS_7
    return unsafe_div(unsafe_sub(unsafe_add(time, unsafe_mul(zone, 900)), ZONE_BIAS), DAY)


@internal
@pure
def _due_day(state: uint256, rules: uint256, k: uint256) -> uint256:
    """
    @notice D(k): the day k periods after the start; the day of the month is clamped from the start's, never from the last one's.
    """
    month: uint256 = unsafe_add(
        (state >> words.START_MONTH) & words.BITS_16, unsafe_mul(k, (rules >> words.MONTHS) & words.BITS_8)
    )
    return calendar._day_number(month, (state >> words.START_DAY) & words.BITS_5)


@internal
@pure
def _basis(rules: uint256) -> uint256:
    """
    @notice Spans of a year, times a million: what an interest numerator is divided by.
    """
    kind: uint256 = (rules >> words.DAY_COUNT) & 3
    if kind == 1:
        return 365 * PPM
    if kind == 3:
        return 133590 * PPM
    return 360 * PPM


@internal
@pure
def _days_30e(a: uint256, b: uint256) -> uint256:
    """
    @notice 30E/360 days from day a to day b, not below 0.
    """
    month_a: uint256 = 0
    day_a: uint256 = 0
    month_b: uint256 = 0
    day_b: uint256 = 0
    month_a, day_a = calendar._civil(a)
    month_b, day_b = calendar._civil(b)
    upper: uint256 = unsafe_add(unsafe_mul(30, unsafe_sub(month_b, month_a)), min(day_b, 30))
    lower: uint256 = min(day_a, 30)
    return unsafe_sub(upper, lower) if upper > lower else 0


@internal
@pure
def _broken_span(rules: uint256, start: uint256, until: uint256) -> uint256:
    """
    @notice Span from the start of a period to a day inside it; 30/360 is clamped to the period's 30 days a month.
    """
    if until <= start:
        return 0
    kind: uint256 = (rules >> words.DAY_COUNT) & 3
    if kind == 0:
        return min(30 * ((rules >> words.MONTHS) & words.BITS_8), self._days_30e(start, until))
    if kind == 3:
        return unsafe_sub(calendar._isda(until), calendar._isda(start))
    return unsafe_sub(until, start)


@internal
@pure
def _between(rules: uint256, start: uint256, begin: uint256, until: uint256) -> uint256:
    """
    @notice Span between two days inside the period that began on `start`; additive.
    """
    if until <= begin:
        return 0
    if (rules >> words.DAY_COUNT) & 3 == 0:
        return self._broken_span(rules, start, until) - self._broken_span(rules, start, begin)
    return self._broken_span(rules, begin, until)


@internal
@pure
def _rest_span(state: uint256, rules: uint256, k: uint256, begin: uint256, end: uint256) -> uint256:
    """
    @notice Span from `begin` (0: the start of period k) to the period's end; a whole 30/360 period has 30 days a month.
    """
    kind: uint256 = (rules >> words.DAY_COUNT) & 3
    if kind == 0:
        whole: uint256 = unsafe_mul(30, (rules >> words.MONTHS) & words.BITS_8)
        if begin == 0:
            return whole
        return unsafe_sub(whole, self._broken_span(rules, self._due_day(state, rules, k), begin))
    first: uint256 = begin
    if begin == 0:
        first = self._due_day(state, rules, k)
    if end <= first:
        return 0
    if kind == 3:
        return unsafe_sub(calendar._isda(end), calendar._isda(first))
    return unsafe_sub(end, first)


@internal
@pure
def _half_up(a: uint256, b: uint256) -> uint256:
    return unsafe_div(unsafe_add(unsafe_mul(2, a), b), unsafe_mul(2, b))


@internal
@pure
def _parts(
    rules: uint256, state: uint256, extra: uint256, k: uint256, balance: uint256, end: uint256
) -> (uint256, uint256, uint256):
    """
    @notice Fee, interest and principal of period k, interest on the scheduled balance.
    @param extra The loan's odd figures, or 0.
    @param end   D(k + 1).
    """
    interest: uint256 = self._half_up(
        unsafe_add(
            extra & words.BITS_96,
            unsafe_mul(
                unsafe_mul(balance, rules & words.BITS_24),
                self._rest_span(state, rules, k, (extra >> words.ACCRUED_TO) & words.BITS_18, end),
            ),
        ),
        self._basis(rules),
    )
    principal: uint256 = 0
    method: uint256 = (rules >> words.METHOD) & 3
    if unsafe_add(k, 1) == (rules >> words.COUNT) & words.BITS_10:
        principal = balance
    elif method == 0:
        level: uint256 = (state >> words.LEVEL) & words.BITS_48
        if level > interest:
            principal = min(unsafe_sub(level, interest), balance)
    elif method == 1:
        principal = min((state >> words.LEVEL) & words.BITS_48, balance)
    fee: uint256 = (rules >> words.FEE_BPS) & words.BITS_12
    if fee != 0:
        fee = self._bps(unsafe_add(interest, principal), fee)
    return fee, interest, principal


@internal
@pure
def _bps(amount: uint256, bps: uint256) -> uint256:
    """
    @notice Basis points of an amount, half-up.
    """
    return unsafe_div(unsafe_add(unsafe_mul(amount, bps), 5000), 10000)


@internal
@pure
def _paid_parts(
    rules: uint256, paid: uint256, fee: uint256, interest: uint256, principal: uint256
) -> (uint256, uint256, uint256):
    """
    @notice What was paid in a period, as fee, interest and principal in the order of the loan's waterfall.
    """
    whole: uint256[4] = [0, fee, interest, principal]
    part: uint256[4] = [0, 0, 0, 0]
    left: uint256 = paid
    order: uint256 = (rules >> words.WATERFALL) & words.BITS_8
    for _: uint256 in range(4):
        code: uint256 = order & 3
        order = order >> 2
        part[code] = min(left, whole[code])
        left = unsafe_sub(left, part[code])
    return part[1], part[2], part[3]
