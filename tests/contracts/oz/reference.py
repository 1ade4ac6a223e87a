"""OpenZeppelin's contracts in the test EVM, and calls whose whole outcome can be compared."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import boa
import pytest
from eth_abi.abi import encode
from eth_utils.abi import function_signature_to_4byte_selector

from lendchain.chain.node import ChainProgramMissingError, npm_command

ROOT: Final = Path(__file__).resolve().parents[3]
PACKAGES: Final = ROOT / ".node-dev" / "node_modules"
SOURCE: Final = Path(__file__).with_name("Reference.sol")


@dataclass(frozen=True)
class Outcome:
    """All that a caller and the log can see of one call; a refusal's text is each library's own."""

    succeeded: bool
    output: bytes
    logs: tuple[tuple[tuple[int, ...], bytes], ...]


@cache
def artifacts() -> dict[str, Any]:
    """Name -> compiled contract of Reference.sol; skips where npm's packages can't be had."""
    if not (PACKAGES / "solc").is_dir():
        pytest.skip("OpenZeppelin's contracts and solc are not installed: run `make install`, which needs npm")
    settings = {
        "evmVersion": "cancun",
        "optimizer": {"enabled": True, "runs": 200},
        "outputSelection": {"*": {"*": ["evm.bytecode.object"]}},
    }
    sources = {SOURCE.name: {"content": SOURCE.read_text(encoding="utf-8")}}
    request = json.dumps({"language": "Solidity", "sources": sources, "settings": settings})
    command = [node(), str(PACKAGES / "solc" / "solc.js"), "--standard-json", "--base-path", ".", "--include-path", "."]
    done = subprocess.run(command, input=request, cwd=PACKAGES, capture_output=True, text=True, check=True, timeout=120)
    # the compiler's first line may be a remark of its JavaScript shell
    answer = json.loads(done.stdout[done.stdout.index("{") :])
    faults = [error["formattedMessage"] for error in answer.get("errors", []) if error["severity"] == "error"]
    assert not faults, "\n".join(faults)
    found: dict[str, Any] = answer["contracts"][SOURCE.name]
    return found


def node() -> str:
    """The Node.js that npm itself runs on."""
    try:
        command = npm_command()
    except ChainProgramMissingError as missing:
        pytest.skip(str(missing))
    return command[0] if len(command) > 1 else shutil.which("node") or "node"


def deploy_reference(name: str, types: Sequence[str], values: Sequence[Any], at: str | None = None) -> str:
    """Deploy a shell of Reference.sol and return its address."""
    code = bytes.fromhex(artifacts()[name]["evm"]["bytecode"]["object"])
    return deploy_code(code + encode(types, values), at)


def deploy_packaged(name: str, types: Sequence[str], values: Sequence[Any]) -> str:
    """Deploy a contract whose bytecode is in OpenZeppelin's package as it is."""
    artifacts()
    artifact = json.loads((PACKAGES / "@openzeppelin/contracts/build/contracts" / f"{name}.json").read_text())
    return deploy_code(bytes.fromhex(artifact["bytecode"][2:]) + encode(types, values), None)


def deploy_code(code: bytes, at: str | None) -> str:
    address, _ = boa.env.deploy_code(bytecode=code, override_address=at)
    return str(address)


def call(contract: str, function: str, values: Sequence[Any], sender: str) -> Outcome:
    """One call by its signature."""
    inside = function[function.index("(") + 1 : -1]
    data = function_signature_to_4byte_selector(function) + encode(inside.split(",") if inside else [], values)
    done = boa.env.execute_code(to_address=contract, sender=sender, data=data)
    if done.is_error:
        return Outcome(False, b"", ())
    logs = tuple((tuple(topics), bytes(body)) for _, topics, body in done.get_log_entries())
    return Outcome(True, done.output, logs)
