"""The standards' own examples: EIP-712 digests, EIP-2 low s, EIP-2612 permits."""

from __future__ import annotations

import json
from pathlib import Path

import boa
import pytest
from eth_account import Account
from eth_account.messages import _hash_eip191_message, encode_typed_data
from eth_utils.crypto import keccak

from tests.contracts.parts.deploy import Parts, refused
from tests.contracts.parts.permits import sign_permit, sign_permit_of
from tests.contracts.parts.probe import deploy_probe

# The example of EIP-712: Cow writes to Bob.
EXAMPLE_CONTRACT = "0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"
EXAMPLE_STRUCT = bytes.fromhex("c52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e")
EXAMPLE_SEPARATOR = bytes.fromhex("f2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f")
EXAMPLE_DIGEST = bytes.fromhex("be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2")
EXAMPLE_SIGNATURE = bytes.fromhex(
    "4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d"
    "07299936d304c153f6443dfa05f40ff007d72911b6f72307f996231605b915621c"
)
COW = "0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"

HALF_ORDER = 57896044618658097711785492504343953926418782139537452191302581570759080747168
ORDER = 2 * HALF_ORDER + 1


def test_the_example_of_eip_712() -> None:
    known = boa.env.evm.patch.chain_id
    probe = deploy_probe("Ether Mail", "1", EXAMPLE_CONTRACT)
    boa.env.evm.patch.chain_id = 1
    try:
        assert probe.separator() == EXAMPLE_SEPARATOR
        assert probe.digest(EXAMPLE_STRUCT) == EXAMPLE_DIGEST
    finally:
        boa.env.evm.patch.chain_id = known
    assert probe.recover(EXAMPLE_DIGEST, EXAMPLE_SIGNATURE) == COW
    probe.requireSignedBy(COW, EXAMPLE_DIGEST, EXAMPLE_SIGNATURE)
    with refused(7):
        probe.requireSignedBy(EXAMPLE_CONTRACT, EXAMPLE_DIGEST, EXAMPLE_SIGNATURE)


def test_the_vectors_of_eip_712(shared: Path) -> None:
    folder = shared / "vectors" / "identity" / "eip712" / "tests"
    if not folder.is_dir():
        pytest.skip("no EIP-712 vectors in ../shared")
    documents = [json.loads(file.read_text()) for file in sorted(folder.glob("fixtures/valid_*.json"))]
    for file in sorted(folder.glob("eip712_messages/valid_*.json")):
        documents += json.loads(file.read_text()).values()
    known = boa.env.evm.patch.chain_id
    compared = 0
    for document in documents:
        domain = document["domain"]
        if set(domain) != {"name", "version", "chainId", "verifyingContract"}:
            continue
        signable = encode_typed_data(full_message=document)
        with boa.env.anchor():
            boa.env.evm.patch.chain_id = int(domain["chainId"])
            try:
                probe = deploy_probe(domain["name"], domain["version"], domain["verifyingContract"])
                assert probe.separator() == signable.header
                assert probe.digest(signable.body) == _hash_eip191_message(signable)
            finally:
                boa.env.evm.patch.chain_id = known
        compared += 1
    assert compared >= 15, f"only {compared} of {len(documents)} documents have our kind of domain"


@pytest.mark.parametrize("seed", range(5))
def test_the_upper_half_of_s_is_refused_to_the_last_unit(seed: int) -> None:
    probe = deploy_probe("any", "1")
    key, digest = Account.from_key(keccak(bytes([seed]))), keccak(bytes([seed, 1]))
    signed = key.unsafe_sign_hash(digest)
    assert signed.s <= HALF_ORDER
    assert (
        probe.recoverParts(digest, signed.v, signed.r.to_bytes(32, "big"), signed.s.to_bytes(32, "big")) == key.address
    )
    mirrored = (ORDER - signed.s).to_bytes(32, "big")
    with refused(4):
        probe.recoverParts(digest, 55 - signed.v, signed.r.to_bytes(32, "big"), mirrored)
    # the bound itself is a signature of somebody or of nobody, the number after it is none of the canonical ones
    with refused(4):
        probe.recoverParts(digest, 27, signed.r.to_bytes(32, "big"), (HALF_ORDER + 1).to_bytes(32, "big"))
    assert (
        probe.recoverParts(digest, 27, signed.r.to_bytes(32, "big"), HALF_ORDER.to_bytes(32, "big")) != "0x" + "00" * 20
    )


def test_a_signature_of_another_length_or_v_is_refused() -> None:
    probe = deploy_probe("any", "1")
    digest = keccak(b"something")
    signature = bytes(Account.from_key(b"\x09" * 32).unsafe_sign_hash(digest).signature)
    for spoiled in (b"", signature[:64], signature[:64] + b"\x00", signature[:64] + b"\x01", signature[:64] + b"\x1d"):
        with refused(4):
            probe.recover(digest, spoiled)


def test_a_signature_of_nobody_is_refused() -> None:
    probe = deploy_probe("any", "1")
    with refused(7):
        probe.recover(keccak(b"something"), b"\0" * 64 + b"\x1b")


def test_a_permit_is_good_once_here_and_in_time(parts: Parts, people: list[str]) -> None:
    key = Account.from_key(b"\x21" * 32)
    money, spender = parts.money, people[0]
    deadline = boa.env.timestamp
    v, r, s = sign_permit(money, key, spender, 70, 0, deadline)
    boa.env.time_travel(seconds=1)
    with refused(52):
        money.permit(key.address, spender, 70, deadline, v, r, s)
    boa.env.timestamp = deadline
    with refused(7):
        money.permit(key.address, spender, 71, deadline, v, r, s)
    money.permit(key.address, spender, 70, deadline, v, r, s, sender=people[1])
    assert (money.allowance(key.address, spender), money.nonces(key.address)) == (70, 1)
    with refused(7):
        money.permit(key.address, spender, 70, deadline, v, r, s)


def test_a_permit_for_another_chain_or_contract_is_refused(parts: Parts, people: list[str]) -> None:
    key = Account.from_key(b"\x22" * 32)
    deadline = boa.env.timestamp + 10
    name, here = parts.money.name(), str(parts.money.address)
    elsewhere = sign_permit_of(name, here, key, people[0], 5, 0, deadline, chain_id=12_345)
    other_token = sign_permit_of(name, people[3], key, people[0], 5, 0, deadline)
    other_name = sign_permit_of("Lendchain yen", here, key, people[0], 5, 0, deadline)
    for signed in (elsewhere, other_token, other_name):
        with refused(7):
            parts.money.permit(key.address, people[0], 5, deadline, *signed)


def test_a_permit_brought_by_a_stranger_first_leaves_the_allowance_as_signed(parts: Parts, people: list[str]) -> None:
    key = Account.from_key(b"\x23" * 32)
    parts.fund(key.address, 100, b"\x01" * 32)
    deadline = boa.env.timestamp + 10
    signed = sign_permit(parts.money, key, people[0], 60, 0, deadline)
    parts.money.permit(key.address, people[0], 60, deadline, *signed, sender=people[4])
    # the spender's own attempt is refused, what it was for works all the same
    with refused(7):
        parts.money.permit(key.address, people[0], 60, deadline, *signed, sender=people[0])
    parts.money.transferFrom(key.address, people[0], 60, sender=people[0])
    assert parts.money.balanceOf(people[0]) == 60
