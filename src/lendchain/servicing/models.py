"""Tables of servicing: how far a replay has come, and which loan of its file became which loan on the chain."""

from __future__ import annotations

import sqlalchemy as sa

from lendchain.db import metadata

runs = sa.Table(
    "replay_runs",
    metadata,
    sa.Column("name", sa.String(16), primary_key=True),
    sa.Column("parameters", sa.Text, nullable=False),  # JSON: the file's hash and every choice; another one is refused
    sa.Column("next_day", sa.Integer, nullable=False),  # place of the next day to be enqueued
    sa.Column("days", sa.Integer, nullable=False),
)

loans = sa.Table(
    "replay_loans",
    metadata,
    sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),  # in the order of issue; names the keys
    sa.Column("name", sa.Text, nullable=False, unique=True),  # the file's id
    sa.Column("row", sa.Integer, nullable=False),
    sa.Column("loan", sa.String(66), nullable=False, unique=True),  # the chain's id
    sa.Column("issued_on", sa.Date, nullable=False),
    sa.Column("group", sa.String(16), nullable=False),
    sa.Column("term_months", sa.Integer, nullable=False),
    sa.Column("grade", sa.Integer, nullable=False),
    sa.Column("rule", sa.Integer),  # of the solver; null: single payments were given, or no path meets the totals
    sa.Column("cause", sa.String(32)),
    sa.Column("path_last_amount", sa.BigInteger, nullable=False),
    sa.Column("file_principal_lent", sa.BigInteger, nullable=False),
    sa.Column("file_principal", sa.BigInteger, nullable=False),
    sa.Column("file_interest", sa.BigInteger, nullable=False),
    sa.Column("file_late_fees", sa.BigInteger, nullable=False),
    sa.Column("file_recoveries", sa.BigInteger, nullable=False),
    sa.Column("file_last_amount", sa.BigInteger, nullable=False),
)
