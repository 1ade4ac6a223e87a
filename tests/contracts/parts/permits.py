"""EIP-2612 permits, signed as a wallet signs them: by an independent EIP-712 implementation."""

from __future__ import annotations

from typing import Any

import boa
from eth_account.messages import encode_typed_data
from eth_account.signers.local import LocalAccount

PERMIT = [
    {"name": "owner", "type": "address"},
    {"name": "spender", "type": "address"},
    {"name": "value", "type": "uint256"},
    {"name": "nonce", "type": "uint256"},
    {"name": "deadline", "type": "uint256"},
]


def sign_permit(
    token: Any, key: LocalAccount, spender: str, value: int, nonce: int, deadline: int
) -> tuple[int, bytes, bytes]:
    """(v, r, s) of an allowance on this chain."""
    return sign_permit_of(token.name(), str(token.address), key, spender, value, nonce, deadline)


def sign_permit_of(
    name: str,
    contract: str,
    key: LocalAccount,
    spender: str,
    value: int,
    nonce: int,
    deadline: int,
    chain_id: int | None = None,
) -> tuple[int, bytes, bytes]:
    """The same for a token known by name and address, on this or another chain."""
    domain = {
        "name": name,
        "version": "1",
        "chainId": boa.env.evm.patch.chain_id if chain_id is None else chain_id,
        "verifyingContract": contract,
    }
    message = {"owner": key.address, "spender": spender, "value": value, "nonce": nonce, "deadline": deadline}
    signed = key.sign_message(encode_typed_data(domain, {"Permit": PERMIT}, message))
    return signed.v, signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big")
