"""Set-up shared by every test."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from lendchain import i18n
from tests import postgres

ROOT = Path(__file__).resolve().parent.parent

# `default` is what `make test` can afford; `thorough` is what `make test-all` and a hunt for a bug use.
# derandomize: a red `make test` must be red for everybody who runs it.
settings.register_profile(
    "default", deadline=None, derandomize=True, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "thorough", deadline=None, max_examples=1000, print_blob=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Slow tests run when asked for with `-m`, by node id, or with LENDCHAIN_SLOW=1; otherwise they are left out."""
    asked = config.getoption("-m") or os.environ.get("LENDCHAIN_SLOW") or any("::" in arg for arg in config.args)
    if asked:
        return
    slow = [item for item in items if item.get_closest_marker("slow")]
    if slow:
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if not item.get_closest_marker("slow")]


@pytest.fixture(autouse=True)
def english() -> None:
    """Tests read English texts unless they choose another language themselves."""
    i18n.set_language("en")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The optional test data beside the checkout; tests that need it are skipped where it is missing."""
    folder = ROOT.parent / "shared"
    if not folder.is_dir():
        pytest.skip("no test data in ../shared")
    return folder


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A PostgreSQL server for this session: the one LENDCHAIN_TEST_POSTGRES names, else one of our own."""
    if named := os.environ.get("LENDCHAIN_TEST_POSTGRES"):
        yield named.rstrip("/")
        return
    if postgres.binaries() is None:
        pytest.skip("PostgreSQL is not installed")
    with postgres.server() as url:
        yield url


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """An empty PostgreSQL database as an SQLAlchemy URL; dropped after the test."""
    with postgres.database(postgres_server, f"test_{uuid.uuid4().hex}") as url:
        yield url
