"""Where the contracts run: titanoboa's EVM, revm in this process, or the real node. All take the same bytecode.

The limit of code size is the build's to check; here a planted fault may need some bytes more.
"""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

CHAIN_ID = 31_337
_GAS = 500_000_000
_TIME = 1_740_700_000
_ANVIL = Path(__file__).resolve().parents[3] / ".node/node_modules/@foundry-rs/anvil-linux-amd64/bin/anvil"


@dataclass(frozen=True)
class Log:
    """One event as the engine recorded it."""

    address: str
    topics: tuple[int, ...]
    data: bytes


@dataclass(frozen=True)
class Outcome:
    """What a call did."""

    ok: bool
    output: bytes
    logs: tuple[Log, ...] = ()


class Engine(Protocol):
    """An EVM that takes raw calls from any account."""

    chain_id: int

    def deploy(self, sender: str, bytecode: bytes) -> str:
        """The address of a new contract."""
        ...

    def send(self, sender: str, to: str, data: bytes) -> Outcome:
        """A transaction."""
        ...

    def view(self, to: str, data: bytes) -> bytes:
        """A call that changes nothing."""
        ...

    def snapshot(self) -> Any:
        """A point to come back to."""
        ...

    def revert(self, point: Any) -> None:
        """Come back to it."""
        ...


class BoaEngine:
    """titanoboa's EVM (py-evm)."""

    def __init__(self) -> None:
        import boa

        self._env = boa.Env()
        self.chain_id = int(self._env.evm.patch.chain_id)
        self._env.evm.patch.timestamp = _TIME

    def deploy(self, sender: str, bytecode: bytes) -> str:
        address, computation = self._env.deploy(sender=sender, bytecode=bytecode)
        assert not computation.is_error, computation.error
        return str(address)

    def send(self, sender: str, to: str, data: bytes) -> Outcome:
        done = self._env.execute_code(to_address=to, sender=sender, data=data)
        entries = () if done.is_error else done.get_log_entries()
        logs = tuple(Log("0x" + entry[0].hex(), tuple(entry[1]), bytes(entry[2])) for entry in entries)
        return Outcome(not done.is_error, bytes(done.output), logs)

    def view(self, to: str, data: bytes) -> bytes:
        done = self._env.execute_code(to_address=to, data=data, is_modifying=False)
        assert not done.is_error, done.error
        return bytes(done.output)

    def snapshot(self) -> Any:
        return self._env.evm.snapshot()

    def revert(self, point: Any) -> None:
        self._env.evm.revert(point)


class RevmEngine:
    """revm by its Python binding: hundreds of acts a second."""

    chain_id = CHAIN_ID

    def __init__(self, *, first_block: int = 1, second: int = _TIME) -> None:
        from pyrevm import EVM, BlockEnv, CfgEnv, Env

        env = Env(
            cfg=CfgEnv(chain_id=CHAIN_ID, limit_contract_code_size=2 * 24_576),
            block=BlockEnv(timestamp=second, number=first_block, gas_limit=_GAS),
        )
        self._evm = EVM(env=env, spec_id="CANCUN", gas_limit=_GAS)

    def set_second(self, second: int) -> None:
        """Time of the blocks from now on."""
        from pyrevm import BlockEnv

        self._evm.set_block_env(BlockEnv(timestamp=second, number=1, gas_limit=_GAS))

    def deploy(self, sender: str, bytecode: bytes) -> str:
        return str(self._evm.deploy(sender, bytecode))

    def send(self, sender: str, to: str, data: bytes) -> Outcome:
        try:
            output = self._evm.message_call(caller=sender, to=to, calldata=data)
        except RuntimeError as error:
            return Outcome(False, _revert_data(str(error)))
        result = self._evm.result
        assert result is not None
        return Outcome(True, bytes(output), tuple(_log(log) for log in result.logs))

    def view(self, to: str, data: bytes) -> bytes:
        return bytes(self._evm.message_call(caller="0x" + "11" * 20, to=to, calldata=data, is_static=True))

    def snapshot(self) -> Any:
        return self._evm.snapshot()

    def revert(self, point: Any) -> None:
        self._evm.revert(point)


