"""The engine: whatever makes the blocks. Nothing outside this package knows which one runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from lendchain.chain.http import HttpTransport
from lendchain.chain.rpc import Rpc


@dataclass(frozen=True, slots=True)
class GasPolicy:
    """What a transaction offers for its gas, in wei, and how much gas a block holds."""

    max_fee: int = 0
    max_priority_fee: int = 0
    block_gas_limit: int = 60_000_000


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What this engine can do beyond JSON-RPC."""

    mines_on_demand: bool = False
    dumps_state: bool = False


class FinalityRule(Protocol):
    """Says up to which height blocks will not be taken back."""

    def final_number(self, rpc: Rpc, head: int) -> int: ...


@dataclass(frozen=True, slots=True)
class DepthFinality:
    """Final once so many blocks stand above: for chains that may reorganise, or name no finality of their own."""

    depth: int = 12

    def final_number(self, rpc: Rpc, head: int) -> int:  # noqa: ARG002
        return max(head - self.depth, 0)


@dataclass(frozen=True, slots=True)
class TagFinality:
    """Final as the node's own consensus says, by the block tag `finalized`."""

    tag: str = "finalized"

    def final_number(self, rpc: Rpc, head: int) -> int:
        header = rpc.header(self.tag)
        return min(header.number, head) if header else 0


class Engine(Protocol):
    """A chain to run on."""

    @property
    def name(self) -> str:
        """What to call it in a status line."""
        ...

    @property
    def endpoint(self) -> str:
        """Its JSON-RPC address; known once started."""
        ...

    @property
    def finality(self) -> FinalityRule: ...

    @property
    def gas(self) -> GasPolicy: ...

    @property
    def capabilities(self) -> Capabilities: ...

    def start(self) -> None:
        """Start it, or make sure that it is there. Safe to repeat; after a crash it starts anew."""
        ...

    def stop(self) -> None:
        """Stop what `start` started."""
        ...

    def rpc(self) -> Rpc:
        """A new connection to it."""
        ...

    def mine(self, blocks: int = 1) -> None:
        """Make blocks now, where the engine mines on demand; else nothing: blocks come by themselves."""
        ...

    def dump(self, *, only_when_due: bool = False) -> int | None:
        """Write the chain's state to disk, where the engine needs that; the height written, None if nothing was."""
        ...


@dataclass
class ExternalEngine:
    """A chain that somebody else runs, at a JSON-RPC address."""

    url: str
    finality: FinalityRule = field(default_factory=TagFinality)
    gas: GasPolicy = field(default_factory=GasPolicy)
    name: str = "external"

    @property
    def endpoint(self) -> str:
        return self.url

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities()

    def start(self) -> None:
        self.rpc().chain_id()

    def stop(self) -> None:
        """Nothing to stop: it is not ours."""

    def rpc(self) -> Rpc:
        return Rpc(HttpTransport(self.url))

    def mine(self, blocks: int = 1) -> None:
        """Blocks come by themselves."""

    def dump(self, *, only_when_due: bool = False) -> int | None:  # noqa: ARG002
        return None
