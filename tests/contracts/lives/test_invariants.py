"""docs/invariants.md and the tests hold each other: every invariant has exactly one test of its name, and it runs."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
_ROW = re.compile(r"^\| ([A-Z])(\d+) \| (.+) \| `([a-z0-9_]+)` \|$", re.MULTILINE)
_LEFT_OUT = {"skip", "skipif", "xfail", "slow", "postgres", "importorskip"}


def _listed() -> list[tuple[str, int, str]]:
    text = (ROOT / "docs" / "invariants.md").read_text(encoding="utf-8")
    return [(letter, int(number), slug) for letter, number, _, slug in _ROW.findall(text)]


def _tests() -> dict[str, list[ast.FunctionDef]]:
    found: dict[str, list[ast.FunctionDef]] = defaultdict(list)
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found[node.name.removeprefix("test_")].append(node)
    return found


def _left_out(test: ast.FunctionDef) -> set[str]:
    parts = [node for part in (*test.decorator_list, *test.body) for node in ast.walk(part)]
    return {node.attr for node in parts if isinstance(node, ast.Attribute)} & _LEFT_OUT


def test_every_invariant_has_exactly_one_test_of_its_name() -> None:
    tests = _tests()
    wrong = {slug: len(tests[slug]) for _, _, slug in _listed() if len(tests[slug]) != 1}
    assert not wrong, f"tests of that name: {wrong}"


def test_no_invariants_test_is_left_out() -> None:
    tests = _tests()
    left_out = {slug: _left_out(tests[slug][0]) for _, _, slug in _listed() if _left_out(tests[slug][0])}
    assert not left_out


def test_invariants_are_lettered_in_order_and_at_least_a_hundred() -> None:
    listed = _listed()
    assert len(listed) >= 100
    assert len({slug for _, _, slug in listed}) == len(listed)
    expected: dict[str, int] = defaultdict(int)
    for letter, number, _ in listed:
        expected[letter] += 1
        assert number == expected[letter]
    assert sorted(expected) == [chr(ord("A") + place) for place in range(len(expected))]
