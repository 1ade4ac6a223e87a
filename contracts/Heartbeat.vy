# pragma version 0.4.3
# pragma evm-version cancun
"""
@title   Heartbeat
@license Apache-2.0
@author  The Lendchain authors
@notice  Time the chain stood still, as far as witnesses saw it. Default days don't run while the chain stands.

ROUNDINGS    In favour of whom the clock runs against: two beats further apart than allowed count as standing time as a whole,
             whether the chain stood or nobody called, and gaps too old to look at count as later than the day asked for.
STOP         Nothing to stop. Whoever wants the clock to run calls `beat` often enough.
ROLES        None.
HOW IT ENDS  It has no end.
@dev         Blocks are not counted: with a bound of 5 s a block, a chain that makes one in 0.7 s hides a halt of six days in
             the blocks of one day. Block time only; a book on the sandbox clock has no use for it.
"""


event Stood:
    at: uint256
    duration: uint256


LOOK_BACK: constant(uint256) = 64
TIME: constant(uint256) = 2**64 - 1

ALLOWED: public(immutable(uint256))

# number of gaps << 64 | time of the last beat
last: public(uint256)
# gap number -> second in which it was seen << 64 | seconds stood up to then, this gap included
gaps: public(HashMap[uint256, uint256])


@deploy
def __init__(allowed: uint256):
    """
    @param allowed Seconds between two beats that are not yet standing time.
    """
    ALLOWED = allowed
    self.last = block.timestamp


@external
def beat():
    """
    @notice Anybody witnesses that the chain runs.
    """
    self._beat()


@external
def stood_since(time: uint256) -> uint256:
    """
    @notice Seconds that the chain stood after `time`, up to now. A gap that it finds is recorded, as by a beat.
    @dev    Looks back over 64 gaps at most; a gap that began before `time` but was seen after it counts whole. Where there is
            no gap nothing is written, which saves whoever asks the price of a beat.
    """
    last: uint256 = self.last
    count: uint256 = last >> 64
    if block.timestamp - (last & TIME) > ALLOWED:
        count = self._beat()
    if count == 0:
        return 0
    total: uint256 = self.gaps[count - 1] & TIME
    for back: uint256 in range(LOOK_BACK):
        if back >= count:
            return total
        gap: uint256 = self.gaps[count - 1 - back]
        if gap >> 64 <= time:
            return total - (gap & TIME)
    return total


@internal
def _beat() -> uint256:
    """
    @return The number of gaps seen so far.
    """
    last: uint256 = self.last
    count: uint256 = last >> 64
    passed: uint256 = block.timestamp - (last & TIME)
    if passed > ALLOWED:
        before: uint256 = 0
        if count != 0:
            before = self.gaps[count - 1] & TIME
        self.gaps[count] = (block.timestamp << 64) | (before + passed)
        count += 1
        log Stood(at=block.timestamp, duration=passed)
    self.last = (count << 64) | block.timestamp
    return count
