"""Fixtures of the contracts without loans."""

from __future__ import annotations

import boa
import pytest

from tests.contracts.parts.deploy import Parts, deploy


@pytest.fixture(scope="module")
def parts() -> Parts:
    """One deployment for a file; every test's changes are undone after it."""
    return deploy()


@pytest.fixture
def people() -> list[str]:
    """Five accounts without role or money."""
    return [boa.env.generate_address(f"person {i}") for i in range(5)]
