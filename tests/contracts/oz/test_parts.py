"""Signatures, EIP-712 domain and Merkle proofs beside OpenZeppelin's, on the same random inputs."""

from __future__ import annotations

from collections.abc import Iterator

import boa
import pytest
from eth_account import Account
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.contracts.oz.reference import Outcome, call, deploy_reference
from tests.contracts.parts.probe import deploy_probe
from tests.contracts.parts.trees import Tree

HALF_ORDER = 57896044618658097711785492504343953926418782139537452191302581570759080747168
ORDER = 2 * HALF_ORDER + 1
NAME, VERSION = "Lendchain LoanBook", "1"
CALLER = boa.env.generate_address("caller")

word = st.binary(min_size=32, max_size=32)
key = st.integers(1, ORDER - 1).map(lambda n: Account.from_key(n.to_bytes(32, "big")))
ways = st.sampled_from(
    ["good", "high s", "other v", "v 0", "short", "no r", "no s", "r of the order", "changed", "noise"]
)


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[str, str]]:
    """(ours, OpenZeppelin's)"""
    ours = deploy_probe(NAME, VERSION)
    theirs = deploy_reference("ReferenceParts", ["string", "string"], [NAME, VERSION])
    yield ours.address, theirs


def both(pair: tuple[str, str], function: str, values: list[object]) -> tuple[Outcome, Outcome]:
    ours, theirs = pair
    return call(ours, function, values, CALLER), call(theirs, function, values, CALLER)


def spoil(signature: bytes, way: str, noise: bytes) -> bytes:
    """A signature changed in one of the ways an attacker would try."""
    r, s, v = signature[:32], int.from_bytes(signature[32:64], "big"), signature[64]
    match way:
        case "high s":
            return r + (ORDER - s).to_bytes(32, "big") + bytes([55 - v])
        case "other v":
            return signature[:64] + bytes([55 - v])
        case "v 0":
            return signature[:64] + bytes([v - 27])
        case "short":
            return signature[:64]
        case "no r":
            return b"\0" * 32 + signature[32:]
        case "no s":
            return r + b"\0" * 32 + signature[64:]
        case "r of the order":
            return ORDER.to_bytes(32, "big") + signature[32:]
        case "changed":
            return noise[:1] + signature[1:]
        case "noise":
            return noise + noise[::-1] + bytes([v])
    return signature


@settings(max_examples=150)
@given(key=key, digest=word, way=ways, noise=word)
def test_a_signer_is_recovered_as_openzeppelin_does(
    pair: tuple[str, str], key: Account, digest: bytes, way: str, noise: bytes
) -> None:
    signature = spoil(bytes(key.unsafe_sign_hash(digest).signature), way, noise)
    ours, theirs = both(pair, "recover(bytes32,bytes)", [digest, signature])
    assert ours == theirs
    assert ours.succeeded or way != "good"
    if way in ("high s", "v 0", "short", "no r", "no s", "r of the order"):
        assert not ours.succeeded
    if len(signature) == 65:
        parts = [digest, signature[64], signature[:32], signature[32:64]]
        ours, theirs = both(pair, "recoverParts(bytes32,uint8,bytes32,bytes32)", parts)
        assert ours == theirs


@settings(max_examples=30)
@given(struct_hash=word, chain_id=st.one_of(st.just(1), st.integers(2, 2**64 - 1)))
def test_a_digest_is_openzeppelins_on_this_chain_and_after_a_split(struct_hash: bytes, chain_id: int) -> None:
    place = boa.env.generate_address("one place")
    known = boa.env.evm.patch.chain_id
    answers = []
    for deploy_at in (
        lambda: deploy_probe(NAME, VERSION, place),
        lambda: deploy_reference("ReferenceParts", ["string", "string"], [NAME, VERSION], place),
    ):
        with boa.env.anchor():
            deploy_at()
            try:
                here = call(place, "digest(bytes32)", [struct_hash], CALLER), call(place, "separator()", [], CALLER)
                boa.env.evm.patch.chain_id = chain_id
                there = call(place, "digest(bytes32)", [struct_hash], CALLER), call(place, "separator()", [], CALLER)
            finally:
                boa.env.evm.patch.chain_id = known
            answers.append((here, there))
    assert answers[0] == answers[1]
    assert answers[0][0][0].succeeded
    assert (answers[0][0] == answers[0][1]) == (chain_id == known)


@settings(max_examples=60)
@given(leaf=word, path=st.lists(word, max_size=32))
def test_a_root_follows_from_any_path_as_openzeppelins_does(
    pair: tuple[str, str], leaf: bytes, path: list[bytes]
) -> None:
    ours = call(pair[0], "rootOf(bytes32,bytes)", [leaf, b"".join(path)], CALLER)
    theirs = call(pair[1], "rootOf(bytes32,bytes32[])", [leaf, path], CALLER)
    assert ours == theirs
    root = ours.output
    for asked in (root, leaf):
        ours = call(pair[0], "belongs(bytes32,bytes32,bytes)", [asked, leaf, b"".join(path)], CALLER)
        theirs = call(pair[1], "belongs(bytes32,bytes32,bytes32[])", [asked, leaf, path], CALLER)
        assert ours == theirs


@settings(max_examples=30)
@given(leaves=st.lists(word, min_size=1, max_size=40, unique=True), picked=st.integers(0, 39))
def test_a_member_of_a_tree_is_a_member_for_both(pair: tuple[str, str], leaves: list[bytes], picked: int) -> None:
    tree = Tree(leaves)
    picked %= len(leaves)
    path = tree.path(picked)
    ours = call(pair[0], "belongs(bytes32,bytes32,bytes)", [tree.root, leaves[picked], b"".join(path)], CALLER)
    theirs = call(pair[1], "belongs(bytes32,bytes32,bytes32[])", [tree.root, leaves[picked], path], CALLER)
    assert ours == theirs
    assert int.from_bytes(ours.output, "big") == 1
