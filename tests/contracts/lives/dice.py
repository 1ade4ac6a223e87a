"""Where a random life takes its choices from: Hypothesis, which shrinks them, or a seed, which costs nothing."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Protocol, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import DataObject

T = TypeVar("T")


class Dice(Protocol):
    """A source of choices."""

    def number(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        ...

    def pick(self, options: Sequence[T]) -> T:
        """One of the options; the first one is the plainest."""
        ...


class SeededDice:
    """Choices by a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

    def number(self, low: int, high: int) -> int:
        """An integer from `low` to `high`; the ends come more often than chance would bring them."""
        if self._random.random() < 0.1:
            return self._random.choice((low, high))
        return self._random.randint(low, high)

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return self._random.choice(options)


class HypothesisDice:
    """Choices by Hypothesis."""

    def __init__(self, data: DataObject) -> None:
        self._data = data

    def number(self, low: int, high: int) -> int:
        """An integer from `low` to `high`."""
        return self._data.draw(st.integers(low, high))

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return self._data.draw(st.sampled_from(options))


def chance(dice: Dice, percent: int) -> bool:
    """True in about so many cases of a hundred."""
    return dice.number(1, 100) > 100 - percent


def amount_up_to(dice: Dice, most: int) -> int:
    """An amount that tests would choose: all, one more, one less, one, half, or any part."""
    kind = dice.pick(("all", "any", "one", "half", "less", "more", "odd"))
    if kind == "any" or kind == "odd":
        return dice.number(1, max(most, 1))
    return max({"all": most, "one": 1, "half": most // 2, "less": most - 1, "more": most + 1}[kind], 1)
