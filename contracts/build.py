"""Compiles the contracts into `src/lendchain/chain/artifacts`, a JSON file each; `--check` compares instead of writing.

The artifacts ship in the package, so that a user of the wheel needs no compiler. The same sources give the same bytes
on any machine: the compiler's version is pinned, and nothing that it writes depends on a path or a date.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from pathlib import Path
from typing import Any

import vyper
from vyper.compiler import compile_from_file_input
from vyper.compiler.input_bundle import FilesystemInputBundle
from vyper.compiler.settings import OptimizationLevel, Settings
from vyper.utils import keccak256

CONTRACTS = Path(__file__).resolve().parent
ARTIFACTS = CONTRACTS.parent / "src" / "lendchain" / "chain" / "artifacts"
COMPILER = "0.4.3"
EVM = "cancun"
CODE_LIMIT = 24_576

# How each deployed contract is optimized: for gas where it fits the limit of code size.
OPTIMIZE: dict[str, str] = {
    "AllowList": "gas",
    "Clock": "gas",
    "Guarantee": "gas",
    "Heartbeat": "gas",
    "Lens": "codesize",
    "LoanBook": "gas",
    "Money": "gas",
    "Roles": "gas",
    "Rules": "gas",
    "Workout": "gas",
}


def compiled(name: str) -> dict[str, Any]:
    """The artifact of one contract: interface, code, and the hashes that a manifest names."""
    bundle = FilesystemInputBundle([CONTRACTS])
    settings = Settings(
        optimize=OptimizationLevel.from_string(OPTIMIZE[name]), evm_version=EVM, experimental_codegen=False
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        output = compile_from_file_input(
            bundle.load_file(f"{name}.vy"),
            input_bundle=bundle,
            settings=settings,
            output_formats=["abi", "bytecode", "bytecode_runtime", "integrity", "layout"],
        )
    runtime = bytes.fromhex(output["bytecode_runtime"][2:])
    immutables = output["layout"].get("code_layout", {})
    return {
        "name": name,
        "compiler": f"vyper {COMPILER}, {EVM}, {OPTIMIZE[name]}",
        "source_hash": output["integrity"],
        "runtime_size": len(runtime),
        "immutables_size": _size_of(immutables),
        "runtime_hash": "0x" + keccak256(runtime).hex(),
        "abi": output["abi"],
        "bytecode": output["bytecode"],
    }


def _size_of(layout: dict[str, Any]) -> int:
    """Bytes of the immutables, which stand behind the code on the chain and count towards the limit."""
    if "length" in layout and not isinstance(layout["length"], dict):
        return int(layout["length"])
    return sum(_size_of(part) for part in layout.values())


def written(artifact: dict[str, Any]) -> str:
    """An artifact as its file holds it."""
    return json.dumps(artifact, indent=1, sort_keys=False) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Builds or checks; the exit status is 0 when all is well."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="contracts; all when none is named")
    parser.add_argument("--check", action="store_true", help="compare with what is committed, write nothing")
    options = parser.parse_args(arguments)
    if not vyper.__version__.startswith(COMPILER):
        print(f"needs vyper {COMPILER}, found {vyper.__version__}", file=sys.stderr)
        return 2
    failed = False
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    for name in options.names or sorted(OPTIMIZE):
        artifact = compiled(name)
        size = artifact["runtime_size"] + artifact["immutables_size"]
        text, path = written(artifact), ARTIFACTS / f"{name}.json"
        if size > CODE_LIMIT:
            print(f"{name}: {size} bytes, above the limit of {CODE_LIMIT}", file=sys.stderr)
            failed = True
        if options.check:
            same = path.exists() and path.read_text(encoding="utf-8") == text
            print(f"{name:12} {size:6} bytes  {'same' if same else 'DIFFERS'}")
            failed = failed or not same
        else:
            path.write_text(text, encoding="utf-8")
            print(f"{name:12} {size:6} bytes")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
