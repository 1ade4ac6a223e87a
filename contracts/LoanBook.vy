# pragma version 0.4.3
# pragma evm-version cancun
# pragma nonreentrancy on
"""
@title   LoanBook 贷款账本
@license Apache-2.0
@author  The Lendchain authors
@notice  All loans of a version: asked for under signed terms, funded by many lenders in whole units, disbursed, repaid, claimed,
         transferred and sold. A payment costs the same for one lender and for ten thousand.

ROUNDINGS    Instalment figures half-up, the last instalment takes the rest; penalties half-up over exact numerators. A claim
             rounds down; the remainder stays the lender's until the loan has ended and then passes on from claim to claim, so that
             the last claim empties the loan: not a cent lost, not a cent stuck.
STOP         `stop` (SERVICER) refuses new requests. Nothing stops repay, pay_off, claim, transfer, refund or withdraw.
ROLES        SERVICER stops new requests, levies late fees within the signed cap, waives late charges and small rests.
             TREASURY takes the fees that borrowers paid. Neither can move money that is not the platform's own.
TOKEN ASSUMPTIONS  No fee on transfer, no rebasing; `transfer` and `transferFrom` return true or refuse. A token that calls back
             finds the whole book locked: every function but `collect_item` holds the lock, and that one only the book may call.
LIVENESS     Repayment never refuses a payer who can pay: it takes the lesser of the amount and what is payable. No loop over
             lenders. An account held by order can't send its own money; what it earns is credited all the same.
HOW IT ENDS  Its code can't be changed. A later version takes new loans only; each loan ends here: closed, cancelled or written off.
REFUSALS     `No(code)`, docs/contracts.md section 7.
@dev         A loan is up to six packed words (modules/words.vy), a position one. Credits are two totals scaled by the units of the
             loan: a position of u units out of U is owed (u * total - debt) / U, exactly; a transfer moves debts, not money.
"""
from interfaces import ILoanBook
from interfaces import signed
from modules import calendar
from modules import figures
from modules import refusal
from modules import scheduled
from modules import signature as signing
from modules import typed_data
from modules import words

implements: ILoanBook
initializes: typed_data


interface IMoney:
    def balanceOf(account: address) -> uint256: view
    def transfer(receiver: address, amount: uint256) -> bool: nonpayable
    def transferFrom(owner: address, receiver: address, amount: uint256) -> bool: nonpayable

interface IClock:
    def now() -> uint256: view

interface IGate:
    def check(account: address, loan_id: bytes32, role: uint256, data: Bytes[1024]) -> bool: view

interface IRoles:
    def role_of(account: address) -> uint256: view

interface IWorkout:
    def draw(loan: bytes32, amount: uint256) -> uint256: nonpayable

interface IRules:
    def pack(t: signed.Terms) -> (uint256, uint256, uint256): pure
    def settle(
        rules: uint256, state: uint256, sums: uint256, extra: uint256, today: uint256, amount: uint256, payer: uint256
    ) -> scheduled.Outcome: pure
    def pay_off(
        rules: uint256, state: uint256, sums: uint256, extra: uint256, shifts: uint256, today: uint256, by_borrower: bool
    ) -> scheduled.Outcome: pure
    def prepay(
        rules: uint256, state: uint256, extra: uint256, today: uint256, amount: uint256, new_level: uint256
    ) -> (uint256, uint256): pure
    def charge(
        kind: uint256,
        rules: uint256,
        state: uint256,
        sums: uint256,
        extra: uint256,
        shifts: uint256,
        today: uint256,
        amount: uint256,
    ) -> (uint256, uint256, bool, uint256): pure
    def outstanding(rules: uint256, state: uint256, sums: uint256, extra: uint256) -> uint256: pure


# Refusals
NOT_ACTIVE: constant(uint256) = 1
NOTHING_DUE: constant(uint256) = 2
TOKEN_REFUSED: constant(uint256) = 3
STOPPED: constant(uint256) = 5
EXISTS: constant(uint256) = 6
NOT_FUNDING: constant(uint256) = 16
DEADLINE_PASSED: constant(uint256) = 17
UNITS_RANGE: constant(uint256) = 18
TICKET_TOO_SMALL: constant(uint256) = 19
ABOVE_CAP: constant(uint256) = 20
NOT_ELIGIBLE: constant(uint256) = 21
NOT_CANCELLED: constant(uint256) = 22
NOTHING_TO_CLAIM: constant(uint256) = 23
NOT_FULL: constant(uint256) = 24
REVOKED_OR_USED: constant(uint256) = 25
BOOK_ONLY: constant(uint256) = 26
ROLE_MISSING: constant(uint256) = 27
BORROWER_ONLY: constant(uint256) = 28
EXPIRED: constant(uint256) = 31
MORE_THAN_ALLOWED: constant(uint256) = 32
OVER: constant(uint256) = 33
RECEIVER: constant(uint256) = 34
NOT_DEFAULTED: constant(uint256) = 36
GUARANTEE_DRY: constant(uint256) = 37
BELOW_FLOOR: constant(uint256) = 38
OTHER_TERMS: constant(uint256) = 40
TOO_FEW_UNITS: constant(uint256) = 41
VOTED: constant(uint256) = 43
LENGTHS_DIFFER: constant(uint256) = 56

# Roles, and what the gate is asked for
SERVICER: constant(uint256) = 2
TREASURY: constant(uint256) = 7
AS_BORROWER: constant(uint256) = 0
AS_LENDER: constant(uint256) = 1
AS_BUYER: constant(uint256) = 2

REVOKED: constant(uint256) = max_value(uint256)
STOP_FLAG: constant(uint256) = 1 << 255

# What the servicer does to a loan, by the number of its event
LEVY: constant(uint256) = 15
WAIVE: constant(uint256) = 16
WAIVE_REST: constant(uint256) = 17

