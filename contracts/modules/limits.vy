# pragma version 0.4.3
# pragma evm-version cancun
"""
@title   Limits
@license Apache-2.0
@author  The Lendchain authors
@notice  Bounds that terms, first or restructured, must keep so that no packed field can reach its width.
@dev     With ip = interest of the whole principal over the longest period: principal + count * ip < 2^47. Then every total of a
         period with its fee is below 2^48, all interest and penalties of a loan below 2^59, all fees below 2^48.
"""
from . import annuity
from . import figures
from . import words


@internal
@pure
def _longest_span(rules: uint256) -> uint256:
    """
    @notice No period of the loan can be longer: 366 days a year and 30.6 days, rounded up, each further month.
    """
    months: uint256 = (rules >> words.MONTHS) & words.BITS_8
    kind: uint256 = (rules >> words.DAY_COUNT) & 3
    if kind == 0:
        return 30 * months
    span: uint256 = 366 * (months // 12) + (153 * (months % 12) + 4) // 5
    if kind == 3:
        return 366 * span
    return span


@internal
@pure
def _longest_interest(rules: uint256, balance: uint256) -> uint256:
    """
    @notice Interest of a balance over the longest period, half-up.
    """
    return figures._half_up(balance * (rules & words.BITS_24) * self._longest_span(rules), figures._basis(rules))


@internal
@pure
def _fits(rules: uint256, principal: uint256) -> bool:
    """
    @notice Whether principal and all interest stay inside their fields.
    """
    count: uint256 = (rules >> words.COUNT) & words.BITS_10
    return principal < 2**47 and principal + count * self._longest_interest(rules, principal) < 2**47


@internal
@pure
def _level_fits(rules: uint256, balance: uint256, left: uint256, level: uint256) -> bool:
    """
    @notice Whether a level is the right one for a balance over the periods left.
    """
    if (rules >> words.ACCRUAL) & 1 == 1:
        return level < 2**47 and level > self._longest_interest(rules, balance)
    method: uint256 = (rules >> words.METHOD) & 3
    if method == 0:
        low: uint256 = 0
        high: uint256 = 0
        low, high = annuity._level(
            balance, (rules & words.BITS_24) * ((rules >> words.MONTHS) & words.BITS_8), 12 * figures.PPM, left
        )
        return level != 0 and level >= low and level <= high
    if method == 1:
        return level != 0 and level == figures._half_up(balance, left)
    return level == 0


@internal
@pure
def _last_instalment(rules: uint256, principal: uint256, level: uint256) -> uint256:
    """
    @notice The last instalment, fee included, when every period is at its longest.
    """
    count: uint256 = (rules >> words.COUNT) & words.BITS_10
    method: uint256 = (rules >> words.METHOD) & 3
    balance: uint256 = principal
    if method == 1:
        balance -= min(level * (count - 1), balance)
    elif method == 0:
        factor: uint256 = (rules & words.BITS_24) * self._longest_span(rules)
        basis: uint256 = figures._basis(rules)
        for _: uint256 in range(count - 1, bound=1022):
            interest: uint256 = figures._half_up(unsafe_mul(balance, factor), basis)
            if level > interest:
                balance = unsafe_sub(balance, min(unsafe_sub(level, interest), balance))
    last: uint256 = balance + self._longest_interest(rules, balance)
    return last + figures._bps(last, (rules >> words.FEE_BPS) & words.BITS_12)
