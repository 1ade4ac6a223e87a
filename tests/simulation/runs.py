"""Runs seeds one after another, each from nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.simulation.reckoning import reckon
from tests.simulation.world import Stores, World

_MEMORY = Path("/dev/shm")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a seed; `problem` is None when every promise was kept."""

    seed: int
    acts: int
    deaths: int
    problem: Exception | None

    def __str__(self) -> str:
        if self.problem is None:
            return f"seed {self.seed}: {self.acts} acts, {self.deaths} deaths, books equal"
        return (
            f"seed {self.seed}: {type(self.problem).__name__}: {self.problem}\n"
            f"    again: python -m tests.simulation --seeds 1 --from {self.seed}"
        )


@contextmanager
def stores() -> Iterator[Stores]:
    """A pair of stores in memory for any number of seeds."""
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        made = Stores(Path(folder))
        try:
            yield made
        finally:
            made.close()


def run(seeds: Iterable[int], made: Stores) -> Iterator[Outcome]:
    """Each seed's outcome. Whatever goes wrong inside the platform is that seed's problem."""
    for seed in seeds:
        world = World(seed, made)
        try:
            world.run()
            reckon(world)
        except Exception as problem:  # noqa: BLE001 - any fault of the platform is what we look for
            yield Outcome(seed, len(world.expected.acts), world.deaths, problem)
        else:
            yield Outcome(seed, len(world.expected.acts), world.deaths, None)
