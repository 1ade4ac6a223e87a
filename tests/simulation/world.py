"""One seed, one run: a bank, clients, the platform's own outbox, sender, indexer and ledger, a node that misbehaves.

The bank reports deposits again and again and in any order; clients repeat an order until they have seen it accepted.
The platform dies at drawn statements and comes back from its store. When the weather has calmed down, everything that
was accepted must have happened exactly once, and the books must equal those of the same business in peace.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from random import Random
from typing import Any, Final

import sqlalchemy as sa

from lendchain.chain import (
    Capabilities,
    DeployConfig,
    DepthFinality,
    GasPolicy,
    Indexer,
    IndexerLimits,
    NewOperation,
    Rpc,
    SandboxKeys,
    Sender,
    SenderLimits,
    deploy,
    outbox,
)
from lendchain.chain.errors import NodeUnreachableError
from lendchain.chain.models import operations
from lendchain.db import make_engine, metadata, reading, upgrade
from lendchain.ledger.fold import LedgerFold
from tests.simulation.hostile import CALM, Disk, HostileNetwork, KilledError, Weather
from tests.simulation.node import CHAIN_ID, SimNode
from tests.simulation.story import Order, Stage, Story

FINALITY_DEPTH: Final = 12
GAS: Final = 3_000_000
PATIENCE: Final = 600  # rounds of calm within which everything has to be done
CLOCK_START: Final = 1_600_000_000


class BrokenPromiseError(AssertionError):
    """What the platform accepted did not happen exactly once, or its books are not the chain's."""


class SimEngine:
    """The simulated node as an engine, for what is done in peace."""

    name = "simulated"
    endpoint = "simulated"
    finality = DepthFinality(FINALITY_DEPTH)
    gas = GasPolicy()
    capabilities = Capabilities(mines_on_demand=True)

    def __init__(self, node: SimNode) -> None:
        self._node = node

    def start(self) -> None:
        """It is always there."""

    def stop(self) -> None:
        """Nothing to stop."""

    def rpc(self) -> Rpc:
        return Rpc(HostileNetwork(self._node, Random(0), CALM))

    def mine(self, blocks: int = 1) -> None:
        for _ in range(blocks):
            self._node.mine()

    def dump(self, *, only_when_due: bool = False) -> int | None:
        return None


class Platform:
    """The platform's own parts on one store: what a process holds in memory, made anew after each death."""

    def __init__(self, world: World, store: sa.Engine, rpc: Rpc) -> None:
        contracts = world.manifest.contracts()
        self.sender = Sender(
            store,
            rpc,
            world.keys,
            chain_id=CHAIN_ID,
            gas=GasPolicy(),
            limits=SenderLimits(batch=7, resend_after_blocks=2, resend_at_most_after_blocks=8),
        )
        self.indexer = Indexer(
            store,
            rpc,
            contracts,
            [LedgerFold()],
            finality=DepthFinality(FINALITY_DEPTH),
            genesis_hash=world.manifest.genesis_hash,
            first_block=world.manifest.first_block,
            limits=IndexerLimits(near_head=6, blocks=5, transactions=9, kept_headers=40),
        )


