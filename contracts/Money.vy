# pragma version 0.4.3
# pragma evm-version cancun
"""
@title   Money
@license Apache-2.0
@author  The Lendchain authors
@notice  Settlement token: minor units of the currency on the custodian's bank account. Minted against a bank reference, burned
         on withdrawal.

ROUNDINGS    None.
STOP         Nobody can stop transfers. A hold by order freezes what leaves one account, until its expiry at the latest: proposed by
             COMPLIANCE with the hash of its reason, approved by an APPROVER. The money stays its owner's, and what comes in is
             credited. The account of a contract can't be held, as its money is many people's; a gate that has to be able to
             hold its members admits no contract.
ROLES        CUSTODIAN mints, each bank reference once. COMPLIANCE proposes holds, APPROVER approves them, both release them. No
             role moves, burns or seizes anybody's money.
TOKEN ASSUMPTIONS  This is the token: exact amounts, no fee, no rebasing, no call to the receiver. A refused transfer reverts.
HOW IT ENDS  Every owner withdraws; the supply is then zero. No upgrade, no owner, no end by decree.
REFUSALS     4 and 7 signature, 27 role missing, 34 receiver not allowed, 50 account held, 51 reference used, 52 permit expired,
             54 balance too small, 55 allowance too small, 56 lists of different length, 57 hold out of range,
             58 order not open, 59 a second person has to approve, 66 supply too large.
@dev     A word an account: hold until (seconds) << 128 | balance. The supply stays below 2^128, so adding to a balance can't
         reach the hold. Holds follow the books' clock, permits block time as EIP-2612 says.
"""
from modules import permits
from modules import refusal
from modules import typed_data

initializes: typed_data
initializes: permits[typed_data := typed_data]
exports: permits.nonces


interface IRoles:
    def role_of(account: address) -> uint256: view

interface IClock:
    def now() -> uint256: view


event Transfer:
    sender: indexed(address)
    receiver: indexed(address)
    value: uint256

event Approval:
    owner: indexed(address)
    spender: indexed(address)
    value: uint256

event Minted:
    to: indexed(address)
    amount: uint256
    reference: indexed(bytes32)

event Withdrawn:
    account: indexed(address)
    amount: uint256
    reference: indexed(bytes32)

event Held:
    account: indexed(address)
    order: indexed(uint256)
    reason: bytes32
    expiry: uint256
    by: address

event HoldApproved:
    order: indexed(uint256)
    by: address

event HoldReleased:
    account: indexed(address)
    order: indexed(uint256)
    by: address


flag Stage:
    PROPOSED
    APPROVED
    RELEASED

struct Order:
    account: address
    expiry: uint256
    proposer: address
    stage: Stage


CUSTODIAN: constant(uint256) = 3
COMPLIANCE: constant(uint256) = 4
APPROVER: constant(uint256) = 5

ROLE_MISSING: constant(uint256) = 27
RECEIVER: constant(uint256) = 34
ACCOUNT_HELD: constant(uint256) = 50
REFERENCE_USED: constant(uint256) = 51
BALANCE: constant(uint256) = 54
ALLOWANCE: constant(uint256) = 55
LENGTHS_DIFFER: constant(uint256) = 56
HOLD_RANGE: constant(uint256) = 57
ORDER_NOT_OPEN: constant(uint256) = 58
SECOND_PERSON: constant(uint256) = 59
SUPPLY: constant(uint256) = 66

MOST: constant(uint256) = 2**128 - 1
LONGEST_HOLD: constant(uint256) = 366 * 86400
ORDERS_IN_FORCE: constant(uint256) = 8

decimals: public(constant(uint8)) = 2
name: public(immutable(String[64]))
symbol: public(immutable(String[16]))
ROLES: public(immutable(address))
CLOCK: public(immutable(address))

accounts: HashMap[address, uint256]
allowance: public(HashMap[address, HashMap[address, uint256]])
totalSupply: public(uint256)

# Bank references that money was minted against, and those that an account gave for its withdrawals.
minted: public(HashMap[bytes32, bool])
withdrawn: public(HashMap[address, HashMap[bytes32, bool]])

orders: public(HashMap[uint256, Order])
orders_made: public(uint256)
in_force: HashMap[address, DynArray[uint256, ORDERS_IN_FORCE]]


@deploy
def __init__(token_name: String[64], token_symbol: String[16], roles: address, clock: address):
    """
    @param token_name   The token's name, also its EIP-712 domain's.
    @param token_symbol The token's symbol.
    @param roles        The registry of roles.
    @param clock        The sandbox clock, or the zero address for block time for ever.
    """
    typed_data.__init__(token_name, "1")
    name = token_name
    symbol = token_symbol
    ROLES = roles
    CLOCK = clock


# ---------------------------------------------------------------- in and out: the custodian's bank

