"""A chain that somebody else runs, behind the same interface."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from lendchain.chain import (
    Artifact,
    DeployConfig,
    DepthFinality,
    EmbeddedEngine,
    ExternalEngine,
    SandboxKeys,
    TagFinality,
    open_chain,
    outbox,
)
from lendchain.chain.errors import NodeUnreachableError

from .conftest import Tally


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[EmbeddedEngine]:
    """A node that makes a block each second, whoever asks."""
    node = EmbeddedEngine(tmp_path / "elsewhere", block_seconds=1)
    node.start()
    yield node
    node.stop()


def test_the_platform_runs_on_any_endpoint(
    elsewhere: EmbeddedEngine, store: sa.Engine, keys: SandboxKeys, tally_artifact: Artifact
) -> None:
    engine = ExternalEngine(elsewhere.endpoint, finality=DepthFinality(1))
    engine.start()
    tally = Tally(engine, store, keys, tally_artifact)
    tally.deploy()
    tally.chain.enqueue([tally.levy(n, n + 1, f"lender/{n}") for n in range(10)])
    tally.chain.settle()
    assert tally.read("total") == 55
    height = tally.chain.indexer.catch_up().cursor
    while elsewhere.rpc().block_number() < height + 2:
        tally.chain._clock.pause(0.1)
    tally.chain.step()
    assert tally.chain.counts() == outbox.Counts(final=11)


def test_a_platform_is_deployed_on_any_endpoint(
    elsewhere: EmbeddedEngine, store: sa.Engine, keys: SandboxKeys, tmp_path: Path
) -> None:
    elsewhere.rpc().call("anvil_mine", hex(300))  # a chain with a past
    engine = ExternalEngine(elsewhere.endpoint, finality=TagFinality())
    _, manifest = open_chain(engine, store, keys, DeployConfig(), tmp_path / "manifest.json")
    manifest.check(engine.rpc())
    assert manifest.first_block > 300


def test_an_endpoint_where_nobody_answers_is_named() -> None:
    with pytest.raises(NodeUnreachableError, match=r"127\.0\.0\.1:9 does not answer"):
        ExternalEngine("http://127.0.0.1:9").start()
    with pytest.raises(NodeUnreachableError, match="Not an http"):
        ExternalEngine("ftp://somewhere").start()