TERMS_TYPE: constant(bytes32) = keccak256(
    "Terms(address borrower,uint256 units,uint256 unitPrice,uint256 ratePpm,uint256 count,uint256 method,uint256 dayCount,uint256 accrual,uint256 months,uint256 zone,uint256 grace,uint256 valueDays,uint256 lateMode,uint256 penaltyPpm,uint256 penaltyCap,uint256 defaultDays,uint256 waterfall,uint256 feeBps,uint256 openFeeBps,uint256 grade,uint256 restCap,uint256 deadline,uint256 drawDays,uint256 coolingDays,uint256 minTicket,uint256 cap,uint256 coverage,uint256 level,uint256 lastMax,uint256 shifts,bytes32 document,bytes32 salt)"
)
FUND_MANDATE_TYPE: constant(bytes32) = keccak256(
    "FundMandate(address lender,uint256 minRatePpm,uint256 maxGrade,uint256 perLoan,uint256 total,uint256 expiry,bytes32 salt)"
)
REPAY_MANDATE_TYPE: constant(bytes32) = keccak256(
    "RepayMandate(address payer,bytes32 loan,uint256 perCall,uint256 expiry,bytes32 salt)"
)
OFFER_TYPE: constant(bytes32) = keccak256(
    "Offer(address seller,bytes32 loan,uint256 units,uint256 unitPrice,address buyer,uint256 minBalance,uint256 expiry,bytes32 salt)"
)

# What a restructure may change: rate, count and the shift flag; never the balance or the start day.
RESTRUCTURED_RULES: constant(uint256) = (2**34 - 1) | (1 << 236)
RESTRUCTURE_KEEPS: constant(uint256) = ((2**47 - 1) << 13) | ((2**5 - 1) << 172)

MONEY: public(immutable(address))
CLOCK: public(immutable(address))
GATE: public(immutable(address))
ROLES: public(immutable(address))
RULES: public(immutable(address))
WORKOUT: public(immutable(address))
GUARANTEE: public(immutable(address))

# who, rules, state, sums, extra, shifts: modules/words.vy
loans: public(HashMap[bytes32, uint256[6]])
positions: public(HashMap[bytes32, HashMap[address, uint256]])
mandates: public(HashMap[bytes32, uint256])
ballots: public(HashMap[bytes32, uint256])
# signer -> digest -> how much of a mandate or offer was used; all bits set: revoked, or used up for ever
used: public(HashMap[address, HashMap[bytes32, uint256]])
# stop flag 1 | sequence 63 | running hash 192: an act that starts a loan reads the flag with the hash that it writes anyway
_head: uint256


@deploy
def __init__(
    money: address, clock: address, gate: address, roles: address, rules: address, workout: address, guarantee: address
):
    """
    @param money     Settlement token.
    @param clock     Sandbox clock; the zero address binds the book to block time for ever.
    @param gate      Asked who may borrow, lend and buy.
    @param roles     Registry of roles.
    @param rules     `Rules` of this version.
    @param workout   `Workout` of this version, deployed for this book.
    @param guarantee First-loss fund.
    """
    MONEY = money
    CLOCK = clock
    GATE = gate
    ROLES = roles
    RULES = rules
    WORKOUT = workout
    GUARANTEE = guarantee
    typed_data.__init__("Lendchain LoanBook", "1")


# ------------------------------------------------------------------ asked for and funded


@external
def request(t: signed.Terms, signature: Bytes[65], data: Bytes[1024]) -> bytes32:
    """
    @notice Publishes signed terms as a loan to be funded. Anybody may carry the borrower's signature.
    @param signature The borrower's; not read when he sends the call himself.
    @param data      For the gate.
    @return The loan's name: the EIP-712 digest of its terms.
    """
    return self._request(t, signature, data)


@external
def request_and_fund(
    t: signed.Terms, signature: Bytes[65], data: Bytes[1024], units: uint256, lender_data: Bytes[1024]
) -> bytes32:
    """
    @notice Publishes signed terms, the sender being the first lender.
    """
    loan: bytes32 = self._request(t, signature, data)
    self._fund(loan, msg.sender, units, lender_data)
    return loan


@external
def revoke(digest: bytes32):
    """
    @notice The sender kills terms, a mandate or an offer that he signed; what was done under it stays.
    """
    self.used[msg.sender][digest] = REVOKED
    log ILoanBook.Revoked(digest=digest, by=msg.sender)


@external
def fund(loan: bytes32, units: uint256, data: Bytes[1024]):
    """
    @notice The sender lends: so many units at the loan's unit price.
    """
    self._fund(loan, msg.sender, units, data)


@external
def fund_by_mandate(m: signed.FundMandate, signature: Bytes[65], loan: bytes32, units: uint256, data: Bytes[1024]):
    """
    @notice Anybody lends for the signer of a mandate, within its limits of rate, grade, amount a loan, amount in all and time.
    """
    digest: bytes32 = typed_data._digest(keccak256(abi_encode(FUND_MANDATE_TYPE, m)))
    signing._require_signed_by(m.lender, digest, signature)
    spent: uint256 = self.used[m.lender][digest]
    refusal._need(spent != REVOKED, REVOKED_OR_USED)
    who: uint256 = self.loans[loan][words.WHO]
    price: uint256 = (who >> words.UNIT_PRICE) & words.BITS_47
    grade: uint256 = (who >> words.GRADE) & words.BITS_4
    refusal._need(units <= words.BITS_24, UNITS_RANGE)
    holding: uint256 = unsafe_add(self.positions[loan][m.lender] & words.BITS_24, units)
    spent += unsafe_mul(units, price)
    refusal._need(
        self._now() <= m.expiry
        and self.loans[loan][words.RULES] & words.BITS_24 >= m.minRatePpm
        and (m.maxGrade == 0 or (grade != 0 and grade <= m.maxGrade))
        and unsafe_mul(holding, price) <= m.perLoan
        and spent <= m.total,
        EXPIRED,
    )
    self.used[m.lender][digest] = spent
    self._fund(loan, m.lender, units, data)


@external
def cancel(loan: bytes32):
    """
    @notice The borrower before disbursement; anybody once the deadline has passed unfilled, or the days to draw have.
    """
    who: uint256 = self.loans[loan][words.WHO]
    sums: uint256 = self.loans[loan][words.SUMS]
    refusal._need(who != 0 and sums >> words.STATUS == words.FUNDING, NOT_FUNDING)
    if convert(msg.sender, uint256) != who & words.BITS_160:
        last: uint256 = (self.loans[loan][words.RULES] >> words.DEADLINE) & words.BITS_40
        if sums & words.BITS_24 == (who >> words.UNITS) & words.BITS_24:
            last += ((who >> words.DRAW_DAYS) & words.BITS_6) * figures.DAY
        refusal._need(self._now() > last, BORROWER_ONLY)
    self.loans[loan][words.SUMS] = sums | (words.CANCELLED << words.STATUS)
    self._log_end(loan, words.CANCELLED, 0, 0)


