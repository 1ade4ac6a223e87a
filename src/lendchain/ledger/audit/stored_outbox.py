"""The outbox beside the chain: what it says was sent is what the chain carried out, where and with what effect."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa

from lendchain.chain import models as chain
from lendchain.chain.hashing import keccak256
from lendchain.ledger.audit.report import Difference
from lendchain.ledger.audit.source import FreshChain

AT_ONCE: Final = 500
_DONE: Final = (chain.INCLUDED, chain.FINAL)
_IN_BLOCK: Final = (*_DONE, chain.FAILED)


def compare_operations(conn: sa.Connection, fresh: FreshChain) -> Iterator[Difference]:
    """Operations that stand in a block, against their transactions and receipts."""
    c = chain.operations.c
    query = sa.select(chain.operations).where(c.status.in_(_IN_BLOCK), c.tx_hash.is_not(None)).order_by(c.seq)
    for rows in conn.execute(query).partitions(AT_ONCE):
        hashes = [str(row.tx_hash) for row in rows]
        receipts = fresh.rpc.receipts(hashes)
        sent = fresh.rpc.batch(("eth_getTransactionByHash", (name,)) for name in hashes)
        for row, receipt, transaction in zip(rows, receipts, sent, strict=True):
            if receipt is None or transaction is None:
                yield _difference(row, "tx_hash", None)
                continue
            status = row.status if (row.status in _DONE) == receipt.succeeded else _status(receipt.succeeded)
            recomputed = {
                "sender": str(transaction["from"]).lower(),
                "to_address": transaction["to"].lower() if transaction["to"] else None,
                "data": bytes.fromhex(transaction["input"][2:]),
                "gas_limit": int(transaction["gas"], 16),
                "nonce": int(transaction["nonce"], 16),
                "status": status,
                "block_number": receipt.block_number,
                "block_hash": receipt.block_hash,
            }
            for column, value in recomputed.items():
                if getattr(row, column) != value:
                    yield _difference(row, column, value)
            if row.raw is not None and "0x" + keccak256(row.raw).hex() != row.tx_hash:
                yield _difference(row, "raw", None)


def _status(succeeded: bool) -> str:
    return chain.INCLUDED if succeeded else chain.FAILED


def _difference(row: sa.Row[Any], column: str, recomputed: Any) -> Difference:
    return Difference(chain.operations.name, f"seq {row.seq}", column, getattr(row, column), recomputed)
