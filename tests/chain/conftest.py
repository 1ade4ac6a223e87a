"""A real node, a store of each kind, and a small contract for the tests of the chain part."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from lendchain import db
from lendchain.chain import Artifact, Chain, Contract, EmbeddedEngine, Engine, Event, NewOperation, SandboxKeys
from lendchain.chain.hashing import keccak256
from lendchain.chain.tx import created_address

SEED = bytes(range(32))


@pytest.fixture(scope="session")
def tally_artifact() -> Artifact:
    """The test contract, compiled."""
    import warnings

    from vyper.compiler import compile_code

    source = (Path(__file__).parent / "Tally.vy").read_text(encoding="utf-8")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        out = compile_code(source, output_formats=["abi", "bytecode", "bytecode_runtime"])
    runtime = bytes.fromhex(out["bytecode_runtime"][2:])
    return Artifact("Tally", tuple(out["abi"]), bytes.fromhex(out["bytecode"][2:]), "0x" + keccak256(runtime).hex())


@pytest.fixture
def keys() -> SandboxKeys:
    return SandboxKeys(SEED)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[EmbeddedEngine]:
    """A node that mines on demand and dumps only when asked."""
    node = EmbeddedEngine(tmp_path / "node", dump_seconds=1e9)
    node.start()
    yield node
    node.stop()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[sa.Engine]:
    engine = db.make_engine(tmp_path / "store.db", durable=False)
    db.upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def either_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[sa.Engine]:
    """A store of each kind."""
    name = str(tmp_path / "either.db") if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    engine = db.make_engine(name, durable=False)
    db.upgrade(engine)
    yield engine
    engine.dispose()


class Totals:
    """A projection as a ledger would keep it: what each loan was levied, in an order-free table."""

    name = "totals"
    table = sa.Table(
        "test_totals",
        sa.MetaData(),
        sa.Column("tx_hash", sa.Text, primary_key=True),
        sa.Column("ordinal", sa.Integer, primary_key=True),
        sa.Column("loan", sa.Text),
        sa.Column("amount", sa.BigInteger),
        sa.Column("block_number", sa.BigInteger, index=True),
    )

    def apply(self, conn: sa.Connection, events: Sequence[Event]) -> None:
        rows = [
            {
                "tx_hash": event.tx_hash,
                "ordinal": event.ordinal,
                "loan": event.args["loan"],
                "amount": event.args["amount"],
                "block_number": event.block_number,
            }
            for event in events
            if event.name == "Levied"
        ]
        if rows:
            conn.execute(sa.insert(self.table), rows)

    def rewind(self, conn: sa.Connection, to_block: int) -> None:
        conn.execute(sa.delete(self.table).where(self.table.c.block_number > to_block))

    def books(self, store: sa.Engine) -> list[tuple[Any, ...]]:
        """The projection without what a lost block may change: its height."""
        columns = self.table.c
        query = sa.select(columns.tx_hash, columns.ordinal, columns.loan, columns.amount)
        with db.reading(store) as conn:
            return [tuple(row) for row in conn.execute(query.order_by(columns.tx_hash, columns.ordinal))]


class Tally:
    """The test contract on a chain of its own, and the operations on it."""

    def __init__(self, engine: Engine, store: sa.Engine, keys: SandboxKeys, artifact: Artifact) -> None:
        self.keys = keys
        self.deployer = keys.role("deployer")
        self.artifact = artifact
        self.address = created_address(self.deployer.address, 0)
        self.contract = Contract(artifact, self.address)
        self.totals = Totals()
        Totals.table.metadata.create_all(store)
        self.chain = Chain(engine, store, keys, [self.contract], [self.totals])
        self._numbers = itertools.count()

    def deploy(self) -> None:
        self.chain.enqueue([self.creation()])
        self.chain.settle()

    def creation(self) -> NewOperation:
        return NewOperation("deploy/Tally", self.deployer, "deploy", None, self.artifact.creation_data(1), 3_000_000)

    def levy(self, loan: int, amount: int, who: str = "servicer/0", name: str | None = None) -> NewOperation:
        data = self.contract.encode("levy", loan.to_bytes(32, "big"), amount)
        account = self.keys.account(who)
        return NewOperation(name or f"levy/{loan}", account, "levy", self.address, data, 200_000)

    def set_factor(self, factor: int) -> NewOperation:
        data = self.contract.encode("set_factor", factor)
        return NewOperation(
            f"factor/{factor}/{next(self._numbers)}", self.deployer, "factor", self.address, data, 100_000
        )

    def read(self, name: str, *arguments: Any) -> Any:
        return Contract(self.artifact, self.address, self.chain.engine.rpc()).read(name, *arguments)


@pytest.fixture
def tally(engine: EmbeddedEngine, store: sa.Engine, keys: SandboxKeys, tally_artifact: Artifact) -> Tally:
    tally = Tally(engine, store, keys, tally_artifact)
    tally.deploy()
    return tally


@pytest.fixture(autouse=True)
def anvil(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the program installed for this checkout, wherever the tests' home is."""
    if (program := os.environ.get("LENDCHAIN_TEST_ANVIL")) is not None:
        monkeypatch.setenv("LENDCHAIN_ANVIL", program)
