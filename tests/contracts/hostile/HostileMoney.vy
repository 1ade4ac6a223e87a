# pragma version 0.4.3
# pragma evm-version cancun
"""
@title   Hostile token
@license Apache-2.0
@notice  A settlement token for tests that, before and after every move, tries whatever calls it was given.
"""


HONEST: constant(uint256) = 0
STRIKES: constant(uint256) = 1
SAYS_NO: constant(uint256) = 2
REVERTS: constant(uint256) = 3

mode: public(uint256)
moves: public(uint256)
strikes: public(uint256)
targets: public(HashMap[uint256, address])
payloads: HashMap[uint256, Bytes[4096]]
# bit i: call i went through at least once
entered: public(uint256)
striking: bool

balanceOf: public(HashMap[address, uint256])


@external
def set_mode(mode: uint256):
    self.mode = mode
    self.moves = 0
    self.entered = 0


@external
def add_strike(target: address, payload: Bytes[4096]):
    self.targets[self.strikes] = target
    self.payloads[self.strikes] = payload
    self.strikes += 1


@external
def mint(to: address, amount: uint256, reference: bytes32):
    self.balanceOf[to] += amount


@external
def approve(spender: address, amount: uint256) -> bool:
    return True


@external
def transfer(receiver: address, amount: uint256) -> bool:
    return self._move(msg.sender, receiver, amount)


@external
def transferFrom(owner: address, receiver: address, amount: uint256) -> bool:
    return self._move(owner, receiver, amount)


@internal
def _move(owner: address, receiver: address, amount: uint256) -> bool:
    self.moves += 1
    if self.mode == SAYS_NO:
        return False
    assert self.mode != REVERTS
    if self.mode == STRIKES:
        self._strike()
    self.balanceOf[owner] -= amount
    self.balanceOf[receiver] += amount
    if self.mode == STRIKES:
        self._strike()
    return True


@internal
def _strike():
    if self.striking:
        return
    self.striking = True
    for i: uint256 in range(self.strikes, bound=128):
        ok: bool = raw_call(self.targets[i], self.payloads[i], revert_on_failure=False)
        if ok:
            self.entered = self.entered | (1 << i)
    self.striking = False
