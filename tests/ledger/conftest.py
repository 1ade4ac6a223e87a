"""One platform on the real node for all tests of the ledger, and stores of both kinds."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from lendchain.chain import Event
from lendchain.chain.event_store import EventStore
from lendchain.db import make_engine, reading, upgrade
from tests.ledger.world import World


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Everything has happened once on it. Read only; alter a copy of its store."""
    patch = pytest.MonkeyPatch()
    if (program := os.environ.get("LENDCHAIN_TEST_ANVIL")) is not None:
        patch.setenv("LENDCHAIN_ANVIL", program)
    world = World(tmp_path_factory.mktemp("world"))
    world.start()
    try:
        world.live_through()
        yield world
    finally:
        world.stop()
        patch.undo()


@pytest.fixture(scope="session")
def log(world: World) -> Sequence[Event]:
    """The real log of that platform, as the indexer stored it."""
    with reading(world.store) as conn:
        return list(EventStore(world.manifest.contracts()).events_between(conn, 0, 10**9))


@pytest.fixture
def copy_of_store(world: World, tmp_path: Path) -> Iterator[sa.Engine]:
    """A copy of the platform's store that a test may spoil."""
    with (
        closing(sqlite3.connect(world.folder / "store.db")) as whole,
        closing(sqlite3.connect(tmp_path / "copy.db")) as copy,
    ):
        whole.backup(copy)
    engine = make_engine(tmp_path / "copy.db", durable=False)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """An empty store of either kind."""
    target = tmp_path / "store.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    engine = make_engine(target, durable=False)
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite_store(tmp_path: Path) -> Iterator[sa.Engine]:
    """An empty SQLite store."""
    engine = make_engine(tmp_path / "store.db", durable=False)
    upgrade(engine)
    yield engine
    engine.dispose()
