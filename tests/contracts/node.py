"""Two chains that run the same bytecode: titanoboa's EVM, and the real node, which tells the gas of receipts."""

from __future__ import annotations

import itertools
import json
import socket
import subprocess
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from eth_utils.abi import function_signature_to_4byte_selector

NO = function_signature_to_4byte_selector("No(uint256)")
GENESIS_TIME = 1_700_000_000
PROGRAM = (
    Path(__file__).resolve().parents[2]
    / ".node"
    / "node_modules"
    / "@foundry-rs"
    / "anvil-linux-amd64"
    / "bin"
    / "anvil"
)
_GAS = 60_000_000


class RefusedError(Exception):
    """A call reverted; `code` is the number of the refusal, None for any other failure."""

    def __init__(self, output: bytes) -> None:
        self.code = int.from_bytes(output[4:], "big") if output[:4] == NO and len(output) == 36 else None
        super().__init__(f"No({self.code})" if self.code is not None else output.hex() or "reverted without data")


@dataclass(frozen=True)
class Log:
    """One event, raw."""

    address: str
    topics: tuple[bytes, ...]
    data: bytes


@dataclass(frozen=True)
class Receipt:
    """What a transaction did. `gas` is a receipt's on the node, the computation's alone in process."""

    gas: int
    output: bytes
    logs: tuple[Log, ...]
    address: str = ""


class Chain(Protocol):
    """An EVM that takes calls from any account."""

    chain_id: int

    def deploy(self, sender: str, code: bytes) -> str: ...

    def next_address(self, sender: str, ahead: int) -> str:
        """Where the sender's contract after `ahead` others will stand."""
        ...

    def send(self, sender: str, to: str, data: bytes) -> Receipt: ...

    def view(self, sender: str, to: str, data: bytes) -> bytes: ...

    def time(self) -> int: ...

    def set_time(self, time: int) -> None: ...

    def stop(self) -> None: ...


class LocalChain:
    """titanoboa's EVM."""

    def __init__(self) -> None:
        import boa

        self._env = boa.Env()
        self._env.evm.patch.timestamp = GENESIS_TIME
        self.chain_id = int(self._env.evm.patch.chain_id)
        self._made = 0

    def deploy(self, sender: str, code: bytes) -> str:
        address = self.next_address(sender, 0)
        self._made += 1
        _, done = self._env.deploy(sender=sender, bytecode=code, override_address=address)
        if done.is_error:
            raise RefusedError(bytes(done.output))
        return address

    def next_address(self, sender: str, ahead: int) -> str:
        return f"0x{0xC0DE_0000_0000 + self._made + ahead:040x}"

    def send(self, sender: str, to: str, data: bytes) -> Receipt:
        done = self._env.execute_code(to_address=to, sender=sender, data=data)
        if done.is_error:
            raise RefusedError(bytes(done.output))
        logs = tuple(
            Log("0x" + entry[0].hex(), tuple(topic.to_bytes(32, "big") for topic in entry[1]), bytes(entry[2]))
            for entry in done.get_log_entries()
        )
        return Receipt(int(done.get_gas_used()), bytes(done.output), logs)

    def view(self, sender: str, to: str, data: bytes) -> bytes:
        done = self._env.execute_code(to_address=to, sender=sender, data=data, is_modifying=False)
        if done.is_error:
            raise RefusedError(bytes(done.output))
        return bytes(done.output)

    def time(self) -> int:
        return int(self._env.evm.patch.timestamp)

    def set_time(self, time: int) -> None:
        self._env.evm.patch.timestamp = time

    def stop(self) -> None:
        """Nothing to stop."""


class NodeChain:
    """anvil, one block a transaction, signing for every account. Stop it when done."""

    def __init__(self, *more_options: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._url = f"http://127.0.0.1:{port}"
        self._ids = itertools.count(1)
        options = "--hardfork cancun --block-base-fee-per-gas 0 --gas-price 0 --auto-impersonate --silent"
        options += f" --gas-limit 100000000 --disable-min-priority-fee --timestamp {GENESIS_TIME} --prune-history 64"
        self._process = subprocess.Popen(
            [str(PROGRAM), "--port", str(port), *options.split(), *more_options],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(200):
            try:
                self.chain_id = int(self.rpc("eth_chainId"), 16)
                return
            except OSError:
                time.sleep(0.05)
        self.stop()
        raise RuntimeError("the node did not start")

    def rpc(self, method: str, *params: Any) -> Any:
        """A plain JSON-RPC call."""
        answer = self._raw(method, *params)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["result"]

    def _raw(self, method: str, *params: Any) -> dict[str, Any]:
        body = json.dumps({"jsonrpc": "2.0", "id": next(self._ids), "method": method, "params": params}).encode()
        request = urllib.request.Request(self._url, body, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=120) as response:
            found: dict[str, Any] = json.load(response)
        return found

    def _transact(self, call: dict[str, str]) -> dict[str, Any]:
        name = self.rpc("eth_sendTransaction", {**call, "gas": hex(_GAS), "gasPrice": "0x0"})
        for _ in range(2000):
            receipt: dict[str, Any] | None = self.rpc("eth_getTransactionReceipt", name)
            if receipt:
                return receipt
            time.sleep(0.002)
        raise RuntimeError("no receipt")

    def deploy(self, sender: str, code: bytes) -> str:
        receipt = self._transact({"from": sender, "data": "0x" + code.hex()})
        if int(receipt["status"], 16) != 1:
            raise RuntimeError("a deployment failed")
        return str(receipt["contractAddress"])

    def next_address(self, sender: str, ahead: int) -> str:
        from lendchain.chain.tx import created_address

        return created_address(sender, int(self.rpc("eth_getTransactionCount", sender, "latest"), 16) + ahead)

    def send(self, sender: str, to: str, data: bytes) -> Receipt:
        call = {"from": sender, "to": to, "data": "0x" + data.hex()}
        receipt = self._transact(call)
        if int(receipt["status"], 16) != 1:
            self.view(sender, to, data)
            raise RefusedError(b"")
        logs = tuple(
            Log(
                log["address"].lower(),
                tuple(bytes.fromhex(topic[2:]) for topic in log["topics"]),
                bytes.fromhex(log["data"][2:]),
            )
            for log in receipt["logs"]
        )
        return Receipt(int(receipt["gasUsed"], 16), b"", logs)

    def view(self, sender: str, to: str, data: bytes) -> bytes:
        call = {"from": sender, "to": to, "data": "0x" + data.hex(), "gas": hex(_GAS)}
        answer = self._raw("eth_call", call, "latest")
        if "error" in answer:
            raise RefusedError(bytes.fromhex((answer["error"].get("data") or "0x")[2:]))
        return bytes.fromhex(answer["result"][2:])

    def time(self) -> int:
        return int(self.rpc("eth_getBlockByNumber", "latest", False)["timestamp"], 16)

    def set_time(self, time: int) -> None:
        self.rpc("evm_setNextBlockTimestamp", hex(time))
        self.rpc("evm_mine")

    def stop(self) -> None:
        """End the node."""
        self._process.terminate()
        self._process.wait()
