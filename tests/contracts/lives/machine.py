"""The lives as a Hypothesis state machine, so that a failure shrinks to a few acts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from hypothesis.strategies import DataObject

from tests.contracts.lives.dice import HypothesisDice
from tests.contracts.lives.life import Chain, Life
from tests.contracts.lives.rules import WEIGHTS, Rule


class Lives(RuleBasedStateMachine):
    """One life; a subclass of its own for each engine (see `machine_on`)."""

    begin: ClassVar[Callable[[], Chain | None]] = staticmethod(lambda: None)
    counts: ClassVar[Counter[str]] = Counter()

    def __init__(self) -> None:
        super().__init__()
        self.life = Life(type(self).begin(), type(self).counts)

    def teardown(self) -> None:
        """Everything is paid and claimed in the end."""
        self.life.compare_all()
        self.life.wind_up()


def _act(chosen: Rule) -> Callable[..., None]:
    def act(self: Lives, data: DataObject) -> None:
        chosen(self.life, HypothesisDice(data))

    act.__name__ = chosen.__name__
    act.__doc__ = chosen.__doc__
    return act


def machine_on(begin: Callable[[], Chain | None], counts: Counter[str]) -> type[Lives]:
    """A machine whose lives run on what `begin` returns; rules of more weight are offered more often."""
    members: dict[str, Any] = {"begin": staticmethod(begin), "counts": counts}
    for chosen, weight in WEIGHTS.items():
        for copy in range((weight + 3) // 4):
            members[f"{chosen.__name__}_{copy}"] = rule(data=st.data())(_act(chosen))
    return type("LivesOnChain", (Lives,), members)
