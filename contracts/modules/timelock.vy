# pragma version 0.4.3
# pragma evm-version cancun
"""
@title   Time lock
@license Apache-2.0
@author  The Lendchain authors
@notice  A change is announced, waits, and is done once; until then it may be cancelled.
@dev     Time is the block's, never the sandbox clock's: no role can shorten the wait. For each id:
         0 unknown or cancelled, 1 done, anything else the second from which it may be done.
         Who may schedule, do and cancel is the importing contract's business.
         Refusals: 60 change unknown or done already, 61 the wait is not over, 62 change scheduled already.
"""
from . import refusal


UNKNOWN: constant(uint256) = 60
TOO_EARLY: constant(uint256) = 61
KNOWN: constant(uint256) = 62

DONE: constant(uint256) = 1

ready_at: public(HashMap[bytes32, uint256])


@internal
def _schedule(id: bytes32, delay: uint256) -> uint256:
    """
    @notice Announces a change; it may be done once `delay` seconds have passed.
    @return The second from which it may be done.
    """
    refusal._need(self.ready_at[id] == 0, KNOWN)
    ready: uint256 = block.timestamp + delay
    self.ready_at[id] = ready
    return ready


@internal
def _use(id: bytes32):
    """
    @notice Marks a change as done, which is refused before its time and the second time.
    """
    ready: uint256 = self.ready_at[id]
    refusal._need(ready > DONE, UNKNOWN)
    refusal._need(block.timestamp >= ready, TOO_EARLY)
    self.ready_at[id] = DONE


@internal
def _cancel(id: bytes32):
    """
    @notice Forgets a change that is not done yet, whether its time has come or not.
    """
    refusal._need(self.ready_at[id] > DONE, UNKNOWN)
    self.ready_at[id] = 0
