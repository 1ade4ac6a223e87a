# pragma version 0.4.3
# pragma evm-version cancun
"""
@title A small contract for the chain tests: natural keys, numbered refusals, a running hash, an order-dependent total.
"""

event Levied:
    loan: indexed(bytes32)
    amount: uint256
    head: uint256

event Marked:
    by: indexed(address)
    value: uint256

head: public(uint256)
total: public(uint256)
factor: public(uint256)
amounts: public(HashMap[bytes32, uint256])


@deploy
def __init__(factor: uint256):
    self.factor = factor


@internal
def _need(condition: bool, code: uint256):
    if not condition:
        raw_revert(abi_encode(code, method_id=method_id("No(uint256)")))


@internal
def _levy(loan: bytes32, amount: uint256):
    self._need(self.amounts[loan] == 0, 25)
    self._need(amount > 0, 18)
    self.amounts[loan] = amount
    self.total += amount * self.factor
    old: uint256 = self.head
    self.head = (((old >> 192) + 1) << 192) | (convert(keccak256(abi_encode(old, convert(15, uint256), loan, amount, convert(0, uint256))), uint256) >> 64)
    log Levied(loan=loan, amount=amount, head=self.head)


@external
def levy(loan: bytes32, amount: uint256):
    self._levy(loan, amount)


@external
def levy_many(loans: DynArray[bytes32, 500], amounts: DynArray[uint256, 500]):
    self._need(len(loans) == len(amounts), 8)
    for i: uint256 in range(len(loans), bound=500):
        self._levy(loans[i], amounts[i])


@external
def set_factor(factor: uint256):
    """
    @notice Later levies count by this factor: what the total becomes depends on the order of acts.
    """
    self.factor = factor


@external
def mark(number: uint256):
    log Marked(by=msg.sender, value=number)


@external
def mark_many(first: uint256, count: uint256):
    for i: uint256 in range(count, bound=1000):
        log Marked(by=msg.sender, value=first + i)


@external
@view
def refuse(code: uint256):
    raw_revert(abi_encode(code, method_id=method_id("No(uint256)")))


struct Terms:
    borrower: address
    units: uint256
    document: bytes32


@external
@pure
def echo(t: Terms, data: Bytes[100], flags: DynArray[bool, 10], numbers: DynArray[uint256, 10]) -> (bytes32, uint256, bytes32):
    return keccak256(abi_encode(t, data, flags, numbers)), len(numbers), t.document