def _log(log: Any) -> Log:
    topics = tuple(int(topic, 16) for topic in log.topics)
    data = log.data[1] if isinstance(log.data, tuple) else log.data
    return Log(str(log.address).lower(), topics, bytes(data))


def _revert_data(message: str) -> bytes:
    """The output of a revert, which the binding only puts into its message: `Revert { gas_used: 1, output: 0x.. }`."""
    _, found, rest = message.partition("output: 0x")
    return bytes.fromhex(rest.split("}")[0].split(",")[0].strip()) if found else b""


class AnvilEngine:
    """The real node, spoken to by plain JSON-RPC; it signs for every account."""

    chain_id = CHAIN_ID

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self._url = f"http://127.0.0.1:{port}"
        self._process = subprocess.Popen(
            [
                *(str(anvil_program()), "--port", str(port), "--hardfork", "cancun", "--chain-id", str(CHAIN_ID)),
                *("--block-base-fee-per-gas", "0", "--gas-price", "0", "--disable-min-priority-fee"),
                *(
                    "--auto-impersonate",
                    "--code-size-limit",
                    str(2 * 24_576),
                    "--gas-limit",
                    str(_GAS),
                    "--timestamp",
                    str(_TIME),
                    "--silent",
                ),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._ids = 0
        for _ in range(200):
            try:
                self._rpc("eth_chainId")
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError("the node did not start")

    def stop(self) -> None:
        """End the node."""
        self._process.terminate()
        self._process.wait()

    def _rpc(self, method: str, *params: Any) -> Any:
        answer = self._raw(method, *params)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["result"]

    def _raw(self, method: str, *params: Any) -> dict[str, Any]:
        self._ids += 1
        body = json.dumps({"jsonrpc": "2.0", "id": self._ids, "method": method, "params": params}).encode()
        request = urllib.request.Request(self._url, body, {"content-type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as response:
            found: dict[str, Any] = json.load(response)
        return found

    def _transact(self, call: dict[str, str]) -> dict[str, Any]:
        name = self._rpc("eth_sendTransaction", {**call, "gas": hex(30_000_000), "gasPrice": "0x0"})
        for _ in range(2000):
            receipt: dict[str, Any] | None = self._rpc("eth_getTransactionReceipt", name)
            if receipt:
                return receipt
            time.sleep(0.002)
        raise RuntimeError("no receipt")

    def deploy(self, sender: str, bytecode: bytes) -> str:
        receipt = self._transact({"from": sender, "data": "0x" + bytecode.hex()})
        assert int(receipt["status"], 16) == 1
        return str(receipt["contractAddress"])

    def send(self, sender: str, to: str, data: bytes) -> Outcome:
        call = {"from": sender, "to": to, "data": "0x" + data.hex(), "gas": hex(30_000_000), "gasPrice": "0x0"}
        answer = self._raw("eth_call", call, "latest")
        if "error" in answer:
            output = answer["error"].get("data") or "0x"
            return Outcome(False, bytes.fromhex(output[2:]))
        receipt = self._transact(call)
        assert int(receipt["status"], 16) == 1, "a call that went well in advance was refused"
        logs = tuple(
            Log(log["address"], tuple(int(topic, 16) for topic in log["topics"]), bytes.fromhex(log["data"][2:]))
            for log in receipt["logs"]
        )
        return Outcome(True, bytes.fromhex(answer["result"][2:]), logs)

    def view(self, to: str, data: bytes) -> bytes:
        return bytes.fromhex(self._rpc("eth_call", {"to": to, "data": "0x" + data.hex()}, "latest")[2:])

    def snapshot(self) -> Any:
        return self._rpc("evm_snapshot")

    def revert(self, point: Any) -> None:
        self._rpc("evm_revert", point)


def anvil_program() -> Path:
    """The node's program as `make install` put it."""
    if _ANVIL.exists():
        return _ANVIL
    found = shutil.which("anvil")
    if found is None:
        raise FileNotFoundError("anvil is missing; run make install")
    return Path(found)
