# pragma version 0.4.3
# pragma evm-version cancun
# pragma nonreentrancy on
"""
@title   Workout 不良处置
@license Apache-2.0
@author  The Lendchain authors
@notice  What happens to a loan that can't go on as signed: default, cover by the guarantee, recoveries, write-off, other terms by
         agreement of both sides. It holds no money and no loan; it works through narrow doors of the book, which checks for itself
         what it can: status, money really received, the borrower's signature and the votes.

ROUNDINGS    Those of the book. The guarantee's share of the principal outstanding is rounded down.
STOP         Nothing to stop.
ROLES        SERVICER writes off a defaulted loan; that takes no right from anybody, recoveries go on. Default is marked by anybody
             once it is so; other terms need the borrower and holders of two thirds of the units.
TOKEN ASSUMPTIONS  It never holds money: payers pay the book, the guarantee pays the book.
LIVENESS     Default can't be marked while days past due, less the time the chain stood still, are within what was signed.
HOW IT ENDS  It is fixed for its book, as the book's code is.
REFUSALS     `No(code)`, docs/contracts.md section 7.
"""
from interfaces import ILoanBook
from interfaces import IWorkout
from interfaces import signed
from modules import figures
from modules import limits
from modules import refusal
from modules import running
from modules import scheduled
from modules import words

implements: IWorkout


interface IBookParts:
    def CLOCK() -> address: view
    def ROLES() -> address: view
    def GUARANTEE() -> address: view
    def WORKOUT() -> address: view

interface IClock:
    def now() -> uint256: view

interface IGuarantee:
    def draw(loan: bytes32, amount: uint256) -> uint256: nonpayable

interface IHalts:
    def stood_since(time: uint256) -> uint256: nonpayable

interface IRoles:
    def role_of(account: address) -> uint256: view


NOT_ACTIVE: constant(uint256) = 1
BOOK_ONLY: constant(uint256) = 26
ROLE_MISSING: constant(uint256) = 27
OPEN_IN_PERIOD: constant(uint256) = 29
EXPIRED: constant(uint256) = 31
NOT_CALLABLE: constant(uint256) = 35
OUT_OF_RANGE: constant(uint256) = 42
PERIOD_MOVED: constant(uint256) = 44

SERVICER: constant(uint256) = 2

RESTRUCTURE_TYPE: constant(bytes32) = keccak256(
    "Restructure(bytes32 loan,uint256 period,uint256 ratePpm,uint256 count,uint256 level,uint256 deferMonths,bytes32 document,uint256 expiry,bytes32 salt)"
)

BOOK: public(immutable(address))
CLOCK: public(immutable(address))
ROLES: public(immutable(address))
GUARANTEE: public(immutable(address))
HALTS: public(immutable(address))

# digest -> loan
proposals: public(HashMap[bytes32, bytes32])


@deploy
def __init__(book: address, halts: address):
    """
    @param book  The loan book, deployed before with this contract's coming address; its clock, roles and guarantee hold here too.
    @param halts `Heartbeat`, or the zero address where standing time is not counted.
    """
    BOOK = book
    HALTS = halts
    CLOCK = staticcall IBookParts(book).CLOCK()
    ROLES = staticcall IBookParts(book).ROLES()
    GUARANTEE = staticcall IBookParts(book).GUARANTEE()
    refusal._need(staticcall IBookParts(book).WORKOUT() == self, BOOK_ONLY)


# ------------------------------------------------------------------ default and after


