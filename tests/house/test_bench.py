"""A figure says honestly whether its goal is met."""

from __future__ import annotations

import pytest

from bench.figures import Better, Figure


@pytest.mark.parametrize(
    ("figure", "ratio", "met"),
    [
        (Figure("gas", 70_000, "gas", goal=70_000), None, True),
        (Figure("gas", 70_001, "gas", goal=70_000), None, False),
        (Figure("rate", 500, "1/s", "web3.py", 5, 100, True, Better.HIGHER), 100, True),
        (Figure("rate", 499, "1/s", "web3.py", 5, 100, True, Better.HIGHER), 99.8, False),
        (Figure("cpu", 2, "s", "AsyncWeb3", 20, 10, True, Better.LOWER), 10, True),
        (Figure("memory", 180, "MB"), None, None),
        (Figure("rate", 5, "1/s", goal=1, goal_is_ratio=True, better=Better.HIGHER), None, False),
    ],
)
def test_a_goal_is_met_only_by_the_side_it_names(figure: Figure, ratio: float | None, met: bool | None) -> None:
    assert figure.ratio == ratio
    assert figure.met is met
    assert figure.as_json()["met"] is met