class World:
    """Everything of one run, in one store."""

    def __init__(self, seed: int, folder: Path, store: Store, weather: Weather) -> None:
        self.random = Random(f"weather/{seed}")
        self.node = SimNode(FINALITY_DEPTH)
        self.keys = SandboxKeys(b"simulation-seed-" + seed.to_bytes(8, "big"))
        self.disk = Disk(self.random, weather)
        self.store = store.begin(self.disk)
        self.network = HostileNetwork(self.node, self.random, weather)
        manifest_path = folder / "manifest.json"
        manifest_path.unlink(missing_ok=True)
        config = DeployConfig(clock_start=CLOCK_START)
        peace = SimEngine(self.node)
        self.manifest = deploy(peace, self.store, self.keys, config, manifest_path, [LedgerFold()])
        peace.mine(FINALITY_DEPTH)  # what follows can be taken back, the ground cannot
        domain = self.manifest.contract("LoanBook", peace.rpc()).read("domain_separator")
        self.story = Story(seed, self.keys, self.manifest, bytes.fromhex(domain[2:]))
        self.acts: set[str] = set()
        self._unanswered: list[Stage] = []  # asked for, not yet seen accepted
        self.platform = self._new_platform()
        self.deaths = 0

    def run(self, days: int = 2) -> None:
        """Some days of business in the given weather, then calm."""
        for stages in self.story.days(days, CLOCK_START):
            self._unanswered += stages
            self.acts.update(order.id for stage in stages for order in stage)
            if self.network.weather is not CALM:
                for _ in range(self.random.randrange(10, 30)):
                    self._round()
        self._calm_down()

    def read_in_peace(self, store: Store) -> sa.Engine:
        """Another store that reads the finished chain without any trouble."""
        engine = store.begin(Disk(Random(0), CALM))
        Platform(self, engine, SimEngine(self.node).rpc()).indexer.catch_up()
        return engine

    # ------------------------------------------------------------ one round

    def _round(self) -> None:
        """The world does something, clients ask, the platform does a step."""
        self._trouble(self.random.random())
        self._ask()
        self._as_process(self._platform_step)
        self._each_nonce_is_given_once()

    def _each_nonce_is_given_once(self) -> None:
        """Checked all the time: the platform would mend it later, at the price of an act held up."""
        table = operations.c
        twice = (
            sa.select(table.sender, table.nonce)
            .where(table.nonce.is_not(None))
            .group_by(table.sender, table.nonce)
            .having(sa.func.count() > 1)
        )
        with reading(self.store) as conn:
            if found := conn.execute(twice).first():
                raise BrokenPromiseError(f"{found.sender} has given nonce {found.nonce} twice")

    def _trouble(self, what: float) -> None:
        if what < 0.34:
            self.node.mine()
        elif what < 0.40:
            keep = [self.random.random() < 0.7 for _ in range(5)]
            self.node.reorg(self.random.randrange(1, FINALITY_DEPTH - 1), keep)
        elif what < 0.44:
            self.node.crash(self.random.randrange(FINALITY_DEPTH - 1))
        elif what < 0.47:
            self.node.forget_pool()
        elif what < 0.53:
            self.network.deliver_late()

    def _ask(self) -> None:
        """Clients send the oldest orders that they have not seen accepted; sometimes those they have, too."""
        if not self._unanswered:
            return
        orders = list(self._unanswered[0])
        self.random.shuffle(orders)
        if self._as_process(lambda: self._accept(orders)) and self.random.random() < 0.8:
            self._unanswered.pop(0)

    def _accept(self, orders: Sequence[Order]) -> None:
        """A business act: one transaction, whoever asks again gets the same one."""
        with self.store.begin() as conn:
            if not outbox.states(conn, [order.id for order in orders]):
                outbox.new_stage(conn)
            new = [NewOperation(item.id, item.sender, item.kind, item.to, item.data, GAS) for item in orders]
            outbox.enqueue(conn, new)

    def _platform_step(self) -> None:
        if self.random.random() < 0.5:
            self.platform.sender.step()
        else:
            self.platform.indexer.step()

    def _as_process(self, act: Callable[[], object]) -> bool:
        """Runs an act of the platform's process. False when it died or the node did not answer."""
        try:
            with self.disk.armed_for():
                act()
        except KilledError:
            self.deaths += 1
            self.platform = self._new_platform()
            return False
        except NodeUnreachableError:
            return False
        return True

    def _calm_down(self) -> None:
        """The storm is over: everything asked for has to happen now, with nobody helping."""
        self.network.weather = self.disk.weather = CALM
        while self._unanswered:
            self._accept(self._unanswered.pop(0))
        for _ in range(PATIENCE):
            while self.platform.sender.step().did_something:
                pass
            self.node.mine()
            self.platform.indexer.catch_up()
            with reading(self.store) as conn:
                if outbox.pending_stage(conn) is None:
                    break
        for _ in range(FINALITY_DEPTH + 1):
            self.node.mine()
        self.platform.indexer.catch_up()

    def _new_platform(self) -> Platform:
        return Platform(self, self.store, Rpc(self.network))


class Store:
    """A store that serves one seed after another: emptying a file is much quicker than making one."""

    def __init__(self, path: Path) -> None:
        self._engine = make_engine(path, durable=False)
        upgrade(self._engine)
        self._disk: Disk | None = None
        for event in ("before_cursor_execute", "commit"):
            sa.event.listen(self._engine, event, self._touched)

    def begin(self, disk: Disk) -> sa.Engine:
        """Empty it; this disk decides from now on when the platform dies."""
        self._disk = None
        with self._engine.begin() as conn:
            for table in reversed(metadata.sorted_tables):
                conn.execute(sa.delete(table))
        self._disk = disk
        return self._engine

    def _touched(self, *_: Any) -> None:
        if self._disk:
            self._disk.touched()

    def close(self) -> None:
        self._engine.dispose()
