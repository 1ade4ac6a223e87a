"""A sandbox platform in a data folder: node, store, keys, contracts and ledger, opened together.

```
DATA/seed             the sandbox's secret seed; every key follows from it
DATA/store.db         the store: outbox, events, ledger, replay
DATA/manifest.json    which contracts stand where
DATA/node/            the embedded node: its state, its port, its log
DATA/endpoint         instead of it, the JSON-RPC address of a chain that somebody else runs
```
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from lendchain import db
from lendchain.chain import Chain, EmbeddedEngine, Engine, ExternalEngine, Manifest, SandboxKeys, SeedFile, running_node
from lendchain.chain.deploy import DeployConfig, open_chain
from lendchain.chain.hashing import keccak256
from lendchain.chain.ports import SystemRng
from lendchain.errors import UsageError
from lendchain.i18n import _
from lendchain.ledger.fold import LedgerFold

# The sandbox's time is moved by hand: real time that passes between two commands is no time that the chain stood still.
_NEVER_STANDS: Final = 2**40


@dataclass(frozen=True, slots=True)
class Sandbox:
    """An open platform."""

    folder: Path
    store: sa.Engine
    engine: Engine
    keys: SandboxKeys
    manifest: Manifest
    chain: Chain


@dataclass(frozen=True, slots=True)
class Folder:
    """Where a sandbox keeps its things."""

    path: Path

    @property
    def store(self) -> Path:
        return self.path / "store.db"

    @property
    def manifest(self) -> Path:
        return self.path / "manifest.json"

    @property
    def node(self) -> Path:
        return self.path / "node"

    @property
    def seed(self) -> Path:
        return self.path / "seed"

    @property
    def endpoint(self) -> Path:
        return self.path / "endpoint"

    def rpc_url(self, named: str | None = None) -> str | None:
        """The chain to use: the one named now, else the one this folder was made on; None for the embedded node."""
        if named is None and self.endpoint.is_file():
            return self.endpoint.read_text(encoding="utf-8").strip()
        return named

    @property
    def is_used(self) -> bool:
        """Whether a platform was made here."""
        return self.manifest.is_file() and self.store.is_file()

    def require(self) -> None:
        """Raise UsageError when there is no platform here."""
        if not self.is_used:
            raise UsageError(
                _("There is no platform in {folder} yet.").format(folder=self.path),
                hint=_("Start with `lendchain demo` or `lendchain replay FILE`, or name its folder with --data."),
            )

    def open_store(self) -> sa.Engine:
        """The store, brought to the newest schema."""
        store = db.make_engine(self.store, durable=False)  # what a power cut takes, the chain gives back
        db.upgrade(store)
        return store


@contextmanager
def open_sandbox(
    path: Path, *, rpc_url: str | None = None, clock_start: int = 0, seed: int | None = None, keep_running: bool = False
) -> Iterator[Sandbox]:
    """Open the platform of a folder, making it where it is not: node started or joined, contracts deployed.

    At the end the embedded node is stopped after a last dump, or left running with `keep_running`. `seed` makes the
    keys of a new sandbox reproducible; without it they are random.
    """
    folder = Folder(path)
    path.mkdir(parents=True, exist_ok=True)
    rpc_url = folder.rpc_url(rpc_url)
    leaves = running_node(folder.node) is not None  # a failed command leaves the node as it found it
    engine: Engine = ExternalEngine(rpc_url) if rpc_url else EmbeddedEngine(folder.node)
    engine.start()
    try:
        if rpc_url:
            folder.endpoint.write_text(rpc_url + "\n", encoding="utf-8")
        store = folder.open_store()
        if seed is not None and not folder.seed.exists():
            _write_seed(folder.seed, seed)
        keys = SandboxKeys(SeedFile(folder.seed).load_or_make(SystemRng()))
        config = DeployConfig(clock_start=clock_start, beat_allowed_seconds=_NEVER_STANDS)
        chain, manifest = open_chain(engine, store, keys, config, folder.manifest, [LedgerFold()])
        yield Sandbox(path, store, engine, keys, manifest, chain)
        leaves = keep_running
    finally:
        if leaves and isinstance(engine, EmbeddedEngine):
            engine.leave()
        else:
            engine.stop()


def _write_seed(path: Path, seed: int) -> None:
    path.touch(mode=0o600)
    path.write_text(keccak256(f"lendchain sandbox {seed}".encode()).hex() + "\n", encoding="ascii")


def stop_node(folder: Folder) -> bool:
    """End the folder's embedded node after a last dump; whether one was running."""
    if running_node(folder.node) is None:
        return False
    engine = EmbeddedEngine(folder.node)
    engine.start()
    engine.stop()
    return True


@contextmanager
def joined_chain(folder: Folder, rpc_url: str | None = None) -> Iterator[tuple[Engine, Manifest]]:
    """The folder's chain to read from, checked against the manifest. A node that was not running ends again."""
    manifest = Manifest.load(folder.manifest)
    was_running = running_node(folder.node) is not None
    rpc_url = folder.rpc_url(rpc_url)
    engine: Engine = ExternalEngine(rpc_url) if rpc_url else EmbeddedEngine(folder.node)
    engine.start()
    try:
        manifest.check(engine.rpc())
        yield engine, manifest
    finally:
        if was_running and isinstance(engine, EmbeddedEngine):
            engine.leave()
        else:
            engine.stop()
