"""The lives find faults that are planted into the contracts: proof that agreement means something."""

from __future__ import annotations

import pytest

from tests.mutants.faults import FAULTS, Fault
from tests.mutants.runner import BUDGET, hunt, planted_text

QUICK = ("default_a_day_early", "arrears_without_penalty", "deferral_without_delay")


def test_there_are_at_least_thirty_faults_and_each_can_be_planted() -> None:
    assert len({fault.name for fault in FAULTS}) == len(FAULTS) >= 30
    for fault in FAULTS:
        assert planted_text(fault)


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.name in QUICK], ids=lambda fault: fault.name)
def test_a_life_known_to_find_it_finds_the_planted_fault(fault: Fault) -> None:
    assert fault.seed is not None
    assert hunt(fault, [fault.seed]) is not None, f"life {fault.seed} no longer finds {fault.name}"


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_planted_fault_is_found_within_the_budget(fault: Fault) -> None:
    assert hunt(fault) is not None, f"{fault.name} was not found by {BUDGET} lives"