@external
def refund(loan: bytes32, lender: address):
    """
    @notice A lender's money back from a cancelled loan. It goes to him, whoever asks.
    """
    sums: uint256 = self.loans[loan][words.SUMS]
    refusal._need(sums >> words.STATUS == words.CANCELLED, NOT_CANCELLED)
    units: uint256 = self.positions[loan][lender] & words.BITS_24
    refusal._need(units != 0, NOTHING_TO_CLAIM)
    amount: uint256 = unsafe_mul(units, (self.loans[loan][words.WHO] >> words.UNIT_PRICE) & words.BITS_47)
    self.positions[loan][lender] = 0
    self.loans[loan][words.SUMS] = unsafe_sub(sums, units)
    log ILoanBook.Refunded(
        loan=loan, lender=lender, units=units, amount=amount, head=self._link(3, loan, convert(lender, uint256), units)
    )
    self._send(lender, amount)


@external
def disburse(loan: bytes32):
    """
    @notice Anybody, once full: the money can go to the borrower only. The day of this call is the loan's start day.
    """
    who: uint256 = self.loans[loan][words.WHO]
    rules: uint256 = self.loans[loan][words.RULES]
    sums: uint256 = self.loans[loan][words.SUMS]
    refusal._need(who != 0 and sums >> words.STATUS == words.FUNDING, NOT_FUNDING)
    units: uint256 = (who >> words.UNITS) & words.BITS_24
    refusal._need(sums & words.BITS_24 == units, NOT_FULL)
    now: uint256 = self._now()
    refusal._need(
        now
        <= unsafe_add(
            (rules >> words.DEADLINE) & words.BITS_40,
            unsafe_mul((who >> words.DRAW_DAYS) & words.BITS_6, figures.DAY),
        ),
        DEADLINE_PASSED,
    )
    principal: uint256 = unsafe_mul(units, (who >> words.UNIT_PRICE) & words.BITS_47)
    fee: uint256 = figures._bps(principal, (who >> words.OPEN_FEE) & words.BITS_12)
    today: uint256 = figures._local_day(now, rules)
    month: uint256 = 0
    day: uint256 = 0
    month, day = calendar._civil(today)
    self.loans[loan][words.STATE] = (
        (self.loans[loan][words.STATE] & words.KEPT)
        | (principal << words.BALANCE)
        | (month << words.START_MONTH)
        | (day << words.START_DAY)
    )
    self.loans[loan][words.SUMS] = sums + (fee << words.FEES) + (words.ACTIVE << words.STATUS)
    log ILoanBook.Disbursed(
        loan=loan, amount=principal, fee=fee, day=today, head=self._link(5, loan, (principal << 64) | fee, today)
    )
    self._send(self._borrower(who), unsafe_sub(principal, fee))


# ------------------------------------------------------------------ repaid


@external
def repay(loan: bytes32, amount: uint256) -> uint256:
    """
    @notice Pays the oldest periods first with the sender's money. Others pay what is due, the borrower also the running period
            (interest on the scheduled balance) or anything up to all (interest on the outstanding balance). Never pausable.
    @return What was taken: the lesser of the amount and what is payable by the sender.
    """
    payer: uint256 = scheduled.BORROWER if self._is_borrower(loan) else scheduled.OTHERS
    return self._pay(loan, msg.sender, amount, payer, max_value(uint256))


@external
def pay_off(loan: bytes32, most: uint256) -> uint256:
    """
    @notice The borrower ends his loan today, with interest to the day; anybody else pays everything due. Refuses a willing payer
            only when it would take more than `most`.
    """
    rules: uint256 = self.loans[loan][words.RULES]
    sums: uint256 = self._active(loan)
    state: uint256 = self.loans[loan][words.STATE]
    extra: uint256 = self._extra(loan, state)
    result: scheduled.Outcome = staticcall IRules(RULES).pay_off(
        rules,
        state,
        sums,
        extra,
        self._shifts(loan, rules),
        self._today(rules),
        self._is_borrower(loan),
    )
    total: uint256 = result.penalty + result.fee + result.interest + result.principal
    refusal._need(total != 0 or result.ends, NOTHING_DUE)
    refusal._need(total <= most, MORE_THAN_ALLOWED)
    self._book_payment(loan, msg.sender, sums, extra, result)
    self._take(msg.sender, total)
    return total


@external
def prepay(loan: bytes32, amount: uint256, new_level: uint256) -> uint256:
    """
    @notice The borrower pays principal ahead: with `new_level` 0 the term gets shorter, else the instalment lower.
    """
    rules: uint256 = self.loans[loan][words.RULES]
    sums: uint256 = self._active(loan)
    refusal._need(self._is_borrower(loan), BORROWER_ONLY)
    state: uint256 = self.loans[loan][words.STATE]
    extra: uint256 = self._extra(loan, state)
    result: scheduled.Outcome = empty(scheduled.Outcome)
    result.state, result.extra = staticcall IRules(RULES).prepay(
        rules, state, extra, self._today(rules), amount, new_level
    )
    result.principal = amount
    self._book_payment(loan, msg.sender, sums, extra, result)
    self._take(msg.sender, amount)
    return amount


@external
def authorize(m: signed.RepayMandate, signature: Bytes[65]):
    """
    @notice Registers the account that a loan's instalments are collected from; anybody may carry its signature.
    @dev    A stranger's mandate can't push out another payer's that is in force, or he could spoil the collection; the borrower's
            own, or one that the borrower carries, can.
    """
    digest: bytes32 = typed_data._digest(keccak256(abi_encode(REPAY_MANDATE_TYPE, m)))
    if msg.sender != m.payer:
        signing._require_signed_by(m.payer, digest, signature)
    refusal._need(self.used[m.payer][digest] == 0, REVOKED_OR_USED)
    now: uint256 = self._now()
    refusal._need(now <= m.expiry and m.expiry <= words.BITS_40, EXPIRED)
    refusal._need(m.perCall <= words.BITS_48, MORE_THAN_ALLOWED)
    who: uint256 = self.loans[m.loan][words.WHO]
    refusal._need(who != 0 and self.loans[m.loan][words.SUMS] >> words.STATUS <= words.ACTIVE, OVER)
    borrower: address = self._borrower(who)
    before: uint256 = self.mandates[m.loan]
    refusal._need(
        msg.sender == borrower
        or m.payer == borrower
        or before & words.BITS_160 == convert(m.payer, uint256)
        or now > (before >> words.EXPIRY) & words.BITS_40,
        BORROWER_ONLY,
    )
    self.used[m.payer][digest] = REVOKED
    self.mandates[m.loan] = convert(m.payer, uint256) | (m.expiry << words.EXPIRY) | (m.perCall << words.PER_CALL)
    log ILoanBook.MandateSet(loan=m.loan, payer=m.payer, perCall=m.perCall, expiry=m.expiry)