@external
def mark_default(loan: bytes32):
    """
    @notice Anybody, once the oldest unpaid instalment is later than the days signed, the time the chain stood not counted. Clocks stop.
    """
    rules: uint256 = 0
    state: uint256 = 0
    sums: uint256 = 0
    rules, state, sums = staticcall ILoanBook(BOOK).core(loan)
    refusal._need(sums >> words.STATUS == words.ACTIVE, NOT_ACTIVE)
    extra: uint256 = self._extra(loan, state)
    shifts: uint256 = self._shifts(loan, rules)
    now: uint256 = self._now()
    today: uint256 = figures._local_day(now, rules)
    late_day: uint256 = 0
    outstanding: uint256 = (state >> words.BALANCE) & words.BITS_47
    arrears: uint256 = 0
    if (rules >> words.ACCRUAL) & 1 == 0:
        open: scheduled.Open = scheduled._open_period(rules, state, extra, shifts, today)
        late_day = open.late_day
        fee: uint256 = 0
        interest: uint256 = 0
        principal: uint256 = 0
        if open.paid != 0:
            fee, interest, principal = figures._paid_parts(
                rules, open.paid, open.fee, open.interest, open.principal
            )
        outstanding -= principal
        arrears = open.fee - fee + open.interest - interest + open.penalty_owed
    else:
        a: running.Account = running._accrue(rules, state, running._read(rules, state, sums, extra), today)
        late_day = running._late_day(rules, state, shifts, a)
        arrears = a.owed + a.fee
    if HALTS != empty(address):
        zone: uint256 = (rules >> words.ZONE) & words.BITS_7
        now -= extcall IHalts(HALTS).stood_since(late_day * figures.DAY + figures.ZONE_BIAS - zone * 900)
    allowed: uint256 = ((rules >> words.GRACE) & words.BITS_6) + ((rules >> words.DEFAULT_DAYS) & words.BITS_10)
    refusal._need(figures._local_day(now, rules) > late_day + allowed, NOT_CALLABLE)
    extcall ILoanBook(BOOK).door_default(loan, outstanding, arrears)


@external
def cover(loan: bytes32) -> uint256:
    """
    @notice Anybody: the guarantee pays lenders what the rule fixed at default owes, as far as it has money; again when it was dry.
    """
    return extcall ILoanBook(BOOK).door_cover(loan)


@external
@reentrant
def draw(loan: bytes32, amount: uint256) -> uint256:
    """
    @notice The book's question to the guarantee, in the midst of `cover`; nobody else may ask.
    """
    refusal._need(msg.sender == BOOK, BOOK_ONLY)
    return extcall IGuarantee(GUARANTEE).draw(loan, amount)


@external
def recover(loan: bytes32, amount: uint256, extra: bool) -> uint256:
    """
    @notice The sender pays in after default: lenders' principal, the guarantee, arrears; the surplus only when `extra` says so.
    @return What was taken.
    """
    return extcall ILoanBook(BOOK).door_recover(loan, msg.sender, amount, extra)


@external
def write_off(loan: bytes32):
    """
    @notice SERVICER takes a defaulted loan off the books.
    """
    refusal._need(staticcall IRoles(ROLES).role_of(msg.sender) == SERVICER, ROLE_MISSING)
    extcall ILoanBook(BOOK).door_write_off(loan)


# ------------------------------------------------------------------ other terms, by agreement


@external
def propose(r: signed.Restructure, signature: Bytes[65]):
    """
    @notice Opens a vote on other terms. Anybody may carry the borrower's signature.
    """
    refusal._need(self._now() <= r.expiry, EXPIRED)
    digest: bytes32 = self._digest(r)
    self.proposals[digest] = r.loan
    extcall ILoanBook(BOOK).door_propose(r.loan, digest, msg.sender, signature)


@external
def consent(digest: bytes32):
    """
    @notice The sender's units in the loan agree to the open proposal.
    """
    extcall ILoanBook(BOOK).door_consent(self.proposals[digest], digest, msg.sender)


@external
def restructure(r: signed.Restructure):
    """
    @notice Anybody carries out what both sides agreed, as long as the oldest unpaid period is the one that they meant.
    """
    now: uint256 = self._now()
    refusal._need(now <= r.expiry, EXPIRED)
    rules: uint256 = 0
    state: uint256 = 0
    sums: uint256 = 0
    rules, state, sums = staticcall ILoanBook(BOOK).core(r.loan)
    refusal._need(sums >> words.STATUS == words.ACTIVE, NOT_ACTIVE)
    extra: uint256 = self._extra(r.loan, state)
    today: uint256 = figures._local_day(now, rules)
    new_rules: uint256 = self._new_rules(r, rules)
    if (rules >> words.ACCRUAL) & 1 == 0:
        state, extra = self._scheduled_anew(r, rules, new_rules, state, extra, today)
    else:
        state, extra = self._running_anew(r, rules, new_rules, state, sums, extra, today)
    balance: uint256 = (state >> words.BALANCE) & words.BITS_47
    refusal._need(
        limits._fits(new_rules, balance) and limits._level_fits(new_rules, balance, r.count - r.period, r.level),
        OUT_OF_RANGE,
    )
    extcall ILoanBook(BOOK).door_restructure(r.loan, self._digest(r), r.document, new_rules, state, extra)


