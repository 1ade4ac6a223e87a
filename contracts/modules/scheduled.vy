# pragma version 0.4.3
# pragma evm-version cancun
"""
@title   Interest on the scheduled balance
@license Apache-2.0
@author  The Lendchain authors
@notice  Settlement of a loan with accrual 0: oldest period first, within a period the waterfall. Pure: words in, words out.
@dev     Only the oldest unpaid period is stored; later ones follow from it. Contract interest therefore does not depend on when
         the borrower pays; lateness costs penalties, kept as an exact numerator so that nobody gains by paying in parts.
         Refusals: 2 nothing due.
"""
from . import figures
from . import refusal
from . import words


# Who pays, in `_settle`.
OTHERS: constant(uint256) = 0
BORROWER: constant(uint256) = 1
MANDATE: constant(uint256) = 2

NOTHING_DUE: constant(uint256) = 2


struct Outcome:
    penalty: uint256
    fee: uint256
    interest: uint256
    principal: uint256
    state: uint256
    extra: uint256
    ends: bool


# The oldest period that has an amount.
struct Open:
    period: uint256
    end: uint256
    late_day: uint256
    fee: uint256
    interest: uint256
    principal: uint256
    total: uint256
    paid: uint256
    penalty: uint256      # numerator, ever accrued or levied in the period
    penalty_owed: uint256
    late: bool
    state: uint256        # periods without an amount stepped over
    extra: uint256


@internal
@pure
def _late_day(shifts: uint256, k: uint256, end: uint256) -> uint256:
    """
    @notice The due day as lateness and collection see it: moved by the signed holiday shift of the period.
    """
    return unsafe_add(end, (shifts >> unsafe_mul(4, k)) & words.BITS_4)


@internal
@pure
def _penalty(rules: uint256, extra: uint256, since: uint256, total: uint256, paid: uint256, today: uint256) -> uint256:
    """
    @notice Penalty numerator of a late period up to today, capped over the whole life of the period.
    """
    numerator: uint256 = (extra >> words.PENALTY) & words.BITS_80
    if (rules >> words.LATE_MODE) & 1 == 0:
        if today > since:
            numerator = unsafe_add(
                numerator,
                unsafe_mul(
                    unsafe_mul(unsafe_sub(total, paid), (rules >> words.PENALTY_PPM) & words.BITS_24), unsafe_sub(today, since)
                ),
            )
        numerator = min(numerator, unsafe_mul(self._penalty_cap(rules, total), figures.PENALTY_YEAR))
    return numerator


@internal
@pure
def _penalty_cap(rules: uint256, total: uint256) -> uint256:
    return unsafe_div(unsafe_mul(total, (rules >> words.PENALTY_CAP) & words.BITS_14), 10000)


@internal
@pure
def _penalty_owed(numerator: uint256, extra: uint256) -> uint256:
    billed: uint256 = figures._half_up(numerator, figures.PENALTY_YEAR)
    paid: uint256 = (extra >> words.PENALTY_PAID) & words.BITS_48
    return unsafe_sub(billed, paid) if billed > paid else 0