@external
def withdraw_mandate(loan: bytes32):
    """
    @notice The payer ends his mandate, at any time.
    """
    refusal._need(self.mandates[loan] & words.BITS_160 == convert(msg.sender, uint256), EXPIRED)
    self.mandates[loan] = 0
    log ILoanBook.MandateWithdrawn(loan=loan, payer=msg.sender)


@external
def collect(loans: DynArray[bytes32, 500], wants: DynArray[uint256, 500]) -> uint256:
    """
    @notice Month end: each loan's instalment that is due today, from the account that its mandate names. Anybody may call: nothing
            moves but what was signed. One that fails is logged and the others go on.
    @param wants Period << 48 | amount paid in the period up to which the item brings it; repeating an item has no effect.
    @return How many were done.
    """
    refusal._need(len(loans) == len(wants), LENGTHS_DIFFER)
    done: uint256 = 0
    at: uint256 = 0
    for loan: bytes32 in loans:
        ok: bool = False
        answer: Bytes[36] = b""
        ok, answer = raw_call(
            self,
            abi_encode(loan, wants[at], method_id=method_id("collect_item(bytes32,uint256)")),
            max_outsize=36,
            revert_on_failure=False,
        )
        at = unsafe_add(at, 1)
        if ok:
            done = unsafe_add(done, 1)
        else:
            reason: uint256 = 0
            if len(answer) == 36:
                reason = extract32(answer, 4, output_type=uint256)
            log ILoanBook.Skipped(loan=loan, reason=reason)
    return done


@external
@reentrant
def collect_item(loan: bytes32, want: uint256):
    """
    @notice One item of `collect`, which alone may call it: a call of its own, so that it rolls back alone.
    """
    if msg.sender != self:
        refusal._refuse(BOOK_ONLY)
    mandate: uint256 = self.mandates[loan]
    # no mandate reads as one that expired in 1970
    if self._now() > (mandate >> words.EXPIRY) & words.BITS_40:
        refusal._refuse(EXPIRED)
    payer: address = convert(convert(mandate & words.BITS_160, uint160), address)
    self._pay(loan, payer, want, scheduled.MANDATE, mandate >> words.PER_CALL)


# ------------------------------------------------------------------ lenders


@external
def claim(loan: bytes32, lender: address) -> uint256:
    """
    @notice What a position has earned, in whole minor units. It goes to the lender, whoever asks. Never pausable.
    """
    done: bool = False
    amount: uint256 = 0
    done, amount = self._claim(loan, lender)
    refusal._need(done, NOTHING_TO_CLAIM)
    if amount != 0:
        self._send(lender, amount)
    return amount


@external
def claim_many(loans: DynArray[bytes32, 200], lender: address) -> uint256:
    """
    @notice The same for many loans, paid in one sum; loans with nothing to claim are passed over.
    """
    total: uint256 = 0
    any_done: bool = False
    for loan: bytes32 in loans:
        done: bool = False
        amount: uint256 = 0
        done, amount = self._claim(loan, lender)
        any_done = any_done or done
        total += amount
    refusal._need(any_done, NOTHING_TO_CLAIM)
    if total != 0:
        self._send(lender, total)
    return total


@external
def transfer(loan: bytes32, to: address, units: uint256, min_balance: uint256, data: Bytes[1024]):
    """
    @notice Hands units of the sender's position over. What they earned before stays his; no money moves. Never pausable.
    @param min_balance The receiver's protection: least principal outstanding, or 0.
    """
    self._move(loan, msg.sender, to, units, min_balance, 0)
    if not staticcall IGate(GATE).check(to, loan, AS_BUYER, data):
        refusal._refuse(NOT_ELIGIBLE)


@external
def buy(o: signed.Offer, signature: Bytes[65], units: uint256, data: Bytes[1024]):
    """
    @notice Takes up a signed offer, whole or in part: payment and position in one call.
    """
    digest: bytes32 = typed_data._digest(keccak256(abi_encode(OFFER_TYPE, o)))
    signing._require_signed_by(o.seller, digest, signature)
    sold: uint256 = self.used[o.seller][digest]
    refusal._need(sold != REVOKED, REVOKED_OR_USED)
    refusal._need(units <= words.BITS_24, UNITS_RANGE)
    refusal._need(o.buyer == empty(address) or o.buyer == msg.sender, RECEIVER)
    refusal._need(self._now() <= o.expiry and sold + units <= o.units, EXPIRED)
    price: uint256 = units * o.unitPrice
    refusal._need(price <= words.BITS_60, MORE_THAN_ALLOWED)
    self.used[o.seller][digest] = sold + units
    self._move(o.loan, o.seller, msg.sender, units, o.minBalance, price)
    refusal._need(staticcall IGate(GATE).check(msg.sender, o.loan, AS_BUYER, data), NOT_ELIGIBLE)
    refusal._need(extcall IMoney(MONEY).transferFrom(msg.sender, o.seller, price), TOKEN_REFUSED)


# ------------------------------------------------------------------ servicer and treasury


@external
def levy(loan: bytes32, amount: uint256):
    """
    @notice SERVICER adds a late fee to a late loan, within the signed cap.
    """
    self._charge(loan, LEVY, amount)
    log ILoanBook.Levied(loan=loan, amount=amount, head=self._link(LEVY, loan, amount, 0))


@external
def waive(loan: bytes32, amount: uint256):
    """
    @notice SERVICER forgives late charges, never more than is owed.
    """
    ends: bool = False
    rest: uint256 = 0
    ends, rest = self._charge(loan, WAIVE, amount)
    log ILoanBook.Waived(loan=loan, amount=amount, head=self._link(WAIVE, loan, amount, 0))
    if ends:
        self._close(loan)


@external
def waive_rest(loan: bytes32):
    """
    @notice SERVICER closes a loan whose last rest is no more than the signed cap.
    """
    ends: bool = False
    rest: uint256 = 0
    ends, rest = self._charge(loan, WAIVE_REST, 0)
    log ILoanBook.RestWaived(
        loan=loan, principal=rest >> 64, interest=rest & (2**64 - 1), head=self._link(WAIVE_REST, loan, rest, 0)
    )
    self._close(loan)


