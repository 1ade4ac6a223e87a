"""A node in one thread: real bytecode in a real EVM (revm), everything around it ours to break.

It keeps a pool, makes a block when told to, and can do what nodes do to those who trust them: lose its last blocks in a
crash, swap them for others in a reorg, forget its pool. Nothing in it reads a clock or chance: what happens follows
from the calls alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import rlp  # type: ignore[import-untyped]
from coincurve import PublicKey
from pyrevm import EVM, AccountInfo, BlockEnv, CfgEnv, Env, JournalCheckpoint, TxEnv

from lendchain.chain.hashing import keccak256
from lendchain.chain.ports import Call, Reply
from lendchain.chain.tx import created_address

CHAIN_ID = 31_337
GAS_LIMIT = 1_000_000_000
GENESIS_TIME = 1_700_000_000


@dataclass(frozen=True, slots=True)
class Transaction:
    """A signed transaction as it came, and what can be read off it."""

    raw: bytes
    hash: str
    sender: str
    nonce: int
    to: str | None
    data: bytes


@dataclass(slots=True)
class Block:
    number: int
    hash: str
    parent_hash: str
    timestamp: int
    transactions: list[Transaction]
    receipts: list[dict[str, Any]] = field(default_factory=list)
    logs: list[dict[str, Any]] = field(default_factory=list)
    before: JournalCheckpoint | None = None
    nonces_before: dict[str, int] = field(default_factory=dict)


class RpcError(Exception):
    def __init__(self, message: str, data: str | None = None) -> None:
        super().__init__(message)
        self.data = data


class SimNode:
    """One node. `post` answers JSON-RPC; `mine`, `reorg`, `crash` and `forget_pool` are the world's levers."""

    def __init__(self, finality_depth: int) -> None:
        self._finality_depth = finality_depth
        self._highest = 0
        block = BlockEnv(number=0, timestamp=GENESIS_TIME, basefee=0, gas_limit=GAS_LIMIT)
        self._evm = EVM(
            env=Env(cfg=CfgEnv(chain_id=CHAIN_ID), block=block, tx=TxEnv(gas_price=0)),
            spec_id="CANCUN",
            gas_limit=GAS_LIMIT,
        )
        self.blocks = [Block(0, _hash("genesis"), "0x" + "00" * 32, GENESIS_TIME, [])]
        self.pool: dict[str, Transaction] = {}
        self._nonces: dict[str, int] = {}
        self._where: dict[str, Block] = {}
        self._fork = 0  # makes the blocks of a new branch differ from those they replace
        self._methods: dict[str, Callable[..., Any]] = {
            "eth_chainId": self._chain_id,
            "eth_blockNumber": self._block_number,
            "web3_clientVersion": self._client_version,
            "eth_getBlockByNumber": self._get_block_by_number,
            "eth_getBlockByHash": self._get_block_by_hash,
            "eth_getLogs": self._get_logs,
            "eth_getTransactionReceipt": self._get_transaction_receipt,
            "eth_getBlockReceipts": self._get_block_receipts,
            "eth_getTransactionByHash": self._get_transaction_by_hash,
            "eth_getTransactionCount": self._get_transaction_count,
            "eth_getCode": self._get_code,
            "eth_sendRawTransaction": self._send_raw_transaction,
            "eth_call": self._call,
        }

    @property
    def head(self) -> Block:
        return self.blocks[-1]

    # ------------------------------------------------------------ the world's levers

    def mine(self) -> Block:
        """One block of all that can be mined, by order of arrival, each sender's nonces in order."""
        parent = self.head
        number = parent.number + 1
        block = Block(
            number,
            _hash(f"{parent.hash}/{number}/{self._fork}"),
            parent.hash,
            parent.timestamp + 1,
            [],
            before=self._evm.snapshot(),
            nonces_before=dict(self._nonces),
        )
        self._evm.set_block_env(BlockEnv(number=number, timestamp=block.timestamp, basefee=0, gas_limit=GAS_LIMIT))
        progress = True
        while progress:
            progress = False
            for transaction in list(self.pool.values()):
                if transaction.nonce == self._nonces.get(transaction.sender, 0):
                    self._execute(block, transaction)
                    del self.pool[transaction.hash]
                    progress = True
        self.blocks.append(block)
        self._highest = max(self._highest, number)
        return block

    def drop_blocks(self, depth: int) -> list[Transaction]:
        """Takes back the last blocks, final ones never; returns their transactions, first mined first."""
        lost: list[Transaction] = []
        for _ in range(self._takeable(depth)):
            block = self.blocks.pop()
            assert block.before is not None
            self._evm.revert(block.before)
            self._nonces = block.nonces_before
            lost[:0] = block.transactions
            for transaction in block.transactions:
                self._where.pop(transaction.hash, None)
        self._fork += 1
        return lost

    def reorg(self, depth: int, keep: list[bool]) -> None:
        """Swaps the last blocks for one more than they were; of their transactions those kept go back to the pool."""
        depth = self._takeable(depth)
        lost = self.drop_blocks(depth)
        self.pool = {
            **{item.hash: item for item, kept in zip(lost, _cycled(keep, len(lost)), strict=True) if kept},
            **self.pool,
        }
        for _ in range(depth + 1):
            self.mine()

    def crash(self, lost_blocks: int) -> None:
        """Dies and comes back from its last dump: the blocks since then and the pool are gone for good."""
        self.drop_blocks(lost_blocks)
        self.pool.clear()

    def forget_pool(self) -> None:
        self.pool.clear()

    # ------------------------------------------------------------ JSON-RPC

    def post(self, calls: Sequence[Call]) -> list[Reply]:
        return [self.answer(call) for call in calls]

    def answer(self, call: Call) -> Reply:
        try:
            return Reply(self._methods[call.method](*call.params))
        except RpcError as error:
            data = {"data": error.data} if error.data is not None else {}
            return Reply(error={"code": -32000, "message": str(error), **data})

    def _chain_id(self) -> str:
        return hex(CHAIN_ID)

    def _block_number(self) -> str:
        return hex(self.head.number)

    def _client_version(self) -> str:
        return "simulated/revm"

    def _get_block_by_number(self, name: str, full: bool) -> dict[str, Any] | None:
        block = self._at(name)
        return None if block is None else _shown(block)

    def _get_block_by_hash(self, name: str, full: bool) -> dict[str, Any] | None:
        return next((_shown(block) for block in self.blocks if block.hash == name), None)

    def _get_logs(self, wanted: dict[str, Any]) -> list[dict[str, Any]]:
        addresses = {item.lower() for item in _listed(wanted.get("address"))}
        if "blockHash" in wanted:
            blocks = [block for block in self.blocks if block.hash == wanted["blockHash"]]
            if not blocks:
                raise RpcError("unknown block")
        else:
            first, last = self._height(wanted.get("fromBlock", "0x0")), self._height(wanted.get("toBlock", "latest"))
            blocks = self.blocks[first : last + 1]
        return [log for block in blocks for log in block.logs if not addresses or log["address"] in addresses]

    def _get_transaction_receipt(self, name: str) -> dict[str, Any] | None:
        block = self._where.get(name)
        if block is None:
            return None
        return next(item for item in block.receipts if item["transactionHash"] == name)

    def _get_block_receipts(self, name: str) -> list[dict[str, Any]] | None:
        block = self._at(name)
        return None if block is None else block.receipts

    def _get_transaction_by_hash(self, name: str) -> dict[str, Any] | None:
        if name in self.pool:
            return {"hash": name, "blockNumber": None, "blockHash": None}
        block = self._where.get(name)
        return None if block is None else {"hash": name, "blockNumber": hex(block.number), "blockHash": block.hash}

    def _get_transaction_count(self, address: str, name: str = "latest") -> str:
        sender = address.lower()
        if name == "latest":
            return hex(self._nonces.get(sender, 0))
        if name == "pending":
            nonce = self._nonces.get(sender, 0)
            mine = {item.nonce for item in self.pool.values() if item.sender == sender}
            while nonce in mine:
                nonce += 1
            return hex(nonce)
        height = self._height(name)
        later = self.blocks[height + 1 : height + 2]
        return hex((later[0].nonces_before if later else self._nonces).get(sender, 0))

    def _get_code(self, address: str, name: str = "latest") -> str:
        code = self._evm.get_code(address)
        return "0x" + (bytes(code).hex() if code else "")

    def _send_raw_transaction(self, text: str) -> str:
        transaction = _read(bytes.fromhex(text[2:]))
        if transaction.hash in self.pool:
            raise RpcError("already known")
        if transaction.nonce < self._nonces.get(transaction.sender, 0):
            raise RpcError("nonce too low")
        self.pool[transaction.hash] = transaction
        return transaction.hash

    def _call(self, asked: dict[str, Any], name: str = "latest") -> str:
        head = self.head
        self._evm.set_block_env(BlockEnv(number=head.number, timestamp=head.timestamp, basefee=0, gas_limit=GAS_LIMIT))
        before = self._evm.snapshot()
        try:
            out = self._evm.message_call(
                asked.get("from", "0x" + "00" * 20),
                asked["to"],
                bytes.fromhex(asked["data"][2:]),
                gas=GAS_LIMIT,
            )
        except RuntimeError as error:
            raise RpcError("execution reverted", _output(error)) from error
        finally:
            self._evm.revert(before)
        return "0x" + bytes(out).hex()

    # ------------------------------------------------------------ inside

    def _takeable(self, depth: int) -> int:
        """How many of so many blocks may go: what was once buried under the finality depth stays."""
        final_number = max(self._highest - self._finality_depth, 0)
        return max(min(depth, self.head.number - final_number), 0)

    def _height(self, name: str) -> int:
        if name in ("latest", "pending", "safe", "finalized"):
            return self.head.number
        return 0 if name == "earliest" else int(name, 16)

    def _at(self, name: str) -> Block | None:
        height = self._height(name)
        return self.blocks[height] if height < len(self.blocks) else None

    def _execute(self, block: Block, transaction: Transaction) -> None:
        sender = transaction.sender
        contract = None
        succeeded = True
        try:
            if transaction.to is None:
                contract = created_address(sender, transaction.nonce)
                self._evm.insert_account_info(sender, AccountInfo(nonce=transaction.nonce))
                made = self._evm.deploy(sender, transaction.data, gas=GAS_LIMIT)
                assert made.lower() == contract
            else:
                self._evm.message_call(sender, transaction.to, transaction.data, gas=GAS_LIMIT)
        except RuntimeError:
            succeeded = False
        result = self._evm.result
        self._nonces[sender] = transaction.nonce + 1
        index = len(block.transactions)
        logs = [
            {
                "address": log.address.lower(),
                "topics": list(log.topics),
                "data": "0x" + bytes(log.data[1]).hex(),
                "blockNumber": hex(block.number),
                "blockHash": block.hash,
                "transactionHash": transaction.hash,
                "transactionIndex": hex(index),
                "logIndex": hex(len(block.logs) + place),
                "removed": False,
            }
            for place, log in enumerate(result.logs if succeeded and result else [])
        ]
        block.logs.extend(logs)
        block.transactions.append(transaction)
        block.receipts.append(
            {
                "transactionHash": transaction.hash,
                "transactionIndex": hex(index),
                "blockNumber": hex(block.number),
                "blockHash": block.hash,
                "from": sender,
                "to": transaction.to,
                "status": "0x1" if succeeded else "0x0",
                "gasUsed": hex(result.gas_used if result else 21_000),
                "contractAddress": contract,
                "logs": logs,
            }
        )
        self._where[transaction.hash] = block


