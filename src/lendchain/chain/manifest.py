"""The manifest: which contracts make up this platform, and on which chain they stand."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import orjson

from lendchain.chain.bindings import Contract, artifact
from lendchain.chain.errors import WrongChainError
from lendchain.chain.files import write_whole
from lendchain.chain.hashing import keccak256
from lendchain.chain.rpc import Rpc
from lendchain.i18n import _

FORMAT: Final = 1
ClockKind = Literal["sandbox", "block-time"]


@dataclass(frozen=True)
class Manifest:
    """Names a deployed platform. `clock` says where contracts take their time from; it can never be changed."""

    chain_id: int
    genesis_hash: str
    clock: ClockKind
    production: bool
    deployed_from: str
    first_block: int
    addresses: dict[str, str]
    code_hashes: dict[str, str]
    roles: dict[str, str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    @classmethod
    def load(cls, path: Path) -> Manifest:
        """Read a manifest; `WrongChainError` for one that this version cannot read, or that may not be used."""
        try:
            manifest = cls(**orjson.loads(path.read_bytes()))
        except (orjson.JSONDecodeError, TypeError) as error:
            raise WrongChainError(_("{path} is not a manifest.").format(path=path)) from error
        if manifest.format != FORMAT:
            raise WrongChainError(
                _("{path} has format {found}; this version reads {known}.").format(
                    path=path, found=manifest.format, known=FORMAT
                )
            )
        manifest.check_clock()
        return manifest

    def save(self, path: Path) -> None:
        """Write it whole or not at all."""
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS))

    def check_clock(self) -> None:
        """A production manifest has no sandbox clock."""
        if self.production and self.clock != "block-time":
            raise WrongChainError(
                _("A production platform cannot run on a sandbox clock: its time could be moved by hand."),
                hint=_("Deploy anew with the clock bound to block time."),
            )

    def check(self, rpc: Rpc) -> None:
        """Refuse a chain that is not the manifest's: chain id, first block, the code at every address."""
        self.check_identity(rpc)
        codes = rpc.codes(list(self.addresses.values()))
        for name, code in zip(self.addresses, codes, strict=True):
            found = "0x" + keccak256(code).hex()
            if found != self.code_hashes[name]:
                raise _mismatch(_("code of {contract}").format(contract=name), found, self.code_hashes[name])

    def check_identity(self, rpc: Rpc) -> None:
        """Refuse a chain with another id or another first block."""
        self.check_clock()
        found_id = rpc.chain_id()
        if found_id != self.chain_id:
            raise _mismatch(_("chain id"), found_id, self.chain_id)
        genesis = rpc.header(0)
        if genesis is None or genesis.hash != self.genesis_hash:
            raise _mismatch(_("first block"), genesis.hash if genesis else None, self.genesis_hash)

    def contract(self, name: str, rpc: Rpc | None = None) -> Contract:
        """A contract of this platform by its name."""
        return Contract(artifact(name), self.addresses[name], rpc)

    def contracts(self, rpc: Rpc | None = None) -> list[Contract]:
        """All of them; what the indexer listens to."""
        return [self.contract(name, rpc) for name in self.addresses]


def _mismatch(what: str, found: Any, expected: Any) -> WrongChainError:
    return WrongChainError(
        _("This is not the chain of the manifest: {what} is {found}, expected {expected}.").format(
            what=what, found=found, expected=expected
        ),
        hint=_("Name the right endpoint with --rpc, or the right folder with --data."),
    )
