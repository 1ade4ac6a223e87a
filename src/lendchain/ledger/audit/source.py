"""The chain read afresh, from its first block on, in slices of blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from lendchain.chain.bindings import Contract
from lendchain.chain.errors import RpcRefusedError
from lendchain.chain.events import Decoder, Event
from lendchain.chain.rpc import Header, Rpc

BLOCKS_AT_ONCE: Final = 2_000
HEADERS_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class Slice:
    """Blocks `first`..`last`: the events in them, and the headers of those that have any."""

    first: int
    last: int
    events: list[Event]
    headers: dict[int, Header]


class FreshChain:
    """What the node says, whatever the store has."""

    def __init__(self, rpc: Rpc, contracts: Sequence[Contract]) -> None:
        self.rpc = rpc
        self._decoder = Decoder(contracts)

    def headers(self, numbers: Sequence[int]) -> dict[int, Header]:
        """Headers by height; a height that the chain does not have is left out."""
        found: dict[int, Header] = {}
        for start in range(0, len(numbers), HEADERS_AT_ONCE):
            part = [number for number in numbers[start : start + HEADERS_AT_ONCE] if number >= 0]
            found.update((header.number, header) for header in self.rpc.headers(part) if header is not None)
        return found

    def slices(self, last: int) -> Iterator[Slice]:
        """All of the chain up to a block; at least one slice."""
        first, size = 0, BLOCKS_AT_ONCE
        while first <= last:
            end = min(first + size - 1, last)
            try:
                logs = self.rpc.logs_in_range(first, end, self._decoder.addresses)
            except RpcRefusedError:
                if size == 1:
                    raise
                size = max(size // 4, 1)  # more than the node gives at once
                continue
            logs.sort(key=_place)
            headers = self.headers(sorted({int(log["blockNumber"], 16) for log in logs}))
            times = {header.hash: header.timestamp for header in headers.values()}
            yield Slice(first, end, self._decoder.decode(logs, times), headers)
            first = end + 1


def _place(log: dict[str, Any]) -> tuple[int, int]:
    return int(log["blockNumber"], 16), int(log["logIndex"], 16)
