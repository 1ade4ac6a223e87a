# pragma version 0.4.3
# pragma evm-version cancun
# pragma nonreentrancy on
"""
@title   Roles
@license Apache-2.0
@author  The Lendchain authors
@notice  Which account has which role: at most one each, changed only after a public wait.

ROLES    1 ADMIN schedules changes, 2 SERVICER, 3 CUSTODIAN, 4 COMPLIANCE (proposes holds), 5 APPROVER (approves holds),
         6 GATEKEEPER, 7 TREASURY, 8 GUARDIAN (cancels scheduled changes), 9 SANDBOX (moves the sandbox clock). 0: none.
         None of them can move money that is not its own: no contract here has such a function.
STOP     Nothing stops. A guardian or an admin may cancel a change that waits, but no guardian the change of his own role,
         so that a guardian can't keep himself in office. Holders may renounce at once.
HOW IT ENDS  When the last admin renounces, the roles stay as they are for ever.
REFUSALS 27 role missing, 56 lists of different length, 60 change unknown or done, 61 the wait is not over,
         63 role out of range, 64 account named twice.
@dev     The wait counts block time; the sandbox clock can't shorten it.
"""
from modules import refusal
from modules import timelock

initializes: timelock
exports: timelock.ready_at


event Scheduled:
    id: indexed(bytes32)
    account: indexed(address)
    role: uint256
    ready_at: uint256

event Executed:
    id: indexed(bytes32)

event Cancelled:
    id: indexed(bytes32)
    by: indexed(address)

event RoleSet:
    account: indexed(address)
    role: uint256


struct Change:
    account: address
    role: uint256


ADMIN: constant(uint256) = 1
GUARDIAN: constant(uint256) = 8
LAST_ROLE: constant(uint256) = 9

ROLE_MISSING: constant(uint256) = 27
LENGTHS_DIFFER: constant(uint256) = 56
ROLE_RANGE: constant(uint256) = 63
NAMED_TWICE: constant(uint256) = 64

DELAY: public(immutable(uint256))

# The role of an account; 0 when it has none. One word an account, so that nobody can have two roles.
role_of: public(HashMap[address, uint256])
changes: public(HashMap[bytes32, Change])
scheduled: public(uint256)


@deploy
def __init__(delay: uint256, accounts: DynArray[address, 64], roles: DynArray[uint256, 64]):
    """
    @param delay    Seconds that every later change waits.
    @param accounts The first holders, each once.
    @param roles    Their roles, in the same order.
    """
    DELAY = delay
    refusal._need(len(accounts) == len(roles), LENGTHS_DIFFER)
    for i: uint256 in range(len(accounts), bound=64):
        refusal._need(roles[i] != 0 and roles[i] <= LAST_ROLE, ROLE_RANGE)
        refusal._need(self.role_of[accounts[i]] == 0, NAMED_TWICE)
        self._set(accounts[i], roles[i])


@external
def schedule(account: address, role: uint256) -> bytes32:
    """
    @notice ADMIN announces that an account shall have a role instead of its present one; 0 takes it away.
    @return The id under which the change may be executed or cancelled.
    """
    refusal._need(self.role_of[msg.sender] == ADMIN, ROLE_MISSING)
    refusal._need(role <= LAST_ROLE, ROLE_RANGE)
    id: bytes32 = keccak256(abi_encode(account, role, self.scheduled))
    self.scheduled += 1
    self.changes[id] = Change(account=account, role=role)
    log Scheduled(id=id, account=account, role=role, ready_at=timelock._schedule(id, DELAY))
    return id


@external
def execute(id: bytes32):
    """
    @notice Anybody carries a change out once its wait is over.
    """
    timelock._use(id)
    change: Change = self.changes[id]
    log Executed(id=id)
    self._set(change.account, change.role)


@external
def cancel(id: bytes32):
    """
    @notice A GUARDIAN, or an ADMIN, drops a change that waits; no GUARDIAN that of his own role.
    """
    role: uint256 = self.role_of[msg.sender]
    refusal._need(role == ADMIN or (role == GUARDIAN and self.changes[id].account != msg.sender), ROLE_MISSING)
    timelock._cancel(id)
    log Cancelled(id=id, by=msg.sender)


@external
def renounce():
    """
    @notice The sender lays his role down, at once.
    """
    refusal._need(self.role_of[msg.sender] != 0, ROLE_MISSING)
    self._set(msg.sender, 0)


@internal
def _set(account: address, role: uint256):
    self.role_of[account] = role
    log RoleSet(account=account, role=role)
