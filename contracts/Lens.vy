# pragma version 0.4.3
# pragma evm-version cancun
"""
@title   Lens
@license Apache-2.0
@author  The Lendchain authors
@notice  Quotes, schedules, derived status and claimable sums of a loan book, computed from its public words.

ROUNDINGS    Those of the book: it runs the same modules.
STOP         Nothing to stop.
ROLES        None.
TOKEN ASSUMPTIONS  It touches no token.
LIVENESS     It only reads. It may be replaced at any time; no contract depends on it.
HOW IT ENDS  Nobody uses it any more.
"""
from interfaces import ILoanBook
from modules import figures
from modules import running
from modules import scheduled
from modules import words


interface IBookParts:
    def CLOCK() -> address: view
    def RULES() -> address: view

interface IClock:
    def now() -> uint256: view

interface IRules:
    def pay_off(
        rules: uint256, state: uint256, sums: uint256, extra: uint256, shifts: uint256, today: uint256, by_borrower: bool
    ) -> scheduled.Outcome: pure


# One row of the schedule that is still to be paid, as if every instalment were paid on its day.
struct Row:
    period: uint256
    due_day: uint256
    late_day: uint256
    fee: uint256
    interest: uint256
    principal: uint256
    balance: uint256      # after the instalment


# `lateness`: 0 current, 1 in grace, 2 late, 3 callable; all days are local day numbers since 1970-01-01.
struct Standing:
    status: uint256
    lateness: uint256
    today: uint256
    days_past_due: uint256
    period: uint256       # oldest unpaid one
    late_day: uint256     # of that period
    outstanding: uint256
    due: uint256          # what anybody may pay today
    pay_off: uint256      # what ends the loan today


CURRENT: constant(uint256) = 0
IN_GRACE: constant(uint256) = 1
LATE: constant(uint256) = 2
CALLABLE: constant(uint256) = 3

BOOK: public(immutable(address))
CLOCK: public(immutable(address))
RULES: public(immutable(address))


@deploy
def __init__(book: address):
    """
    @param book The loan book that is read.
    """
    BOOK = book
    CLOCK = staticcall IBookParts(book).CLOCK()
    RULES = staticcall IBookParts(book).RULES()


@external
@view
def standing(loan: bytes32) -> Standing:
    """
    @notice How a loan stands today. Standing time of the chain is not taken off here: `callable` may be early by it.
    """
    rules: uint256 = self._word(loan, words.RULES)
    state: uint256 = self._word(loan, words.STATE)
    sums: uint256 = self._word(loan, words.SUMS)
    result: Standing = empty(Standing)
    result.status = sums >> words.STATUS
    result.today = self._today(rules)
    balance: uint256 = (state >> words.BALANCE) & words.BITS_47
    if result.status == words.DEFAULTED or result.status == words.WRITTEN_OFF:
        result.outstanding = balance - ((state >> words.PAID) & words.BITS_48) - ((state >> words.LEVEL) & words.BITS_48)
    if result.status != words.ACTIVE:
        return result
    extra: uint256 = self._extra(loan, state)
    shifts: uint256 = self._shifts(loan, rules)
    result.outstanding = balance
    if (rules >> words.ACCRUAL) & 1 == 0:
        open: scheduled.Open = scheduled._open_period(rules, state, extra, shifts, result.today)
        fee: uint256 = 0
        interest: uint256 = 0
        principal: uint256 = 0
        fee, interest, principal = figures._paid_parts(rules, open.paid, open.fee, open.interest, open.principal)
        result.outstanding -= principal
        result.period = open.period
        result.late_day = open.late_day
    else:
        a: running.Account = running._accrue(rules, state, running._read(rules, state, sums, extra), result.today)
        result.period = running._oldest(rules, a)
        result.late_day = running._late_day(rules, state, shifts, a)
    result.due = self._total(self._quote(loan, False))
    result.pay_off = self._total(self._quote(loan, True))
    if result.today > result.late_day:
        result.days_past_due = result.today - result.late_day
        grace: uint256 = (rules >> words.GRACE) & words.BITS_6
        result.lateness = IN_GRACE
        if result.days_past_due > grace:
            result.lateness = LATE
        if result.days_past_due > grace + ((rules >> words.DEFAULT_DAYS) & words.BITS_10):
            result.lateness = CALLABLE
    return result


