# pragma version 0.4.3
# pragma evm-version cancun
"""
@title   Rules
@license Apache-2.0
@author  The Lendchain authors
@notice  The loan book's arithmetic that is not in the path of an instalment: checks and packs signed terms, settles loans whose
         interest runs on the outstanding balance, quotes pay-offs and prepayments, bounds late charges.

ROUNDINGS    Half-up, once, when a figure is billed. What runs since then is carried as an exact numerator.
STOP         Nothing to stop.
ROLES        None.
TOKEN ASSUMPTIONS  It knows no token.
LIVENESS     Pure functions of the words handed in; it can't fail on a loan that it packed itself.
HOW IT ENDS  It has no end; a book names its `Rules` once, in its constructor.
REFUSALS     2, 8 to 15, 29, 30, 32, 39, 45, 46, 47: see docs/contracts.md, section 7.
"""
from interfaces import signed
from modules import figures
from modules import limits
from modules import refusal
from modules import running
from modules import scheduled
from modules import words


NOTHING_DUE: constant(uint256) = 2
AMOUNT: constant(uint256) = 8
RATE_OR_COUNT: constant(uint256) = 9
PERIODS: constant(uint256) = 10
LATENESS: constant(uint256) = 11
WATERFALL_CODE: constant(uint256) = 12
FEES: constant(uint256) = 13
FUNDING: constant(uint256) = 14
LEVEL: constant(uint256) = 15
OPEN_IN_PERIOD: constant(uint256) = 29
NOT_BELOW_BALANCE: constant(uint256) = 30
MORE_THAN_ALLOWED: constant(uint256) = 32
NOT_LATE: constant(uint256) = 39
LAST_TOO_LARGE: constant(uint256) = 45
ABOVE_CAP: constant(uint256) = 46
ABOVE_REST_CAP: constant(uint256) = 47

LEVY: constant(uint256) = 15
WAIVE: constant(uint256) = 16


@external
@pure
def pack(t: signed.Terms) -> (uint256, uint256, uint256):
    """
    @notice Refuses terms out of range; packs the rest.
    @return The words `who`, `rules` and `state` of a requested loan.
    """
    refusal._need(t.units != 0 and t.units < 2**24 and t.unitPrice != 0 and t.unitPrice < 2**47, AMOUNT)
    refusal._need(t.ratePpm < 2**24 and t.count != 0 and t.count < 2**10, RATE_OR_COUNT)
    refusal._need(
        t.months != 0 and t.months < 2**8 and t.count * t.months <= 1200 and t.method < 4 and t.dayCount < 4
        and t.zone <= 112 and t.accrual < 2 and t.valueDays < 28 and (t.method != 3 or t.count == 1),
        PERIODS,
    )
    if t.accrual == 0:
        refusal._need(t.valueDays == 0, PERIODS)
    else:
        refusal._need(t.method == 0 and t.lateMode == 1 and t.feeBps == 0 and t.waterfall == 228, PERIODS)
    refusal._need(
        t.grace < 2**6 and t.lateMode < 2 and t.penaltyPpm < 2**24 and t.penaltyCap <= 10000 and t.defaultDays < 2**10,
        LATENESS,
    )
    refusal._need(self._is_permutation(t.waterfall), WATERFALL_CODE)
    refusal._need(
        t.feeBps <= 1000 and t.openFeeBps <= 1000 and t.coverage <= 10000 and t.grade < 2**4 and t.restCap < 2**10, FEES
    )
    refusal._need(
        t.deadline < 2**40 and t.drawDays < 2**6 and t.coolingDays < 2**5 and t.minTicket < 2**24 and t.cap < 2**24, FUNDING
    )
    principal: uint256 = t.units * t.unitPrice
    who: uint256 = (
        convert(t.borrower, uint256)
        | (t.unitPrice << words.UNIT_PRICE)
        | (t.units << words.UNITS)
        | (t.openFeeBps << words.OPEN_FEE)
        | (t.grade << words.GRADE)
        | (t.drawDays << words.DRAW_DAYS)
    )
    rules: uint256 = (
        t.ratePpm
        | (t.count << words.COUNT)
        | (t.method << words.METHOD)
        | (t.dayCount << words.DAY_COUNT)
        | (t.months << words.MONTHS)
        | (t.zone << words.ZONE)
        | (t.grace << words.GRACE)
        | (t.penaltyPpm << words.PENALTY_PPM)
        | (t.penaltyCap << words.PENALTY_CAP)
        | (t.defaultDays << words.DEFAULT_DAYS)
        | (t.waterfall << words.WATERFALL)
        | (t.feeBps << words.FEE_BPS)
        | (t.deadline << words.DEADLINE)
        | (t.coolingDays << words.COOLING)
        | (t.minTicket << words.LEAST_TICKET)
        | (t.cap << words.CAP)
        | (t.coverage << words.COVERAGE)
        | (t.accrual << words.ACCRUAL)
        | (t.lateMode << words.LATE_MODE)
        | ((1 if t.shifts != 0 else 0) << words.SHIFTED)
        | (t.valueDays << words.VALUE_DAYS)
        | (t.restCap << words.REST_CAP)
    )
    refusal._need(limits._fits(rules, principal), AMOUNT)
    refusal._need(limits._level_fits(rules, principal, t.count, t.level), LEVEL)
    if t.accrual == 0 and (t.dayCount != 0 or t.lastMax != 0):
        refusal._need(limits._last_instalment(rules, principal, t.level) <= t.lastMax, LAST_TOO_LARGE)
    return who, rules, t.level << words.LEVEL


