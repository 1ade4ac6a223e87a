"""One seed, one run: a bank, clients, the platform's own outbox, sender, indexer and folds, and a node that misbehaves.

The bank reports deposits again and again and in any order; clients repeat an order until they have seen it accepted.
The platform dies at drawn statements and comes back from its store. When the weather has calmed down, everything that
was accepted must have happened exactly once, and the store must equal one that read the finished chain in peace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Final

import sqlalchemy as sa

from lendchain.chain import outbox
from lendchain.chain.bindings import Contract, artifact
from lendchain.chain.engine import DepthFinality, GasPolicy
from lendchain.chain.errors import NodeUnreachableError
from lendchain.chain.events import Fold
from lendchain.chain.indexer import Indexer, IndexerLimits
from lendchain.chain.keys import Account, SandboxKeys
from lendchain.chain.outbox import NewOperation
from lendchain.chain.ports import Call
from lendchain.chain.rpc import Rpc
from lendchain.chain.sender import Sender, SenderLimits
from lendchain.chain.tx import created_address, sign_transaction
from lendchain.db import make_engine, metadata, reading, upgrade
from tests.simulation.hostile import CALM, Disk, HostileNetwork, KilledError, Weather
from tests.simulation.node import CHAIN_ID, SimNode

FINALITY_DEPTH: Final = 12
CLIENTS: Final = 5
CUSTODIAN_ROLE: Final = 3
GAS: Final = 1_000_000
PATIENCE: Final = 400  # rounds of calm within which everything has to be done


Folds = Callable[[Sequence[Contract]], Sequence[Fold]]


def folds_of_the_product(contracts: Sequence[Contract]) -> Sequence[Fold]:
    """The projections that the platform keeps of these contracts."""
    return ()


@dataclass(frozen=True, slots=True)
class Order:
    """A business act that somebody asked for, by an id of his own."""

    id: str
    sender: Account
    kind: str
    data: bytes


@dataclass(slots=True)
class Expected:
    """What must be true in the end, kept by the test alone."""

    balances: dict[str, int] = field(default_factory=dict)
    acts: set[str] = field(default_factory=set)

    def credit(self, address: str, amount: int) -> None:
        self.balances[address] = self.balances.get(address, 0) + amount


class Platform:
    """The platform's own parts on one store: what a process holds in memory, made anew after each death."""

    def __init__(self, world: World, network: HostileNetwork | None = None) -> None:
        rpc = Rpc(network or world.network)
        self.sender = Sender(
            world.store,
            rpc,
            world.keys,
            chain_id=CHAIN_ID,
            gas=GasPolicy(),
            limits=SenderLimits(batch=7, resend_after_blocks=2, resend_at_most_after_blocks=8),
        )
        self.indexer = Indexer(
            world.store,
            rpc,
            world.contracts,
            world.folds(world.contracts),
            finality=DepthFinality(FINALITY_DEPTH),
            genesis_hash=world.node.blocks[0].hash,
            limits=IndexerLimits(near_head=6, blocks=5, transactions=9, kept_headers=40),
        )


