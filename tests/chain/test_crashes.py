"""Death at any moment: the platform killed between any two writes, the node killed at random, both; the books stay.

The platform runs in a forked child that kills itself at its n-th write point: before and after each commit, each
exchange with the node, each file written. The next child goes on from what is on disk.
"""

from __future__ import annotations

import gc
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from lendchain import db
from lendchain.chain import Artifact, Contract, EmbeddedEngine, NewOperation, SandboxKeys, outbox, running_node
from lendchain.chain import dumps as dumps_module
from lendchain.chain.errors import NodeUnreachableError
from lendchain.chain.files import write_whole
from lendchain.chain.http import HttpTransport

from .conftest import SEED, Tally, Totals

STAGES = 4


class Killer:
    """Counts write points and ends the process, as `kill -9` does, at the one that was chosen."""

    def __init__(self, at: int) -> None:
        self.left = at

    def point(self, *_: Any) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            self.point()
            result = function(*arguments)
            self.point()
            return result

        return call

    def install(self, store: sa.Engine) -> None:
        sa.event.listen(store, "commit", self.point)
        sa.event.listen(store, "checkin", self.point)
        HttpTransport._exchange = self.around(HttpTransport._exchange)  # type: ignore[method-assign]
        setattr(dumps_module, "write_whole", self.around(write_whole))  # noqa: B010  (not exported from there)


def stage_of(tally: Tally, number: int) -> list[list[NewOperation]]:
    """One business day: the factor changes, then everybody is levied; what is owed depends on that order."""
    data = tally.contract.encode("set_factor", number + 2)
    factor = NewOperation(f"factor/{number}", tally.deployer, "factor", tally.address, data, 100_000)
    levies = [tally.levy(1_000 * number + n, n + 1, f"lender/{n % 4}") for n in range(9)]
    again = tally.levy(1_000 * number, 77, "lender/9", name=f"again/{number}")  # refused, whenever it is carried out
    return [[factor], levies, [again]]


def live(tally: Tally) -> None:
    """The whole life, each step in one transaction, resumable anywhere."""
    tally.chain.recover()
    for number in range(STAGES):
        for step in stage_of(tally, number):
            with tally.chain.store.begin() as conn:
                if len(outbox.states(conn, [operation.id for operation in step])) < len(step):
                    outbox.new_stage(conn)
                    outbox.enqueue(conn, step)
        tally.chain.settle()


def platform(folder: Path, artifact: Artifact, dump_seconds: float) -> tuple[EmbeddedEngine, sa.Engine, Tally]:
    engine = EmbeddedEngine(folder / "node", dump_seconds=dump_seconds)
    engine.start()
    store = db.make_engine(folder / "store.db", durable=False)
    db.upgrade(store)
    tally = Tally(engine, store, SandboxKeys(SEED), artifact)
    return engine, store, tally


def child(folder: Path, artifact: Artifact, killer: Killer, dump_seconds: float) -> int:
    """Run the life in a fork; the exit status as `os.waitpid` gives it."""
    gc.freeze()
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            engine, store, tally = platform(folder, artifact, dump_seconds)
            killer.install(store)
            with store.begin() as conn:
                outbox.enqueue(conn, [tally.creation()], stage=0)
            live(tally)
            engine.leave()
            status = 0
        except BaseException:  # noqa: BLE001  (shown, then the fork must end here)
            import traceback

            traceback.print_exc()
        finally:
            os._exit(status)
    return os.waitpid(pid, 0)[1]


def result(folder: Path, artifact: Artifact) -> tuple[Any, ...]:
    """The final books, and what the contract says."""
    engine, store, tally = platform(folder, artifact, 1e9)
    try:
        tally.chain.recover()
        tally.chain.settle()
        with db.reading(store) as conn:
            failed = sorted(state.id for state in outbox.failures(conn) if "#" not in state.id)
        books = Totals().books(store)
        before = content(store)
        tally.chain.indexer.rebuild()
        assert content(store) == before
        contract = Contract(artifact, tally.address, engine.rpc())
        return books, failed, contract.read("total"), contract.read("factor")
    finally:
        store.dispose()
        engine.stop()


