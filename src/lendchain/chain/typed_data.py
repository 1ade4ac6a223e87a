"""EIP-712: digests of typed data, what a person signs instead of a bare hash.

`typed_data_digest` takes any typed-data document; `StructType` is the quick way for the flat structs of our contracts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, Final

from lendchain.chain.hashing import keccak256

Fields = Sequence[Mapping[str, str]]
Types = Mapping[str, Fields]

_DOMAIN_TYPES: Final = {
    "name": "string",
    "version": "string",
    "chainId": "uint256",
    "verifyingContract": "address",
    "salt": "bytes32",
}
_ARRAY: Final = re.compile(r"^(.*)\[(\d*)\]$", re.DOTALL)


def typed_data_digest(document: Mapping[str, Any]) -> bytes:
    """The digest of a full document {types, primaryType, domain, message}.

    ValueError for what does not fit its type.
    """
    types: Types = document["types"]
    domain = document.get("domain", {})
    primary = document["primaryType"]
    domain_fields = types.get("EIP712Domain") or [
        {"name": name, "type": kind} for name, kind in _DOMAIN_TYPES.items() if name in domain
    ]
    with_domain = {**types, "EIP712Domain": domain_fields}
    prefix = b"\x19\x01" + hash_struct("EIP712Domain", domain, with_domain)
    for fields in types.values():
        for field in fields:
            _check_type(field["type"].partition("[")[0], types)
    if primary == "EIP712Domain":
        return keccak256(prefix)
    return keccak256(prefix + hash_struct(primary, document["message"], with_domain))


def domain_separator(name: str, version: str, chain_id: int, contract: str) -> bytes:
    """The separator of a domain with these four fields."""
    kind = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    return keccak256(
        keccak256(kind)
        + keccak256(name.encode())
        + keccak256(version.encode())
        + chain_id.to_bytes(32, "big")
        + bytes.fromhex(contract[2:]).rjust(32, b"\x00")
    )


class StructType:
    """A flat struct of one-word fields, as in `StructType("Offer(address seller,bytes32 loan,uint256 units)")`."""

    def __init__(self, text: str) -> None:
        name, _, inside = text.removesuffix(")").partition("(")
        self.name = name
        self.fields = tuple((field.split()[1], field.split()[0]) for field in inside.split(","))
        self._text = f"{name}({inside})"

    @cached_property
    def type_hash(self) -> bytes:
        return keccak256(self._text.encode())

    def struct_hash(self, values: Mapping[str, Any]) -> bytes:
        words = [_atom(kind, values[field]) for field, kind in self.fields]
        return keccak256(self.type_hash + b"".join(words))

    def digest(self, separator: bytes, values: Mapping[str, Any]) -> bytes:
        """What the signer signs under the domain."""
        return keccak256(b"\x19\x01" + separator + self.struct_hash(values))


def hash_struct(name: str, values: Mapping[str, Any], types: Types) -> bytes:
    """keccak256(type hash, fields' words) of a struct and everything inside it."""
    words = [keccak256(encode_type(name, types).encode())]
    known = {field["name"] for field in types[name]}
    unknown = set(values) - known
    if unknown:
        raise ValueError(f"fields {sorted(unknown)} are not in {name}")
    words += [_word(field["type"], values.get(field["name"]), types) for field in types[name]]
    return keccak256(b"".join(words))


def encode_type(name: str, types: Types) -> str:
    """`Mail(Person from,...)Person(...)`: the struct, then those it refers to in order of name."""
    others = _referred(name, types, set()) - {name}
    return "".join(
        f"{struct}({','.join(field['type'] + ' ' + field['name'] for field in types[struct])})"
        for struct in [name, *sorted(others)]
    )


def _referred(name: str, types: Types, seen: set[str]) -> set[str]:
    if name not in seen:
        seen.add(name)
        for field in types[name]:
            base = field["type"].partition("[")[0]
            if base in types:
                _referred(base, types, seen)
    return seen


def _word(kind: str, value: Any, types: Types) -> bytes:
    if kind in types:
        return b"\x00" * 32 if value is None else hash_struct(kind, value, types)
    if value is None:
        raise ValueError(f"a value of type {kind} is missing")
    array = _ARRAY.match(kind)
    if array:
        inner, length = array.groups()
        if not isinstance(value, (list, tuple)):
            raise ValueError(f"{kind} takes a list, not {value!r}")
        if length and len(value) != int(length):
            raise ValueError(f"{kind} got {len(value)} values")
        return keccak256(b"".join(_word(inner, item, types) for item in value))
    return _atom(kind, value)


def _atom(kind: str, value: Any) -> bytes:
    if kind == "string":
        return keccak256(value.encode() if isinstance(value, str) else _as_bytes(value))
    if kind == "bytes":
        return keccak256(_as_bytes(value))
    if kind == "bool":
        return _integer(int(_as_bool(value)), 0, 1)
    if kind == "address":
        raw = _as_bytes(value)
        if len(raw) != 20:
            raise ValueError(f"not an address: {value!r}")
        return raw.rjust(32, b"\x00")
    if kind.startswith("bytes"):
        size = int(kind[5:])
        raw = _as_bytes(value)
        if not 0 < size <= 32 or len(raw) > size:
            raise ValueError(f"{value!r} does not fit {kind}")
        return raw.ljust(32, b"\x00")
    if kind.startswith("uint"):
        return _integer(_as_int(value), 0, 2 ** _bits(kind, kind[4:]) - 1)
    if kind.startswith("int"):
        half = 2 ** (_bits(kind, kind[3:]) - 1)
        return _integer(_as_int(value), -half, half - 1)
    raise ValueError(f"unknown type {kind}")


def _check_type(kind: str, types: Types) -> None:
    """Every type that is named must be one, used or not."""
    if kind in types or kind in ("string", "bytes", "bool", "address"):
        return
    if kind.startswith("bytes") and kind[5:].isdigit():
        return
    if not kind.startswith(("uint", "int")):
        raise ValueError(f"unknown type {kind}")
    _bits(kind, kind.removeprefix("u").removeprefix("int"))


def _bits(kind: str, digits: str) -> int:
    bits = int(digits or 256)
    if not 0 < bits <= 256 or bits % 8:
        raise ValueError(f"unknown type {kind}")
    return bits


def _integer(value: int, least: int, most: int) -> bytes:
    if not least <= value <= most:
        raise ValueError(f"{value} is outside {least}..{most}")
    return (value % 2**256).to_bytes(32, "big")


def _as_int(value: Any) -> int:
    if isinstance(value, bool):
        raise ValueError("a bool is not an integer")
    if isinstance(value, str):
        return int(value, 16) if value.startswith("0x") else int(value)
    if not isinstance(value, int):
        raise ValueError(f"not an integer: {value!r}")
    return value


def _as_bool(value: Any) -> bool:
    if isinstance(value, str):
        return value.lower() == "true"
    return bool(value)


def _as_bytes(value: Any) -> bytes:
    if isinstance(value, (bytes, bytearray)):
        return bytes(value)
    if isinstance(value, str) and value.startswith("0x"):
        text = value[2:]
        return bytes.fromhex(text if len(text) % 2 == 0 else "0" + text)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value.to_bytes((value.bit_length() + 7) // 8, "big")
    raise ValueError(f"not bytes: {value!r}")
