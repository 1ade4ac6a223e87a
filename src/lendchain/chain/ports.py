"""The ports through which time, chance, the network and the disk reach the chain part.

The product plugs in the real ones below; a simulator plugs in its own and so runs everything in one thread under one
seed.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol


class Clock(Protocol):
    """The time of day of the machine. Never used for anything that a contract or a projection decides."""

    def now(self) -> float:
        """Seconds since 1970."""
        ...

    def pause(self, seconds: float) -> None:
        """Wait; a simulator lets its own time pass instead."""
        ...


class Rng(Protocol):
    """The source of salts, ids and anything else that nobody may guess."""

    def random_bytes(self, count: int) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Call:
    """One JSON-RPC call."""

    method: str
    params: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to one call: a result, or an error with its number, message and data."""

    result: Any = None
    error: dict[str, Any] | None = None


class Transport(Protocol):
    """The network between platform and node: carries a batch of calls and brings back as many replies, in order.

    Raises `NodeUnreachableError` when the answer did not come; each call may then have been carried out, or not.
    """

    def post(self, calls: Sequence[Call]) -> list[Reply]: ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> float:
        return time.time()

    def pause(self, seconds: float) -> None:
        time.sleep(seconds)


class SystemRng:
    """The operating system's randomness."""

    def random_bytes(self, count: int) -> bytes:
        return secrets.token_bytes(count)
