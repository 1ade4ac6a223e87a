"""What can go wrong between the platform and its chain."""

from __future__ import annotations

from lendchain.errors import LendchainError


class ChainError(LendchainError):
    """Something about the chain that the operator can act on."""

    code = "chain"
    http_status = 503


class NodeUnreachableError(ChainError):
    """The node did not answer. Nothing is known about whether it carried out what it was asked."""

    code = "chain-unreachable"


class RpcRefusedError(ChainError):
    """The node answered with an error."""

    code = "chain-refused"

    def __init__(self, text: str, *, number: int = 0, data: str | None = None) -> None:
        super().__init__(text)
        self.number = number
        self.data = data


class RevertedError(ChainError):
    """A contract refused the call: `number` is the code of its `No(uint256)`, None where it gave none."""

    code = "chain-reverted"
    http_status = 409

    def __init__(self, text: str, *, number: int | None) -> None:
        super().__init__(text)
        self.number = number


class WrongChainError(ChainError):
    """The chain at the endpoint is not the one of the manifest."""

    code = "chain-mismatch"
    http_status = 409


class FolderInUseError(ChainError):
    """Another process has locked the data folder."""

    code = "chain-folder-locked"
    http_status = 409


class CursorMovedError(ChainError):
    """Another indexer has moved the cursor in between; its work stands, ours is dropped."""

    code = "chain-cursor-moved"
    http_status = 409


class HistoryBrokenError(ChainError):
    """An event is missing, altered or out of order: the contract's running hash does not continue."""

    code = "chain-history-broken"

    def __init__(self, text: str, *, address: str, block_number: int) -> None:
        super().__init__(text)
        self.address = address
        self.block_number = block_number


class OperationConflictError(ChainError):
    """An operation id stands already with other content."""

    code = "operation-conflict"
    http_status = 409


class OperationFailedError(ChainError):
    """An operation was refused by a contract or by the node."""

    code = "operation-failed"
    http_status = 409
