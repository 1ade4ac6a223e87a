"""Chain: outbox, accounts, blocks, events, running heads, cursors."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001_chain"
down_revision = None
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "operations",
        sa.Column("seq", ROW_ID, primary_key=True, autoincrement=True),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("stage", sa.BigInteger, nullable=False),
        sa.Column("sender", sa.String(42), nullable=False),
        sa.Column("key_ref", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("to_address", sa.String(42)),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.Column("gas_limit", sa.BigInteger, nullable=False),
        sa.Column("status", sa.String(9), nullable=False),
        sa.Column("nonce", sa.BigInteger),
        sa.Column("raw", sa.LargeBinary),
        sa.Column("tx_hash", sa.String(66)),
        sa.Column("sent_at_block", sa.BigInteger),
        sa.Column("sends", sa.Integer, nullable=False, server_default="0"),
        sa.Column("attempt", sa.Integer, nullable=False, server_default="1"),
        sa.Column("block_number", sa.BigInteger),
        sa.Column("block_hash", sa.String(66)),
        sa.Column("disturbed", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("reason_code", sa.Integer),
        sa.Column("reason", sa.Text),
        sa.UniqueConstraint("id", name="uq_operations_id"),
        sa.UniqueConstraint("tx_hash", name="uq_operations_tx_hash"),
    )
    op.create_index("ix_operations_status_stage_seq", "operations", ["status", "stage", "seq"])
    op.create_index("ix_operations_sender_nonce", "operations", ["sender", "nonce"])
    op.create_index("ix_operations_block_number", "operations", ["block_number"])
    op.create_table(
        "chain_accounts",
        sa.Column("address", sa.String(42), primary_key=True),
        sa.Column("next_nonce", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "chain_blocks",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("hash", sa.String(66), nullable=False),
        sa.Column("parent_hash", sa.String(66), nullable=False),
        sa.Column("timestamp", sa.BigInteger, nullable=False),
        sa.Column("events", sa.Integer, nullable=False),
    )
    op.create_table(
        "chain_events",
        sa.Column("block_number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("log_index", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("block_hash", sa.String(66), nullable=False),
        sa.Column("tx_hash", sa.String(66), nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("address", sa.String(42), nullable=False),
        sa.Column("contract", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("args", sa.Text, nullable=False),
    )
    op.create_index("ix_chain_events_tx_hash", "chain_events", ["tx_hash"])
    op.create_table(
        "chain_heads",
        sa.Column("address", sa.String(42), primary_key=True),
        sa.Column("block_number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("head", sa.String(66), nullable=False),
    )
    op.create_table(
        "chain_cursors",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("block_number", sa.BigInteger, nullable=False),
        sa.Column("block_hash", sa.String(66), nullable=False),
        sa.Column("final_number", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "chain_settings",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )


def downgrade() -> None:
    for name in (
        "chain_settings",
        "chain_cursors",
        "chain_heads",
        "chain_events",
        "chain_blocks",
        "chain_accounts",
        "operations",
    ):
        op.drop_table(name)
