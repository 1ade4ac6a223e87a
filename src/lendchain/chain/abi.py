"""Contract ABIs: call data and events, fast.

For each function a call-data encoder, for each static event a decoder is generated once as Python source that does
nothing but slice and join; several times faster than a general codec. What they do not cover goes through eth-abi.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import orjson
from eth_abi.abi import decode as abi_decode
from eth_abi.abi import encode as abi_encode

from lendchain.chain.hashing import keccak256

JSON_SAFE: Final = 2**53 - 1  # larger integers stand as decimal text in JSON


def canonical_type(item: dict[str, Any]) -> str:
    """The type as the selector's signature spells it: tuples written out."""
    kind: str = item["type"]
    if kind.startswith("tuple"):
        return "(" + ",".join(canonical_type(part) for part in item["components"]) + ")" + kind[5:]
    return kind


@dataclass(frozen=True)
class Function:
    """A contract function: encodes its arguments, decodes its outputs."""

    name: str
    inputs: tuple[dict[str, Any], ...]
    outputs: tuple[dict[str, Any], ...]
    reads_only: bool

    @classmethod
    def from_abi(cls, item: dict[str, Any]) -> Function:
        return cls(
            item.get("name", "constructor"),
            tuple(item.get("inputs", ())),
            tuple(item.get("outputs", ())),
            item.get("stateMutability") in ("view", "pure"),
        )

    @cached_property
    def signature(self) -> str:
        return f"{self.name}({','.join(map(canonical_type, self.inputs))})"

    @cached_property
    def selector(self) -> bytes:
        return keccak256(self.signature.encode())[:4]

    @cached_property
    def encode_arguments(self) -> Callable[..., bytes]:
        """Arguments to their ABI bytes, without the selector."""
        return _encoder([(canonical_type(item), item) for item in self.inputs])

    def encode(self, *arguments: Any) -> bytes:
        """Call data. Structs are given as mappings or tuples, bytes as bytes or 0x-text, addresses as 0x-text."""
        return self.selector + self.encode_arguments(*arguments)

    def decode(self, data: bytes) -> Any:
        """The function's result: one value, or a tuple of several."""
        kinds = [canonical_type(item) for item in self.outputs]
        if not kinds:
            return None
        values = tuple(_plain(value) for value in abi_decode(kinds, data))
        return values[0] if len(values) == 1 else values


@dataclass(frozen=True)
class EventType:
    """An event of a contract: decodes logs as JSON-RPC gives them (hex text)."""

    name: str
    inputs: tuple[dict[str, Any], ...]

    @classmethod
    def from_abi(cls, item: dict[str, Any]) -> EventType:
        return cls(item["name"], tuple(item["inputs"]))

    @cached_property
    def signature(self) -> str:
        return f"{self.name}({','.join(map(canonical_type, self.inputs))})"

    @cached_property
    def topic(self) -> str:
        return "0x" + keccak256(self.signature.encode()).hex()

    @cached_property
    def has_head(self) -> bool:
        return any(item["name"] == "head" for item in self.inputs)

    @cached_property
    def decode(self) -> Callable[[Sequence[str], str], dict[str, Any]]:
        """(topics, data) to {argument: value}; integers as int, the rest as 0x-text or bool."""
        return _event_decoder(self)

    @cached_property
    def to_json(self) -> Callable[[dict[str, Any]], str]:
        """The arguments as canonical JSON: the ABI's order, no blanks, integers above 2^53 as decimal text."""
        return _json_writer(self)

    @cached_property
    def from_json(self) -> Callable[[str], dict[str, Any]]:
        """The arguments back from the text that `to_json` made."""
        integers = [item["name"] for item in self.inputs if "int" in item["type"] and "[" not in item["type"]]

        def read(text: str) -> dict[str, Any]:
            values: dict[str, Any] = orjson.loads(text)
            for name in integers:
                values[name] = int(values[name])
            return values

        return read


