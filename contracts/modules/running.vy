# pragma version 0.4.3
# pragma evm-version cancun
"""
@title   Interest on the outstanding balance
@license Apache-2.0
@author  The Lendchain authors
@notice  Settlement of a loan with accrual 1. Pure: words in, words out.
@dev     Interest is billed into `owed` at each due date, half-up once; what runs since then is an exact numerator. No interest on
         unpaid interest. What was paid ever follows from the sums, so that nothing is stored twice.
"""
from . import calendar
from . import figures
from . import words


# Periods after which nothing accrues any more: `period` and `owed` then can't reach their widths.
LAST_PERIOD: constant(uint256) = 4000


# A loan on one day. `period` is the number of due dates passed once it was brought to its value date.
struct Account:
    period: uint256
    balance: uint256
    owed: uint256
    accrued: uint256
    accrued_to: uint256
    fee: uint256          # late fees open
    fee_paid: uint256
    level: uint256
    paid: uint256         # principal and interest, ever
    start: uint256        # D(0)


@internal
@pure
def _elapsed(rules: uint256, state: uint256, today: uint256) -> uint256:
    """
    @notice j: how many due dates lie on or before a day.
    """
    month: uint256 = 0
    day: uint256 = 0
    month, day = calendar._civil(today)
    first: uint256 = (state >> words.START_MONTH) & words.BITS_16
    if month <= first:
        return 0
    passed: uint256 = min((month - first) // ((rules >> words.MONTHS) & words.BITS_8), LAST_PERIOD)
    if passed != 0 and figures._due_day(state, rules, passed) > today:
        passed -= 1
    return passed


@internal
@pure
def _value_date(rules: uint256, state: uint256, elapsed: uint256, today: uint256) -> uint256:
    """
    @notice The last due date when it is at most the value days ago, else the day itself.
    """
    due: uint256 = figures._due_day(state, rules, elapsed)
    if today >= due and today - due <= (rules >> words.VALUE_DAYS) & words.BITS_5:
        return due
    return today


@internal
@pure
def _read(rules: uint256, state: uint256, sums: uint256, extra: uint256) -> Account:
    """
    @notice The loan as it was left by the last act.
    """
    a: Account = empty(Account)
    a.period = (state >> words.PERIOD) & words.BITS_12
    a.balance = (state >> words.BALANCE) & words.BITS_47
    a.owed = (state >> words.OWED) & words.BITS_60
    a.level = (state >> words.LEVEL) & words.BITS_48
    a.start = figures._due_day(state, rules, 0)
    a.accrued = extra & words.BITS_96
    a.accrued_to = (extra >> words.ACCRUED_TO) & words.BITS_18
    if a.accrued_to == 0:
        a.accrued_to = a.start
    a.fee = (extra >> words.LEVIED) & words.BITS_48
    a.fee_paid = (extra >> words.LEVIED_PAID) & words.BITS_48
    a.paid = ((sums >> words.PRINCIPAL) & words.BITS_48) + ((sums >> words.INTEREST) & words.BITS_60) - a.fee_paid
    return a


@internal
@pure
def _accrue(rules: uint256, state: uint256, old: Account, today: uint256) -> Account:
    """
    @notice Brings the interest to the value date of an act on `today`.
    """
    a: Account = old
    elapsed: uint256 = self._elapsed(rules, state, today)
    rate: uint256 = rules & words.BITS_24
    basis: uint256 = figures._basis(rules)
    for _: uint256 in range(LAST_PERIOD):
        if a.period >= elapsed:
            break
        end: uint256 = figures._due_day(state, rules, a.period + 1)
        begin: uint256 = a.accrued_to
        if begin == figures._due_day(state, rules, a.period):
            begin = 0
        a.accrued += a.balance * rate * figures._rest_span(state, rules, a.period, begin, end)
        a.owed += figures._half_up(a.accrued, basis)
        a.accrued = 0
        a.accrued_to = end
        a.period += 1
    value_date: uint256 = self._value_date(rules, state, elapsed, today)
    if value_date > a.accrued_to and a.period < LAST_PERIOD:
        start: uint256 = figures._due_day(state, rules, a.period)
        a.accrued += a.balance * rate * figures._between(rules, start, a.accrued_to, value_date)
        a.accrued_to = value_date
    return a


@internal
@pure
def _running_interest(rules: uint256, a: Account, today: uint256) -> uint256:
    """
    @notice Interest since the last due date that ends the loan today; none while the cooling days last.
    """
    if today <= a.start + ((rules >> words.COOLING) & words.BITS_5):
        return 0
    return figures._half_up(a.accrued, figures._basis(rules))


@internal
@pure
def _all(rules: uint256, a: Account, today: uint256) -> uint256:
    """
    @notice What ends the loan today.
    """
    return a.fee + a.owed + self._running_interest(rules, a, today) + a.balance


@internal
@pure
def _scheduled(rules: uint256, state: uint256, a: Account, today: uint256, everything: uint256) -> uint256:
    """
    @notice What should have been paid of principal and interest by the end of a day: level * j, everything from the last due date on.
    """
    elapsed: uint256 = self._elapsed(rules, state, today)
    if elapsed >= (rules >> words.COUNT) & words.BITS_10:
        return a.paid + everything
    return a.level * elapsed


@internal
@pure
def _due_now(rules: uint256, state: uint256, a: Account, today: uint256) -> uint256:
    """
    @notice What anybody may pay today: late fees and what the schedule is behind.
    """
    everything: uint256 = self._all(rules, a, today) - a.fee
    scheduled: uint256 = self._scheduled(rules, state, a, today, everything)
    behind: uint256 = scheduled - a.paid if scheduled > a.paid else 0
    return a.fee + min(behind, everything)


@internal
@pure
def _oldest(rules: uint256, a: Account) -> uint256:
    """
    @notice c: the oldest instalment that what was paid does not cover.
    """
    return min(a.paid // a.level, ((rules >> words.COUNT) & words.BITS_10) - 1)


@internal
@pure
def _late_day(rules: uint256, state: uint256, shifts: uint256, a: Account) -> uint256:
    """
    @notice The due day, moved by the holiday shift, of the oldest instalment not covered.
    """
    c: uint256 = self._oldest(rules, a)
    return figures._due_day(state, rules, c + 1) + ((shifts >> (4 * c)) & words.BITS_4)


@internal
@pure
def _words(old: uint256, a: Account) -> (uint256, uint256):
    """
    @return The words `state` and `extra`.
    """
    extra: uint256 = (
        a.accrued | (a.accrued_to << words.ACCRUED_TO) | (a.fee << words.LEVIED) | (a.fee_paid << words.LEVIED_PAID)
    )
    state: uint256 = (
        1 | (a.period << words.PERIOD) | (a.balance << words.BALANCE) | (old & words.KEPT) | (a.owed << words.OWED)
    )
    return state, extra


@internal
@pure
def _ended(old: uint256, period: uint256) -> uint256:
    """
    @notice The word `state` of a loan that has nothing left.
    """
    return (period << words.PERIOD) | (old & words.KEPT)
