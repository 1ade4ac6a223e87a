"""The embedded node's state dumps: written aside, synced, renamed; the newest whole one counts."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from lendchain.chain.files import write_whole
from lendchain.chain.hashing import keccak256
from lendchain.chain.rpc import Rpc
from lendchain.chain.tx import rlp_bytes, rlp_int, rlp_list

_KEPT_DUMPS: Final = 2


@dataclass(frozen=True, slots=True)
class Dump:
    path: Path
    number: int


class Dumps:
    """State dumps in a folder: written aside, synced, renamed; each starts with the hash of what follows."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._newest: Dump | None = None

    def add(self, number: int, packed: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        standing = self._all()
        serial = int(standing[0].path.name.split("-")[1]) + 1 if standing else 1
        path = self.folder / f"state-{serial:08d}-{number}"
        write_whole(path, hashlib.sha256(packed).digest() + packed)
        self._newest = Dump(path, number)
        for old in standing[_KEPT_DUMPS - 1 :]:
            old.path.unlink(missing_ok=True)

    def newest(self) -> Dump | None:
        """The newest good dump."""
        if self._newest is None or not self._newest.path.exists():
            self._newest = next((dump for dump in self._all() if self._is_good(dump.path)), None)
        return self._newest

    def good_states(self) -> list[Path]:
        """Dumps that are whole, newest first."""
        return [dump.path for dump in self._all() if self._is_good(dump.path)]

    def reject(self, path: Path) -> None:
        """Put a dump aside that the node could not load."""
        path.rename(path.with_name("bad-" + path.name))
        self._newest = None

    def unpack(self, path: Path, genesis_hash: str | None) -> Path:
        """The dump as the file that the node loads.

        A node that starts from a dump makes a first block of its own and writes it into its next dump beside the true
        one; which of them counts after loading is left to chance. So only the true one is handed on.
        """
        state = orjson.loads(gzip.decompress(path.read_bytes()[32:]))
        state["blocks"] = [
            block
            for block in state["blocks"]
            if genesis_hash is None
            or int(block["header"]["number"], 16) > 0
            or header_hash(block["header"]) == genesis_hash
        ]
        plain = self.folder / "loading.json"
        plain.write_bytes(orjson.dumps(state))
        return plain

    def _all(self) -> list[Dump]:
        paths = sorted(self.folder.glob("state-*-*"), reverse=True)
        return [Dump(path, int(path.name.split("-")[2])) for path in paths if not path.name.endswith(".new")]

    def _is_good(self, path: Path) -> bool:
        content = path.read_bytes()
        return len(content) > 32 and hashlib.sha256(content[32:]).digest() == content[:32]


_HEADER_BYTES: Final = (
    "parentHash",
    "sha3Uncles",
    "miner",
    "stateRoot",
    "transactionsRoot",
    "receiptsRoot",
    "logsBloom",
)
_HEADER_NUMBERS: Final = ("difficulty", "number", "gasLimit", "gasUsed", "timestamp")


def header_hash(header: dict[str, Any]) -> str:
    """The hash of a block header of the `cancun` fork, from its fields as hex text."""
    parts = [rlp_bytes(bytes.fromhex(header[name][2:])) for name in _HEADER_BYTES]
    parts += [rlp_int(int(header[name], 16)) for name in _HEADER_NUMBERS]
    parts += [rlp_bytes(bytes.fromhex(header[name][2:])) for name in ("extraData", "mixHash", "nonce")]
    parts += [rlp_int(int(header["baseFeePerGas"], 16)), rlp_bytes(bytes.fromhex(header["withdrawalsRoot"][2:]))]
    parts += [rlp_int(int(header[name], 16)) for name in ("blobGasUsed", "excessBlobGas")]
    parts.append(rlp_bytes(bytes.fromhex(header["parentBeaconBlockRoot"][2:])))
    return "0x" + keccak256(rlp_list(b"".join(parts))).hex()


@dataclass(frozen=True)
class DumpedIsFinal:
    """A block is final once a dump on disk holds it: no crash takes it back."""

    dumps: Dumps

    def final_number(self, rpc: Rpc, head: int) -> int:  # noqa: ARG002
        newest = self.dumps.newest()
        return min(newest.number, head) if newest else 0
