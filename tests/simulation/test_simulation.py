"""The whole platform under many seeds, and the proof that the seeds would find what could be wrong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.simulation.bugs import BUGS
from tests.simulation.runs import Ground, ground, run

SEEDS = 200
IN_EACH_TEST = 25
ENOUGH_FOR_A_BUG = 1_000


@pytest.fixture(scope="module", name="made")
def fixture_made() -> Iterator[Ground]:
    with ground() as made:
        yield made


@pytest.mark.parametrize("first", range(0, SEEDS, IN_EACH_TEST))
def test_nothing_accepted_is_lost_or_doubled_and_the_books_are_those_of_peace(made: Ground, first: int) -> None:
    outcomes = list(run(range(first, first + IN_EACH_TEST), made))
    failed = [str(outcome) for outcome in outcomes if outcome.problem is not None]
    assert not failed, "\n".join(failed)
    assert sum(outcome.acts for outcome in outcomes) > 100
    assert sum(outcome.deaths for outcome in outcomes) > 0


def test_a_seed_is_one_run(made: Ground) -> None:
    one, other = (next(iter(run([7], made))) for _ in range(2))
    assert (one.acts, one.deaths, one.problem) == (other.acts, other.deaths, other.problem)


@pytest.mark.parametrize("name", sorted(BUGS))
def test_each_planted_bug_is_found(made: Ground, name: str) -> None:
    found = next((item for item in run(range(ENOUGH_FOR_A_BUG), made, planted=BUGS[name]) if item.problem), None)
    assert found is not None, f"{name} was not found within {ENOUGH_FOR_A_BUG} seeds"
