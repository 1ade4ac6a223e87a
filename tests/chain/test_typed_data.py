"""EIP-712 digests beside eth-account and the standard's vectors."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
from eth_account.messages import _hash_eip191_message, encode_typed_data
from hypothesis import given
from hypothesis import strategies as st

from lendchain.chain import StructType, domain_separator, typed_data_digest

OFFER = StructType(
    "Offer(address seller,bytes32 loan,uint256 units,uint256 unitPrice,address buyer,uint256 minBalance,uint256 expiry,"
    "bytes32 salt)"
)
ADDRESSES = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())
WORDS = st.binary(min_size=32, max_size=32).map(lambda raw: "0x" + raw.hex())
NUMBERS = st.integers(0, 2**256 - 1)


def eth_account_digest(document: dict[str, Any]) -> bytes:
    return bytes(_hash_eip191_message(encode_typed_data(full_message=document)))


@given(
    values=st.fixed_dictionaries(
        {name: {"address": ADDRESSES, "bytes32": WORDS, "uint256": NUMBERS}[kind] for name, kind in OFFER.fields}
    ),
    contract=ADDRESSES,
    chain_id=st.integers(1, 2**64),
)
def test_flat_structs_equal_eth_account(values: dict[str, Any], contract: str, chain_id: int) -> None:
    domain = {"name": "Lendchain LoanBook", "version": "1", "chainId": chain_id, "verifyingContract": contract}
    document = {
        "types": {
            "EIP712Domain": [
                {"name": "name", "type": "string"},
                {"name": "version", "type": "string"},
                {"name": "chainId", "type": "uint256"},
                {"name": "verifyingContract", "type": "address"},
            ],
            "Offer": [{"name": name, "type": kind} for name, kind in OFFER.fields],
        },
        "primaryType": "Offer",
        "domain": domain,
        "message": values,
    }
    quick = OFFER.digest(domain_separator("Lendchain LoanBook", "1", chain_id, contract), values)
    assert quick == eth_account_digest(document) == typed_data_digest(document)


def _only_root(types: dict[str, list[dict[str, str]]]) -> str:
    """The struct that no other refers to: what eth-account takes as primary where none is named."""
    used = {field["type"].partition("[")[0] for fields in types.values() for field in fields}
    return next((name for name in types if name not in used and name != "EIP712Domain"), "EIP712Domain")


def vectors(shared: Path, *names: str) -> dict[str, dict[str, Any]]:
    folder = shared / "vectors" / "identity" / "eip712" / "tests"
    if not folder.is_dir():
        pytest.skip("no EIP-712 vectors")
    found: dict[str, dict[str, Any]] = {}
    for name in names:
        for path in sorted(folder.glob(name)):
            content = json.loads(path.read_text(encoding="utf-8"))
            found |= {path.stem: content} if "types" in content else {f"{path.stem}/{k}": v for k, v in content.items()}
    assert found
    return found


def test_valid_vectors_equal_eth_account(shared: Path) -> None:
    for name, document in vectors(shared, "fixtures/valid_*.json", "eip712_messages/valid_*.json").items():
        document.setdefault("primaryType", _only_root(document["types"]))
        assert typed_data_digest(document) == eth_account_digest(document), name


def test_documents_that_eth_account_refuses_are_refused(shared: Path) -> None:
    refused = 0
    documents = vectors(shared, "fixtures/invalid_*.json", "eip712_messages/invalid.json")
    for name, document in documents.items():
        try:
            theirs = eth_account_digest(document)
        except Exception:  # noqa: BLE001  (any refusal of theirs)
            refused += 1
            with pytest.raises((ValueError, TypeError, KeyError)):
                print(name, typed_data_digest(document).hex())
        else:  # it lets a fixed array of the wrong length pass; we need not, but must not differ silently
            with contextlib.suppress(ValueError):
                assert typed_data_digest(document) == theirs, name
    assert refused >= len(documents) // 2


def test_the_standards_own_example(shared: Path) -> None:
    document = vectors(shared, "fixtures/valid_eip712_example.json")["valid_eip712_example"]
    assert typed_data_digest(document).hex() == "be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2"
