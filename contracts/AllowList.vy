# pragma version 0.4.3
# pragma evm-version cancun
"""
@title   AllowList
@license Apache-2.0
@author  The Lendchain authors
@notice  Gate of a loan book: who may borrow, lend or buy a position. An account is let in by name, or by a Merkle path
         against the root of a list kept elsewhere, which costs the gatekeeper one word however long the list is.

ROLES    GATEKEEPER names accounts and sets the root. It touches no money and no position: who holds one keeps it, is paid
         and may claim, on the list or not.
STOP     An empty list keeps new loans, new lenders and new buyers out, and nothing else.
HOW IT ENDS  A book keeps the gate that it was deployed with; a later version of the book may have another one.
REFUSALS 27 role missing, 63 role out of range.
@dev     Leaf: keccak256(keccak256(abi_encode(account, role))), hashed twice as an inner node can't be. Role 0 borrower,
         1 lender, 2 buyer. `data` of `check` is the path, siblings of 32 bytes each, lowest first; empty when not used.
"""
from modules import merkle
from modules import refusal


interface IRoles:
    def role_of(account: address) -> uint256: view

interface IProofs:
    def proved(account: address, role: uint256, path: Bytes[1024]) -> bool: view


event EligibleSet:
    account: indexed(address)
    roles: uint256

event RootSet:
    root: bytes32


GATEKEEPER: constant(uint256) = 6

ROLE_MISSING: constant(uint256) = 27
ROLE_RANGE: constant(uint256) = 63

ROLES: public(immutable(address))

# Bit 0: may borrow, bit 1: may lend, bit 2: may buy a position.
eligible: public(HashMap[address, uint256])
root: public(bytes32)


@deploy
def __init__(roles: address):
    """
    @param roles The registry of roles.
    """
    ROLES = roles


@external
@view
def check(account: address, loan_id: bytes32, role: uint256, data: Bytes[1024]) -> bool:
    """
    @notice Whether an account may take a role in a loan.
    @dev    This gate looks at the account and the role alone, at no loan.
    @param role 0 borrower, 1 lender, 2 buyer.
    @param data The account's Merkle path, or nothing when it is on the list by name.
    """
    if role < 3 and (self.eligible[account] >> role) & 1 == 1:
        return True
    # a call of its own: the memory of a path costs an account that is listed by name nothing
    return staticcall IProofs(self).proved(account, role, data)


@external
@view
def proved(account: address, role: uint256, path: Bytes[1024]) -> bool:
    """
    @notice Whether a Merkle path leads from an account in a role to the root of the list kept elsewhere.
    """
    return merkle._belongs(self.root, keccak256(keccak256(abi_encode(account, role))), path)


@external
def set_eligible(accounts: DynArray[address, 500], roles: uint256):
    """
    @notice GATEKEEPER gives each account the same roles, instead of those it had.
    @param roles Sum of 1 (may borrow), 2 (may lend), 4 (may buy a position); 0 takes them off the list.
    """
    self._only_gatekeeper()
    refusal._need(roles < 8, ROLE_RANGE)
    for account: address in accounts:
        self.eligible[account] = roles
        log EligibleSet(account=account, roles=roles)


@external
def set_root(root: bytes32):
    """
    @notice GATEKEEPER sets the root of the list kept elsewhere; paths against the former root no longer count.
    """
    self._only_gatekeeper()
    self.root = root
    log RootSet(root=root)


@internal
@view
def _only_gatekeeper():
    refusal._need(staticcall IRoles(ROLES).role_of(msg.sender) == GATEKEEPER, ROLE_MISSING)