@external
@pure
def settle(
    rules: uint256, state: uint256, sums: uint256, extra: uint256, today: uint256, amount: uint256, payer: uint256
) -> scheduled.Outcome:
    """
    @notice A payment on a loan whose interest runs on the outstanding balance.
    @param amount Most that is taken; for a mandate's collection: due dates passed << 48 | paid ever up to which it brings.
    @param payer  0 others (what is due), 1 the borrower (anything up to all), 2 a mandate's collection.
    """
    return self._settle_running(rules, state, sums, extra, today, amount, payer)


@external
@pure
def pay_off(
    rules: uint256,
    state: uint256,
    sums: uint256,
    extra: uint256,
    shifts: uint256,
    today: uint256,
    by_borrower: bool,
) -> scheduled.Outcome:
    """
    @notice Everything due and, for the borrower, the rest of the loan with interest to the day.
    """
    payer: uint256 = scheduled.BORROWER if by_borrower else scheduled.OTHERS
    if (rules >> words.ACCRUAL) & 1 == 1:
        return self._settle_running(rules, state, sums, extra, today, max_value(uint256), payer)
    result: scheduled.Outcome = scheduled._settle(
        rules, state, extra, shifts, today, max_value(uint256), scheduled.OTHERS
    )
    if not by_borrower or result.ends:
        return result
    return self._end_scheduled(rules, result, today)


