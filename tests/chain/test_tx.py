"""Transactions and keys beside eth-account, byte for byte."""

from __future__ import annotations

import pytest
import rlp  # type: ignore[import-untyped]
from eth_account import Account as EthAccount
from hypothesis import given
from hypothesis import strategies as st

from lendchain.chain import SandboxKeys
from lendchain.chain.errors import ChainError
from lendchain.chain.hashing import keccak256
from lendchain.chain.keys import Account
from lendchain.chain.tx import created_address, rlp_bytes, rlp_int, rlp_list, sign_transaction

KEYS = SandboxKeys(b"a seed for the tests of keys")
SECRETS = st.integers(1, 2**255).map(lambda number: number.to_bytes(32, "big"))


@given(
    secret=SECRETS,
    chain_id=st.integers(1, 2**63),
    nonce=st.one_of(st.integers(0, 300), st.integers(0, 2**63)),
    gas=st.integers(21_000, 2**40),
    fees=st.integers(0, 2**60),
    value=st.one_of(st.just(0), st.integers(0, 2**90)),
    to=st.one_of(st.none(), st.binary(min_size=20, max_size=20)),
    data=st.one_of(st.binary(max_size=120), st.binary(min_size=200, max_size=400).map(lambda part: part * 200)),
)
def test_signed_transactions_equal_eth_accounts(
    secret: bytes, chain_id: int, nonce: int, gas: int, fees: int, value: int, to: bytes | None, data: bytes
) -> None:
    ours = sign_transaction(
        Account(secret),
        chain_id=chain_id,
        nonce=nonce,
        gas_limit=gas,
        to="0x" + to.hex() if to else None,
        data=data,
        max_fee=fees,
        max_priority_fee=fees // 2,
        value=value,
    )
    theirs = EthAccount.sign_transaction(
        {
            "type": 2,
            "chainId": chain_id,
            "nonce": nonce,
            "gas": gas,
            "maxFeePerGas": fees,
            "maxPriorityFeePerGas": fees // 2,
            "to": to or b"",
            "value": value,
            "data": data,
        },
        secret,
    )
    assert ours.raw == bytes(theirs.raw_transaction)
    assert ours.tx_hash == "0x" + bytes(theirs.hash).hex()


@given(secret=SECRETS)
def test_addresses_equal_eth_accounts(secret: bytes) -> None:
    assert Account(secret).address == EthAccount.from_key(secret).address.lower()


@given(secret=SECRETS, digest=st.binary(min_size=32, max_size=32))
def test_compact_signatures_equal_eth_accounts_and_have_low_s(secret: bytes, digest: bytes) -> None:
    signature = Account(secret).sign_compact(digest)
    assert signature == bytes(EthAccount.unsafe_sign_hash(digest, secret).signature)
    assert int.from_bytes(signature[32:64], "big") <= 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


@given(nested=st.recursive(st.binary(max_size=80), lambda inner: st.lists(inner, max_size=6), max_leaves=40))
def test_rlp_equals_the_reference(nested: object) -> None:
    def encode(item: object) -> bytes:
        return rlp_bytes(item) if isinstance(item, bytes) else rlp_list(b"".join(map(encode, item)))  # type: ignore[call-overload]

    assert encode(nested) == rlp.encode(nested)


@given(number=st.integers(0, 2**260))
def test_rlp_integers_have_no_leading_zeros(number: int) -> None:
    assert rlp_int(number) == rlp.encode(number)


@given(nonce=st.integers(0, 2**40))
def test_created_addresses_follow_from_sender_and_nonce(nonce: int) -> None:
    sender = KEYS.role("deployer").address
    reference = keccak256(rlp.encode([bytes.fromhex(sender[2:]), nonce]))[12:]
    assert created_address(sender, nonce) == "0x" + reference.hex()


def test_a_reference_always_gives_the_same_key() -> None:
    assert KEYS.account("lender/3").address == SandboxKeys(b"a seed for the tests of keys").role("lender", 3).address
    assert len({KEYS.role(role, index).address for role in ("lender", "borrower") for index in range(50)}) == 100


def test_a_name_that_is_no_reference_is_refused() -> None:
    for name in ("lender", "lender/x", "lender/", "lender/-1"):
        with pytest.raises(ChainError):
            KEYS.account(name)
