"""How a lemma is put to the SMT solver. What is proved here is proved for every value that meets the assumptions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import z3

TIMEOUT_MS: Final = 60_000


def prove(claim: Any, assumptions: Sequence[Any] = ()) -> None:
    """The claim follows from the assumptions, and these don't contradict each other."""
    assert _check(list(assumptions)) == z3.sat, (
        "the assumptions contradict each other (or are too hard): nothing is proved"
    )
    solver = _solver([*assumptions, z3.Not(claim)])
    answer = solver.check()
    if answer == z3.sat:
        raise AssertionError(f"not true: {solver.model()}")
    assert answer == z3.unsat, f"undecided: {solver.reason_unknown()}"


def find(claim: Any, assumptions: Sequence[Any] = ()) -> Any:
    """Values that meet claim and assumptions; fails where there are none."""
    solver = _solver([*assumptions, claim])
    assert solver.check() == z3.sat, "no such values"
    return solver.model()


def _check(conditions: list[Any]) -> Any:
    return _solver(conditions).check()


def _solver(conditions: list[Any]) -> Any:
    solver = z3.Solver()
    solver.set("timeout", TIMEOUT_MS)
    solver.add(*conditions)
    return solver


def minimum(a: Any, b: Any) -> Any:
    return z3.If(a < b, a, b)


def maximum(a: Any, b: Any) -> Any:
    return z3.If(a > b, a, b)


def half_up(numerator: Any, denominator: Any) -> Any:
    """As the contracts round: (2a + b) // (2b)."""
    return (2 * numerator + denominator) / (2 * denominator)


def naturals(names: str) -> list[Any]:
    """Integers, and that they are not negative has to be assumed with `all_natural`."""
    return list(z3.Ints(names))


def all_natural(values: Sequence[Any]) -> list[Any]:
    return [value >= 0 for value in values]