@internal
@pure
def _settle(
    rules: uint256, old: uint256, old_extra: uint256, shifts: uint256, today: uint256, amount: uint256, payer: uint256
) -> Outcome:
    """
    @notice Gives an amount to the oldest periods first.
    @param amount Most that is taken; for a mandate's collection: period << 48 | paid in the period up to which it brings.
    @param payer  OTHERS pay periods that are due, the BORROWER also the running one, a MANDATE one due period.
    """
    result: Outcome = empty(Outcome)
    extra: uint256 = old_extra
    k: uint256 = (old >> words.PERIOD) & words.BITS_12
    balance: uint256 = (old >> words.BALANCE) & words.BITS_47
    paid: uint256 = (old >> words.PAID) & words.BITS_48
    since: uint256 = (old >> words.SINCE) & words.BITS_18
    count: uint256 = (rules >> words.COUNT) & words.BITS_10
    grace: uint256 = (rules >> words.GRACE) & words.BITS_6
    left: uint256 = amount
    for _: uint256 in range(1023):
        if k == count or balance == 0 or left == 0:
            break
        end: uint256 = figures._due_day(old, rules, unsafe_add(k, 1))
        if today < end and (payer != BORROWER or today < figures._due_day(old, rules, k)):
            break
        fee: uint256 = 0
        interest: uint256 = 0
        principal: uint256 = 0
        fee, interest, principal = figures._parts(rules, old, extra, k, balance, end)
        total: uint256 = unsafe_add(unsafe_add(fee, interest), principal)
        if total == 0:
            # nothing falls due in this period: it passes by time alone
            if today < end:
                break
            k = unsafe_add(k, 1)
            extra = 0
            continue
        late_day: uint256 = self._late_day(shifts, k, end)
        late: bool = today > unsafe_add(late_day, grace)
        numerator: uint256 = 0
        penalty: uint256 = 0
        if late:
            numerator = self._penalty(rules, extra, max(late_day, since), total, paid, today)
            penalty = self._penalty_owed(numerator, extra)
        if payer == MANDATE:
            refusal._need(k == amount >> 48 and late_day <= today, NOTHING_DUE)
            target: uint256 = min(amount & words.BITS_48, total)
            # what stands above its target is left alone, else an item repeated would take the penalty's share again
            refusal._need(target > paid or paid == total, NOTHING_DUE)
            left = unsafe_add(unsafe_sub(target, paid), penalty) if target > paid else penalty
        open: uint256 = 0
        if paid == 0 and left >= unsafe_add(total, penalty):
            # the common case: all of it, in whatever order
            left = unsafe_sub(left, unsafe_add(total, penalty))
            result.penalty = unsafe_add(result.penalty, penalty)
            result.fee = unsafe_add(result.fee, fee)
            result.interest = unsafe_add(result.interest, interest)
            result.principal = unsafe_add(result.principal, principal)
        else:
            wants: uint256[4] = [penalty, fee, interest, principal]
            gives: uint256[4] = [0, 0, 0, 0]
            order: uint256 = (rules >> words.WATERFALL) & words.BITS_8
            before: uint256 = paid
            for _j: uint256 in range(4):
                code: uint256 = order & 3
                order = order >> 2
                want: uint256 = wants[code]
                if code != 0:
                    skip: uint256 = min(before, want)
                    before = unsafe_sub(before, skip)
                    want = unsafe_sub(want, skip)
                give: uint256 = min(left, want)
                left = unsafe_sub(left, give)
                open = unsafe_add(open, unsafe_sub(want, give))
                gives[code] = give
                if code != 0:
                    paid = unsafe_add(paid, give)
            result.penalty = unsafe_add(result.penalty, gives[0])
            result.fee = unsafe_add(result.fee, gives[1])
            result.interest = unsafe_add(result.interest, gives[2])
            result.principal = unsafe_add(result.principal, gives[3])
            if open != 0:
                if late:
                    # also when the carry rounds to nothing: otherwise the same days would be charged twice
                    since = today
                    extra = (
                        (extra & ((1 << words.PENALTY) - 1))
                        | (numerator << words.PENALTY)
                        | (unsafe_add(extra >> words.PENALTY_PAID, gives[0]) << words.PENALTY_PAID)
                    )
                break
        k = unsafe_add(k, 1)
        balance = unsafe_sub(balance, principal)
        paid = 0
        since = 0
        extra = 0
        if payer == MANDATE:
            break
    result.extra = extra
    result.state = self._pack(old, k, balance, paid, since, extra)
    result.ends = k == count or balance == 0
    return result


@internal
@pure
def _pack(old: uint256, k: uint256, balance: uint256, paid: uint256, since: uint256, extra: uint256) -> uint256:
    return (
        (1 if extra != 0 else 0)
        | (k << words.PERIOD)
        | (balance << words.BALANCE)
        | (paid << words.PAID)
        | (old & words.KEPT)
        | (since << words.SINCE)
    )


@internal
@pure
def _open_period(rules: uint256, old: uint256, old_extra: uint256, shifts: uint256, today: uint256) -> Open:
    """
    @notice The oldest period that has an amount, with what it owes today. Due periods without an amount are stepped over.
    """
    open: Open = empty(Open)
    open.extra = old_extra
    open.period = (old >> words.PERIOD) & words.BITS_12
    balance: uint256 = (old >> words.BALANCE) & words.BITS_47
    since: uint256 = (old >> words.SINCE) & words.BITS_18
    open.paid = (old >> words.PAID) & words.BITS_48
    for _: uint256 in range(1023):
        open.end = figures._due_day(old, rules, open.period + 1)
        open.fee, open.interest, open.principal = figures._parts(rules, old, open.extra, open.period, balance, open.end)
        open.total = open.fee + open.interest + open.principal
        if open.total != 0 or today < open.end:
            break
        open.period += 1
        open.extra = 0
    open.late_day = self._late_day(shifts, open.period, open.end)
    open.late = today > open.late_day + ((rules >> words.GRACE) & words.BITS_6)
    if open.late:
        open.penalty = self._penalty(rules, open.extra, max(open.late_day, since), open.total, open.paid, today)
        open.penalty_owed = self._penalty_owed(open.penalty, open.extra)
    open.state = self._pack(old, open.period, balance, open.paid, since, open.extra)
    return open