@external
def take_fees(loans: DynArray[bytes32, 200]) -> uint256:
    """
    @notice TREASURY takes the fees that borrowers of these loans paid.
    """
    self._only(TREASURY)
    total: uint256 = 0
    for loan: bytes32 in loans:
        sums: uint256 = self.loans[loan][words.SUMS]
        fee: uint256 = (sums >> words.FEES) & words.BITS_48
        if fee != 0:
            self.loans[loan][words.SUMS] = sums - (fee << words.FEES)
            total += fee
            log ILoanBook.FeeTaken(loan=loan, amount=fee, head=self._link(18, loan, fee, 0))
    if total != 0:
        self._send(msg.sender, total)
    return total


@external
def stop(on: bool):
    """
    @notice SERVICER stops new requests, or lets them in again. Nothing else stops.
    """
    self._only(SERVICER)
    self._head = (self._head & ~STOP_FLAG) | (STOP_FLAG if on else 0)
    log ILoanBook.Stopped(on=on)


# ------------------------------------------------------------------ doors for the workout; the book checks for itself


@external
def door_default(loan: bytes32, outstanding: uint256, arrears: uint256):
    """
    @notice Active to defaulted. The figures are fixed here, once: what is outstanding can't exceed the balance.
    """
    self._only_workout()
    sums: uint256 = self._active(loan)
    state: uint256 = self.loans[loan][words.STATE]
    refusal._need(
        outstanding <= (state >> words.BALANCE) & words.BITS_47 and arrears <= words.BITS_60, MORE_THAN_ALLOWED
    )
    self.loans[loan][words.STATE] = (
        (state & ((words.BITS_12 << words.PERIOD) | ((2**21 - 1) << words.START_MONTH)))
        | (outstanding << words.BALANCE)
        | (arrears << words.OWED)
    )
    self.loans[loan][words.SUMS] = sums + ((words.DEFAULTED - words.ACTIVE) << words.STATUS)
    self._log_end(loan, words.DEFAULTED, outstanding, arrears)


@external
def door_cover(loan: bytes32) -> uint256:
    """
    @notice What the guarantee owes by the rule fixed at default, as far as the fund has money. Only money that has really come is
            credited: the book compares its own balance.
    """
    self._only_workout()
    state: uint256 = self.loans[loan][words.STATE]
    sums: uint256 = self._defaulted(loan)
    base: uint256 = (state >> words.BALANCE) & words.BITS_47
    given: uint256 = (state >> words.LEVEL) & words.BITS_48
    coverage: uint256 = (self.loans[loan][words.RULES] >> words.COVERAGE) & words.BITS_14
    rule: uint256 = unsafe_div(unsafe_mul(base, coverage), 10000)
    asked: uint256 = min(unsafe_sub(rule, given), self._missing(state)) if rule > given else 0
    refusal._need(asked != 0, NOTHING_DUE)
    before: uint256 = staticcall IMoney(MONEY).balanceOf(self)
    paid: uint256 = extcall IWorkout(WORKOUT).draw(loan, asked)
    refusal._need(paid != 0, GUARANTEE_DRY)
    refusal._need(paid <= asked and staticcall IMoney(MONEY).balanceOf(self) >= before + paid, TOKEN_REFUSED)
    self.loans[loan][words.STATE] = state + (paid << words.LEVEL)
    self.loans[loan][words.SUMS] = sums + (paid << words.PRINCIPAL)
    log ILoanBook.Covered(loan=loan, amount=paid, head=self._link(12, loan, paid, 0))
    return paid


@external
def door_recover(loan: bytes32, payer: address, amount: uint256, extra: bool) -> uint256:
    """
    @notice Money after default: lenders' missing principal, the guarantee back, arrears, then the surplus if it is meant so.
    @param payer Who called the workout: its code hands over no other.
    """
    self._only_workout()
    state: uint256 = self.loans[loan][words.STATE]
    sums: uint256 = self._defaulted(loan)
    given: uint256 = (state >> words.LEVEL) & words.BITS_48
    arrears: uint256 = (state >> words.OWED) & words.BITS_60
    missing: uint256 = self._missing(state)
    lenders: uint256 = min(amount, missing)
    left: uint256 = unsafe_sub(amount, lenders)
    guarantor: uint256 = min(left, given)
    left = unsafe_sub(left, guarantor)
    late: uint256 = min(left, arrears)
    left = unsafe_sub(left, late) if extra else 0
    total: uint256 = lenders + guarantor + late + left
    refusal._need(total != 0, NOTHING_DUE)
    refusal._need(((sums >> words.INTEREST) & words.BITS_60) + late + left <= words.BITS_60, MORE_THAN_ALLOWED)
    whole: bool = lenders == missing and guarantor == given and late == arrears
    self.loans[loan][words.STATE] = (
        state + ((lenders + guarantor) << words.PAID) - (guarantor << words.LEVEL) - (late << words.OWED)
    )
    sums += (lenders << words.PRINCIPAL) + ((late + left) << words.INTEREST)
    if whole:
        sums = sums - ((sums >> words.STATUS) << words.STATUS) + (words.CLOSED << words.STATUS)
    self.loans[loan][words.SUMS] = sums
    log ILoanBook.Recovered(
        loan=loan,
        payer=payer,
        lenders=lenders,
        guarantor=guarantor,
        arrears=late,
        extra=left,
        head=self._link(13, loan, (lenders << 192) | (guarantor << 128) | (late << 64) | left, 0),
    )
    if whole:
        self._log_end(loan, words.CLOSED, 0, 0)
    self._take(payer, total)
    if guarantor != 0:
        self._send(GUARANTEE, guarantor)
    return total


@external
def door_write_off(loan: bytes32):
    """
    @notice Defaulted to written off.
    """
    self._only_workout()
    sums: uint256 = self.loans[loan][words.SUMS]
    refusal._need(sums >> words.STATUS == words.DEFAULTED, NOT_DEFAULTED)
    state: uint256 = self.loans[loan][words.STATE]
    self.loans[loan][words.SUMS] = sums + ((words.WRITTEN_OFF - words.DEFAULTED) << words.STATUS)
    self._log_end(
        loan,
        words.WRITTEN_OFF,
        self._missing(state),
        (state >> words.OWED) & words.BITS_60,
    )


@external
def door_propose(loan: bytes32, digest: bytes32, sender: address, signature: Bytes[65]):
    """
    @notice Opens a ballot on other terms, signed by the borrower. Votes on an earlier proposal are void.
    """
    self._only_workout()
    self._active(loan)
    borrower: address = self._borrower(self.loans[loan][words.WHO])
    if sender != borrower:
        signing._require_signed_by(borrower, digest, signature)
    refusal._need(self.used[borrower][digest] == 0, REVOKED_OR_USED)
    round: uint256 = (self.ballots[loan] & words.BITS_32) + 1
    self.ballots[loan] = round | ((convert(digest, uint256) >> words.DIGEST) << words.DIGEST)
    log ILoanBook.Proposed(loan=loan, digest=digest)


