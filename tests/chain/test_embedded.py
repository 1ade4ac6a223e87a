"""The embedded node: dumps, crashes, the lock, joining a node left running."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from lendchain.chain import Artifact, EmbeddedEngine, SandboxKeys, running_node
from lendchain.chain.errors import ChainError, FolderInUseError, NodeUnreachableError

from .conftest import Tally


def kill(engine: EmbeddedEngine) -> None:
    os.kill(engine.pid, signal.SIGKILL)
    if engine._process is not None:
        engine._process.wait()


def states(engine: EmbeddedEngine) -> list[Path]:
    return sorted((engine.folder / "states").glob("state-*"))


def test_a_killed_node_comes_back_at_its_last_dump_and_the_rest_is_driven_again(tally: Tally, store: sa.Engine) -> None:
    engine = tally.chain.engine
    assert isinstance(engine, EmbeddedEngine)
    tally.chain.enqueue([tally.levy(n, n + 1) for n in range(5)])
    tally.chain.settle()
    dumped = engine.dump()
    for number in range(5, 10):
        tally.chain.enqueue([tally.levy(number, number + 1)])
        tally.chain.settle()
    books = tally.totals.books(store)
    kill(engine)
    with pytest.raises(NodeUnreachableError):
        tally.chain.step()
    engine.start()
    assert engine.rpc().block_number() == dumped
    tally.chain.recover()
    tally.chain.settle()
    assert tally.read("total") == sum(range(1, 11))
    assert tally.totals.books(store) == books


def test_a_node_killed_before_its_first_dump_begins_with_the_same_block(tally: Tally, store: sa.Engine) -> None:
    engine = tally.chain.engine
    assert isinstance(engine, EmbeddedEngine)
    genesis = engine.rpc().header(0)
    tally.chain.enqueue([tally.levy(1, 5)])
    tally.chain.settle()
    kill(engine)
    engine.start()
    assert engine.rpc().header(0) == genesis
    assert engine.rpc().block_number() == 0
    tally.chain.recover()
    tally.chain.settle()
    assert tally.read("total") == 5  # the contract's creation was driven again too
    assert len(tally.totals.books(store)) == 1


def test_a_torn_dump_falls_back_to_the_one_before(tally: Tally) -> None:
    engine = tally.chain.engine
    assert isinstance(engine, EmbeddedEngine)
    first = engine.dump()
    tally.chain.enqueue([tally.levy(1, 5)])
    tally.chain.settle()
    engine.dump()
    kill(engine)
    newest = states(engine)[-1]
    newest.write_bytes(newest.read_bytes()[:-100])
    engine._dumps._newest = None
    engine.start()
    assert engine.rpc().block_number() == first
    tally.chain.recover()
    tally.chain.settle()
    assert tally.read("total") == 5


def test_a_dump_that_was_being_written_does_not_count(tally: Tally) -> None:
    engine = tally.chain.engine
    assert isinstance(engine, EmbeddedEngine)
    height = engine.dump()
    kill(engine)
    (engine.folder / "states" / "state-00000099-99.new").write_bytes(b"half")
    engine.start()
    assert engine.rpc().block_number() == height


def test_two_dumps_are_kept(tally: Tally) -> None:
    engine = tally.chain.engine
    assert isinstance(engine, EmbeddedEngine)
    for number in range(5):
        tally.chain.enqueue([tally.levy(number, 1)])
        tally.chain.settle()
        engine.dump()
    assert len(states(engine)) == 2


def test_one_process_at_a_time_uses_a_folder(engine: EmbeddedEngine) -> None:
    code = (
        "import sys; from pathlib import Path; from lendchain.chain import EmbeddedEngine\n"
        "EmbeddedEngine(Path(sys.argv[1])).start()"
    )
    done = subprocess.run([sys.executable, "-c", code, str(engine.folder)], capture_output=True, text=True, check=False)
    assert FolderInUseError.__name__ in done.stderr
    with pytest.raises(FolderInUseError):
        EmbeddedEngine(engine.folder).start()


def test_a_node_left_running_is_joined_by_the_next_process(tmp_path: Path) -> None:
    first = EmbeddedEngine(tmp_path / "node")
    first.start()
    first.mine(3)
    pid = first.pid
    first.leave()
    found = running_node(tmp_path / "node")
    assert found is not None
    assert found.pid == pid
    second = EmbeddedEngine(tmp_path / "node")
    second.start()
    try:
        assert (second.pid, second.rpc().block_number()) == (pid, 3)
    finally:
        second.stop()
    assert running_node(tmp_path / "node") is None


def test_a_node_stopped_in_order_loses_nothing(tmp_path: Path) -> None:
    engine = EmbeddedEngine(tmp_path / "node", dump_seconds=1e9)
    engine.start()
    engine.mine(7)
    head = engine.rpc().header("latest")
    engine.stop()
    engine.start()
    assert engine.rpc().header("latest") == head
    engine.stop()


def test_interval_mining_makes_blocks_by_itself(
    tmp_path: Path, store: sa.Engine, keys: SandboxKeys, tally_artifact: Artifact
) -> None:
    engine = EmbeddedEngine(tmp_path / "node", block_seconds=1)
    engine.start()
    try:
        tally = Tally(engine, store, keys, tally_artifact)
        tally.deploy()
        tally.chain.enqueue([tally.levy(1, 5)])
        tally.chain.settle()
        assert tally.read("total") == 5
        assert tally.chain.counts().failed == 0
    finally:
        engine.stop()


def test_a_node_whose_platform_died_before_writing_it_down_is_ended(tmp_path: Path) -> None:
    first = EmbeddedEngine(tmp_path / "node")
    first.start()
    stray = first.pid
    (tmp_path / "node" / "node.json").unlink()
    first._leave_folder()
    second = EmbeddedEngine(tmp_path / "node")
    second.start()
    try:
        assert first._process is not None
        assert first._process.wait(10) == -signal.SIGKILL
        assert second.pid != stray
    finally:
        second.stop()


def test_a_node_that_cannot_start_says_where_its_words_are(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho no such luck >&2\nexit 3\n", encoding="ascii")
    broken.chmod(0o755)
    with pytest.raises(ChainError, match=r"node\.log"):
        EmbeddedEngine(tmp_path / "node", program=broken).start()
    assert "no such luck" in (tmp_path / "node" / "node.log").read_text(encoding="ascii")