@external
@pure
def prepay(
    rules: uint256, old: uint256, old_extra: uint256, today: uint256, amount: uint256, new_level: uint256
) -> (uint256, uint256):
    """
    @notice Principal paid ahead on a loan with interest on the scheduled balance.
    @param new_level 0 keeps the instalment; else the level of the lower balance over the periods left.
    @return The words `state` and `extra`.
    """
    refusal._need((rules >> words.ACCRUAL) & 1 == 0, PERIODS)
    open: scheduled.Open = scheduled._open_period(rules, old, old_extra, 0, today)
    refusal._need(today < open.end and open.paid == 0, OPEN_IN_PERIOD)
    balance: uint256 = (open.state >> words.BALANCE) & words.BITS_47
    refusal._need(amount != 0 and amount < balance, NOT_BELOW_BALANCE)
    extra: uint256 = open.extra
    start: uint256 = figures._due_day(old, rules, open.period)
    begin: uint256 = max(start, (extra >> words.ACCRUED_TO) & words.BITS_18)
    if today > begin:
        accrued: uint256 = (extra & words.BITS_96) + balance * (rules & words.BITS_24) * figures._between(
            rules, start, begin, today
        )
        extra = accrued | (today << words.ACCRUED_TO)
    balance -= amount
    state: uint256 = scheduled._pack(old, open.period, balance, 0, 0, extra)
    if new_level != 0:
        left: uint256 = ((rules >> words.COUNT) & words.BITS_10) - open.period
        refusal._need(limits._level_fits(rules, balance, left, new_level), LEVEL)
        state = (state & ~(words.BITS_48 << words.LEVEL)) | (new_level << words.LEVEL)
    return state, extra


@external
@pure
def charge(
    kind: uint256,
    rules: uint256,
    state: uint256,
    sums: uint256,
    extra: uint256,
    shifts: uint256,
    today: uint256,
    amount: uint256,
) -> (uint256, uint256, bool, uint256):
    """
    @notice What the servicer may do to a loan: a late fee within the cap, late charges forgiven, a small last rest waived.
    @param kind 15 levy, 16 waive, 17 waive the rest: the numbers of their events.
    @return The words `state` and `extra`; whether nothing is left; the rest waived, as principal << 64 | all else.
    """
    new_state: uint256 = 0
    new_extra: uint256 = 0
    ends: bool = False
    rest: uint256 = 0
    if kind == LEVY:
        new_state, new_extra = self._levy(rules, state, sums, extra, shifts, today, amount)
    elif kind == WAIVE:
        new_state, new_extra, ends = self._waive(rules, state, sums, extra, shifts, today, amount)
    else:
        new_state, rest = self._rest(rules, state, sums, extra, shifts, today)
        ends = True
    return new_state, new_extra, ends, rest


@external
@pure
def outstanding(rules: uint256, state: uint256, sums: uint256, extra: uint256) -> uint256:
    """
    @notice Principal that lenders still miss: what was paid inside the open period is taken off.
    """
    balance: uint256 = (state >> words.BALANCE) & words.BITS_47
    paid: uint256 = (state >> words.PAID) & words.BITS_48
    if sums >> words.STATUS != words.ACTIVE:
        return balance - paid - ((state >> words.LEVEL) & words.BITS_48)
    if paid == 0 or (rules >> words.ACCRUAL) & 1 == 1:
        return balance
    fee: uint256 = 0
    interest: uint256 = 0
    principal: uint256 = 0
    k: uint256 = (state >> words.PERIOD) & words.BITS_12
    fee, interest, principal = figures._parts(rules, state, extra, k, balance, figures._due_day(state, rules, k + 1))
    fee, interest, principal = figures._paid_parts(rules, paid, fee, interest, principal)
    return balance - principal


@internal
@pure
def _levy(
    rules: uint256, old: uint256, sums: uint256, extra: uint256, shifts: uint256, today: uint256, amount: uint256
) -> (uint256, uint256):
    """
    @notice A late fee, within the cap over everything levied.
    @return The words `state` and `extra`.
    """
    refusal._need((rules >> words.LATE_MODE) & 1 == 1, NOT_LATE)
    if (rules >> words.ACCRUAL) & 1 == 0:
        open: scheduled.Open = scheduled._open_period(rules, old, extra, shifts, today)
        refusal._need(open.late, NOT_LATE)
        levied: uint256 = open.penalty // figures.PENALTY_YEAR
        refusal._need(
            amount != 0 and amount < 2**48 and levied + amount <= scheduled._penalty_cap(rules, open.total), ABOVE_CAP
        )
        return open.state | 1, open.extra + ((amount * figures.PENALTY_YEAR) << words.PENALTY)
    a: running.Account = running._read(rules, old, sums, extra)
    late_day: uint256 = running._late_day(rules, old, shifts, a)
    refusal._need(today > late_day + ((rules >> words.GRACE) & words.BITS_6), NOT_LATE)
    cap: uint256 = running._elapsed(rules, old, today) * scheduled._penalty_cap(rules, a.level)
    # 2^47 is what a field of 48 bits holds whatever the number of instalments
    cap = min(cap, 2**47)
    refusal._need(amount != 0 and amount < 2**48 and a.fee + a.fee_paid + amount <= cap, ABOVE_CAP)
    a.fee += amount
    return running._words(old, a)