class World:
    """Everything of one run. `folds` makes the projections under test from the contracts."""

    def __init__(self, seed: int, stores: Stores, folds: Folds = folds_of_the_product) -> None:
        self.random = Random(seed)
        self.weather = Weather()
        self.node = SimNode(FINALITY_DEPTH)
        self.keys = SandboxKeys(b"simulation-seed-" + seed.to_bytes(8, "big"))
        self.folds = folds
        self.money, self.contracts = self._deploy()
        self.network = HostileNetwork(self.node, self.random, self.weather)
        self._stores = stores
        self.disk = stores.begin(Disk(self.random, self.weather))
        self.store = stores.stormy
        self.expected = Expected()
        self.unanswered: list[list[Order]] = []  # asked for, not yet seen accepted
        self.platform = Platform(self)
        self.deaths = 0
        self._made = 0

    def run(self, days: int = 4) -> None:
        """Some days of business in bad weather, then calm."""
        for _ in range(days):
            self._business_day()
            for _ in range(self.random.randrange(6, 20)):
                self._round()
        self._calm_down()

    # ------------------------------------------------------------ business

    def _business_day(self) -> None:
        self.unanswered.append([self._deposit() for _ in range(self.random.randrange(1, 6))])
        # what may be paid is what was there before: within a stage the order is free
        purses = dict(self.expected.balances)
        payments = [order for _ in range(self.random.randrange(6)) if (order := self._payment(purses)) is not None]
        for order in self.unanswered[-1]:
            self.expected.acts.add(order.id)
        self.unanswered.append(payments)
        self.expected.acts.update(order.id for order in payments)

    def client(self) -> Account:
        return self.keys.role("client", self.random.randrange(CLIENTS))

    def _deposit(self) -> Order:
        who, amount, number = self.client(), self.random.randrange(1, 10_000), self._next()
        self.expected.credit(who.address, amount)
        data = self.money.encode("mint", who.address, amount, number.to_bytes(32, "big"))
        return Order(f"deposit/{number}", self.keys.role("custodian"), "mint", data)

    def _payment(self, purses: dict[str, int]) -> Order | None:
        payer, payee, number = self.client(), self.client(), self._next()
        if purses.get(payer.address, 0) < 1:
            return None
        amount = self.random.randrange(1, purses[payer.address] + 1)
        purses[payer.address] -= amount
        self.expected.credit(payer.address, -amount)
        if self.random.random() < 0.3:
            data = self.money.encode("withdraw", amount, number.to_bytes(32, "big"))
            return Order(f"withdrawal/{number}", payer, "withdraw", data)
        self.expected.credit(payee.address, amount)
        return Order(f"payment/{number}", payer, "transfer", self.money.encode("transfer", payee.address, amount))

    def _next(self) -> int:
        self._made += 1
        return self._made

    # ------------------------------------------------------------ one round of the world

    def _round(self) -> None:
        what = self.random.random()
        if what < 0.30:
            self.node.mine()
        elif what < 0.36:
            keep = [self.random.random() < 0.7 for _ in range(5)]
            self.node.reorg(self.random.randrange(1, FINALITY_DEPTH - 1), keep)
        elif what < 0.40:
            self.node.crash(self.random.randrange(FINALITY_DEPTH - 1))
        elif what < 0.44:
            self.node.forget_pool()
        elif what < 0.50:
            self.network.deliver_late()
        self._ask()
        self._as_process(self._platform_step)

    def _ask(self) -> None:
        """Clients send the oldest orders that they have not seen accepted; sometimes those they have, too."""
        if not self.unanswered:
            return
        orders = list(self.unanswered[0])
        self.random.shuffle(orders)
        if self._as_process(lambda: self._accept(orders)) and self.random.random() < 0.7:
            self.unanswered.pop(0)

    def _accept(self, orders: Sequence[Order]) -> None:
        with self.store.begin() as conn:
            standing = outbox.states(conn, [order.id for order in orders])
            if not standing:
                outbox.new_stage(conn)
            outbox.enqueue(
                conn,
                [
                    NewOperation(order.id, order.sender, order.kind, self.money.address, order.data, GAS)
                    for order in orders
                ],
            )

    def _platform_step(self) -> None:
        part = self.random.random()
        if part < 0.5:
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
            self.platform = Platform(self)
            return False
        except NodeUnreachableError:
            return False
        return True

    def _calm_down(self) -> None:
        """The storm is over: everything asked for has to happen now, with nobody helping."""
        self.network.weather = self.disk.weather = CALM
        while self.unanswered:
            self._accept(self.unanswered.pop(0))
        for _ in range(PATIENCE):
            self.platform.sender.step()
            self.node.mine()
            self.platform.indexer.catch_up()
            with reading(self.store) as conn:
                if outbox.pending_stage(conn) is None:
                    break
        for _ in range(FINALITY_DEPTH + 1):
            self.node.mine()
        self.platform.indexer.catch_up()

    # ------------------------------------------------------------ the ground

    def _deploy(self) -> tuple[Contract, list[Contract]]:
        """Roles and Money, before anything goes wrong."""
        deployer = self.keys.role("deployer")
        custodian = self.keys.role("custodian")
        made: list[str] = []
        for name, arguments in (
            ("Roles", lambda: (86_400, [custodian.address], [CUSTODIAN_ROLE])),
            ("Money", lambda: ("Lendchain Yuan", "LCNY", made[0], "0x" + "00" * 20)),
        ):
            data = artifact(name).creation_data(*arguments())
            signed = sign_transaction(deployer, chain_id=CHAIN_ID, nonce=len(made), gas_limit=GAS, to=None, data=data)
            self.node.post([_send(signed.raw)])
            self.node.mine()
            made.append(created_address(deployer.address, len(made)))
        for _ in range(FINALITY_DEPTH):
            self.node.mine()  # what follows can be taken back, the ground cannot
        contracts = [Contract(artifact(name), address) for name, address in zip(("Roles", "Money"), made, strict=True)]
        return contracts[1], contracts

    @contextmanager
    def peaceful_copy(self) -> Iterator[sa.Engine]:
        """A fresh store that reads the finished chain without any trouble."""
        stormy, self.store = self.store, self._stores.peaceful
        try:
            Platform(self, HostileNetwork(self.node, Random(0), CALM)).indexer.catch_up()
            yield self.store
        finally:
            self.store = stormy


class Stores:
    """Two stores that serve one seed after another: emptying a file is much quicker than making one."""

    def __init__(self, folder: Path) -> None:
        self.stormy = _new_store(folder / "stormy.sqlite")
        self.peaceful = _new_store(folder / "peaceful.sqlite")
        self._disk: Disk | None = None
        for event in ("before_cursor_execute", "commit"):
            sa.event.listen(self.stormy, event, self._touched)

    def begin(self, disk: Disk) -> Disk:
        """Empty both; the disk now decides when the platform dies."""
        self._disk = None
        for engine in (self.stormy, self.peaceful):
            with engine.begin() as conn:
                for table in reversed(metadata.sorted_tables):
                    conn.execute(sa.delete(table))
        self._disk = disk
        return disk

    def _touched(self, *_: Any) -> None:
        if self._disk:
            self._disk.touched()

    def close(self) -> None:
        self.stormy.dispose()
        self.peaceful.dispose()


def _new_store(path: Path) -> sa.Engine:
    engine = make_engine(path, durable=False)
    upgrade(engine)
    return engine


def _send(raw: bytes) -> Call:
    return Call("eth_sendRawTransaction", ("0x" + raw.hex(),))