@external
def door_consent(loan: bytes32, digest: bytes32, holder: address):
    """
    @notice All units of a holder vote for the open proposal.
    """
    self._only_workout()
    self._active(loan)
    ballot: uint256 = self.ballots[loan]
    refusal._need(ballot >> words.DIGEST == convert(digest, uint256) >> words.DIGEST, OTHER_TERMS)
    position: uint256 = self.positions[loan][holder]
    units: uint256 = position & words.BITS_24
    refusal._need(units != 0, UNITS_RANGE)
    round: uint256 = ballot & words.BITS_32
    refusal._need(position >> words.BALLOT != round, VOTED)
    self.positions[loan][holder] = (position & (2**216 - 1)) | (round << words.BALLOT)
    self.ballots[loan] = ballot + (units << words.VOTES)
    log ILoanBook.Consented(loan=loan, holder=holder, units=units)


@external
def door_restructure(loan: bytes32, digest: bytes32, document: bytes32, rules: uint256, state: uint256, extra: uint256):
    """
    @notice Other terms from now on: with the borrower's signature and holders of two thirds of the units, counted here. Nothing but
            rate, count, level, dates and billed interest can change.
    """
    self._only_workout()
    sums: uint256 = self._active(loan)
    ballot: uint256 = self.ballots[loan]
    refusal._need(ballot >> words.DIGEST == convert(digest, uint256) >> words.DIGEST, OTHER_TERMS)
    refusal._need(3 * ((ballot >> words.VOTES) & words.BITS_24) >= 2 * (sums & words.BITS_24), TOO_FEW_UNITS)
    refusal._need(
        (rules ^ self.loans[loan][words.RULES]) & ~RESTRUCTURED_RULES == 0
        and (state ^ self.loans[loan][words.STATE]) & RESTRUCTURE_KEEPS == 0,
        OTHER_TERMS,
    )
    self.used[self._borrower(self.loans[loan][words.WHO])][digest] = REVOKED
    # a round of its own, so that no vote of the last one counts or is taken out again
    self.ballots[loan] = (ballot & words.BITS_32) + 1
    self.loans[loan][words.RULES] = rules
    self.loans[loan][words.STATE] = state
    self.loans[loan][words.EXTRA] = extra
    log ILoanBook.Restructured(
        loan=loan,
        digest=digest,
        rules=rules,
        state=state,
        document=document,
        head=self._link(14, loan, convert(digest, uint256), rules),
    )


# ------------------------------------------------------------------ views


@external
@view
def digest_of(t: signed.Terms) -> bytes32:
    """
    @notice What a borrower signs, and the loan's name.
    """
    return self._digest_of(t)


@external
@view
def head() -> uint256:
    """
    @notice Sequence 64 | running hash 192 of the last event: one word proves the whole log.
    """
    return self._head & ~STOP_FLAG


@external
@view
def stopped() -> bool:
    """
    @notice Whether new requests are refused.
    """
    return self._head & STOP_FLAG != 0


@external
@view
def core(loan: bytes32) -> (uint256, uint256, uint256):
    """
    @notice The words `rules`, `state` and `sums`, in one call.
    """
    return self.loans[loan][words.RULES], self.loans[loan][words.STATE], self.loans[loan][words.SUMS]


@external
@view
def domain_separator() -> bytes32:
    """
    @notice EIP-712 domain of everything signed for this book.
    """
    return typed_data._domain_separator()


# ------------------------------------------------------------------ the parts


@internal
@view
def _now() -> uint256:
    if CLOCK == empty(address):
        return block.timestamp
    return staticcall IClock(CLOCK).now()


@internal
@view
def _today(rules: uint256) -> uint256:
    return figures._local_day(self._now(), rules)


@internal
def _link(kind: uint256, loan: bytes32, a: uint256, b: uint256) -> uint256:
    """
    @notice Chains an event to all before it: a hidden, repeated or reordered one shows.
    """
    flagged: uint256 = self._head
    old: uint256 = flagged & ~STOP_FLAG
    new: uint256 = (
        unsafe_add((old >> 192) << 192, 1 << 192) | (convert(keccak256(abi_encode(old, kind, loan, a, b)), uint256) >> 64)
    )
    self._head = new | (flagged & STOP_FLAG)
    return new


@internal
def _log_end(loan: bytes32, status: uint256, outstanding: uint256, arrears: uint256):
    log ILoanBook.Ended(
        loan=loan,
        status=status,
        outstanding=outstanding,
        arrears=arrears,
        head=self._link(9, loan, status, (outstanding << 64) | arrears),
    )


@internal
def _send(receiver: address, amount: uint256):
    refusal._need(extcall IMoney(MONEY).transfer(receiver, amount), TOKEN_REFUSED)


@internal
def _take(payer: address, amount: uint256):
    refusal._need(extcall IMoney(MONEY).transferFrom(payer, self, amount), TOKEN_REFUSED)


@internal
@view
def _only(role: uint256):
    refusal._need(staticcall IRoles(ROLES).role_of(msg.sender) == role, ROLE_MISSING)


@internal
@view
def _only_workout():
    refusal._need(msg.sender == WORKOUT, BOOK_ONLY)


@internal
@view
def _active(loan: bytes32) -> uint256:
    """
    @return The word `sums` of a loan that is active.
    """
    sums: uint256 = self.loans[loan][words.SUMS]
    if sums >> words.STATUS != words.ACTIVE:
        refusal._refuse(NOT_ACTIVE)
    return sums


@internal
@view
def _defaulted(loan: bytes32) -> uint256:
    """
    @return The word `sums` of a loan that is defaulted or written off.
    """
    sums: uint256 = self.loans[loan][words.SUMS]
    status: uint256 = sums >> words.STATUS
    refusal._need(status == words.DEFAULTED or status == words.WRITTEN_OFF, NOT_DEFAULTED)
    return sums


@internal
@view
def _extra(loan: bytes32, state: uint256) -> uint256:
    return self.loans[loan][words.EXTRA] if state & 1 != 0 else 0


@internal
@view
def _shifts(loan: bytes32, rules: uint256) -> uint256:
    return self.loans[loan][words.SHIFTS] if (rules >> words.SHIFTED) & 1 != 0 else 0


