"""What the platform asks a node, in the platform's own words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from lendchain.chain.errors import NodeUnreachableError, RevertedError, RpcRefusedError
from lendchain.chain.ports import Call, Reply, Transport
from lendchain.chain.reverts import code_in, words
from lendchain.i18n import _


@dataclass(frozen=True, slots=True)
class Header:
    """A block's place in the chain, and the hashes of its transactions."""

    number: int
    hash: str
    parent_hash: str
    timestamp: int
    tx_hashes: tuple[str, ...]
    gas_used: int = 0


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where a transaction ended up and whether it took effect."""

    tx_hash: str
    block_number: int
    block_hash: str
    succeeded: bool
    gas_used: int
    contract: str | None


class Sent(Enum):
    """What a node said to a transaction sent to it."""

    ACCEPTED = "accepted"
    KNOWN = "known"  # it has it already, in its pool or in a block
    NONCE_USED = "nonce used"  # this sender's nonce is past
    LATER = "later"  # not now: the pool is full, a nonce is missing
    REFUSED = "refused"  # this transaction will never be taken


_KNOWN: Final = ("already known", "already imported", "already in mempool", "already exists", "known transaction")
_USED: Final = ("nonce too low", "nonce has already been used", "invalid nonce; got", "oldnonce")
_LATER: Final = ("pool is full", "nonce too high", "too many", "timeout", "busy", "no reply", "queue", "syncing")
_REFUSED: Final = (
    "insufficient funds",
    "intrinsic gas",
    "exceeds block gas limit",
    "gas limit",
    "max initcode",
    "oversized",
    "invalid sender",
    "invalid signature",
    "chain id",
    "rlp",
    "decode",
    "underpriced",
    "fee cap",
    "out of gas",
)


class Rpc:
    """A node as the platform sees it. Every method raises `NodeUnreachableError` when no answer came."""

    def __init__(self, transport: Transport) -> None:
        self.transport = transport

    def call(self, method: str, *params: Any) -> Any:
        """One call's result; `RpcRefusedError` when the node answers with an error."""
        return _result(self.transport.post([Call(method, params)])[0])

    def batch(self, calls: Iterable[tuple[str, tuple[Any, ...]]]) -> list[Any]:
        """Many calls' results in order; `RpcRefusedError` for the first that failed."""
        return [_result(reply) for reply in self.replies(calls)]

    def replies(self, calls: Iterable[tuple[str, tuple[Any, ...]]]) -> list[Reply]:
        """Many calls' replies in order, errors among them."""
        asked = [Call(method, params) for method, params in calls]
        return self.transport.post(asked) if asked else []

    def chain_id(self) -> int:
        return int(self.call("eth_chainId"), 16)

    def block_number(self) -> int:
        return int(self.call("eth_blockNumber"), 16)

    def header(self, block: int | str) -> Header | None:
        """The header at a height or tag, None where the node has no such block."""
        return _header(self.call("eth_getBlockByNumber", _block(block), False))

    def headers(self, numbers: Sequence[int]) -> list[Header | None]:
        """Headers at the heights, in order."""
        return [_header(item) for item in self.batch(("eth_getBlockByNumber", (hex(n), False)) for n in numbers)]

    def logs_in_block(self, block_hash: str, addresses: Sequence[str]) -> list[dict[str, Any]]:
        return self.logs_in_blocks([block_hash], addresses)[0]

    def logs_in_blocks(self, hashes: Sequence[str], addresses: Sequence[str]) -> list[list[dict[str, Any]]]:
        """Logs of each block named by hash: an answer that cannot be about another branch."""
        wanted = list(addresses)
        return self.batch(("eth_getLogs", ({"blockHash": name, "address": wanted},)) for name in hashes)

    def logs_in_range(self, first: int, last: int, addresses: Sequence[str]) -> list[dict[str, Any]]:
        """Logs of a range of heights: fast, for blocks that will not change; the caller checks the block hashes."""
        asked = {"fromBlock": hex(first), "toBlock": hex(last), "address": list(addresses)}
        logs: list[dict[str, Any]] = self.call("eth_getLogs", asked)
        return logs

    def receipts(self, tx_hashes: Sequence[str]) -> list[Receipt | None]:
        return [_receipt(item) for item in self.batch(("eth_getTransactionReceipt", (name,)) for name in tx_hashes)]

    def nonces(self, addresses: Sequence[str], block: int | str = "latest") -> list[int]:
        """How many transactions each account has in the chain up to the block."""
        asked = (("eth_getTransactionCount", (address, _block(block))) for address in addresses)
        return [int(item, 16) for item in self.batch(asked)]

    def codes(self, addresses: Sequence[str]) -> list[bytes]:
        return [bytes.fromhex(item[2:]) for item in self.batch(("eth_getCode", (a, "latest")) for a in addresses)]

    def send_raw(self, raws: Sequence[bytes]) -> list[tuple[Sent, str]]:
        """Send signed transactions; what the node said to each, and its words where it did not accept."""
        return [_sent(reply) for reply in self.replies(("eth_sendRawTransaction", ("0x" + raw.hex(),)) for raw in raws)]

    def eth_call(self, to: str, data: bytes, *, sender: str | None = None, block: int | str = "latest") -> bytes:
        """Read from a contract; `RevertedError` with the code's words when it refuses."""
        return self.eth_calls([(to, data)], sender=sender, block=block)[0]

    def eth_calls(
        self, calls: Sequence[tuple[str, bytes]], *, sender: str | None = None, block: int | str = "latest"
    ) -> list[bytes]:
        """Many reads in one exchange."""
        who = {"from": sender} if sender else {}
        asked = (("eth_call", ({"to": to, "data": "0x" + data.hex(), **who}, _block(block))) for to, data in calls)
        return [bytes.fromhex(_call_result(reply)[2:]) for reply in self.replies(asked)]

    def revert_of(self, sender: str, to: str | None, data: bytes, gas: int, block: int | str) -> int | None:
        """The refusal code that a failed transaction would give at a block; None when it gives none."""
        asked = {"from": sender, "data": "0x" + data.hex(), "gas": hex(gas), "gasPrice": "0x0"}
        reply = self.replies([("eth_call", (asked | ({"to": to} if to else {}), _block(block)))])[0]
        return code_in(reply.error)

    def is_up(self) -> bool:
        try:
            self.chain_id()
        except (NodeUnreachableError, RpcRefusedError):
            return False
        return True