# ------------------------------------------------------------------ views


@external
@view
def digest_of(r: signed.Restructure) -> bytes32:
    """
    @notice What the borrower signs and holders consent to: EIP-712, in the book's domain.
    """
    return self._digest(r)


# ------------------------------------------------------------------ the parts


@internal
@view
def _now() -> uint256:
    if CLOCK == empty(address):
        return block.timestamp
    return staticcall IClock(CLOCK).now()


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
def _digest(r: signed.Restructure) -> bytes32:
    return keccak256(
        concat(x"1901", staticcall ILoanBook(BOOK).domain_separator(), keccak256(abi_encode(RESTRUCTURE_TYPE, r)))
    )


@internal
@pure
def _new_rules(r: signed.Restructure, rules: uint256) -> uint256:
    """
    @notice The word `rules` under the new terms. A deferral clears the signed holiday shifts, which were meant for other dates.
    """
    months: uint256 = (rules >> words.MONTHS) & words.BITS_8
    refusal._need(
        r.ratePpm < 2**24
        and r.count > r.period
        and r.count < 2**10
        and r.count * months <= 1200
        and r.deferMonths < 2**8
        and ((rules >> words.METHOD) & 3 != 3 or r.count == 1),
        OUT_OF_RANGE,
    )
    new: uint256 = (rules & ~((2**34) - 1)) | r.ratePpm | (r.count << words.COUNT)
    if r.deferMonths != 0:
        new = new & ~(1 << words.SHIFTED)
    return new


@internal
@pure
def _redated(r: signed.Restructure, state: uint256) -> uint256:
    """
    @notice The word `state` with the new level and the start moved.
    """
    month: uint256 = ((state >> words.START_MONTH) & words.BITS_16) + r.deferMonths
    refusal._need(month <= words.BITS_16, OUT_OF_RANGE)
    # a level too wide is refused later, by `_level_fits`; it must not spill meanwhile
    refusal._need(r.level <= words.BITS_47, OUT_OF_RANGE)
    return (
        (state & ~((words.BITS_16 << words.START_MONTH) | (words.BITS_48 << words.LEVEL)))
        | (month << words.START_MONTH)
        | (r.level << words.LEVEL)
    )


@internal
@pure
def _scheduled_anew(
    r: signed.Restructure, rules: uint256, new_rules: uint256, old: uint256, old_extra: uint256, today: uint256
) -> (uint256, uint256):
    """
    @notice The words `state` and `extra`: late charges of the open period end, what a prepayment accrued in it is kept.
    """
    open: scheduled.Open = scheduled._open_period(rules, old, old_extra, 0, today)
    refusal._need(open.period == r.period, PERIOD_MOVED)
    refusal._need(open.paid == 0, OPEN_IN_PERIOD)
    state: uint256 = self._redated(r, open.state)
    accrued_to: uint256 = (open.extra >> words.ACCRUED_TO) & words.BITS_18
    extra: uint256 = 0
    if accrued_to != 0:
        start: uint256 = figures._due_day(state, new_rules, r.period)
        extra = (open.extra & words.BITS_96) | (max(accrued_to, start) << words.ACCRUED_TO)
    balance: uint256 = (state >> words.BALANCE) & words.BITS_47
    return scheduled._pack(state, r.period, balance, 0, 0, extra), extra


@internal
@pure
def _running_anew(
    r: signed.Restructure,
    rules: uint256,
    new_rules: uint256,
    old: uint256,
    sums: uint256,
    old_extra: uint256,
    today: uint256,
) -> (uint256, uint256):
    """
    @notice The words `state` and `extra`: accrued to the value date at the old rate, due dates counted anew from the moved start.
    """
    refusal._need(running._elapsed(rules, old, today) == r.period, PERIOD_MOVED)
    a: running.Account = running._accrue(rules, old, running._read(rules, old, sums, old_extra), today)
    state: uint256 = self._redated(r, old)
    a.period = running._elapsed(new_rules, state, today)
    a.accrued_to = max(a.accrued_to, figures._due_day(state, new_rules, a.period))
    a.level = r.level
    return running._words(state, a)
