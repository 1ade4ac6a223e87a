"""Accounts: the secret key, its address, and signatures over 32-byte digests.

A key is named by a reference such as `servicer/0`, `borrower/17`; the store keeps references, never secrets. In a
sandbox every key follows from one seed. The signature is deterministic (RFC 6979) with low s, so that signing again
gives the same bytes.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from coincurve import PrivateKey

from lendchain.chain.errors import ChainError
from lendchain.chain.hashing import keccak256
from lendchain.chain.ports import Rng
from lendchain.i18n import _

_ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141


class Account:
    """One key pair."""

    __slots__ = ("_key", "address", "ref")

    def __init__(self, secret: bytes, ref: str = "") -> None:
        self._key = PrivateKey(secret)
        self.ref = ref
        self.address = "0x" + keccak256(self._key.public_key.format(compressed=False)[1:])[12:].hex()

    def sign(self, digest: bytes) -> tuple[int, int, int]:
        """(y parity, r, s) over a digest."""
        signature = self._key.sign_recoverable(digest, hasher=None)
        return signature[64], int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:64], "big")

    def sign_compact(self, digest: bytes) -> bytes:
        """r, s, v in 65 bytes with v 27 or 28: the form that contracts take."""
        signature = self._key.sign_recoverable(digest, hasher=None)
        return signature[:64] + bytes((27 + signature[64],))

    def __repr__(self) -> str:
        return f"Account({self.ref or self.address})"


class Keyring(Protocol):
    """Where secret keys come from, by reference."""

    def account(self, ref: str) -> Account: ...


class SandboxKeys:
    """All keys from one seed: key of `role/index` = keccak256(seed, role, index). Deterministic, for sandboxes only."""

    def __init__(self, seed: bytes, *, remembered: int = 100_000) -> None:
        if len(seed) < 16:
            raise ValueError("a seed has at least 16 bytes")
        self._seed = seed
        self._remembered = remembered
        self._accounts: OrderedDict[str, Account] = OrderedDict()

    def account(self, ref: str) -> Account:
        """The account of a reference `role/index`; the same one for ever."""
        found = self._accounts.get(ref)
        if found is None:
            found = self._accounts[ref] = Account(self._secret(ref), ref)
            if len(self._accounts) > self._remembered:
                self._accounts.popitem(last=False)
        return found

    def role(self, role: str, index: int = 0) -> Account:
        return self.account(f"{role}/{index}")

    def _secret(self, ref: str) -> bytes:
        role, separator, index = ref.partition("/")
        if not separator or not index.isdigit():
            raise ChainError(_("Not a key of this sandbox: {ref}").format(ref=ref))
        secret = keccak256(self._seed + b"\x00" + role.encode() + b"\x00" + int(index).to_bytes(8, "big"))
        while not 0 < int.from_bytes(secret, "big") < _ORDER:
            secret = keccak256(secret)
        return secret


@dataclass(frozen=True, slots=True)
class SeedFile:
    """The sandbox's seed in a file that only its owner may read."""

    path: Path

    def load_or_make(self, rng: Rng) -> bytes:
        if not self.path.exists():
            self.path.parent.mkdir(parents=True, exist_ok=True)
            partial = self.path.with_suffix(".new")
            partial.touch(mode=0o600)
            partial.write_text(rng.random_bytes(32).hex() + "\n", encoding="ascii")
            partial.replace(self.path)
        return bytes.fromhex(self.path.read_text(encoding="ascii").strip())