def _block(block: int | str) -> str:
    return hex(block) if isinstance(block, int) else block


def _result(reply: Reply) -> Any:
    if reply.error is None:
        return reply.result
    message = str(reply.error.get("message", reply.error))
    data = reply.error.get("data")
    raise RpcRefusedError(
        _("The node refused: {message}").format(message=message),
        number=int(reply.error.get("code", 0)),
        data=data if isinstance(data, str) else None,
    )


def _call_result(reply: Reply) -> str:
    if reply.error is None:
        return str(reply.result)
    number = code_in(reply.error)
    if number is not None:
        raise RevertedError(words(number), number=number)
    message = str(reply.error.get("message", ""))
    if "revert" in message.lower():
        raise RevertedError(_("The contract refused without a reason."), number=None)
    raise RpcRefusedError(
        _("The node refused: {message}").format(message=message), number=int(reply.error.get("code", 0))
    )


def _header(item: Any) -> Header | None:
    if item is None:
        return None
    return Header(
        number=int(item["number"], 16),
        hash=item["hash"],
        parent_hash=item["parentHash"],
        timestamp=int(item["timestamp"], 16),
        tx_hashes=tuple(item["transactions"]),
        gas_used=int(item.get("gasUsed", "0x0"), 16),
    )


def _receipt(item: Any) -> Receipt | None:
    if item is None:
        return None
    return Receipt(
        tx_hash=item["transactionHash"],
        block_number=int(item["blockNumber"], 16),
        block_hash=item["blockHash"],
        succeeded=int(item["status"], 16) == 1,
        gas_used=int(item["gasUsed"], 16),
        contract=item.get("contractAddress"),
    )


def _sent(reply: Reply) -> tuple[Sent, str]:
    if reply.error is None:
        return Sent.ACCEPTED, ""
    message = str(reply.error.get("message", reply.error))
    lowered = message.lower()
    for kind, marks in ((Sent.KNOWN, _KNOWN), (Sent.NONCE_USED, _USED), (Sent.LATER, _LATER), (Sent.REFUSED, _REFUSED)):
        if any(mark in lowered for mark in marks):
            return kind, message
    return Sent.LATER, message
