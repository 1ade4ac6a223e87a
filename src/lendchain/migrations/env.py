"""Run by Alembic: applies the revisions through the caller's connection, or opens one by the configured URL."""

from __future__ import annotations

import importlib
from importlib.util import find_spec

import sqlalchemy as sa
from alembic import context

from lendchain.db import make_engine, metadata

# Every part that has tables; a comparison of schema and revisions needs them all in the metadata.
for name in ("lendchain.chain.models", "lendchain.ledger.models", "lendchain.servicing.models"):
    if find_spec(name.rpartition(".")[0]) and find_spec(name):
        importlib.import_module(name)


def run(connection: sa.Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    url = context.config.get_main_option("sqlalchemy.url")
    if url is None:
        raise RuntimeError("no store named: set sqlalchemy.url, or pass a connection")
    with make_engine(url).begin() as opened:
        run(opened)