def content(store: sa.Engine) -> list[tuple[Any, ...]]:
    with db.reading(store) as conn:
        return [tuple(row) for row in conn.execute(sa.select(Totals.table).order_by(*Totals.table.primary_key))]


def end_node(folder: Path) -> None:
    record = running_node(folder / "node")
    if record is not None:
        os.kill(record.pid, signal.SIGKILL)
        time.sleep(0.02)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, tally_artifact: Artifact) -> tuple[Any, ...]:
    folder = tmp_path_factory.mktemp("undisturbed")
    assert child(folder, tally_artifact, Killer(0), 1e9) == 0
    found = result(folder, tally_artifact)
    books, failed, total, factor = found
    assert len(books) == 9 * STAGES
    assert failed == sorted(f"again/{number}" for number in range(STAGES))
    assert (total, factor) == (45 * sum(range(2, STAGES + 2)), STAGES + 1)
    return found


def disturbed(
    folder: Path, artifact: Artifact, steps: list[int], *, node_too: Callable[[int], bool], dump_seconds: float
) -> int:
    """Children that die at their n-th write point, one after another, until one comes through. How many died."""
    died = 0
    for at in [*steps, 0]:
        status = child(folder, artifact, Killer(at), dump_seconds)
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL
            died += 1
        else:
            assert status == 0
        if node_too(died):
            end_node(folder)
    return died


def test_the_platform_killed_between_any_two_writes_keeps_its_books(
    tmp_path: Path, tally_artifact: Artifact, undisturbed: tuple[Any, ...]
) -> None:
    died = disturbed(tmp_path, tally_artifact, list(range(5, 65)), node_too=lambda _: False, dump_seconds=0.05)
    assert died >= 20
    assert result(tmp_path, tally_artifact) == undisturbed


@pytest.mark.parametrize("seed", [1, 2])
def test_platform_and_node_killed_at_random_keep_their_books(
    tmp_path: Path, tally_artifact: Artifact, undisturbed: tuple[Any, ...], seed: int
) -> None:
    chance = random.Random(seed)
    steps = [chance.randrange(10, 160) for _ in range(14)]
    died = disturbed(
        tmp_path,
        tally_artifact,
        steps,
        node_too=lambda _: chance.random() < 0.6,
        dump_seconds=chance.choice([0.02, 0.3]),
    )
    assert died >= 5
    assert result(tmp_path, tally_artifact) == undisturbed


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 30))
def test_platform_and_node_killed_at_random_many_times(
    tmp_path: Path, tally_artifact: Artifact, undisturbed: tuple[Any, ...], seed: int
) -> None:
    chance = random.Random(seed)
    steps = [chance.randrange(5, 250) for _ in range(30)]
    disturbed(
        tmp_path,
        tally_artifact,
        steps,
        node_too=lambda _: chance.random() < 0.5,
        dump_seconds=chance.choice([0.01, 0.2, 1e9]),
    )
    assert result(tmp_path, tally_artifact) == undisturbed


@pytest.mark.parametrize("seed", [3, 4])
def test_the_node_killed_while_the_platform_works_is_restarted(
    tmp_path: Path, tally_artifact: Artifact, undisturbed: tuple[Any, ...], seed: int
) -> None:
    """The platform's own thread meets the death in the middle of an exchange."""
    chance = random.Random(seed)
    engine, store, tally = platform(tmp_path, tally_artifact, 0.1)
    exchange, countdown = HttpTransport._exchange, [chance.randrange(5, 60)]

    def deadly(self: HttpTransport, bodies: list[bytes]) -> Any:
        countdown[0] -= 1
        if countdown[0] == 0:
            os.kill(engine.pid, signal.SIGKILL)
            countdown[0] = chance.randrange(30, 120)
        return exchange(self, bodies)

    try:
        with store.begin() as conn:
            outbox.enqueue(conn, [tally.creation()], stage=0)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(HttpTransport, "_exchange", deadly)
            while True:
                try:
                    live(tally)
                    break
                except NodeUnreachableError:
                    engine.start()
    finally:
        store.dispose()
        engine.stop()
    assert result(tmp_path, tally_artifact) == undisturbed