@internal
@pure
def _waive(
    rules: uint256, old: uint256, sums: uint256, extra: uint256, shifts: uint256, today: uint256, amount: uint256
) -> (uint256, uint256, bool):
    """
    @notice Late charges forgiven; never more than is owed.
    @return The words `state` and `extra`, and whether nothing is left of the loan.
    """
    if (rules >> words.ACCRUAL) & 1 == 1:
        a: running.Account = running._read(rules, old, sums, extra)
        refusal._need(amount != 0 and amount <= a.fee, MORE_THAN_ALLOWED)
        a.fee -= amount
        if a.fee == 0 and a.owed == 0 and a.balance == 0 and a.accrued == 0:
            return running._ended(old, a.period), 0, True
        state: uint256 = 0
        after: uint256 = 0
        state, after = running._words(old, a)
        return state, after, False
    open: scheduled.Open = scheduled._open_period(rules, old, extra, shifts, today)
    refusal._need(amount != 0 and amount <= open.penalty_owed, MORE_THAN_ALLOWED)
    if amount == open.penalty_owed and open.paid == open.total:
        # nothing is left open in the period: it is done
        balance: uint256 = ((old >> words.BALANCE) & words.BITS_47) - open.principal
        count: uint256 = (rules >> words.COUNT) & words.BITS_10
        done: uint256 = scheduled._pack(old, open.period + 1, balance, 0, 0, 0)
        return done, 0, open.period + 1 == count or balance == 0
    return open.state | 1, open.extra + (amount << words.PENALTY_PAID), False


@internal
@pure
def _rest(
    rules: uint256, old: uint256, sums: uint256, extra: uint256, shifts: uint256, today: uint256
) -> (uint256, uint256):
    """
    @notice The last rest of a loan, when it is small enough to be waived.
    @return The word `state` of the closed loan, and what is waived: principal << 64 | all else.
    """
    cap: uint256 = (rules >> words.REST_CAP) & words.BITS_10
    if (rules >> words.ACCRUAL) & 1 == 1:
        a: running.Account = running._accrue(rules, old, running._read(rules, old, sums, extra), today)
        everything: uint256 = running._all(rules, a, today)
        refusal._need(everything <= cap, ABOVE_REST_CAP)
        return running._ended(old, a.period), (a.balance << 64) | (everything - a.balance)
    open: scheduled.Open = scheduled._open_period(rules, old, extra, shifts, today)
    balance: uint256 = (old >> words.BALANCE) & words.BITS_47
    left: uint256 = open.total - open.paid + open.penalty_owed
    refusal._need(open.principal == balance and left <= cap, ABOVE_REST_CAP)
    paid_fee: uint256 = 0
    paid_interest: uint256 = 0
    paid_principal: uint256 = 0
    paid_fee, paid_interest, paid_principal = figures._paid_parts(
        rules, open.paid, open.fee, open.interest, open.principal
    )
    principal: uint256 = open.principal - paid_principal
    return running._ended(old, open.period), (principal << 64) | (left - principal)