def _read(raw: bytes) -> Transaction:
    assert raw[0] == 2, "only EIP-1559 transactions"
    items = rlp.decode(raw[1:])
    body, (parity, r, s) = items[:9], items[9:]
    digest = keccak256(b"\x02" + rlp.encode(body))
    signature = r.rjust(32, b"\0") + s.rjust(32, b"\0") + bytes((parity[0] if parity else 0,))
    public = PublicKey.from_signature_and_message(signature, digest, hasher=None).format(compressed=False)
    return Transaction(
        raw=raw,
        hash="0x" + keccak256(raw).hex(),
        sender="0x" + keccak256(public[1:])[12:].hex(),
        nonce=int.from_bytes(body[1], "big"),
        to="0x" + body[5].hex() if body[5] else None,
        data=bytes(body[7]),
    )


def _shown(block: Block) -> dict[str, Any]:
    return {
        "number": hex(block.number),
        "hash": block.hash,
        "parentHash": block.parent_hash,
        "timestamp": hex(block.timestamp),
        "transactions": [item.hash for item in block.transactions],
    }


def _hash(text: str) -> str:
    return "0x" + keccak256(text.encode()).hex()


def _listed(value: Any) -> list[str]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _cycled(pattern: list[bool], length: int) -> list[bool]:
    return [pattern[place % len(pattern)] for place in range(length)] if pattern else [True] * length


def _output(error: RuntimeError) -> str:
    """The revert data, which revm writes into its error text."""
    text = str(error)
    start = text.find("output: 0x")
    return "0x" if start < 0 else text[start + 8 :].split(maxsplit=1)[0].rstrip(",}")
