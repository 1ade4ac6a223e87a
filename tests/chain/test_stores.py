"""The same life in SQLite and in PostgreSQL; the schema is what the tables say."""

from __future__ import annotations

import threading
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from lendchain import db
from lendchain.chain import Artifact, EmbeddedEngine, SandboxKeys, outbox
from lendchain.chain.models import events, operations

from .conftest import Tally, Totals


def test_a_life_with_refusals_stages_and_a_reorg_ends_the_same(
    engine: EmbeddedEngine, either_store: sa.Engine, keys: SandboxKeys, tally_artifact: Artifact
) -> None:
    tally = Tally(engine, either_store, keys, tally_artifact)
    tally.deploy()
    for number in range(4):
        tally.chain.enqueue([tally.set_factor(number + 1)])
        tally.chain.new_stage()
        tally.chain.enqueue([tally.levy(100 * number + n, n + 1, f"lender/{n}") for n in range(8)])
        tally.chain.new_stage()
        tally.chain.settle()
    tally.chain.enqueue([tally.levy(0, 3, name="again")])
    tally.chain.settle()
    books = tally.totals.books(either_store)
    engine.rpc().call("anvil_reorg", 4, [])
    tally.chain.settle()
    assert tally.totals.books(either_store) == books
    assert len(books) == 32
    assert tally.read("total") == 36 * (1 + 2 + 3 + 4)
    before = _rows(either_store)
    tally.chain.indexer.rebuild()
    assert _rows(either_store) == before
    with db.reading(either_store) as conn:
        assert outbox.states(conn, ["again"])["again"].reason_code == 25


def _rows(store: sa.Engine) -> list[tuple[Any, ...]]:
    with db.reading(store) as conn:
        return [
            tuple(row)
            for table in (events, Totals.table)
            for row in conn.execute(sa.select(table).order_by(*table.primary_key))
        ]


def test_the_revisions_make_exactly_the_tables_of_the_models(either_store: sa.Engine) -> None:
    with either_store.connect() as conn:
        found = compare_metadata(MigrationContext.configure(conn), db.metadata)
        assert [item for item in found if "operations" in str(item) or "chain_" in str(item)] == []


def test_the_schema_can_be_taken_down_and_put_up_again(either_store: sa.Engine) -> None:
    config = db.alembic_config()
    with either_store.begin() as conn:
        config.attributes["connection"] = conn
        command.downgrade(config, "base")
    assert "operations" not in sa.inspect(either_store).get_table_names()
    db.upgrade(either_store)
    assert "operations" in sa.inspect(either_store).get_table_names()


def test_a_reader_does_not_wait_for_a_writer(either_store: sa.Engine) -> None:
    with either_store.begin() as writer:
        writer.execute(sa.text("INSERT INTO chain_settings (name, value) VALUES ('a', 'b')"))
        found: list[int | None] = []

        def read() -> None:
            with db.reading(either_store) as conn:
                found.append(conn.execute(sa.select(sa.func.count()).select_from(operations)).scalar())

        thread = threading.Thread(target=read)
        thread.start()
        thread.join(timeout=10)
        assert found == [0]


def test_nothing_written_while_reading_is_kept(either_store: sa.Engine) -> None:
    try:
        with db.reading(either_store) as conn:
            conn.execute(sa.text("INSERT INTO chain_settings (name, value) VALUES ('a', 'b')"))
    except sa.exc.DBAPIError:
        pass  # PostgreSQL refuses at once
    with db.reading(either_store) as conn:
        assert conn.execute(sa.text("SELECT count(*) FROM chain_settings")).scalar() == 0
