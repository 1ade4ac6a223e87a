"""Runs seeds one after another, each from nothing."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from tests.simulation.bugs import Bug
from tests.simulation.hostile import CALM, Weather
from tests.simulation.reckoning import reckon
from tests.simulation.world import Store, World

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


class Ground:
    """A folder in memory with the stores that every seed uses in turn."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stormy, self.again, self.calm = (Store(folder / f"{name}.sqlite") for name in ("stormy", "again", "calm"))

    def close(self) -> None:
        for store in (self.stormy, self.again, self.calm):
            store.close()


@contextmanager
def ground() -> Iterator[Ground]:
    """Stores for any number of seeds."""
    with tempfile.TemporaryDirectory(dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
        made = Ground(Path(folder))
        try:
            yield made
        finally:
            made.close()


def run(seeds: Iterable[int], made: Ground, *, planted: Bug = nullcontext) -> Iterator[Outcome]:
    """Each seed's outcome. Whatever goes wrong inside the platform is that seed's problem.

    A planted bug works in the storm alone, so that the calm world stays the measure.
    """
    for seed in seeds:
        calm = World(seed, made.folder, made.calm, CALM)
        calm.run()
        stormy = World(seed, made.folder, made.stormy, Weather())
        problem = None
        try:
            with planted():
                stormy.run()
            reckon(stormy, stormy.read_in_peace(made.again), calm)
        except Exception as found:  # noqa: BLE001 - any fault of the platform is what we look for
            problem = found
        yield Outcome(seed, len(stormy.acts), stormy.deaths, problem)
