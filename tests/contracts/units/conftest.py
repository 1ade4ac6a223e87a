"""Fixtures of the book's modules."""

from __future__ import annotations

import pytest

from tests.contracts.units.probe import probe


@pytest.fixture(scope="session", autouse=True)
def _probe() -> None:
    """Deployed before any test begins: what a test deploys is undone after it."""
    probe()
