"""Fixtures of the attacks."""

from __future__ import annotations

import pytest

from tests.contracts.attacks.book import World, deploy_world


@pytest.fixture(scope="module")
def deployed() -> World:
    return deploy_world()


@pytest.fixture
def world(deployed: World) -> World:
    """One deployment for a file; what a test changes is undone after it, here and on the chain."""
    return World(**{**vars(deployed), "people": {}})
