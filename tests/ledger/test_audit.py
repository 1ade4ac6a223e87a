"""The audit finds and names any one value altered by hand, any row taken out and any row put in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from lendchain.chain import models as chain
from lendchain.db import reading
from lendchain.ledger import models as m
from lendchain.ledger.audit import AuditReport, Difference, audit
from lendchain.ledger.audit.manifest import audit_manifest
from lendchain.ledger.rendering import audit_table, to_json
from tests.ledger.world import World

AUDITED = (
    *(chain.cursors, chain.blocks, chain.events, chain.heads),
    *(m.accounts, m.entries, m.lines, m.loans, m.positions, m.clock),
)
COLUMNS = [(table, column.name) for table in AUDITED for column in table.columns]


def look(world: World, store: sa.Engine) -> AuditReport:
    return audit(store, world.chain.rpc, world.manifest.contracts(), world.engine.finality)


def rows_of(store: sa.Engine, table: sa.Table) -> list[dict[str, Any]]:
    with reading(store) as conn:
        return [dict(row._mapping) for row in conn.execute(sa.select(table).order_by(*table.primary_key.columns))]


def pick(store: sa.Engine, table: sa.Table, part: float = 0.6) -> dict[str, Any]:
    """A row from the middle of a table."""
    rows = rows_of(store, table)
    return rows[int(len(rows) * part)]


def key_of(table: sa.Table, row: dict[str, Any]) -> list[sa.ColumnElement[bool]]:
    return [column == row[column.name] for column in table.primary_key.columns]


def key_text(table: sa.Table, row: dict[str, Any]) -> str:
    return ", ".join(f"{column.name} {row[column.name]}" for column in table.columns if column.primary_key)


def other(value: Any) -> Any:
    """Another value of the same kind, as small a change as can be made."""
    if isinstance(value, int):
        return value + 1
    return value[:-1] + ("1" if value[-1:] != "1" else "2") if value else "x"


def spoil(store: sa.Engine, statement: sa.Executable) -> None:
    with store.begin() as conn:
        conn.execute(statement)


def named(report: AuditReport, table: sa.Table, key: str) -> Iterator[Difference]:
    return (found for found in report.differences if found.table == table.name and found.key == key)


def test_an_untouched_store_is_clean(world: World) -> None:
    report = look(world, world.store)
    assert report.is_clean, (report.differences[:3], report.violations[:3])
    assert report.counts["events"] > 200
    assert report.counts["loans"] == 8


@pytest.mark.parametrize(("table", "column"), COLUMNS, ids=[f"{t.name}.{c}" for t, c in COLUMNS])
def test_one_altered_value_is_found_and_named(
    world: World, copy_of_store: sa.Engine, table: sa.Table, column: str
) -> None:
    row = pick(copy_of_store, table)
    altered = other(row[column])
    while table.c[column].primary_key and any(
        all({**row, column: altered}[c.name] == r[c.name] for c in table.primary_key.columns)
        for r in rows_of(copy_of_store, table)
    ):
        altered += 1  # a key that no other row has
    spoil(copy_of_store, sa.update(table).where(*key_of(table, row)).values({column: altered}))
    report = look(world, copy_of_store)
    if table.c[column].primary_key:
        missing = [d for d in named(report, table, key_text(table, row)) if d.stored is None]
        extra = [d for d in named(report, table, key_text(table, {**row, column: altered})) if d.recomputed is None]
        assert missing
        assert extra
    else:
        found = [d for d in named(report, table, key_text(table, row)) if d.column == column]
        assert [(d.stored, d.recomputed) for d in found] == [(altered, row[column])]
        assert report.difference_count == 1
    assert not report.is_clean


@pytest.mark.parametrize("table", AUDITED, ids=lambda table: table.name)
def test_one_row_taken_out_is_found_and_named(world: World, copy_of_store: sa.Engine, table: sa.Table) -> None:
    row = pick(copy_of_store, table)
    spoil(copy_of_store, sa.delete(table).where(*key_of(table, row)))
    report = look(world, copy_of_store)
    assert [d.stored for d in named(report, table, key_text(table, row))] == [None]


@pytest.mark.parametrize("table", AUDITED, ids=lambda table: table.name)
def test_one_row_put_in_is_found_and_named(world: World, copy_of_store: sa.Engine, table: sa.Table) -> None:
    row = pick(copy_of_store, table)
    forged = dict(row)
    for column in table.primary_key.columns:
        forged[column.name] = row[column.name] + 10_000 if isinstance(row[column.name], int) else "forged"
    if table is m.accounts:
        forged["holder"] = "0x" + "11" * 20
    if table is m.entries:
        forged["block_number"] += 10_000
    spoil(copy_of_store, sa.insert(table).values(forged))
    report = look(world, copy_of_store)
    assert [d.recomputed for d in named(report, table, key_text(table, forged))] == [None]


@pytest.mark.slow
@pytest.mark.parametrize("table", (m.accounts, m.lines, m.entries, m.positions, m.loans), ids=lambda table: table.name)
def test_every_amount_of_every_row_is_guarded(world: World, copy_of_store: sa.Engine, table: sa.Table) -> None:
    """Each row of a table in turn loses a minor unit in its last number."""
    numbers = [
        column.name for column in table.columns if isinstance(column.type, sa.Integer) and not column.primary_key
    ]
    for place, row in enumerate(rows_of(copy_of_store, table)):
        column = numbers[place % len(numbers)]
        spoil(copy_of_store, sa.update(table).where(*key_of(table, row)).values({column: row[column] - 1}))
        found = list(named(look(world, copy_of_store), table, key_text(table, row)))
        assert [d.column for d in found] == [column]
        spoil(copy_of_store, sa.update(table).where(*key_of(table, row)).values({column: row[column]}))


def test_a_cursor_moved_back_names_the_cursor_not_the_rest(world: World, copy_of_store: sa.Engine) -> None:
    spoil(copy_of_store, sa.update(chain.cursors).values(block_number=5))
    report = look(world, copy_of_store)
    assert {d.table for d in report.differences} == {"chain_cursors"}


def test_text_in_the_place_of_a_number_is_found(world: World, copy_of_store: sa.Engine) -> None:
    with copy_of_store.begin() as conn:
        conn.exec_driver_sql("UPDATE ledger_accounts SET debit = debit || 'x' WHERE id = 3")
    assert list(named(look(world, copy_of_store), m.accounts, "id 3"))


def test_two_values_altered_to_agree_are_both_named(world: World, copy_of_store: sa.Engine) -> None:
    """A thief who moves a cent between two accounts, lines and all, keeps every total; each row is named still."""
    with copy_of_store.begin() as conn:
        conn.exec_driver_sql("UPDATE ledger_accounts SET credit = credit + 1 WHERE id = 4")
        conn.exec_driver_sql("UPDATE ledger_accounts SET credit = credit - 1 WHERE id = 5")
    assert {d.key for d in look(world, copy_of_store).differences} == {"id 4", "id 5"}


@pytest.mark.parametrize(
    "column",
    ["sender", "to_address", "data", "gas_limit", "nonce", "status", "raw", "tx_hash", "block_number", "block_hash"],
)
def test_an_altered_operation_of_the_outbox_is_found_and_named(
    world: World, copy_of_store: sa.Engine, column: str
) -> None:
    with copy_of_store.begin() as conn:
        row = conn.execute(sa.select(chain.operations).where(chain.operations.c.id == "deploy/bind")).one()
        value = getattr(row, column)
        altered = {"status": "failed", "data": b"\x01", "raw": b"\x02"}.get(column) or other(value)
        conn.execute(sa.update(chain.operations).where(chain.operations.c.seq == row.seq).values({column: altered}))
    report = look(world, copy_of_store)
    assert column in [d.column for d in named(report, chain.operations, f"seq {row.seq}")]


def test_the_audit_changes_nothing(world: World, copy_of_store: sa.Engine) -> None:
    before = {table.name: rows_of(copy_of_store, table) for table in AUDITED}
    look(world, copy_of_store)
    assert {table.name: rows_of(copy_of_store, table) for table in AUDITED} == before


def test_findings_can_be_read_as_table_and_json(world: World, copy_of_store: sa.Engine) -> None:
    from rich.console import Console

    spoil(copy_of_store, sa.update(m.accounts).where(m.accounts.c.id == 4).values(debit=1))
    report = look(world, copy_of_store)
    console = Console(width=160, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123
    console.print(audit_table(report))
    assert "ledger_accounts" in console.export_text()
    assert '"column": "debit"' in to_json(report)


# ---------------------------------------------------------------- the manifest


def test_the_manifest_of_the_platform_is_clean(world: World) -> None:
    assert list(audit_manifest(world.manifest, world.chain.rpc, world.store)) == []


@pytest.mark.parametrize("field", ["chain_id", "genesis_hash", "clock", "production", "deployed_from", "first_block"])
def test_one_altered_value_of_the_manifest_is_found_and_named(world: World, field: str) -> None:
    value = getattr(world.manifest, field)
    changes: dict[str, Any] = {field: {"clock": "block-time", "production": True}.get(field) or other(value)}
    spoiled = replace(world.manifest, **changes)
    assert [d.key for d in audit_manifest(spoiled, world.chain.rpc, world.store)] == [field]


@pytest.mark.parametrize("field", ["addresses", "code_hashes", "roles"])
def test_one_altered_entry_of_the_manifest_is_found_and_named(world: World, field: str) -> None:
    entries: dict[str, str] = getattr(world.manifest, field)
    for name, value in entries.items():
        changes: dict[str, Any] = {field: {**entries, name: other(value)}}
        spoiled = replace(world.manifest, **changes)
        assert f"{field}.{name}" in [d.key for d in audit_manifest(spoiled, world.chain.rpc, world.store)]
