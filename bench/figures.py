"""One measured figure, the peer it is held against, and whether the goal is met."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Better(StrEnum):
    """Which direction is good."""

    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its unit; with a peer's, measured in the same run, where there is one.

    The goal is compared with the ratio (ours to the peer's) when there is a peer's value and `goal_is_ratio`,
    otherwise with the value itself. `higher` means at least the goal, `lower` at most.
    """

    name: str
    value: float
    unit: str
    peer: str | None = None
    peer_value: float | None = None
    goal: float | None = None
    goal_is_ratio: bool = False
    better: Better = Better.LOWER
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times better than the peer: above 1 is better, in either direction. None without a peer."""
        if not self.peer_value or not self.value:
            return None
        return self.value / self.peer_value if self.better is Better.HIGHER else self.peer_value / self.value

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none. A goal for the ratio is always a least one."""
        if self.goal is None:
            return None
        if self.goal_is_ratio:
            return self.ratio is not None and self.ratio >= self.goal
        return self.value >= self.goal if self.better is Better.HIGHER else self.value <= self.goal

    def as_json(self) -> dict[str, Any]:
        """The figure as bench/results.json holds it."""
        return {
            "name": self.name,
            "value": self.value,
            "unit": self.unit,
            "peer": self.peer,
            "peer_value": self.peer_value,
            "ratio": self.ratio,
            "goal": self.goal,
            "goal_is_ratio": self.goal_is_ratio,
            "better": self.better.value,
            "met": self.met,
            "note": self.note,
        }
