"""Ledger: accounts, entries, lines, loans, positions, clock."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_ledger"
down_revision = "0001_chain"
branch_labels = None
depends_on = None

_LOAN_AMOUNTS = (
    "status",
    "last_block",
    "state_logged",
    "requested_at",
    "disbursed_at",
    "disbursed_day",
    "defaulted_at",
    "ended_at",
    "last_paid_at",
    "last_paid",
    "units",
    "unit_price",
    "funded_units",
    "lent",
    "opening_fee",
    "principal",
    "interest",
    "penalty",
    "fee",
    "fees_taken",
    "covered",
    "recovered_principal",
    "recovered_guarantee",
    "recovered_arrears",
    "recovered_extra",
    "charged_off",
    "waived_principal",
    "waived_interest",
    "levied",
    "waived_late",
    "arrears",
    "outstanding",
    "claimed_principal",
    "claimed_interest",
    "dust_principal",
    "dust_interest",
)


def upgrade() -> None:
    op.create_table(
        "ledger_accounts",
        sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("code", sa.String(24), nullable=False),
        sa.Column("loan", sa.String(66), nullable=False),
        sa.Column("holder", sa.String(42), nullable=False),
        sa.Column("opened", sa.BigInteger, nullable=False),
        sa.Column("debit", sa.BigInteger, nullable=False),
        sa.Column("credit", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("code", "loan", "holder", name="uq_ledger_accounts_code_loan_holder"),
    )
    op.create_index("ix_ledger_accounts_loan", "ledger_accounts", ["loan"])
    op.create_index("ix_ledger_accounts_holder", "ledger_accounts", ["holder"])
    op.create_table(
        "ledger_entries",
        sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("block_number", sa.BigInteger, nullable=False),
        sa.Column("log_index", sa.Integer, nullable=False),
        sa.Column("tx_hash", sa.String(66), nullable=False),
        sa.Column("ordinal", sa.Integer, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("act", sa.String(16), nullable=False),
        sa.Column("loan", sa.String(66), nullable=False),
        sa.UniqueConstraint("block_number", "log_index", name="uq_ledger_entries_block_number_log_index"),
    )
    op.create_index("ix_ledger_entries_loan", "ledger_entries", ["loan"])
    op.create_index("ix_ledger_entries_at", "ledger_entries", ["at"])
    op.create_table(
        "ledger_lines",
        sa.Column("entry", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("line", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("account", sa.BigInteger, nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_ledger_lines_account_entry", "ledger_lines", ["account", "entry"])
    op.create_table(
        "ledger_loans",
        sa.Column("loan", sa.String(66), primary_key=True),
        sa.Column("borrower", sa.String(42), nullable=False),
        sa.Column("document", sa.String(66), nullable=False),
        *(
            sa.Column(name, sa.Integer if name in ("status", "state_logged") else sa.BigInteger, nullable=False)
            for name in _LOAN_AMOUNTS
        ),
        sa.Column("who_word", sa.String(66), nullable=False),
        sa.Column("rules_word", sa.String(66), nullable=False),
        sa.Column("state_word", sa.String(66), nullable=False),
    )
    op.create_index("ix_ledger_loans_borrower", "ledger_loans", ["borrower"])
    op.create_table(
        "ledger_positions",
        sa.Column("loan", sa.String(66), primary_key=True),
        sa.Column("holder", sa.String(42), primary_key=True),
        sa.Column("units", sa.BigInteger, nullable=False),
        sa.Column("principal_debt", sa.String(40), nullable=False),
        sa.Column("interest_debt", sa.String(40), nullable=False),
        sa.Column("claimed_principal", sa.BigInteger, nullable=False),
        sa.Column("claimed_interest", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_ledger_positions_holder", "ledger_positions", ["holder"])
    op.create_table(
        "ledger_clock",
        sa.Column("block_number", sa.BigInteger, primary_key=True, autoincrement=False),
        sa.Column("log_index", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("time", sa.BigInteger, nullable=False),
    )


def downgrade() -> None:
    tables = ("clock", "positions", "loans", "lines", "entries", "accounts")
    for name in tables:
        op.drop_table(f"ledger_{name}")
