"""Tables of the chain part: the outbox, the blocks and events read, and the cursors.

Addresses and hashes are lower-case hex text with `0x`, as JSON-RPC writes them; so a row can be read by eye and
compared without conversion.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from lendchain.db import RowId, metadata

QUEUED: Final = "queued"
SIGNED: Final = "signed"
SUBMITTED: Final = "submitted"
INCLUDED: Final = "included"
REFUSED: Final = "refused"  # in a block without effect, perhaps because of a reorganisation: tried again when final
FINAL: Final = "final"
FAILED: Final = "failed"

operations = sa.Table(
    "operations",
    metadata,
    sa.Column("seq", RowId, primary_key=True, autoincrement=True),
    sa.Column("id", sa.Text, nullable=False, unique=True),
    sa.Column("stage", sa.BigInteger, nullable=False),
    sa.Column("sender", sa.String(42), nullable=False),
    sa.Column("key_ref", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("to_address", sa.String(42)),  # null: creates a contract
    sa.Column("data", sa.LargeBinary, nullable=False),
    sa.Column("gas_limit", sa.BigInteger, nullable=False),
    sa.Column("status", sa.String(9), nullable=False),
    sa.Column("nonce", sa.BigInteger),
    sa.Column("raw", sa.LargeBinary),
    sa.Column("tx_hash", sa.String(66), unique=True),
    sa.Column("sent_at_block", sa.BigInteger),  # head when last sent; null: send (again) now
    sa.Column("sends", sa.Integer, nullable=False, server_default="0"),
    sa.Column("attempt", sa.Integer, nullable=False, server_default="1"),
    sa.Column("block_number", sa.BigInteger),
    sa.Column("block_hash", sa.String(66)),
    sa.Column("disturbed", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("reason_code", sa.Integer),
    sa.Column("reason", sa.Text),
    sa.Index("ix_operations_status_stage_seq", "status", "stage", "seq"),
    sa.Index("ix_operations_sender_nonce", "sender", "nonce"),
    sa.Index("ix_operations_block_number", "block_number"),
)

accounts = sa.Table(
    "chain_accounts",
    metadata,
    sa.Column("address", sa.String(42), primary_key=True),
    sa.Column("next_nonce", sa.BigInteger, nullable=False),
)

blocks = sa.Table(
    "chain_blocks",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hash", sa.String(66), nullable=False),
    sa.Column("parent_hash", sa.String(66), nullable=False),
    sa.Column("timestamp", sa.BigInteger, nullable=False),
    sa.Column("events", sa.Integer, nullable=False),
)

events = sa.Table(
    "chain_events",
    metadata,
    sa.Column("block_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("log_index", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("block_hash", sa.String(66), nullable=False),
    sa.Column("tx_hash", sa.String(66), nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),  # place among this transaction's events of ours
    sa.Column("address", sa.String(42), nullable=False),
    sa.Column("contract", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("args", sa.Text, nullable=False),  # JSON in the ABI's order; integers above 2^53 as decimal text
    sa.Index("ix_chain_events_tx_hash", "tx_hash"),
)

heads = sa.Table(
    "chain_heads",
    metadata,
    sa.Column("address", sa.String(42), primary_key=True),
    sa.Column("block_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("head", sa.String(66), nullable=False),  # the contract's sequence and running hash after this block
)

cursors = sa.Table(
    "chain_cursors",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("block_number", sa.BigInteger, nullable=False),
    sa.Column("block_hash", sa.String(66), nullable=False),
    sa.Column("final_number", sa.BigInteger, nullable=False),
)

settings = sa.Table(
    "chain_settings",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
