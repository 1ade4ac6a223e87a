"""What ships is what the sources say, and every refusal has its words."""

from __future__ import annotations

import json
import re
import runpy
from pathlib import Path
from typing import Any

import pytest

from lendchain.chain import reverts
from lendchain.chain.bindings import ARTIFACTS
from tests.contracts.units.probe import CONTRACTS

CODE = re.compile(r"^([A-Z_]+): constant\(uint256\) = (\d{1,2})$", re.MULTILINE)
USED = re.compile(r"refusal\._(?:need\([^\n]*?(?:\n[^\n]*?)*?, |refuse\()([A-Z_]+)\)")


@pytest.fixture(scope="module")
def build() -> dict[str, Any]:
    """The build script as a module."""
    return runpy.run_path(str(CONTRACTS / "build.py"))


def _codes_in(path: Path) -> set[int]:
    text = path.read_text(encoding="utf-8")
    named = {name: int(value) for name, value in CODE.findall(text)}
    return {named[name] for name in USED.findall(text) if name in named}


@pytest.mark.parametrize("name", ["Guarantee", "Clock"])
def test_the_sources_compile_to_what_ships(build: dict[str, Any], name: str) -> None:
    shipped = (ARTIFACTS / f"{name}.json").read_text(encoding="utf-8")
    assert build["written"](build["compiled"](name)) == shipped


@pytest.mark.slow
def test_all_sources_compile_to_what_ships(build: dict[str, Any]) -> None:
    assert build["main"](["--check"]) == 0


def test_every_deployed_contract_is_within_the_limit_of_code_size(build: dict[str, Any]) -> None:
    for name in build["OPTIMIZE"]:
        artifact = json.loads((ARTIFACTS / f"{name}.json").read_text(encoding="utf-8"))
        assert artifact["runtime_size"] + artifact["immutables_size"] <= 24_576, name


def test_every_refusal_has_its_words_in_both_languages() -> None:
    rows = json.loads((CONTRACTS / "reverts.json").read_text(encoding="utf-8"))
    known = {row["code"] for row in rows}
    assert len(known) == len(rows) == len({row["name"] for row in rows})
    assert all(row["en"] and row["zh"] for row in rows)
    used = set().union(*(_codes_in(path) for path in CONTRACTS.rglob("*.vy")))
    assert len(used) > 40, "the search found too few"
    assert used <= known
    assert known == set(reverts.REFUSALS)
