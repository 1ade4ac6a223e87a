"""Lives by seed, without Hypothesis: for volume and for the planted faults."""

from __future__ import annotations

from collections import Counter

from tests.contracts.lives.dice import SeededDice
from tests.contracts.lives.life import Chain, Life
from tests.contracts.lives.rules import WEIGHTS

_RULES = tuple(rule for rule, weight in WEIGHTS.items() for _ in range(weight))


def live(seed: int, steps: int, chain: Chain | None = None, counts: Counter[str] | None = None) -> Life:
    """One life of so many rules, wound up at the end."""
    dice = SeededDice(seed)
    life = Life(chain, counts)
    for _ in range(steps):
        dice.pick(_RULES)(life, dice)
    life.compare_all()
    life.wind_up()
    return life
