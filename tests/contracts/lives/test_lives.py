"""The contracts and their mirror live the same random lives and agree on every figure after every act.

All methods, day counts and accruals; several loans and lenders at once; late, partial, early and wrong acts; boundary
seconds. Each life ends by paying and claiming everything, and then nothing is left in the book.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from contracts.build import ARTIFACTS
from tests.contracts.lives.build import NAMES, compiled
from tests.contracts.lives.contracts import ContractChain
from tests.contracts.lives.deployment import Deployment
from tests.contracts.lives.engines import AnvilEngine, BoaEngine, RevmEngine
from tests.contracts.lives.floors import FLOORS
from tests.contracts.lives.machine import machine_on
from tests.contracts.lives.seeded import live


def _run_machine(deployment: Deployment | None, examples: int, steps: int) -> Counter[str]:
    counts: Counter[str] = Counter()
    machine = machine_on(lambda: ContractChain(deployment) if deployment else None, counts)
    run_state_machine_as_test(
        machine, settings=settings(max_examples=examples, stateful_step_count=steps, deadline=None, print_blob=True)
    )
    return counts


def _run_seeds(deployment: Deployment, seeds: range, steps: int) -> Counter[str]:
    counts: Counter[str] = Counter()
    for seed in seeds:
        try:
            live(seed, steps, ContractChain(deployment), counts)
        except AssertionError as error:
            raise AssertionError(f"life of seed {seed}, {steps} steps: {error}") from error
    return counts


def _print(counts: Counter[str]) -> None:
    for branch, times in sorted(counts.items()):
        print(f"{times:8}  {branch}")


@pytest.fixture(scope="module")
def node() -> Iterator[AnvilEngine]:
    """The real node, ended after the tests of this file."""
    engine = AnvilEngine()
    yield engine
    engine.stop()


def test_the_lives_run_the_bytecode_that_ships() -> None:
    """What is compiled here, for lives and planted faults, is what the package holds."""
    for name in NAMES:
        assert "0x" + compiled(name).bytecode.hex() == json.loads((ARTIFACTS / f"{name}.json").read_text())["bytecode"]


def test_the_mirror_alone_keeps_its_books() -> None:
    """Conservation and solvency hold in the model itself, without the contracts."""
    _run_machine(None, examples=40, steps=40)


def test_contracts_and_mirror_agree_on_shrinking_lives() -> None:
    """Choices by Hypothesis: a failure comes out as its shortest life."""
    _run_machine(Deployment(RevmEngine()), examples=30, steps=30)


def test_contracts_and_mirror_agree_on_titanoboa() -> None:
    """The same machine on titanoboa's EVM, which is two hundred times slower."""
    _run_machine(Deployment(BoaEngine()), examples=6, steps=12)


def test_contracts_and_mirror_agree_on_seeded_lives_and_every_branch_is_reached() -> None:
    """Volume by seed; each branch is reached at least as often as its floor says."""
    counts = _run_seeds(Deployment(RevmEngine()), range(120), steps=40)
    _print(counts)
    short = {branch: (counts[branch], floor) for branch, floor in FLOORS.items() if counts[branch] < floor}
    assert not short, f"reached too seldom (times, floor): {short}"


def test_the_real_node_lives_the_same_lives(node: AnvilEngine) -> None:
    """The same seeds, the same bytecode, on the node that ships."""
    _run_seeds(Deployment(node), range(10), steps=25)


@pytest.mark.slow
def test_many_lives_on_the_real_node(node: AnvilEngine) -> None:
    """Volume on the node."""
    _print(_run_seeds(Deployment(node), range(1000, 1150), steps=40))


@pytest.mark.slow
def test_many_seeded_lives() -> None:
    """Volume."""
    _print(_run_seeds(Deployment(RevmEngine()), range(10_000, 12_000), steps=60))


@pytest.mark.slow
def test_many_shrinking_lives_on_titanoboa() -> None:
    """Volume by Hypothesis on titanoboa."""
    _print(_run_machine(Deployment(BoaEngine()), examples=60, steps=30))


@pytest.mark.slow
def test_many_shrinking_lives() -> None:
    """Volume by Hypothesis."""
    _print(_run_machine(Deployment(RevmEngine()), examples=600, steps=50))
