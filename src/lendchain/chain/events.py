"""Events as the platform reads them, and who folds them into projections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import sqlalchemy as sa

from lendchain.chain.bindings import Contract


@dataclass(frozen=True, slots=True)
class Event:
    """One event of one of our contracts.

    `ordinal` is its place among the transaction's events of ours: with `tx_hash` it names the event whichever block the
    transaction ends up in, while `block_number`, `log_index` and `block_time` change when a lost block is made again.
    Integers are int, everything else 0x-text or bool.
    """

    block_number: int
    block_hash: str
    block_time: int
    log_index: int
    tx_hash: str
    ordinal: int
    address: str
    contract: str
    name: str
    args: dict[str, Any]


class Fold(Protocol):
    """Turns events into a projection, inside the indexer's transaction.

    It must depend on nothing but the events: no clock, no randomness. `rewind` forgets everything that blocks above the
    given height brought; -1 forgets all.
    """

    @property
    def name(self) -> str: ...

    def apply(self, conn: sa.Connection, events: Sequence[Event]) -> None: ...

    def rewind(self, conn: sa.Connection, to_block: int) -> None: ...


class Decoder:
    """Turns logs, as JSON-RPC gives them, into events of the contracts it knows."""

    def __init__(self, contracts: Sequence[Contract]) -> None:
        self.addresses = [contract.address.lower() for contract in contracts]
        self._known = {
            (contract.address.lower(), topic): (contract.name, event.name, event.decode)
            for contract in contracts
            for topic, event in contract.artifact.events_by_topic.items()
        }

    def decode(self, logs: Sequence[dict[str, Any]], times: dict[str, int]) -> list[Event]:
        """Events in the chain's order. `times` gives each block's timestamp by its hash."""
        known = self._known
        found: list[Event] = []
        last_tx, ordinal = "", 0
        for log in logs:
            topics = log["topics"]
            tx_hash = log["transactionHash"]
            ordinal = ordinal + 1 if tx_hash == last_tx else 0
            last_tx = tx_hash
            entry = known.get((log["address"], topics[0])) if topics else None
            if entry is None:
                continue
            contract, name, decode = entry
            block_hash = log["blockHash"]
            found.append(
                Event(
                    int(log["blockNumber"], 16),
                    block_hash,
                    times[block_hash],
                    int(log["logIndex"], 16),
                    tx_hash,
                    ordinal,
                    log["address"],
                    contract,
                    name,
                    decode(topics, log["data"]),
                )
            )
        return found
