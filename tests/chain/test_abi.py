"""The generated encoders and decoders beside eth-abi."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from eth_abi.abi import decode as abi_decode
from eth_abi.abi import encode as abi_encode
from hypothesis import given
from hypothesis import strategies as st

from lendchain.chain.abi import EventType, Function, canonical_type
from lendchain.chain.errors import RevertedError
from lendchain.chain.hashing import keccak256
from lendchain.chain.reverts import REFUSALS, code_in, code_of, words

from .conftest import Tally

STRUCT = {
    "name": "t",
    "type": "tuple",
    "components": [
        {"name": "borrower", "type": "address"},
        {"name": "units", "type": "uint256"},
        {"name": "document", "type": "bytes32"},
        {"name": "open", "type": "bool"},
        {"name": "small", "type": "uint24"},
    ],
}
VALUES: dict[str, st.SearchStrategy[Any]] = {
    "uint256": st.integers(0, 2**256 - 1),
    "uint24": st.integers(0, 2**24 - 1),
    "address": st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex()),
    "bytes32": st.binary(min_size=32, max_size=32).map(lambda raw: "0x" + raw.hex()),
    "bool": st.booleans(),
    "bytes": st.binary(max_size=100),
    "string": st.text(max_size=40),
    "uint256[]": st.lists(st.integers(0, 2**256 - 1), max_size=5),
    "bytes32[]": st.lists(st.binary(min_size=32, max_size=32), max_size=5),
    "address[]": st.lists(st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex()), max_size=5),
    "int128": st.integers(-(2**127), 2**127 - 1),
    "bytes[]": st.lists(st.binary(max_size=40), max_size=3),
}
STRUCT_VALUES = st.tuples(*(VALUES[part["type"]] for part in STRUCT["components"]))  # type: ignore[index]


def reference(kind: str, value: Any) -> Any:
    if isinstance(value, str) and kind.startswith("bytes32"):
        return bytes.fromhex(value[2:])
    if kind.startswith("("):
        return tuple(reference(part["type"], item) for part, item in zip(STRUCT["components"], value, strict=True))  # type: ignore[index]
    return value


@st.composite
def calls(draw: st.DrawFn) -> tuple[list[dict[str, Any]], list[Any]]:
    kinds = draw(st.lists(st.sampled_from([*VALUES, "struct"]), max_size=6))
    inputs = [STRUCT if kind == "struct" else {"name": f"a{n}", "type": kind} for n, kind in enumerate(kinds)]
    return inputs, [draw(STRUCT_VALUES if kind == "struct" else VALUES[kind]) for kind in kinds]


@given(call=calls())
def test_call_data_equals_eth_abi(call: tuple[list[dict[str, Any]], list[Any]]) -> None:
    inputs, values = call
    function = Function("act", tuple(inputs), (), False)
    kinds = [canonical_type(item) for item in inputs]
    expected = abi_encode(kinds, [reference(kind, value) for kind, value in zip(kinds, values, strict=True)])
    assert function.encode(*values) == keccak256(f"act({','.join(kinds)})".encode())[:4] + expected


def test_values_that_do_not_fit_are_refused() -> None:
    for kind, value in (
        ("uint256", 2**256),
        ("uint256", -1),
        ("uint24", 2**24),
        ("uint24", -1),
        ("address", "0x00"),
        ("bytes32", b"short"),
    ):
        with pytest.raises((OverflowError, ValueError)):
            Function("act", ({"name": "a", "type": kind},), (), False).encode(value)


@st.composite
def logs(draw: st.DrawFn) -> tuple[EventType, list[Any]]:
    kinds = draw(
        st.lists(
            st.sampled_from(["uint256", "uint24", "address", "bytes32", "bool", "string", "uint256[]"]), max_size=7
        )
    )
    inputs, indexed = [], 0
    for number, kind in enumerate(kinds):
        topic = indexed < 3 and kind not in ("string", "uint256[]") and draw(st.booleans())
        indexed += topic
        inputs.append({"name": f"a{number}", "type": kind, "indexed": topic})
    return EventType("Happened", tuple(inputs)), [draw(VALUES[kind]) for kind in kinds]


@given(log=logs())
def test_decoded_events_equal_what_was_logged(log: tuple[EventType, list[Any]]) -> None:
    event, values = log
    pairs = list(zip(event.inputs, values, strict=True))
    topics = [event.topic] + [
        "0x" + abi_encode([item["type"]], [reference(item["type"], value)]).hex()
        for item, value in pairs
        if item["indexed"]
    ]
    plain = [(item["type"], reference(item["type"], value)) for item, value in pairs if not item["indexed"]]
    data = "0x" + abi_encode([kind for kind, _ in plain], [value for _, value in plain]).hex()
    expected = {item["name"]: tuple(value) if isinstance(value, list) else value for item, value in pairs}
    found = event.decode(topics, data)
    assert found == expected
    stored = event.from_json(event.to_json(found))
    assert {name: tuple(map(int, v)) if isinstance(v, list) else v for name, v in stored.items()} == expected


def test_struct_bytes_and_arrays_arrive_in_a_contract_as_meant(tally: Tally) -> None:
    terms = {"borrower": "0x" + "ab" * 20, "units": 77, "document": "0x" + "cd" * 32}
    echoed = tally.read("echo", terms, b"\x01\x02\x03", [True, False], [1, 2, 3])
    kinds = ["(address,uint256,bytes32)", "bytes", "bool[]", "uint256[]"]
    plain = (terms["borrower"], 77, bytes.fromhex("cd" * 32))
    digest = keccak256(abi_encode(kinds, [plain, b"\x01\x02\x03", [True, False], [1, 2, 3]]))
    assert echoed == ("0x" + digest.hex(), 3, terms["document"])
    assert abi_decode(["uint256"], (77).to_bytes(32, "big")) == (77,)


def test_refusals_come_back_as_words(tally: Tally) -> None:
    for number in (2, 25, 53):
        with pytest.raises(RevertedError) as refused:
            tally.read("refuse", number)
        assert refused.value.number == number
        assert str(refused.value) == REFUSALS[number]
    with pytest.raises(RevertedError, match="code 999"):
        tally.read("refuse", 999)


def test_every_code_of_the_contracts_has_its_words() -> None:
    path = Path(__file__).parents[2] / "contracts" / "reverts.json"
    assert {item["code"] for item in json.loads(path.read_text(encoding="utf-8"))} <= REFUSALS.keys()


def test_only_a_refusal_is_read_as_one() -> None:
    good = "0x" + (keccak256(b"No(uint256)")[:4] + (7).to_bytes(32, "big")).hex()
    assert code_of(good) == 7
    assert code_in({"code": 3, "message": "execution reverted", "data": good}) == 7
    assert code_in({"code": -32000, "message": "VM error", "data": {"data": good}}) == 7
    for bad in (good[:-2], good + "00", "0x", "0x08c379a0" + good[10:]):
        assert code_of(bad) is None
    assert code_in({"message": "no data"}) is None
    assert words(7) == "The signature is not by the signer named."
