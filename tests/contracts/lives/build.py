"""Compiles the contracts of a folder, once for each state of their sources."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from contracts.build import EVM, OPTIMIZE

CONTRACTS = Path(__file__).resolve().parents[3] / "contracts"
HERE = Path(__file__).resolve().parent
NAMES = ("Roles", "Clock", "Money", "AllowList", "Heartbeat", "Guarantee", "Rules", "Workout", "LoanBook")
PEEK = "Peek"
_IMPORT = re.compile(r"^from (\S+) import (\w+)", re.MULTILINE)


@dataclass(frozen=True)
class Artifact:
    """A compiled contract."""

    name: str
    abi: list[dict[str, Any]]
    bytecode: bytes


@cache
def compiled(name: str, folder: Path = CONTRACTS) -> Artifact:
    """A contract of that folder, from the cache of earlier runs when no source has changed."""
    source = (HERE if name == PEEK else folder) / f"{name}.vy"
    digest = hashlib.sha256(f"{name} {OPTIMIZE.get(name)} {EVM}".encode())
    for path in sorted(_with_imports(source, folder), key=lambda path: path.name):
        digest.update(path.name.encode() + path.read_bytes())
    kept = Path(tempfile.gettempdir()) / f"lendchain-lives-{os.getuid()}" / f"{name}-{digest.hexdigest()[:24]}.json"
    if not kept.exists():
        kept.parent.mkdir(exist_ok=True)
        abi, bytecode = _compile(source, folder)
        fresh = kept.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps({"abi": abi, "bytecode": bytecode.hex()}))
        fresh.replace(kept)
    found = json.loads(kept.read_text())
    return Artifact(name, found["abi"], bytes.fromhex(found["bytecode"]))


def _with_imports(source: Path, folder: Path) -> set[Path]:
    """A source and all that it imports, directly or not."""
    found, left = set(), [source]
    while left:
        path = left.pop()
        if path in found:
            continue
        found.add(path)
        for package, name in _IMPORT.findall(path.read_text(encoding="utf-8")):
            place = path.parent if package == "." else folder / package
            left += [file for file in (place / f"{name}.vy", place / f"{name}.vyi") if file.exists()]
    return found


def _compile(source: Path, folder: Path) -> tuple[list[dict[str, Any]], bytes]:
    from vyper.compiler.input_bundle import FilesystemInputBundle
    from vyper.compiler.output import build_abi_output
    from vyper.compiler.phases import CompilerData
    from vyper.compiler.settings import OptimizationLevel, Settings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        bundle = FilesystemInputBundle([folder])
        level = OptimizationLevel.from_string(OPTIMIZE.get(source.stem, "gas"))
        settings = Settings(optimize=level, evm_version=EVM, experimental_codegen=False)
        data = CompilerData(bundle.load_file(str(source)), bundle, settings=settings)
        return build_abi_output(data), data.bytecode
