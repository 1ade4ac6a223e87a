"""A contract that shows the modules of ours to a test."""

from __future__ import annotations

from functools import cache
from typing import Any

from tests.contracts.parts.deploy import compiled_source

SOURCE = """
# pragma version 0.4.3
# pragma evm-version cancun
from modules import merkle
from modules import signature
from modules import typed_data

initializes: typed_data


@deploy
def __init__(name: String[64], version: String[16]):
    typed_data.__init__(name, version)


@external
@view
def separator() -> bytes32:
    return typed_data._domain_separator()


@external
@view
def digest(structHash: bytes32) -> bytes32:
    return typed_data._digest(structHash)


@external
@pure
def recover(digest: bytes32, signed: Bytes[65]) -> address:
    return signature._recover(digest, signed)


@external
@pure
def recoverParts(digest: bytes32, v: uint8, r: bytes32, s: bytes32) -> address:
    return signature._recover_parts(digest, convert(v, uint256), convert(r, uint256), convert(s, uint256))


@external
@pure
def requireSignedBy(signer: address, digest: bytes32, signed: Bytes[65]):
    signature._require_signed_by(signer, digest, signed)


@external
@pure
def rootOf(leaf: bytes32, path: Bytes[1024]) -> bytes32:
    return merkle._root(leaf, path)


@external
@pure
def belongs(root: bytes32, leaf: bytes32, path: Bytes[1024]) -> bool:
    return merkle._belongs(root, leaf, path)
"""


@cache
def compiled_probe() -> Any:
    return compiled_source(SOURCE)


def deploy_probe(name: str, version: str, at: str | None = None) -> Any:
    """The modules behind external functions, in the domain given."""
    return compiled_probe().deploy(name, version, **({"override_address": at} if at else {}))
