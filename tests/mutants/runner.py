"""Plants a fault into a copy of the contracts and lets lives run until one of them finds it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.contracts.lives.build import CONTRACTS
from tests.contracts.lives.contracts import ContractChain
from tests.contracts.lives.deployment import Deployment
from tests.contracts.lives.engines import RevmEngine
from tests.contracts.lives.seeded import live
from tests.mutants.faults import Fault

STEPS = 40
BUDGET = 400


class NotPlanted(Exception):  # noqa: N818 - a state of the list, not of the program
    """The piece of source that a fault replaces is not there, or not once."""


@dataclass(frozen=True)
class Finding:
    """The life that found a fault."""

    fault: Fault
    seed: int
    lives: int
    reason: str


def planted_text(fault: Fault) -> str:
    """The file with the fault in it."""
    text = (CONTRACTS / fault.file).read_text(encoding="utf-8")
    if text.count(fault.old) != 1:
        raise NotPlanted(f"{fault.name}: {fault.file} holds the piece {text.count(fault.old)} times")
    return text.replace(fault.old, fault.new)


def hunt(fault: Fault, seeds: Iterable[int] | None = None) -> Finding | None:
    """The first life that finds the fault, or None within the seeds."""
    text = planted_text(fault)
    with tempfile.TemporaryDirectory(prefix="lendchain-mutant-") as folder:
        copy = Path(folder) / "contracts"
        shutil.copytree(CONTRACTS, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        (copy / fault.file).write_text(text, encoding="utf-8")
        deployment = Deployment(RevmEngine(), copy)
        for lives, seed in enumerate(range(BUDGET) if seeds is None else seeds, 1):
            try:
                live(seed, STEPS, ContractChain(deployment))
            except AssertionError as error:
                return Finding(fault, seed, lives, str(error).splitlines()[0][:160])
    return None
