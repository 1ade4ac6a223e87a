"""Contracts by name: their artifacts, and typed access to one at an address."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final

import orjson

from lendchain.chain.abi import EventType, Function
from lendchain.chain.errors import ChainError
from lendchain.chain.rpc import Rpc
from lendchain.i18n import _

ARTIFACTS: Final = Path(__file__).parent / "artifacts"


@dataclass(frozen=True)
class Artifact:
    """A compiled contract as it ships: its ABI, its creation bytecode and the hash of its runtime code."""

    name: str
    abi: tuple[dict[str, Any], ...]
    bytecode: bytes = field(repr=False)
    runtime_hash: str  # keccak256 of the runtime code without immutables
    runtime_size: int = 0
    compiler: str = ""

    @classmethod
    def from_file(cls, path: Path) -> Artifact:
        item = orjson.loads(path.read_bytes())
        return cls(
            item["name"],
            tuple(item["abi"]),
            bytes.fromhex(item["bytecode"].removeprefix("0x")),
            item["runtime_hash"],
            item["runtime_size"],
            item["compiler"],
        )

    @cached_property
    def functions(self) -> dict[str, Function]:
        """By name; Vyper has no overloading beyond default arguments, where the longest form wins."""
        found: dict[str, Function] = {}
        for item in self.abi:
            if item["type"] == "function":
                function = Function.from_abi(item)
                if function.name not in found or len(function.inputs) > len(found[function.name].inputs):
                    found[function.name] = function
        return found

    @cached_property
    def events(self) -> dict[str, EventType]:
        return {item["name"]: EventType.from_abi(item) for item in self.abi if item["type"] == "event"}

    @cached_property
    def events_by_topic(self) -> dict[str, EventType]:
        return {event.topic: event for event in self.events.values()}

    def creation_data(self, *arguments: Any) -> bytes:
        """What a creating transaction carries: the bytecode and the constructor's arguments."""
        for item in self.abi:
            if item["type"] == "constructor":
                return self.bytecode + Function.from_abi(item).encode_arguments(*arguments)
        if arguments:
            raise TypeError(f"{self.name} takes no constructor arguments")
        return self.bytecode


@cache
def artifact(name: str) -> Artifact:
    """The artifact of a contract that ships with the package."""
    path = ARTIFACTS / f"{name}.json"
    if not path.exists():
        raise ChainError(
            _("No compiled contract {name} in the package.").format(name=name),
            hint=_("In a checkout, `make install` builds the contracts."),
        )
    return Artifact.from_file(path)


@dataclass(frozen=True)
class Contract:
    """A contract at an address: call data for its acts, results of its views."""

    artifact: Artifact
    address: str
    rpc: Rpc | None = None

    @property
    def name(self) -> str:
        return self.artifact.name

    def encode(self, function: str, *arguments: Any) -> bytes:
        """Call data of an act."""
        return self.artifact.functions[function].encode(*arguments)

    def read(self, function: str, *arguments: Any, sender: str | None = None, block: int | str = "latest") -> Any:
        """The result of a view; `RevertedError` when the contract refuses."""
        return self.read_many(function, [arguments], sender=sender, block=block)[0]

    def read_many(
        self, function: str, calls: list[tuple[Any, ...]], *, sender: str | None = None, block: int | str = "latest"
    ) -> list[Any]:
        """One view for many argument lists, in one exchange with the node."""
        if self.rpc is None:
            raise TypeError("this contract was bound without a node")
        kind = self.artifact.functions[function]
        asked = [(self.address, kind.encode(*arguments)) for arguments in calls]
        return [kind.decode(data) for data in self.rpc.eth_calls(asked, sender=sender, block=block)]
