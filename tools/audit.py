"""`make audit`: known faults in the packages we are locked to, and their licences.

Faults are looked up in the public advisory data (pip-audit, npm audit). Where that can't be reached nothing has been
audited, and the command says so and fails: silence is not a clean bill. Licences need no network.
"""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
from pathlib import Path
from typing import Final

from packaging.utils import canonicalize_name

from lendchain.chain.node import npm_command
from sbom import pins

ROOT: Final = Path(__file__).resolve().parent.parent
NPM_LOCKS: Final = ("src/lendchain/chain/node", "tests/node")
UNREACHABLE: Final = 3

PERMISSIVE: Final = ("mit", "apache", "bsd", "isc", "psf", "python software foundation", "unlicense", "0bsd", "cc0")
# Not permissive, and taken all the same: it binds only changes to its own files, which we don't make.
TAKEN: Final = {"orjson": "MPL-2.0 AND (Apache-2.0 OR MIT)"}


def main() -> int:
    """Print the findings; 0 clean, 1 findings, 3 advisory data out of reach."""
    licences = licence_findings()
    print("licences: " + ("every package Lendchain runs on has a permissive one" if not licences else ""))
    for name, reason in TAKEN.items():
        print(f"  taken all the same: {name} ({reason})")
    for line in licences:
        print(f"  {line}")
    faults, unreachable = python_faults()
    for folder in NPM_LOCKS:
        more, unreached = npm_faults(folder)
        faults += more
        unreachable += unreached
    print(
        "\n".join(faults) if faults else "known faults: none found" if not unreachable else "known faults: not audited"
    )
    for line in unreachable:
        print(f"  {line}")
    return 1 if faults or licences else UNREACHABLE if unreachable else 0


def licence_findings() -> list[str]:
    """Packages we run on whose licence is not permissive, or not stated."""
    findings = []
    for name in pins("runtime"):
        if name in TAKEN:
            continue
        try:
            metadata = importlib.metadata.metadata(name).json
        except importlib.metadata.PackageNotFoundError:
            continue  # pinned for another machine
        stated = [str(metadata.get(key, "")) for key in ("license_expression", "license")]
        stated += [line for line in metadata.get("classifier", []) if line.startswith("License ::")]
        words = " ".join(stated).lower()
        if not any(word in words for word in PERMISSIVE) or "gpl" in words:
            findings.append(f"{name}: {' '.join(stated).strip()[:100] or 'no licence stated'}")
    return findings


def python_faults() -> tuple[list[str], list[str]]:
    """Faults known of the pinned Python packages, and what could not be looked up."""
    faults: list[str] = []
    skipped = asked = 0
    for name in ("dev", "node"):
        command = [
            sys.executable,
            "-m",
            "pip_audit",
            "-r",
            f"requirements/{name}.txt",
            "--require-hashes",
            "--disable-pip",
        ]
        done = subprocess.run(
            [*command, "--format", "json", "--progress-spinner", "off"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        if not done.stdout.startswith("{"):
            return faults, [
                f"pip-audit: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else 'no answer'}"
            ]
        for package in json.loads(done.stdout)["dependencies"]:
            asked += 1
            skipped += "skip_reason" in package
            faults += [
                f"{canonicalize_name(package['name'])} {package['version']}: {fault['id']}"
                f" (mended in {', '.join(fault['fix_versions']) or 'no version yet'})"
                for fault in package.get("vulns", [])
            ]
    unreachable = [f"pip-audit: no advisory data for {skipped} of {asked} packages from here"] if skipped else []
    return sorted(set(faults)), unreachable


def npm_faults(folder: str) -> tuple[list[str], list[str]]:
    """Faults known of the npm packages one lock file names, and what could not be looked up."""
    done = subprocess.run(
        [*npm_command(), "audit", "--package-lock-only", "--json"],
        cwd=ROOT / folder,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        answer = json.loads(done.stdout)
    except json.JSONDecodeError:
        answer = {}
    if "vulnerabilities" not in answer:
        return [], [f"npm audit: no advisory data for {folder} from here"]
    return [f"{name} ({folder}): {fault['severity']}" for name, fault in answer["vulnerabilities"].items()], []


if __name__ == "__main__":
    sys.exit(main())