def _json_safe(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _json_safe(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_json_safe(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > JSON_SAFE:
        return str(value)
    return value


# --- encoders -------------------------------------------------------------------------------------------------------


def _word_source(kind: str, name: str) -> str | None:
    """Source of an expression that turns the value into its word; None where the type is not one word."""
    if kind == "uint256":
        return f"{name}.to_bytes(32, 'big')"
    if kind == "address":
        return f"_address({name})"
    if kind == "bytes32":
        return f"_bytes32({name})"
    if kind == "bool":
        return f"(_TRUE if {name} else _FALSE)"
    if kind.startswith("uint") and kind[4:].isdigit():
        return f"_uint({name}, {int(kind[4:])})"
    return None


def _encoder(types: list[tuple[str, dict[str, Any]]]) -> Callable[..., bytes]:
    """A generated encoder for words, flat structs of words, arrays of words and bytes; eth-abi for anything else."""
    parameters = [f"a{number}" for number in range(len(types))]
    heads: list[tuple[int, str]] = []  # (size in bytes, source)
    tails: list[str] = []
    lines: list[str] = []
    for parameter, (kind, item) in zip(parameters, types, strict=True):
        word = _word_source(kind, parameter)
        if word is not None:
            heads.append((32, word))
        elif kind.startswith("(") and not kind.endswith("]"):
            parts = [canonical_type(part) for part in item["components"]]
            words = [_word_source(part, f"{parameter}[{number}]") for number, part in enumerate(parts)]
            if None in words:
                return _general_encoder([kind for kind, _ in types])
            names = tuple(part["name"] for part in item["components"])
            lines.append(f"{parameter} = _fields({parameter}, {names!r})")
            heads.append((32 * len(words), ", ".join(word for word in words if word)))
        elif kind == "bytes" or kind == "string":
            tail = f"t{parameter}"
            lines.append(f"{tail} = _tail_bytes({parameter})")
            tails.append(tail)
            heads.append((32, f"_OFFSET_{len(tails) - 1}"))
        elif kind.endswith("[]") and (inner := _word_source(kind[:-2], "v")) is not None:
            tail = f"t{parameter}"
            lines.append(f"{tail} = len({parameter}).to_bytes(32, 'big') + b''.join([{inner} for v in {parameter}])")
            tails.append(tail)
            heads.append((32, f"_OFFSET_{len(tails) - 1}"))
        else:
            return _general_encoder([kind for kind, _ in types])
    size = sum(length for length, _ in heads)
    source = ", ".join(text for _, text in heads)
    for number in range(len(tails)):
        earlier = "".join(f" + len({tail})" for tail in tails[:number])
        source = source.replace(f"_OFFSET_{number}", f"({size}{earlier}).to_bytes(32, 'big')")
    everything = ", ".join(part for part in (source, *tails) if part)
    body = "".join(f"    {line}\n" for line in lines)
    text = (
        f"def encode({', '.join(parameters)}):\n{body}    return b''.join(({everything}{',' if everything else ''}))\n"
    )
    encode: Callable[..., bytes] = _compiled(text, "encode")
    return encode


def _general_encoder(kinds: list[str]) -> Callable[..., bytes]:
    def encode(*arguments: Any) -> bytes:
        return bytes(abi_encode(kinds, [_eth_abi_value(value) for value in arguments]))

    return encode


def _eth_abi_value(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple(_eth_abi_value(item) for item in value.values())
    if isinstance(value, (list, tuple)):
        return type(value)(_eth_abi_value(item) for item in value)
    if isinstance(value, str) and value.startswith("0x") and len(value) != 42:
        return bytes.fromhex(value[2:])
    return value


def _address(value: str) -> bytes:
    raw = bytes.fromhex(value[2:])
    if len(raw) != 20:
        raise ValueError(f"not an address: {value}")
    return b"\x00" * 12 + raw


def _bytes32(value: str | bytes) -> bytes:
    raw = bytes.fromhex(value[2:]) if isinstance(value, str) else value
    if len(raw) != 32:
        raise ValueError(f"not 32 bytes: {value!r}")
    return raw


def _uint(value: int, bits: int) -> bytes:
    if value >> bits:
        raise OverflowError(f"{value} does not fit uint{bits}")
    return value.to_bytes(32, "big")


def _tail_bytes(value: str | bytes) -> bytes:
    if isinstance(value, str):
        value = bytes.fromhex(value[2:]) if value.startswith("0x") else value.encode()
    return len(value).to_bytes(32, "big") + value + b"\x00" * (-len(value) % 32)


def _fields(value: Any, names: tuple[str, ...]) -> Sequence[Any]:
    if isinstance(value, dict):
        if len(value) != len(names):
            raise ValueError(f"a struct of {names} got {tuple(value)}")
        return [value[name] for name in names]
    if len(value) != len(names):
        raise ValueError(f"a struct of {names} got {len(value)} values")
    return value  # type: ignore[no-any-return]


# --- decoders -------------------------------------------------------------------------------------------------------


def _slice_source(kind: str, text: str, start: int) -> str | None:
    """Source that reads a value of one word from hex text whose word begins at `start`."""
    end = start + 64
    if kind.startswith("uint") and kind[4:].isdigit():
        return f"int({text}[{start}:{end}], 16)"
    if kind == "address":
        return f"'0x' + {text}[{start + 24}:{end}]"
    if kind == "bool":
        return f"{text}[{end - 1}] == '1'"
    if kind.startswith("bytes") and kind[5:].isdigit():
        return f"'0x' + {text}[{start}:{start + 2 * int(kind[5:])}]"
    return None


def _event_decoder(event: EventType) -> Callable[[Sequence[str], str], dict[str, Any]]:
    parts: list[str] = []
    topic, start = 1, 2
    for item in event.inputs:
        kind = canonical_type(item)
        if item.get("indexed"):
            source = _slice_source(kind, f"topics[{topic}]", 2)
            topic += 1
        else:
            source = _slice_source(kind, "data", start)
            start += 64
        if source is None:
            return _general_event_decoder(event)
        parts.append(f"{item['name']!r}: {source}")
    text = f"def decode(topics, data):\n    return {{{', '.join(parts)}}}\n"
    decode: Callable[[Sequence[str], str], dict[str, Any]] = _compiled(text, "decode")
    return decode


def _general_event_decoder(event: EventType) -> Callable[[Sequence[str], str], dict[str, Any]]:
    plain = [item for item in event.inputs if not item.get("indexed")]
    kinds = [canonical_type(item) for item in plain]

    def decode(topics: Sequence[str], data: str) -> dict[str, Any]:
        values = iter(abi_decode(kinds, bytes.fromhex(data[2:])))
        indexed = iter(topics[1:])
        found: dict[str, Any] = {}
        for item in event.inputs:
            kind = canonical_type(item)
            if item.get("indexed"):
                word = next(indexed)
                one_word = _slice_source(kind, "", 0) is not None
                value = abi_decode([kind], bytes.fromhex(word[2:]))[0] if one_word else word
            else:
                value = next(values)
            found[item["name"]] = _plain(value)
        return found

    return decode


def _json_writer(event: EventType) -> Callable[[dict[str, Any]], str]:
    parts = []
    for item in event.inputs:
        name, kind = item["name"], canonical_type(item)
        if kind.startswith(("uint", "int")) and not kind.endswith("]"):
            source = f"_number(v[{name!r}])"
        elif kind == "address" or (kind.startswith("bytes") and not kind.endswith("]")):
            source = f"'\"' + v[{name!r}] + '\"'"
        else:
            source = f"_json(v[{name!r}])"
        parts.append(f"'\"{name}\":' + {source}")
    inside = " + ',' + ".join(parts) if parts else "''"
    write: Callable[[dict[str, Any]], str] = _compiled(f"def write(v):\n    return '{{' + {inside} + '}}'\n", "write")
    return write


def _number(value: int) -> str:
    return str(value) if -JSON_SAFE <= value <= JSON_SAFE else f'"{value}"'


def _json(value: Any) -> str:
    return orjson.dumps(_json_safe(value)).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, (list, tuple)):
        return tuple(_plain(item) for item in value)
    return value


def _compiled(source: str, name: str) -> Any:
    """The function of that name from generated source. The source holds names and types of our own ABI files only."""
    space: dict[str, Any] = {
        "_address": _address,
        "_bytes32": _bytes32,
        "_uint": _uint,
        "_tail_bytes": _tail_bytes,
        "_fields": _fields,
        "_number": _number,
        "_json": _json,
        "_TRUE": (1).to_bytes(32, "big"),
        "_FALSE": bytes(32),
    }
    exec(source, space)  # noqa: S102
    return space[name]