@internal
@pure
def _borrower(who: uint256) -> address:
    return convert(convert(who & words.BITS_160, uint160), address)


@internal
@view
def _is_borrower(loan: bytes32) -> bool:
    return convert(msg.sender, uint256) == self.loans[loan][words.WHO] & words.BITS_160


@internal
@pure
def _missing(state: uint256) -> uint256:
    """
    @notice Principal that lenders still miss after default: O - R - what the guarantee paid.
    """
    return unsafe_sub(
        unsafe_sub((state >> words.BALANCE) & words.BITS_47, (state >> words.PAID) & words.BITS_48),
        (state >> words.LEVEL) & words.BITS_48,
    )


@internal
@view
def _digest_of(t: signed.Terms) -> bytes32:
    return typed_data._digest(keccak256(abi_encode(TERMS_TYPE, t)))


@internal
def _request(t: signed.Terms, signature: Bytes[65], data: Bytes[1024]) -> bytes32:
    loan: bytes32 = self._digest_of(t)
    if self._head & STOP_FLAG != 0:
        refusal._refuse(STOPPED)
    if self.loans[loan][words.WHO] != 0:
        refusal._refuse(EXISTS)
    if self.used[t.borrower][loan] != 0:
        refusal._refuse(REVOKED_OR_USED)
    if msg.sender != t.borrower:
        signing._require_signed_by(t.borrower, loan, signature)
    if self._now() > t.deadline:
        refusal._refuse(DEADLINE_PASSED)
    if not staticcall IGate(GATE).check(t.borrower, loan, AS_BORROWER, data):
        refusal._refuse(NOT_ELIGIBLE)
    who: uint256 = 0
    rules: uint256 = 0
    state: uint256 = 0
    who, rules, state = staticcall IRules(RULES).pack(t)
    self.loans[loan][words.WHO] = who
    self.loans[loan][words.RULES] = rules
    self.loans[loan][words.STATE] = state
    if t.shifts != 0:
        self.loans[loan][words.SHIFTS] = t.shifts
    log ILoanBook.Requested(
        loan=loan,
        borrower=t.borrower,
        who=who,
        rules=rules,
        state=state,
        document=t.document,
        head=self._link(1, loan, convert(t.document, uint256), who),
    )
    return loan


@internal
def _fund(loan: bytes32, lender: address, units: uint256, data: Bytes[1024]):
    who: uint256 = self.loans[loan][words.WHO]
    rules: uint256 = self.loans[loan][words.RULES]
    sums: uint256 = self.loans[loan][words.SUMS]
    if who == 0 or sums >> words.STATUS != words.FUNDING:
        refusal._refuse(NOT_FUNDING)
    if self._now() > (rules >> words.DEADLINE) & words.BITS_40:
        refusal._refuse(DEADLINE_PASSED)
    cap: uint256 = (rules >> words.CAP) & words.BITS_24
    if sums == 0:
        # beside the figures that a transfer reads anyway
        sums = cap << words.SUMS_CAP
    wanted: uint256 = (who >> words.UNITS) & words.BITS_24
    funded: uint256 = unsafe_add(sums & words.BITS_24, units)
    if units == 0 or units > wanted or funded > wanted:
        refusal._refuse(UNITS_RANGE)
    if units < (rules >> words.LEAST_TICKET) & words.BITS_24 and funded != wanted:
        refusal._refuse(TICKET_TOO_SMALL)
    position: uint256 = self.positions[loan][lender]
    if position == 0:
        position = words.FRESH
    if cap != 0 and unsafe_add(position & words.BITS_24, units) > cap:
        refusal._refuse(ABOVE_CAP)
    if not staticcall IGate(GATE).check(lender, loan, AS_LENDER, data):
        refusal._refuse(NOT_ELIGIBLE)
    amount: uint256 = unsafe_mul(units, (who >> words.UNIT_PRICE) & words.BITS_47)
    self.positions[loan][lender] = unsafe_add(position, units)
    self.loans[loan][words.SUMS] = unsafe_add(sums, units)
    log ILoanBook.Funded(
        loan=loan, lender=lender, units=units, amount=amount, head=self._link(2, loan, convert(lender, uint256), units)
    )
    self._take(lender, amount)


@internal
def _pay(loan: bytes32, payer: address, amount: uint256, kind: uint256, most: uint256) -> uint256:
    rules: uint256 = self.loans[loan][words.RULES]
    sums: uint256 = self._active(loan)
    state: uint256 = self.loans[loan][words.STATE]
    extra: uint256 = self._extra(loan, state)
    today: uint256 = self._today(rules)
    result: scheduled.Outcome = empty(scheduled.Outcome)
    if (rules >> words.ACCRUAL) & 1 == 0:
        result = scheduled._settle(rules, state, extra, self._shifts(loan, rules), today, amount, kind)
    else:
        result = staticcall IRules(RULES).settle(rules, state, sums, extra, today, amount, kind)
    total: uint256 = unsafe_add(
        unsafe_add(result.penalty, result.fee), unsafe_add(result.interest, result.principal)
    )
    if total == 0:
        refusal._refuse(NOTHING_DUE)
    if total > most:
        refusal._refuse(EXPIRED)
    self._book_payment(loan, payer, sums, extra, result)
    self._take(payer, total)
    return total


@internal
def _book_payment(loan: bytes32, payer: address, sums: uint256, extra: uint256, result: scheduled.Outcome):
    """
    @notice Stores and logs a payment; the money is taken afterwards.
    @dev    One addition credits all: no field can reach its width under the bounds of `Rules`.
    """
    self.loans[loan][words.STATE] = result.state
    if result.extra != extra:
        self.loans[loan][words.EXTRA] = result.extra
    credited: uint256 = unsafe_add(
        unsafe_add(sums, result.principal << words.PRINCIPAL),
        unsafe_add(unsafe_add(result.interest, result.penalty) << words.INTEREST, result.fee << words.FEES),
    )
    self.loans[loan][words.SUMS] = credited
    log ILoanBook.Paid(
        loan=loan,
        payer=payer,
        penalty=result.penalty,
        fee=result.fee,
        interest=result.interest,
        principal=result.principal,
        state=result.state,
        head=self._link(
            4,
            loan,
            (result.penalty << 192) | (result.fee << 128) | (result.interest << 64) | result.principal,
            result.state,
        ),
    )
    if result.ends:
        self._close(loan)