@external
@view
def quote(loan: bytes32, by_borrower: bool) -> scheduled.Outcome:
    """
    @notice What `pay_off` would take today, sent by the borrower (all of it) or by anybody else (what is due).
    """
    return self._quote(loan, by_borrower)


@external
@view
def schedule(loan: bytes32) -> DynArray[Row, 1023]:
    """
    @notice The rows still to be paid of a loan with interest on the scheduled balance, what was paid of the first one not taken off.
            Before disbursement: nothing.
    """
    rows: DynArray[Row, 1023] = []
    rules: uint256 = self._word(loan, words.RULES)
    state: uint256 = self._word(loan, words.STATE)
    if self._word(loan, words.SUMS) >> words.STATUS != words.ACTIVE or (rules >> words.ACCRUAL) & 1 == 1:
        return rows
    extra: uint256 = self._extra(loan, state)
    shifts: uint256 = self._shifts(loan, rules)
    count: uint256 = (rules >> words.COUNT) & words.BITS_10
    balance: uint256 = (state >> words.BALANCE) & words.BITS_47
    k: uint256 = (state >> words.PERIOD) & words.BITS_12
    for _: uint256 in range(1023):
        if k == count or balance == 0:
            break
        row: Row = empty(Row)
        row.period = k
        row.due_day = figures._due_day(state, rules, k + 1)
        row.late_day = scheduled._late_day(shifts, k, row.due_day)
        row.fee, row.interest, row.principal = figures._parts(rules, state, extra, k, balance, row.due_day)
        balance -= row.principal
        row.balance = balance
        rows.append(row)
        extra = 0
        k += 1
    return rows


@external
@view
def claimable(loan: bytes32, holder: address) -> (uint256, uint256):
    """
    @notice Whole minor units of principal and interest that a claim would pay, dust left by others not counted.
    """
    sums: uint256 = self._word(loan, words.SUMS)
    status: uint256 = sums >> words.STATUS
    position: uint256 = staticcall ILoanBook(BOOK).positions(loan, holder)
    if position == 0 or status == words.FUNDING or status == words.CANCELLED:
        return 0, 0
    units: uint256 = position & words.BITS_24
    principal: uint256 = (
        units * ((sums >> words.PRINCIPAL) & words.BITS_48)
        + words.BIAS
        - ((position >> words.PRINCIPAL_DEBT) & words.BITS_96)
    )
    interest: uint256 = (
        units * ((sums >> words.INTEREST) & words.BITS_60)
        + words.BIAS
        - ((position >> words.INTEREST_DEBT) & words.BITS_96)
    )
    all_units: uint256 = sums & words.BITS_24
    return principal // all_units, interest // all_units


@external
@view
def due_day(loan: bytes32, k: uint256) -> uint256:
    """
    @notice D(k): local day number k periods after the start.
    """
    return figures._due_day(self._word(loan, words.STATE), self._word(loan, words.RULES), k)


@internal
@view
def _word(loan: bytes32, word: uint256) -> uint256:
    return staticcall ILoanBook(BOOK).loans(loan, word)


@internal
@view
def _extra(loan: bytes32, state: uint256) -> uint256:
    return self._word(loan, words.EXTRA) if state & 1 != 0 else 0


@internal
@view
def _shifts(loan: bytes32, rules: uint256) -> uint256:
    return self._word(loan, words.SHIFTS) if (rules >> words.SHIFTED) & 1 != 0 else 0


@internal
@view
def _today(rules: uint256) -> uint256:
    if CLOCK == empty(address):
        return figures._local_day(block.timestamp, rules)
    return figures._local_day(staticcall IClock(CLOCK).now(), rules)


@internal
@view
def _quote(loan: bytes32, by_borrower: bool) -> scheduled.Outcome:
    rules: uint256 = self._word(loan, words.RULES)
    state: uint256 = self._word(loan, words.STATE)
    return staticcall IRules(RULES).pay_off(
        rules,
        state,
        self._word(loan, words.SUMS),
        self._extra(loan, state),
        self._shifts(loan, rules),
        self._today(rules),
        by_borrower,
    )


@internal
@pure
def _total(o: scheduled.Outcome) -> uint256:
    return o.penalty + o.fee + o.interest + o.principal
