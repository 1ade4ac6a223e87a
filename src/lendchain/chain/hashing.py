"""Keccak-256, the hash of the EVM."""

from __future__ import annotations

from Crypto.Hash import keccak as _keccak


def keccak256(data: bytes) -> bytes:
    """The 32-byte Keccak-256 of the data (the original padding, not SHA-3's)."""
    return _keccak.new(digest_bits=256, data=data).digest()