@internal
def _charge(loan: bytes32, kind: uint256, amount: uint256) -> (bool, uint256):
    """
    @notice What the servicer may do to an active loan, as `Rules` bound it.
    @return Whether nothing is left, and the rest waived: principal << 64 | all else.
    """
    self._only(SERVICER)
    sums: uint256 = self._active(loan)
    rules: uint256 = self.loans[loan][words.RULES]
    state: uint256 = self.loans[loan][words.STATE]
    extra: uint256 = self._extra(loan, state)
    ends: bool = False
    rest: uint256 = 0
    state, extra, ends, rest = staticcall IRules(RULES).charge(
        kind, rules, state, sums, extra, self._shifts(loan, rules), self._today(rules), amount
    )
    self.loans[loan][words.STATE] = state
    self.loans[loan][words.EXTRA] = extra
    return ends, rest


@internal
def _close(loan: bytes32):
    """
    @notice Active to closed.
    """
    self.loans[loan][words.SUMS] += (words.CLOSED - words.ACTIVE) << words.STATUS
    self._log_end(loan, words.CLOSED, 0, 0)


@internal
def _claim(loan: bytes32, lender: address) -> (bool, uint256):
    """
    @notice Books what a position is owed: whole minor units; after the end the remainder too passes on, to `dust`.
    @return Whether there was anything, and the money to be sent.
    """
    sums: uint256 = self.loans[loan][words.SUMS]
    status: uint256 = sums >> words.STATUS
    position: uint256 = self.positions[loan][lender]
    if position == 0 or status == words.FUNDING or status == words.CANCELLED:
        return False, 0
    all_units: uint256 = sums & words.BITS_24
    units: uint256 = position & words.BITS_24
    principal_debt: uint256 = (position >> words.PRINCIPAL_DEBT) & words.BITS_96
    interest_debt: uint256 = (position >> words.INTEREST_DEBT) & words.BITS_96
    # in 1 / all_units of a minor unit; debts can't leave their 96 bits, nor exceed what they are taken from
    principal_open: uint256 = unsafe_sub(
        unsafe_add(unsafe_mul(units, (sums >> words.PRINCIPAL) & words.BITS_48), words.BIAS), principal_debt
    )
    interest_open: uint256 = unsafe_sub(
        unsafe_add(unsafe_mul(units, (sums >> words.INTEREST) & words.BITS_60), words.BIAS), interest_debt
    )
    principal: uint256 = 0
    interest: uint256 = 0
    if status >= words.CLOSED:
        if principal_open == 0 and interest_open == 0:
            return False, 0
        principal_debt = unsafe_add(principal_debt, principal_open)
        interest_debt = unsafe_add(interest_debt, interest_open)
        principal_open = unsafe_add(principal_open, (sums >> words.DUST_PRINCIPAL) & words.BITS_24)
        interest_open = unsafe_add(interest_open, (sums >> words.DUST_INTEREST) & words.BITS_24)
        principal = unsafe_div(principal_open, all_units)
        interest = unsafe_div(interest_open, all_units)
        dust: uint256 = (
            ((principal_open % all_units) << words.DUST_PRINCIPAL) | ((interest_open % all_units) << words.DUST_INTEREST)
        )
        if (sums ^ dust) & words.DUST != 0:
            self.loans[loan][words.SUMS] = (sums & ~words.DUST) | dust
    else:
        principal = unsafe_div(principal_open, all_units)
        interest = unsafe_div(interest_open, all_units)
        if principal == 0 and interest == 0:
            return False, 0
        principal_debt = unsafe_add(principal_debt, unsafe_mul(principal, all_units))
        interest_debt = unsafe_add(interest_debt, unsafe_mul(interest, all_units))
    self.positions[loan][lender] = (
        units
        | (principal_debt << words.PRINCIPAL_DEBT)
        | (interest_debt << words.INTEREST_DEBT)
        | ((position >> words.BALLOT) << words.BALLOT)
    )
    log ILoanBook.Claimed(
        loan=loan,
        lender=lender,
        principal=principal,
        interest=interest,
        head=self._link(10, loan, convert(lender, uint256), (principal << 64) | interest),
    )
    return True, unsafe_add(principal, interest)


@internal
def _move(loan: bytes32, seller: address, buyer: address, units: uint256, least: uint256, price: uint256):
    sums: uint256 = self.loans[loan][words.SUMS]
    status: uint256 = sums >> words.STATUS
    if status != words.ACTIVE and status != words.DEFAULTED:
        refusal._refuse(NOT_ACTIVE)
    if buyer == seller or buyer == empty(address) or buyer == self:
        refusal._refuse(RECEIVER)
    from_seller: uint256 = self.positions[loan][seller]
    if units == 0 or units > from_seller & words.BITS_24:
        refusal._refuse(UNITS_RANGE)
    to_buyer: uint256 = self.positions[loan][buyer]
    if to_buyer == 0:
        to_buyer = words.FRESH
    cap: uint256 = (sums >> words.SUMS_CAP) & words.BITS_24
    if cap != 0 and unsafe_add(to_buyer & words.BITS_24, units) > cap:
        refusal._refuse(ABOVE_CAP)
    if least != 0:
        state: uint256 = self.loans[loan][words.STATE]
        outstanding: uint256 = staticcall IRules(RULES).outstanding(
            self.loans[loan][words.RULES], state, sums, self._extra(loan, state)
        )
        refusal._need(outstanding >= least, BELOW_FLOOR)
    if (from_seller | to_buyer) >> words.BALLOT != 0:
        # a vote is its holder's: it ends with a unit given away and extends to one received
        ballot: uint256 = self.ballots[loan]
        if from_seller >> words.BALLOT == ballot & words.BITS_32:
            ballot -= units << words.VOTES
        if to_buyer >> words.BALLOT == ballot & words.BITS_32:
            ballot += units << words.VOTES
        self.ballots[loan] = ballot
    # the seller keeps what was credited so far, the buyer starts here
    moved: uint256 = unsafe_add(
        unsafe_mul(units, (sums >> words.PRINCIPAL) & words.BITS_48) << words.PRINCIPAL_DEBT,
        unsafe_mul(units, (sums >> words.INTEREST) & words.BITS_60) << words.INTEREST_DEBT,
    )
    self.positions[loan][seller] = unsafe_sub(from_seller, unsafe_add(units, moved))
    self.positions[loan][buyer] = unsafe_add(to_buyer, unsafe_add(units, moved))
    log ILoanBook.Moved(
        loan=loan,
        seller=seller,
        buyer=buyer,
        units=units,
        price=price,
        head=self._link(11, loan, convert(buyer, uint256), (units << 64) | price),
    )
