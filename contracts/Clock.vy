# pragma version 0.4.3
# pragma evm-version cancun
"""
@title   Sandbox clock
@license Apache-2.0
@author  The Lendchain authors
@notice  Time for tests, demonstrations and replays; it stands still until it is moved, and never goes back.

ROLES    SANDBOX moves the time forward. Whoever has it decides when every loan bound to this clock falls due: no production
         book is bound to it (a book whose clock is the zero address follows block time for ever).
STOP     Nothing to stop.
HOW IT ENDS  It has no end; the books bound to it end with their loans.
REFUSALS 27 role missing, 53 clock backwards.
"""
from modules import refusal


interface IRoles:
    def role_of(account: address) -> uint256: view


event Forwarded:
    time: uint256


SANDBOX: constant(uint256) = 9

ROLE_MISSING: constant(uint256) = 27
BACKWARDS: constant(uint256) = 53
LATEST: constant(uint256) = 2**40

ROLES: public(immutable(address))

now: public(uint256)


@deploy
def __init__(roles: address, start: uint256):
    """
    @param roles The registry of roles.
    @param start The first reading, unix seconds.
    """
    ROLES = roles
    self.now = start
    log Forwarded(time=start)


@external
def forward(time: uint256):
    """
    @notice SANDBOX moves the clock to a later second (or leaves it where it is).
    """
    refusal._need(staticcall IRoles(ROLES).role_of(msg.sender) == SANDBOX, ROLE_MISSING)
    refusal._need(time >= self.now and time < LATEST, BACKWARDS)
    self.now = time
    log Forwarded(time=time)
