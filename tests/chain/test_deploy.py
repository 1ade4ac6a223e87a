"""Deployment and the manifest."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from lendchain import db
from lendchain.chain import Chain, DeployConfig, EmbeddedEngine, Manifest, SandboxKeys, open_chain, outbox
from lendchain.chain.deploy import ROLES
from lendchain.chain.errors import OperationConflictError, RevertedError, WrongChainError
from lendchain.db import reading

from .conftest import SEED

CHILD = """
import sys
from pathlib import Path
from lendchain import db
from lendchain.chain import DeployConfig, EmbeddedEngine, SandboxKeys, open_chain
folder = Path(sys.argv[1])
engine = EmbeddedEngine(folder / "node")
engine.start()
store = db.make_engine(folder / "store.db")
db.upgrade(store)
print("ready", flush=True)
open_chain(engine, store, SandboxKeys(bytes(range(32))), DeployConfig(), folder / "manifest.json")
print("deployed", flush=True)
engine.leave()
"""


def test_the_whole_platform_stands_and_knows_its_parts(
    engine: EmbeddedEngine, store: sa.Engine, keys: SandboxKeys, tmp_path: Path
) -> None:
    chain, manifest = open_chain(engine, store, keys, DeployConfig(), tmp_path / "manifest.json")
    assert Manifest.load(tmp_path / "manifest.json") == manifest
    roles = manifest.contract("Roles", chain.rpc)
    for role, number in ROLES.items():
        assert roles.read("role_of", keys.role(role).address) == number
    guarantee = manifest.contract("Guarantee", chain.rpc)
    assert guarantee.read("book") == manifest.addresses["LoanBook"].lower()
    assert guarantee.read("workout") == manifest.addresses["Workout"].lower()
    assert manifest.contract("Clock", chain.rpc).read("now") == DeployConfig().clock_start
    with pytest.raises(RevertedError):
        manifest.contract("LoanBook", chain.rpc).read("claim", "0x" + "11" * 32, keys.role("lender").address)


def test_opening_again_deploys_nothing(
    engine: EmbeddedEngine, store: sa.Engine, keys: SandboxKeys, tmp_path: Path
) -> None:
    _, first = open_chain(engine, store, keys, DeployConfig(), tmp_path / "manifest.json")
    height = engine.rpc().block_number()
    _, second = open_chain(engine, store, keys, DeployConfig(), tmp_path / "manifest.json")
    assert (first, height) == (second, engine.rpc().block_number())


def test_a_block_time_platform_has_no_clock(
    engine: EmbeddedEngine, store: sa.Engine, keys: SandboxKeys, tmp_path: Path
) -> None:
    config = DeployConfig(clock="block-time", production=True)
    _, manifest = open_chain(engine, store, keys, config, tmp_path / "manifest.json")
    assert "Clock" not in manifest.addresses
    assert "sandbox" not in manifest.roles


def test_a_production_platform_with_a_sandbox_clock_is_refused(
    engine: EmbeddedEngine, store: sa.Engine, keys: SandboxKeys, tmp_path: Path
) -> None:
    path = tmp_path / "manifest.json"
    with pytest.raises(WrongChainError):
        open_chain(engine, store, keys, DeployConfig(production=True), path)
    _, manifest = open_chain(engine, store, keys, DeployConfig(), path)
    dataclasses.replace(manifest, production=True).save(path)
    with pytest.raises(WrongChainError):
        Manifest.load(path)
    with pytest.raises(WrongChainError):
        open_chain(engine, store, keys, DeployConfig(), path)


def test_a_chain_that_is_not_the_manifests_is_refused(
    engine: EmbeddedEngine, store: sa.Engine, keys: SandboxKeys, tmp_path: Path
) -> None:
    _, manifest = open_chain(engine, store, keys, DeployConfig(), tmp_path / "manifest.json")
    rpc = engine.rpc()
    manifest.check(rpc)
    wrong = {
        "chain id": dataclasses.replace(manifest, chain_id=1),
        "first block": dataclasses.replace(manifest, genesis_hash="0x" + "00" * 32),
        "code of Money": dataclasses.replace(
            manifest, addresses={**manifest.addresses, "Money": manifest.addresses["Roles"]}
        ),
    }
    for what, other in wrong.items():
        with pytest.raises(WrongChainError, match=what):
            other.check(rpc)
    other_node = EmbeddedEngine(tmp_path / "other", chain_id=31_338)
    other_node.start()
    try:
        with pytest.raises(WrongChainError):
            open_chain(other_node, store, keys, DeployConfig(), tmp_path / "manifest.json")
    finally:
        other_node.stop()


def test_a_manifest_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "manifest.json"
    for content in (b"", b"{}", b'{"chain_id": 1', b"[1]"):
        path.write_bytes(content)
        with pytest.raises(WrongChainError):
            Manifest.load(path)


def test_another_platform_in_the_same_store_is_refused(
    engine: EmbeddedEngine, store: sa.Engine, keys: SandboxKeys, tmp_path: Path
) -> None:
    open_chain(engine, store, keys, DeployConfig(), tmp_path / "manifest.json")
    with pytest.raises(OperationConflictError):
        open_chain(engine, store, keys, DeployConfig(token_symbol="XYZ"), tmp_path / "second.json")


@pytest.mark.parametrize("delay_ms", [0, 15, 40, 80, 120])
def test_a_deployment_killed_anywhere_goes_on_where_it_was(tmp_path: Path, delay_ms: int) -> None:
    child = subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    time.sleep(delay_ms / 1000)
    child.kill()
    child.wait()
    child.stdout.close()
    engine = EmbeddedEngine(tmp_path / "node")
    engine.start()
    try:
        if delay_ms % 2:  # and the node too, sometimes
            os.kill(engine.pid, signal.SIGKILL)
            time.sleep(0.05)
            engine.start()
        store = db.make_engine(tmp_path / "store.db")
        chain, manifest = open_chain(engine, store, SandboxKeys(SEED), DeployConfig(), tmp_path / "manifest.json")
        manifest.check(chain.rpc)
        with reading(store) as conn:
            assert outbox.counts(conn).failed == 0
        assert isinstance(chain, Chain)
        assert chain.rpc.nonces([manifest.deployed_from]) == [len(manifest.addresses) + 1]
        store.dispose()
    finally:
        engine.stop()
