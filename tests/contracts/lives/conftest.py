"""One deployment for all directed tests of this folder; each test lives from its beginning."""

from __future__ import annotations

import pytest

from tests.contracts.lives.contracts import ContractChain
from tests.contracts.lives.deployment import Deployment
from tests.contracts.lives.engines import RevmEngine
from tests.contracts.lives.life import Life


@pytest.fixture(scope="session")
def deployment() -> Deployment:
    """All contracts on revm."""
    return Deployment(RevmEngine())


@pytest.fixture
def life(deployment: Deployment) -> Life:
    """An empty book and its mirror; after every act both are compared."""
    return Life(ContractChain(deployment))
