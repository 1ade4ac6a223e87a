"""The outbox beside the chain: what it says was sent is what the chain carried out, where and with what effect."""

from __future__ import annotations

from collections.abc import Container, Iterator, Sequence
from typing import Any, Final

import sqlalchemy as sa

from lendchain.chain import models as chain
from lendchain.chain.hashing import keccak256
from lendchain.ledger.audit.report import Difference
from lendchain.ledger.audit.source import FreshChain

AT_ONCE: Final = 1_000
BLOCKS_AT_ONCE: Final = 20
_DONE: Final = (chain.INCLUDED, chain.FINAL)
_IN_BLOCK: Final = (*_DONE, chain.FAILED)

Transaction = dict[str, Any]


def compare_operations(conn: sa.Connection, fresh: FreshChain, with_event: Container[str]) -> Iterator[Difference]:
    """Operations that stand in a block, against their transactions. `with_event`: those that had an effect, by the log.

    Whole blocks are asked for: a node gives them far quicker than as many single transactions and receipts.
    """
    c = chain.operations.c
    query = (
        sa.select(chain.operations)
        .where(c.status.in_(_IN_BLOCK), c.tx_hash.is_not(None))
        .order_by(c.block_number, c.seq)
    )
    for rows in conn.execute(query).partitions(AT_ONCE):
        sent = _transactions(fresh, rows)
        silent = [row.tx_hash for row in rows if row.tx_hash in sent and row.tx_hash not in with_event]
        receipts = dict(zip(silent, fresh.rpc.receipts(silent) if silent else (), strict=True))
        for row in rows:
            transaction = sent.get(row.tx_hash)
            if transaction is None:
                yield _difference(row, "tx_hash", None)
                continue
            receipt = receipts.get(row.tx_hash)
            yield from _compare(row, transaction, receipt is None or receipt.succeeded)


def _transactions(fresh: FreshChain, rows: Sequence[sa.Row[Any]]) -> dict[str, Transaction]:
    """The chain's transactions by hash: those of the blocks that the rows name, the rest one by one."""
    found: dict[str, Transaction] = {}
    numbers = sorted({row.block_number for row in rows if isinstance(row.block_number, int) and row.block_number >= 0})
    for start in range(0, len(numbers), BLOCKS_AT_ONCE):
        part = numbers[start : start + BLOCKS_AT_ONCE]
        for block in fresh.rpc.batch(("eth_getBlockByNumber", (hex(number), True)) for number in part):
            found.update((item["hash"], item) for item in (block["transactions"] if block else ()))
    missing = [str(row.tx_hash) for row in rows if row.tx_hash not in found]
    for reply in fresh.rpc.replies(("eth_getTransactionByHash", (name,)) for name in missing):
        if reply.error is None and reply.result:
            found[reply.result["hash"]] = reply.result
    return found


def _compare(row: sa.Row[Any], transaction: Transaction, succeeded: bool) -> Iterator[Difference]:
    recomputed = {
        "sender": str(transaction["from"]).lower(),
        "to_address": transaction["to"].lower() if transaction["to"] else None,
        "data": bytes.fromhex(transaction["input"][2:]),
        "gas_limit": int(transaction["gas"], 16),
        "nonce": int(transaction["nonce"], 16),
        "status": row.status if (row.status in _DONE) == succeeded else _status(succeeded),
        "block_number": int(transaction["blockNumber"], 16),
        "block_hash": transaction["blockHash"],
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
