"""The store that production uses is really tested where PostgreSQL is installed."""

from __future__ import annotations

import sqlalchemy as sa


def test_each_test_gets_an_empty_database_of_its_own(postgres_url: str) -> None:
    engine = sa.create_engine(postgres_url)
    with engine.begin() as connection:
        assert connection.scalar(sa.text("select count(*) from pg_tables where schemaname = 'public'")) == 0
        assert str(connection.scalar(sa.text("show server_encoding"))) == "UTF8"
    engine.dispose()