@internal
@pure
def _is_permutation(waterfall: uint256) -> bool:
    """
    @notice Whether four 2-bit codes are 0, 1, 2 and 3, each once.
    """
    return waterfall < 2**8 and (
        (1 << (waterfall & 3)) | (1 << ((waterfall >> 2) & 3)) | (1 << ((waterfall >> 4) & 3)) | (1 << (waterfall >> 6))
    ) == 15


@internal
@pure
def _settle_running(
    rules: uint256, old: uint256, sums: uint256, extra: uint256, today: uint256, amount: uint256, payer: uint256
) -> scheduled.Outcome:
    """
    @notice Late fee, owed interest, principal at once; all of it ends the loan.
    """
    a: running.Account = running._accrue(rules, old, running._read(rules, old, sums, extra), today)
    everything: uint256 = running._all(rules, a, today)
    left: uint256 = 0
    if payer == scheduled.MANDATE:
        refusal._need(amount >> 48 == running._elapsed(rules, old, today), NOTHING_DUE)
        target: uint256 = min(
            amount & words.BITS_48, running._scheduled(rules, old, a, today, everything - a.fee)
        )
        left = a.fee + (target - a.paid if target > a.paid else 0)
        left = min(left, everything)
    elif payer == scheduled.BORROWER:
        left = min(amount, everything)
    else:
        left = min(amount, running._due_now(rules, old, a, today))
    result: scheduled.Outcome = empty(scheduled.Outcome)
    if left == everything:
        result.penalty = a.fee
        result.interest = everything - a.fee - a.balance
        result.principal = a.balance
        result.state = running._ended(old, a.period)
        result.ends = True
        return result
    result.penalty = min(left, a.fee)
    left -= result.penalty
    result.interest = min(left, a.owed)
    left -= result.interest
    result.principal = min(left, a.balance)
    left -= result.principal
    a.fee -= result.penalty
    a.fee_paid += result.penalty
    a.owed -= result.interest
    a.balance -= result.principal
    if a.balance == 0:
        # what ran until now is billed with the last principal; the rest of the payment serves it
        a.owed += figures._half_up(a.accrued, figures._basis(rules))
        a.accrued = 0
        billed: uint256 = min(left, a.owed)
        a.owed -= billed
        result.interest += billed
    result.state, result.extra = running._words(old, a)
    return result


@internal
@pure
def _end_scheduled(rules: uint256, due: scheduled.Outcome, today: uint256) -> scheduled.Outcome:
    """
    @notice The running period's interest to the day, its fee and the balance, less what was paid of them already.
    @param due The outcome of paying everything due.
    """
    result: scheduled.Outcome = due
    k: uint256 = (due.state >> words.PERIOD) & words.BITS_12
    balance: uint256 = (due.state >> words.BALANCE) & words.BITS_47
    start: uint256 = figures._due_day(due.state, rules, k)
    fee: uint256 = 0
    interest: uint256 = 0
    principal: uint256 = 0
    fee, interest, principal = figures._parts(
        rules, due.state, due.extra, k, balance, figures._due_day(due.state, rules, k + 1)
    )
    fee, interest, principal = figures._paid_parts(
        rules, (due.state >> words.PAID) & words.BITS_48, fee, interest, principal
    )
    to_day: uint256 = 0
    if today > figures._due_day(due.state, rules, 0) + ((rules >> words.COOLING) & words.BITS_5):
        begin: uint256 = max(start, (due.extra >> words.ACCRUED_TO) & words.BITS_18)
        to_day = figures._half_up(
            (due.extra & words.BITS_96)
            + balance * (rules & words.BITS_24) * figures._between(rules, start, begin, today),
            figures._basis(rules),
        )
    to_day = max(to_day, interest)
    whole_fee: uint256 = max(figures._bps(to_day, (rules >> words.FEE_BPS) & words.BITS_12), fee)
    result.fee += whole_fee - fee
    result.interest += to_day - interest
    result.principal += balance - principal
    result.state = running._ended(due.state, k)
    result.extra = 0
    result.ends = True
    return result
