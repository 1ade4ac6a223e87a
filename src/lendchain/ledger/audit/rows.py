"""Stored rows beside recomputed ones, in the order of their key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy as sa

from lendchain.ledger.audit.report import Difference
from lendchain.ledger.bulk import Row


def stored_rows(conn: sa.Connection, table: sa.Table, *where: sa.ColumnElement[bool]) -> Iterator[Row]:
    """Rows of a table as they stand, in the order of their key."""
    query = sa.select(*table.columns).where(*where).order_by(*table.primary_key.columns)
    for row in conn.execution_options(yield_per=10_000).execute(query):
        yield tuple(row)


def in_order(table: sa.Table, rows: Iterable[Row]) -> list[Row]:
    """Rows in the order of their key by plain comparison: databases sort text by their own rules."""
    places = _key_places(table)
    return sorted(rows, key=lambda row: _sort_key(row, places))


def compare(table: sa.Table, stored: Iterable[Row], recomputed: Iterable[Row]) -> Iterator[Difference]:
    """Every difference between two runs of rows, both in the order of their key."""
    places = _key_places(table)
    have, want = iter(stored), iter(recomputed)
    left, right = next(have, None), next(want, None)
    while left is not None or right is not None:
        if left == right:
            left, right = next(have, None), next(want, None)
            continue
        a = _sort_key(left, places) if left is not None else None
        b = _sort_key(right, places) if right is not None else None
        if b is None or (a is not None and a < b):
            assert left is not None
            yield Difference(table.name, _key_text(table, left), "", _as_dict(table, left), None)
            left = next(have, None)
        elif a is None or b < a:
            assert right is not None
            yield Difference(table.name, _key_text(table, right), "", None, _as_dict(table, right))
            right = next(want, None)
        else:
            assert left is not None
            assert right is not None
            yield from differing_columns(table, left, right)
            left, right = next(have, None), next(want, None)


def differing_columns(table: sa.Table, stored: Row, recomputed: Row) -> Iterator[Difference]:
    """Column by column, of two rows with the same key."""
    for column, a, b in zip(table.columns, stored, recomputed, strict=True):
        if a != b or type(a) is not type(b):
            yield Difference(table.name, _key_text(table, stored), column.name, a, b)


def extra_row(table: sa.Table, row: Row) -> Difference:
    return Difference(table.name, _key_text(table, row), "", _as_dict(table, row), None)


def missing_row(table: sa.Table, row: Row) -> Difference:
    return Difference(table.name, _key_text(table, row), "", None, _as_dict(table, row))


def _key_places(table: sa.Table) -> list[int]:
    return [place for place, column in enumerate(table.columns) if column.primary_key]


def _sort_key(row: Row, places: list[int]) -> tuple[tuple[bool, Any], ...]:
    return tuple((isinstance(row[place], str), row[place]) for place in places)  # SQLite puts numbers before text


def _key_text(table: sa.Table, row: Row) -> str:
    named = zip(table.columns, row, strict=True)
    return ", ".join(f"{column.name} {value}" for column, value in named if column.primary_key)


def _as_dict(table: sa.Table, row: Row) -> dict[str, Any]:
    return {column.name: value for column, value in zip(table.columns, row, strict=True)}
