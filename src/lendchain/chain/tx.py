"""Transactions as the chain reads them: RLP, EIP-1559 (type 2), addresses of created contracts."""

from __future__ import annotations

from dataclasses import dataclass

from lendchain.chain.hashing import keccak256
from lendchain.chain.keys import Account


@dataclass(frozen=True, slots=True)
class Signed:
    """A transaction ready to send: its bytes and its hash."""

    raw: bytes
    tx_hash: str


def rlp_bytes(value: bytes) -> bytes:
    """RLP of a byte string."""
    if len(value) == 1 and value[0] < 0x80:
        return value
    return _prefix(len(value), 0x80) + value


def rlp_int(value: int) -> bytes:
    """RLP of an unsigned integer: big-endian without leading zeros."""
    return rlp_bytes(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def rlp_list(encoded: bytes) -> bytes:
    """RLP of a list whose items are encoded already."""
    return _prefix(len(encoded), 0xC0) + encoded


def sign_transaction(
    account: Account,
    *,
    chain_id: int,
    nonce: int,
    gas_limit: int,
    to: str | None,
    data: bytes,
    max_fee: int = 0,
    max_priority_fee: int = 0,
    value: int = 0,
) -> Signed:
    """An EIP-1559 transaction, signed. Fees and value in wei; `to` None creates a contract."""
    body = b"".join(
        (
            rlp_int(chain_id),
            rlp_int(nonce),
            rlp_int(max_priority_fee),
            rlp_int(max_fee),
            rlp_int(gas_limit),
            rlp_bytes(bytes.fromhex(to[2:]) if to else b""),
            rlp_int(value),
            rlp_bytes(data),
            b"\xc0",  # no access list
        )
    )
    parity, r, s = account.sign(keccak256(b"\x02" + rlp_list(body)))
    raw = b"\x02" + rlp_list(body + rlp_int(parity) + rlp_int(r) + rlp_int(s))
    return Signed(raw, "0x" + keccak256(raw).hex())


def created_address(sender: str, nonce: int) -> str:
    """Where a contract created by this sender's transaction with this nonce will stand."""
    return "0x" + keccak256(rlp_list(rlp_bytes(bytes.fromhex(sender[2:])) + rlp_int(nonce)))[12:].hex()


def _prefix(length: int, offset: int) -> bytes:
    if length < 56:
        return bytes((offset + length,))
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes((offset + 55 + len(size),)) + size
