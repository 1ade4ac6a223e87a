"""The whole set of contracts on an engine, with accounts, money and rights, ready for a life."""

from __future__ import annotations

from functools import cache, cached_property
from pathlib import Path
from typing import Any

from eth_abi.abi import decode, encode
from eth_utils.abi import function_signature_to_4byte_selector

from lendchain.chain.hashing import keccak256
from lendchain.chain.keys import Account
from tests.contracts.lives.build import CONTRACTS, NAMES, PEEK, Artifact, compiled
from tests.contracts.lives.engines import Engine, Log, Outcome
from tests.contracts.lives.life import BEGIN
from tests.contracts.lives.model import ACCOUNTS, OUTSIDER, SERVICER, START_MONEY, TREASURY

REST = ("admin", "custodian", "compliance", "approver", "gatekeeper", "guardian", "sandbox")
ROLE_NUMBERS = {
    "admin": 1,
    SERVICER: 2,
    "custodian": 3,
    "compliance": 4,
    "approver": 5,
    "gatekeeper": 6,
    TREASURY: 7,
    "guardian": 8,
    "sandbox": 9,
}
NOBODY = "0x" + "00" * 20
_EVER = 2**256 - 1


@cache
def account(name: str) -> Account:
    """The key of a named account."""
    return Account(keccak256(f"lives/{name}".encode()), name)


def address(name: str) -> str:
    """Its address."""
    return account(name).address


def abi_type(entry: dict[str, Any]) -> str:
    """The type of a parameter, structs written out."""
    kind: str = entry["type"]
    if not kind.startswith("tuple"):
        return kind
    return "(" + ",".join(abi_type(part) for part in entry["components"]) + ")" + kind[5:]


class Interface:
    """Encodes calls of a contract and reads its answers and events."""

    def __init__(self, artifact: Artifact) -> None:
        self._functions: dict[str, tuple[bytes, list[str], list[str]]] = {}
        self.events: dict[int, tuple[str, list[tuple[str, str, bool]]]] = {}
        for entry in artifact.abi:
            if entry["type"] == "function":
                kinds = [abi_type(part) for part in entry["inputs"]]
                selector = function_signature_to_4byte_selector(f"{entry['name']}({','.join(kinds)})")
                self._functions[entry["name"]] = (selector, kinds, [abi_type(part) for part in entry["outputs"]])
            elif entry["type"] == "event":
                fields = [(part["name"], abi_type(part), bool(part["indexed"])) for part in entry["inputs"]]
                text = f"{entry['name']}({','.join(kind for _, kind, _ in fields)})"
                self.events[int.from_bytes(keccak256(text.encode()), "big")] = (entry["name"], fields)
            elif entry["type"] == "constructor":
                self._functions["__init__"] = (b"", [abi_type(part) for part in entry["inputs"]], [])

    def selector(self, function: str) -> bytes:
        """Its four bytes."""
        return self._functions[function][0]

    def call(self, function: str, *args: Any) -> bytes:
        """Calldata, or a constructor's arguments."""
        selector, kinds, _ = self._functions[function]
        return selector + encode(kinds, args)

    def answer(self, function: str, output: bytes) -> Any:
        """The value that a function returned; None when it returns none."""
        kinds = self._functions[function][2]
        return decode(kinds, output)[0] if kinds else None

    def answers(self, function: str, output: bytes) -> tuple[Any, ...]:
        """All values that a function returned."""
        return decode(self._functions[function][2], output)

    def event(self, log: Log) -> tuple[str, dict[str, Any]]:
        """Name and fields of an event; addresses and hashes as integers."""
        name, fields = self.events[log.topics[0]]
        topics = iter(log.topics[1:])
        data = iter(decode([kind for _, kind, indexed in fields if not indexed], log.data))
        found = {field: next(topics) if indexed else _number(next(data)) for field, _, indexed in fields}
        return name, found


def _number(value: Any) -> Any:
    if isinstance(value, bytes):
        return int.from_bytes(value, "big")
    return int(value, 16) if isinstance(value, str) else int(value)


