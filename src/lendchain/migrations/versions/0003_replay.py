"""Replay: its progress, and the loans of its file."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003_replay"
down_revision = "0002_ledger"
branch_labels = None
depends_on = None

_FILE_AMOUNTS = (
    "path_last_amount",
    "file_principal_lent",
    "file_principal",
    "file_interest",
    "file_late_fees",
    "file_recoveries",
    "file_last_amount",
)


def upgrade() -> None:
    op.create_table(
        "replay_runs",
        sa.Column("name", sa.String(16), primary_key=True),
        sa.Column("parameters", sa.Text, nullable=False),
        sa.Column("next_day", sa.Integer, nullable=False),
        sa.Column("days", sa.Integer, nullable=False),
    )
    op.create_table(
        "replay_loans",
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("row", sa.Integer, nullable=False),
        sa.Column("loan", sa.String(66), nullable=False),
        sa.Column("issued_on", sa.Date, nullable=False),
        sa.Column("group", sa.String(16), nullable=False),
        sa.Column("term_months", sa.Integer, nullable=False),
        sa.Column("grade", sa.Integer, nullable=False),
        sa.Column("rule", sa.Integer),
        sa.Column("cause", sa.String(32)),
        *(sa.Column(name, sa.BigInteger, nullable=False) for name in _FILE_AMOUNTS),
        sa.UniqueConstraint("name"),
        sa.UniqueConstraint("loan"),
    )


def downgrade() -> None:
    op.drop_table("replay_loans")
    op.drop_table("replay_runs")
