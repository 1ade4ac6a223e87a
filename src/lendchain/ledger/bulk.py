"""Many rows at once, by the quickest way each database has."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import sqlalchemy as sa

Row = tuple[Any, ...]


def insert_rows(conn: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert rows given in the table's column order. Values are integers or text without tabs, quotes or line ends."""
    if not rows:
        return
    if conn.dialect.name == "postgresql":
        _copy(conn, table.name, table, rows)
    else:
        conn.exec_driver_sql(f"INSERT INTO {table.name} VALUES ({_marks(table)})", list(rows))  # noqa: S608


def upsert_rows(conn: sa.Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert rows, or replace those with the same primary key."""
    if not rows:
        return
    if conn.dialect.name == "postgresql":
        stage = f"new_{table.name}"
        conn.exec_driver_sql(f"CREATE TEMP TABLE IF NOT EXISTS {stage} (LIKE {table.name}) ON COMMIT DELETE ROWS")
        _copy(conn, stage, table, rows)
        keys = ", ".join(column.name for column in table.primary_key)
        changed = ", ".join(f"{c.name} = excluded.{c.name}" for c in table.columns if not c.primary_key)
        conn.exec_driver_sql(
            f"INSERT INTO {table.name} SELECT * FROM {stage} ON CONFLICT ({keys}) DO UPDATE SET {changed}"  # noqa: S608
        )
        conn.exec_driver_sql(f"DELETE FROM {stage}")  # noqa: S608
    else:
        conn.exec_driver_sql(f"INSERT OR REPLACE INTO {table.name} VALUES ({_marks(table)})", list(rows))  # noqa: S608


def _marks(table: sa.Table) -> str:
    return ", ".join("?" * len(table.columns))


def _copy(conn: sa.Connection, name: str, table: sa.Table, rows: Sequence[Row]) -> None:
    columns = ", ".join(column.name for column in table.columns)
    text = "".join("\t".join(map(str, row)) + "\n" for row in rows)
    cursor = conn.connection.cursor()
    try:
        cursor.execute(f"COPY {name} ({columns}) FROM STDIN", stream=BytesIO(text.encode()))  # type: ignore[call-arg]
    finally:
        cursor.close()
