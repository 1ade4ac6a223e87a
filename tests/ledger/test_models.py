"""The revisions make the tables that the code describes, on both databases."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from lendchain.db import metadata
from lendchain.ledger import models as m
from lendchain.ledger.accounts import CHART, Side
from tests.ledger.stores import LEDGER_TABLES


def test_revisions_and_models_agree(store: sa.Engine) -> None:
    with store.connect() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        found = [change for change in compare_metadata(context, metadata) if "ledger_" in str(change)]
    assert found == []


def test_every_account_has_both_names_and_fits_its_column() -> None:
    assert all(account.english and account.chinese for account in CHART.values())
    kind = m.accounts.c.code.type
    assert isinstance(kind, sa.String)
    assert kind.length is not None
    assert max(map(len, CHART)) <= kind.length
    assert {account.side for account in CHART.values()} == set(Side)


def test_no_row_of_the_ledger_is_numbered_by_the_store() -> None:
    for table in LEDGER_TABLES:
        assert all(not column.autoincrement or column.autoincrement == "auto" for column in table.primary_key.columns)
        assert all(column.server_default is None and column.default is None for column in table.columns)
