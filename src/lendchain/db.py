"""The store: one schema for SQLite (WAL, the default) and PostgreSQL (through pg8000).

Every table of every part hangs on `metadata`; Alembic's revisions in `lendchain.migrations` make them. A write
transaction is `with engine.begin() as conn`; a read that must not wait for writers is `with reading(engine) as conn`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

MIGRATIONS: Final = Path(__file__).parent / "migrations"

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# A row number that the store hands out; SQLite gives one only to its INTEGER type.
RowId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def database_url(store: str | Path) -> URL:
    """The URL of a store: a URL as it is, or a path to a SQLite file. `postgresql://` is read as `postgresql+pg8000://`."""
    text = str(store)
    if "://" not in text:
        return URL.create("sqlite", database=text)
    url = make_url(text)
    return url.set(drivername="postgresql+pg8000") if url.drivername in ("postgresql", "postgres") else url


def make_engine(store: str | Path, *, durable: bool = True) -> sa.Engine:
    """A SQLAlchemy engine for the store.

    With `durable` a commit survives a power cut (SQLite `synchronous=FULL`); without, only the death of the process:
    for stores that are rebuilt from the chain anyway, such as a benchmark's.
    """
    url = database_url(store)
    if url.get_backend_name() != "sqlite":
        return sa.create_engine(url, pool_pre_ping=True)
    if url.database and url.database != ":memory:":
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = sa.create_engine(url, connect_args={"timeout": 60, "check_same_thread": False})

    @sa.event.listens_for(engine, "connect")
    def _settings(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # BEGIN is ours, see below
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA cache_size=-65536")
        cursor.execute("PRAGMA temp_store=MEMORY")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        # A writer takes its lock at once: a transaction that read first and writes later would fail as "busy".
        read_only = connection.get_execution_options().get("read_only", False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A consistent view of the store that waits for no writer; nothing written through it is kept."""
    with engine.connect().execution_options(read_only=True) as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin() as transaction:
            try:
                yield connection
            finally:
                transaction.rollback()


def alembic_config(url: URL | str | None = None) -> Config:
    """Alembic's configuration without an ini file: the revisions live inside the package."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    if url is not None:
        text = url.render_as_string(hide_password=False) if isinstance(url, URL) else str(url)
        config.set_main_option("sqlalchemy.url", text.replace("%", "%%"))
    return config


def upgrade(engine: sa.Engine, revision: str = "heads") -> None:
    """Bring the store's schema to `revision`, the newest by default. Safe to call at every start."""
    config = alembic_config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def insert_new(conn: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows, leaving out those whose key stands already."""
    if not rows:
        return
    if conn.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as pg_insert

        conn.execute(pg_insert(table).on_conflict_do_nothing(), rows)
    else:
        conn.execute(sa.insert(table).prefix_with("OR IGNORE", dialect="sqlite"), rows)
