"""The embedded node: anvil, for the demo, the sandbox, replays and tests.

It is a simulator without consensus that keeps its chain in memory. So its state is dumped to disk from time to time,
under a new name and only then made the newest; after a crash it starts from the last good dump and is simply some
blocks back. The outbox drives those again.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

import orjson

from lendchain.chain.dumps import DumpedIsFinal, Dumps
from lendchain.chain.engine import Capabilities, FinalityRule, GasPolicy
from lendchain.chain.errors import ChainError, FolderInUseError, NodeUnreachableError, RpcRefusedError
from lendchain.chain.files import write_whole
from lendchain.chain.http import HttpTransport
from lendchain.chain.ports import Clock, SystemClock
from lendchain.chain.rpc import Rpc
from lendchain.i18n import _

CHAIN_ID: Final = 31_337
_START_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class NodeRecord:
    """What is written down about a running node, so that another process finds it."""

    pid: int
    port: int
    genesis_hash: str

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@dataclass
class EmbeddedEngine:
    """Anvil in a data folder of its own.

    `block_seconds` None mines when `mine` is called; a number makes a block each so many seconds. `dump_seconds` is the
    least time between two dumps; a dump that takes long makes the next one wait longer, so that dumping stays a small
    part of the work. While it writes a dump the node holds up to three times its memory: one that has grown above
    `dumped_up_to_bytes` is dumped only when asked for (`dump`, `stop`), and what it loses in a crash is driven anew.
    """

    folder: Path
    block_seconds: int | None = None
    dump_seconds: float = 30.0
    dumped_up_to_bytes: int = 500_000_000
    chain_id: int = CHAIN_ID
    program: Path | None = None
    kept_states: int = 16  # each holds the hashes of all blocks: 64 take 250 MB after 15,000 blocks, 16 take 110 MB
    gas: GasPolicy = field(default_factory=lambda: GasPolicy(block_gas_limit=600_000_000))
    clock: Clock = field(default_factory=SystemClock)
    name: str = "embedded"

    def __post_init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock: IO[str] | None = None
        self._record: NodeRecord | None = None
        self._control: Rpc | None = None
        self._next_dump = 0.0
        self._dumps = Dumps(self.folder / "states")

    # --- the engine -------------------------------------------------------------------------------------------------

    @property
    def endpoint(self) -> str:
        if self._record is None:
            raise ChainError(_("The node has not been started."))
        return self._record.endpoint

    @property
    def finality(self) -> FinalityRule:
        return DumpedIsFinal(self._dumps)

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(mines_on_demand=self.block_seconds is None, dumps_state=True)

    def start(self) -> None:
        """Take the folder, then join the node that runs there already, or start one from the last good dump."""
        self._take_folder()
        if self._record is not None and self._answers(self._record):
            return
        self._end_process()
        record = running_node(self.folder)
        if record is None:
            record = self._launch()
        self._record = record
        self._control = Rpc(HttpTransport(record.endpoint, timeout=600))
        if self._dumps.newest() is None:
            self.dump()  # so that a restart begins with the same first block

    def stop(self) -> None:
        """Dump, end the node, give the folder back."""
        if self._record is not None and self._answers(self._record):
            self.dump()
            _end(self._record.pid)
        self._end_process()
        (self.folder / "node.json").unlink(missing_ok=True)
        self._record = self._control = None
        self._leave_folder()

    def leave(self) -> None:
        """Give the folder back and let the node run on; a later `start` joins it."""
        if self._record is not None and self._answers(self._record) and not self._is_large():
            self.dump()
        self._process = self._record = self._control = None
        self._leave_folder()

    def rpc(self) -> Rpc:
        return Rpc(HttpTransport(self.endpoint))

    def mine(self, blocks: int = 1) -> None:
        if self.block_seconds is None:
            for _number in range(blocks):
                self._node().call("evm_mine")

    def dump(self, *, only_when_due: bool = False) -> int | None:
        """Write the node's state to disk; the height that is safe now."""
        started = self.clock.now()
        if only_when_due and (started < self._next_dump or self._is_large()):
            return None
        node = self._node()
        number = node.block_number()  # blocks made while the dump is written come with the next one
        newest = self._dumps.newest()
        if newest is not None and newest.number == number:
            return number
        text: str = node.call("anvil_dumpState")
        self._dumps.add(number, bytes.fromhex(text[2:]))
        ended = self.clock.now()
        self._next_dump = ended + max(self.dump_seconds, 20 * (ended - started))
        return number

    @property
    def pid(self) -> int:
        """The node's process, for whoever measures it."""
        if self._record is None:
            raise ChainError(_("The node has not been started."))
        return self._record.pid

    def _is_large(self) -> bool:
        return _resident_bytes(self.pid) > self.dumped_up_to_bytes

    # --- starting ---------------------------------------------------------------------------------------------------

    def _launch(self) -> NodeRecord:
        self._end_stray()
        for state in [*self._dumps.good_states(), None]:
            for _attempt in range(5):  # somebody else may take the free port first
                port = _free_port()
                record = self._try(port, state)
                if record is not None:
                    write_whole(self.folder / "node.json", orjson.dumps(_as_dict(record)))
                    return record
            if state is not None:
                self._dumps.reject(state)
        raise ChainError(
            _("The embedded node does not start."), hint=_("Its last words are in {log}.").format(log=self._log_path)
        )

    def _try(self, port: int, state: Path | None) -> NodeRecord | None:
        first = self.folder / "genesis"
        known = first.read_text(encoding="ascii") if state and first.exists() else None
        loaded = self._dumps.unpack(state, known) if state else None
        with self._log_path.open("ab") as log:
            self._process = subprocess.Popen(
                self._command(port, loaded),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,  # an interrupt in the terminal is for the platform, not for the node
            )
        self._stray_path.write_text(f"{self._process.pid} {port}", encoding="ascii")
        rpc = Rpc(HttpTransport(f"http://127.0.0.1:{port}", timeout=10))
        deadline = time.monotonic() + _START_SECONDS
        try:
            while time.monotonic() < deadline and self._process.poll() is None:
                try:
                    genesis = rpc.header(0)
                except (NodeUnreachableError, RpcRefusedError):
                    time.sleep(0.02)
                    continue
                if genesis is not None and known not in (None, genesis.hash):
                    break
                if genesis is not None:
                    if known is None:
                        write_whole(first, genesis.hash.encode())
                    return NodeRecord(self._process.pid, port, genesis.hash)
            self._end_process()
            return None
        finally:
            if loaded is not None:
                loaded.unlink(missing_ok=True)

    def _end_stray(self) -> None:
        """End a node that a platform started here and died before it could write it down."""
        try:
            pid, port = self._stray_path.read_text(encoding="ascii").split()
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return
        if b"--port" in words and port.encode() in words and _alive(int(pid)):
            os.kill(int(pid), signal.SIGKILL)

    @property
    def _stray_path(self) -> Path:
        return self.folder / "starting"

    def _command(self, port: int, loaded: Path | None) -> list[str]:
        command = [str(self._program()), "--quiet", "--host", "127.0.0.1", "--port", str(port)]
        command += ["--chain-id", str(self.chain_id), "--hardfork", "cancun", "--accounts", "0", "--order", "fifo"]
        command += ["--block-base-fee-per-gas", "0", "--gas-price", "0", "--disable-min-priority-fee"]
        command += ["--gas-limit", str(self.gas.block_gas_limit), "--no-request-size-limit"]
        # the bare flag would forbid reading any older state
        command += ["--prune-history", str(self.kept_states)]
        command += ["--no-mining"] if self.block_seconds is None else ["--block-time", str(self.block_seconds)]
        if loaded is not None:
            command += ["--load-state", str(loaded)]
        return command

    def _program(self) -> Path:
        if self.program is None:
            from lendchain.chain.node import anvil_path

            self.program = anvil_path()
        return self.program

    @property
    def _log_path(self) -> Path:
        return self.folder / "node.log"

    def _node(self) -> Rpc:
        if self._control is None:
            raise ChainError(_("The node has not been started."))
        return self._control

    def _answers(self, record: NodeRecord) -> bool:
        return _alive(record.pid) and _genesis_at(record.endpoint) == record.genesis_hash

    def _end_process(self) -> None:
        if self._process is not None:
            if self._process.poll() is None:
                self._process.kill()
            self._process.wait()
            self._process = None

    def _take_folder(self) -> None:
        if self._lock is not None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = (self.folder / "lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.close()
            raise FolderInUseError(
                _("Another process is using {folder}.").format(folder=self.folder),
                hint=_("Wait until it ends, or name another folder with --data."),
            ) from None
        self._lock = lock

    def _leave_folder(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def running_node(folder: Path) -> NodeRecord | None:
    """The node that runs for a data folder, whoever started it; None when there is none."""
    try:
        record = NodeRecord(**orjson.loads((folder / "node.json").read_bytes()))
    except (FileNotFoundError, orjson.JSONDecodeError, TypeError):
        return None
    return record if _alive(record.pid) and _genesis_at(record.endpoint) == record.genesis_hash else None


def _as_dict(record: NodeRecord) -> dict[str, Any]:
    return {"pid": record.pid, "port": record.port, "genesis_hash": record.genesis_hash}


def _genesis_at(endpoint: str) -> str | None:
    try:
        header = Rpc(HttpTransport(endpoint, timeout=30)).header(0)
    except (NodeUnreachableError, RpcRefusedError):
        return None
    return header.hash if header else None


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    # a child of ours that has ended but was not waited for is not alive
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return True
    return stat.rpartition(")")[2].split()[0] != "Z"


def _resident_bytes(pid: int) -> int:
    """Memory that a process holds now; 0 where the system does not tell."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _end(pid: int) -> None:
    for number, patience in ((signal.SIGTERM, _STOP_SECONDS), (signal.SIGKILL, 5.0)):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if not _alive(pid):
                return
            time.sleep(0.02)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