@external
def mint(to: address, amount: uint256, reference: bytes32):
    """
    @notice CUSTODIAN credits money that arrived at the bank.
    @param reference The bank's reference (or its hash); each can be minted against once.
    """
    self._only(CUSTODIAN)
    self._mint(to, amount, reference)


@external
def mint_many(
    to: DynArray[address, 500], amounts: DynArray[uint256, 500], references: DynArray[bytes32, 500]
):
    """
    @notice CUSTODIAN credits many arrivals at once; all or none.
    """
    self._only(CUSTODIAN)
    refusal._need(len(to) == len(amounts) and len(to) == len(references), LENGTHS_DIFFER)
    for i: uint256 in range(len(to), bound=500):
        self._mint(to[i], amounts[i], references[i])


@external
def withdraw(amount: uint256, reference: bytes32):
    """
    @notice The sender's money is burned; the custodian pays it out at the bank.
    @param reference Chosen by the sender; each of his once, so that an order sent twice is paid out once.
    """
    refusal._need(not self.withdrawn[msg.sender][reference], REFERENCE_USED)
    self.withdrawn[msg.sender][reference] = True
    self._take(msg.sender, amount)
    self.totalSupply -= amount
    log Transfer(sender=msg.sender, receiver=empty(address), value=amount)
    log Withdrawn(account=msg.sender, amount=amount, reference=reference)


# ---------------------------------------------------------------- the owner's money: EIP-20 and EIP-2612

@external
@view
def balanceOf(account: address) -> uint256:
    """
    @notice Money of an account, held or not.
    """
    return self.accounts[account] & MOST


@external
def transfer(receiver: address, amount: uint256) -> bool:
    """
    @notice The sender pays. Reverts instead of returning False.
    """
    self._move(msg.sender, receiver, amount)
    return True


@external
def transferFrom(owner: address, receiver: address, amount: uint256) -> bool:
    """
    @notice The sender moves money of an owner who allowed him to; an allowance of 2^256 - 1 is not used up.
    """
    allowed: uint256 = self.allowance[owner][msg.sender]
    if allowed != max_value(uint256):
        refusal._need(allowed >= amount, ALLOWANCE)
        self.allowance[owner][msg.sender] = unsafe_sub(allowed, amount)
    self._move(owner, receiver, amount)
    return True


@external
def transfer_many(receivers: DynArray[address, 500], amounts: DynArray[uint256, 500]) -> bool:
    """
    @notice The sender pays many at once; all or none. The same as as many transfers in this order.
    """
    refusal._need(len(receivers) == len(amounts), LENGTHS_DIFFER)
    word: uint256 = self._outgoing(msg.sender)
    i: uint256 = 0
    for receiver: address in receivers:
        amount: uint256 = amounts[i]
        i = unsafe_add(i, 1)
        if receiver == empty(address):
            refusal._need(False, RECEIVER)
        if word < amount:
            refusal._need(False, BALANCE)
        if receiver != msg.sender:
            word = unsafe_sub(word, amount)
            self.accounts[receiver] += amount
        log Transfer(sender=msg.sender, receiver=receiver, value=amount)
    self.accounts[msg.sender] = word
    return True


@external
def approve(spender: address, amount: uint256) -> bool:
    """
    @notice The sender allows a spender to move so much of his money, instead of what he allowed before.
    """
    self._approve(msg.sender, spender, amount)
    return True


@external
def permit(
    owner: address, spender: address, amount: uint256, deadline: uint256, v: uint8, r: bytes32, s: bytes32
):
    """
    @notice EIP-2612: anybody brings an owner's signed allowance. Who acts on it in the same transaction should go on when
            this fails and look at the allowance, as a stranger may have brought the same permit before.
    """
    permits._use(owner, spender, amount, deadline, v, r, s)
    self._approve(owner, spender, amount)


@external
@view
def DOMAIN_SEPARATOR() -> bytes32:
    """
    @notice EIP-712 domain separator of this token on this chain.
    """
    return typed_data._domain_separator()


# ---------------------------------------------------------------- holds by order

@external
def propose_hold(account: address, reason: bytes32, expiry: uint256) -> uint256:
    """
    @notice COMPLIANCE proposes to freeze what leaves an account. Nothing is frozen before an APPROVER agrees.
    @param reason Hash of the order that is carried out.
    @param expiry The second in which the hold ends by itself, at most 366 days ahead.
    @return The order's number.
    """
    self._only(COMPLIANCE)
    refusal._need(self._can_be_held(account) and reason != empty(bytes32), HOLD_RANGE)
    now: uint256 = self._now()
    refusal._need(expiry > now and expiry <= now + LONGEST_HOLD, HOLD_RANGE)
    order: uint256 = self.orders_made + 1
    self.orders_made = order
    self.orders[order] = Order(account=account, expiry=expiry, proposer=msg.sender, stage=Stage.PROPOSED)
    log Held(account=account, order=order, reason=reason, expiry=expiry, by=msg.sender)
    return order


