"""Tables of the ledger. Each row follows from the chain's events alone: no machine's clock, no number the store draws.

Amounts are minor units; a line is positive on the debit side. Hashes, addresses and words are lower-case hex text.
"""

from __future__ import annotations

import sqlalchemy as sa

from lendchain.db import metadata

accounts = sa.Table(
    "ledger_accounts",
    metadata,
    sa.Column("id", sa.BigInteger, primary_key=True, autoincrement=False),  # 1, 2, 3 ... in the order of first use
    sa.Column("code", sa.String(24), nullable=False),
    sa.Column("loan", sa.String(66), nullable=False),
    sa.Column("holder", sa.String(42), nullable=False),
    sa.Column("opened", sa.BigInteger, nullable=False),  # the entry that used it first
    sa.Column("debit", sa.BigInteger, nullable=False),
    sa.Column("credit", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("code", "loan", "holder"),
    sa.Index("ix_ledger_accounts_loan", "loan"),
    sa.Index("ix_ledger_accounts_holder", "holder"),
)

entries = sa.Table(
    "ledger_entries",
    metadata,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),  # 1, 2, 3 ... without a gap
    sa.Column("block_number", sa.BigInteger, nullable=False),
    sa.Column("log_index", sa.Integer, nullable=False),
    sa.Column("tx_hash", sa.String(66), nullable=False),
    sa.Column("ordinal", sa.Integer, nullable=False),  # place among the transaction's events of ours
    sa.Column("at", sa.BigInteger, nullable=False),  # seconds since 1970 by the chain's clock
    sa.Column("kind", sa.String(16), nullable=False),  # the event's name
    sa.Column("act", sa.String(16), nullable=False),  # of a money move: the act that it settles
    sa.Column("loan", sa.String(66), nullable=False),
    sa.UniqueConstraint("block_number", "log_index"),
    sa.Index("ix_ledger_entries_loan", "loan"),
    sa.Index("ix_ledger_entries_at", "at"),
)

lines = sa.Table(
    "ledger_lines",
    metadata,
    sa.Column("entry", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("line", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("account", sa.BigInteger, nullable=False),
    sa.Column("amount", sa.BigInteger, nullable=False),
    sa.Index("ix_ledger_lines_account_entry", "account", "entry"),
    sqlite_with_rowid=False,
)

loans = sa.Table(
    "ledger_loans",
    metadata,
    sa.Column("loan", sa.String(66), primary_key=True),
    sa.Column("borrower", sa.String(42), nullable=False),
    sa.Column("document", sa.String(66), nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("last_block", sa.BigInteger, nullable=False),  # of the newest event that changed this row
    sa.Column("state_logged", sa.Integer, nullable=False),  # 1: state_word is the contract's
    sa.Column("requested_at", sa.BigInteger, nullable=False),
    sa.Column("disbursed_at", sa.BigInteger, nullable=False),  # 0: not yet
    sa.Column("disbursed_day", sa.BigInteger, nullable=False),  # local day number of the loan's zone
    sa.Column("defaulted_at", sa.BigInteger, nullable=False),
    sa.Column("ended_at", sa.BigInteger, nullable=False),
    sa.Column("last_paid_at", sa.BigInteger, nullable=False),
    sa.Column("last_paid", sa.BigInteger, nullable=False),
    sa.Column("units", sa.BigInteger, nullable=False),
    sa.Column("unit_price", sa.BigInteger, nullable=False),
    sa.Column("funded_units", sa.BigInteger, nullable=False),
    sa.Column("lent", sa.BigInteger, nullable=False),
    sa.Column("opening_fee", sa.BigInteger, nullable=False),
    sa.Column("principal", sa.BigInteger, nullable=False),
    sa.Column("interest", sa.BigInteger, nullable=False),
    sa.Column("penalty", sa.BigInteger, nullable=False),
    sa.Column("fee", sa.BigInteger, nullable=False),
    sa.Column("fees_taken", sa.BigInteger, nullable=False),
    sa.Column("covered", sa.BigInteger, nullable=False),
    sa.Column("recovered_principal", sa.BigInteger, nullable=False),
    sa.Column("recovered_guarantee", sa.BigInteger, nullable=False),
    sa.Column("recovered_arrears", sa.BigInteger, nullable=False),
    sa.Column("recovered_extra", sa.BigInteger, nullable=False),
    sa.Column("charged_off", sa.BigInteger, nullable=False),
    sa.Column("waived_principal", sa.BigInteger, nullable=False),
    sa.Column("waived_interest", sa.BigInteger, nullable=False),
    sa.Column("levied", sa.BigInteger, nullable=False),
    sa.Column("waived_late", sa.BigInteger, nullable=False),
    sa.Column("arrears", sa.BigInteger, nullable=False),
    sa.Column("outstanding", sa.BigInteger, nullable=False),
    sa.Column("claimed_principal", sa.BigInteger, nullable=False),
    sa.Column("claimed_interest", sa.BigInteger, nullable=False),
    sa.Column("dust_principal", sa.BigInteger, nullable=False),
    sa.Column("dust_interest", sa.BigInteger, nullable=False),
    sa.Column("who_word", sa.String(66), nullable=False),
    sa.Column("rules_word", sa.String(66), nullable=False),
    sa.Column("state_word", sa.String(66), nullable=False),
    sa.Index("ix_ledger_loans_borrower", "borrower"),
)

positions = sa.Table(
    "ledger_positions",
    metadata,
    sa.Column("loan", sa.String(66), primary_key=True),
    sa.Column("holder", sa.String(42), primary_key=True),
    sa.Column("units", sa.BigInteger, nullable=False),
    # What earlier credit the position does not share in, in 1/units of the loan of a minor unit: wider than 64 bits.
    sa.Column("principal_debt", sa.String(40), nullable=False),
    sa.Column("interest_debt", sa.String(40), nullable=False),
    sa.Column("claimed_principal", sa.BigInteger, nullable=False),
    sa.Column("claimed_interest", sa.BigInteger, nullable=False),
    sa.Index("ix_ledger_positions_holder", "holder"),
)

clock = sa.Table(
    "ledger_clock",
    metadata,
    sa.Column("block_number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("log_index", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("time", sa.BigInteger, nullable=False),
)