class Deployment:
    """All contracts of a version, deployed once; lives begin from a snapshot of it."""

    def __init__(self, engine: Engine, folder: Path = CONTRACTS, *, beat_within: int = 2**63) -> None:
        self.engine = engine
        self._beat_within = beat_within
        self.artifacts = {name: compiled(name, folder) for name in (*NAMES, PEEK)}
        self.interfaces = {name: Interface(artifact) for name, artifact in self.artifacts.items()}
        self.at: dict[str, str] = {}
        self._deploy_all()
        self._give_rights()
        self.start = engine.snapshot()

    @cached_property
    def separator(self) -> bytes:
        """The EIP-712 domain separator of the book, computed here."""
        kind = b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
        words = [keccak256(kind), keccak256(b"Lendchain LoanBook"), keccak256(b"1")]
        words += [self.engine.chain_id.to_bytes(32, "big"), bytes.fromhex(self.at["LoanBook"][2:]).rjust(32, b"\0")]
        return keccak256(b"".join(words))

    def again(self) -> None:
        """Back to the beginning."""
        self.engine.revert(self.start)
        self.start = self.engine.snapshot()

    def send(self, sender: str, contract: str, function: str, *args: Any) -> Outcome:
        """A transaction of a named account."""
        data = self.interfaces[contract].call(function, *args)
        return self.engine.send(address(sender), self.at[contract], data)

    def must(self, sender: str, contract: str, function: str, *args: Any) -> Any:
        """The same, which has to go well; its answer."""
        outcome = self.send(sender, contract, function, *args)
        assert outcome.ok, f"{contract}.{function} refused: {outcome.output.hex()}"
        return self.interfaces[contract].answer(function, outcome.output)

    def view(self, contract: str, function: str, *args: Any) -> Any:
        """A call that changes nothing."""
        data = self.interfaces[contract].call(function, *args)
        return self.interfaces[contract].answer(function, self.engine.view(self.at[contract], data))

    def views(self, contract: str, function: str, *args: Any) -> tuple[Any, ...]:
        """The same for a function that returns several values."""
        data = self.interfaces[contract].call(function, *args)
        return self.interfaces[contract].answers(function, self.engine.view(self.at[contract], data))

    def peek(self, function: str, first: tuple[int, ...], places: list[int]) -> list[int]:
        """A call of `Peek`: words and a list in, a list of words out. Encoded by hand, for it is half of all calls."""
        words = [*first, 32 * (len(first) + 1), len(places), *places]
        data = self.interfaces[PEEK].selector(function) + b"".join([word.to_bytes(32, "big") for word in words])
        output = self.engine.view(self.at[PEEK], data)
        return [int.from_bytes(output[at : at + 32], "big") for at in range(64, len(output), 32)]

    def _create(self, name: str, *args: Any) -> str:
        code = self.artifacts[name].bytecode
        arguments = self.interfaces[name].call("__init__", *args) if args else b""
        return self.engine.deploy(address("admin"), code + arguments)

    def _deploy_all(self) -> None:
        at = self.at
        roles = [address(name) for name in ROLE_NUMBERS]
        at["Roles"] = self._create("Roles", 172_800, roles, list(ROLE_NUMBERS.values()))
        at["Clock"] = self._create("Clock", at["Roles"], BEGIN)
        at["Money"] = self._create("Money", "Lendchain yuan", "CNYL", at["Roles"], at["Clock"])
        at["AllowList"] = self._create("AllowList", at["Roles"])
        at["Heartbeat"] = self._create("Heartbeat", self._beat_within)
        at["Guarantee"] = self._create("Guarantee", at["Money"])
        at["Rules"] = self._create("Rules")
        at[PEEK] = self._create(PEEK)
        parts = [at[name] for name in ("Money", "Clock", "AllowList", "Roles", "Rules")]
        point = self.engine.snapshot()
        self._create("LoanBook", *parts, NOBODY, at["Guarantee"])
        coming = self._create(PEEK)
        self.engine.revert(point)
        at["LoanBook"] = self._create("LoanBook", *parts, coming, at["Guarantee"])
        at["Workout"] = self._create("Workout", at["LoanBook"], at["Heartbeat"])
        assert at["Workout"].lower() == coming.lower()

    def _give_rights(self) -> None:
        self.must("admin", "Guarantee", "bind", self.at["LoanBook"], self.at["Workout"])
        eligible = [address(name) for name in ACCOUNTS if name != OUTSIDER]
        self.must("gatekeeper", "AllowList", "set_eligible", eligible, 7)
        for number, name in enumerate(ACCOUNTS):
            if name != TREASURY:
                self.must("custodian", "Money", "mint", address(name), START_MONEY, number.to_bytes(32, "big"))
            for spender in ("LoanBook", "Guarantee"):
                self.must(name, "Money", "approve", self.at[spender], _EVER)