@external
def approve_hold(order: uint256):
    """
    @notice APPROVER, another person than proposed it, puts a hold in force.
    """
    self._only(APPROVER)
    proposed: Order = self.orders[order]
    refusal._need(proposed.stage == Stage.PROPOSED and proposed.expiry > self._now(), ORDER_NOT_OPEN)
    refusal._need(proposed.proposer != msg.sender, SECOND_PERSON)
    self.orders[order].stage = Stage.APPROVED
    log HoldApproved(order=order, by=msg.sender)
    self._set_in_force(proposed.account, 0, order)


@external
def release_hold(order: uint256):
    """
    @notice COMPLIANCE or APPROVER ends a hold before its expiry, or drops one that is only proposed.
    """
    role: uint256 = staticcall IRoles(ROLES).role_of(msg.sender)
    refusal._need(role == COMPLIANCE or role == APPROVER, ROLE_MISSING)
    held: Order = self.orders[order]
    refusal._need(held.stage == Stage.PROPOSED or held.stage == Stage.APPROVED, ORDER_NOT_OPEN)
    self.orders[order].stage = Stage.RELEASED
    log HoldReleased(account=held.account, order=order, by=msg.sender)
    if held.stage == Stage.APPROVED:
        self._set_in_force(held.account, order, 0)


@external
@view
def held_until(account: address) -> uint256:
    """
    @notice The second in which an account's last hold in force ends; 0 when nothing holds it now.
    """
    until: uint256 = self.accounts[account] >> 128
    if until <= self._now() or not self._can_be_held(account):
        return 0
    return until


# ---------------------------------------------------------------- inside

@internal
@view
def _only(role: uint256):
    refusal._need(staticcall IRoles(ROLES).role_of(msg.sender) == role, ROLE_MISSING)


@internal
@view
def _now() -> uint256:
    if CLOCK == empty(address):
        return block.timestamp
    return staticcall IClock(CLOCK).now()


@internal
@view
def _can_be_held(account: address) -> bool:
    """
    @notice People's accounts only. An account that delegates to code (EIP-7702: 0xef0100 and an address) is still one.
    """
    return account.codesize == 0 or (account.codesize == 23 and slice(account.code, 0, 3) == x"ef0100")


@internal
@view
def _outgoing(account: address) -> uint256:
    """
    @notice The account's word, as something is about to leave: refused while held, without a hold that is over.
    """
    word: uint256 = self.accounts[account]
    if word > MOST:
        refusal._need(word >> 128 <= self._now() or not self._can_be_held(account), ACCOUNT_HELD)
        word = word & MOST
    return word


@internal
def _take(account: address, amount: uint256):
    word: uint256 = self._outgoing(account)
    refusal._need(word >= amount, BALANCE)
    self.accounts[account] = unsafe_sub(word, amount)


@internal
def _move(sender: address, receiver: address, amount: uint256):
    refusal._need(receiver != empty(address), RECEIVER)
    self._take(sender, amount)
    self.accounts[receiver] += amount
    log Transfer(sender=sender, receiver=receiver, value=amount)


@internal
def _mint(to: address, amount: uint256, reference: bytes32):
    refusal._need(to != empty(address), RECEIVER)
    refusal._need(not self.minted[reference], REFERENCE_USED)
    supply: uint256 = self.totalSupply
    refusal._need(amount <= MOST - supply, SUPPLY)
    self.minted[reference] = True
    self.totalSupply = unsafe_add(supply, amount)
    self.accounts[to] += amount
    log Transfer(sender=empty(address), receiver=to, value=amount)
    log Minted(to=to, amount=amount, reference=reference)


@internal
def _approve(owner: address, spender: address, amount: uint256):
    refusal._need(spender != empty(address), RECEIVER)
    self.allowance[owner][spender] = amount
    log Approval(owner=owner, spender=spender, value=amount)


@internal
def _set_in_force(account: address, ended: uint256, begun: uint256):
    """
    @notice Lists the orders in force on an account afresh, and the last second of them in its word.
    """
    now: uint256 = self._now()
    kept: DynArray[uint256, ORDERS_IN_FORCE] = []
    until: uint256 = 0
    for order: uint256 in self.in_force[account]:
        if order != ended and self.orders[order].expiry > now:
            kept.append(order)
            until = max(until, self.orders[order].expiry)
    if begun != 0:
        refusal._need(len(kept) < ORDERS_IN_FORCE, HOLD_RANGE)
        kept.append(begun)
        until = max(until, self.orders[begun].expiry)
    self.in_force[account] = kept
    self.accounts[account] = (until << 128) | (self.accounts[account] & MOST)
