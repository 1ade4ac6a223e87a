"""What `make lint` holds besides the linters: lock files and catalogues. Small pure functions that return findings."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any, Final

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).resolve().parent.parent
_PIN: Final = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)")
_ADDRESS: Final = re.compile(r"https?://", re.IGNORECASE)
MAX_FILE_LINES: Final = 450


def check_python_locks_are_hashed(root: Path = ROOT) -> list[str]:
    """Every line of requirements/*.txt pins one version, has a hash, and names no place to fetch from."""
    findings = []
    for path in sorted((root / "requirements").glob("*.txt")):
        entries = path.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
        for entry in entries:
            if not entry.strip() or entry.lstrip().startswith("#"):
                continue
            if not _PIN.match(entry):
                findings.append(f"{path.name}: not a pinned version: {entry[:80]}")
            elif "--hash=sha256:" not in entry:
                findings.append(f"{path.name}: no hash: {entry.split()[0]}")
            if _ADDRESS.search(entry):
                findings.append(f"{path.name}: names a host: {entry.split()[0]}")
    return findings


def check_python_locks_hold_what_is_asked(root: Path = ROOT) -> list[str]:
    """Every direct requirement in pyproject.toml is pinned in its lock file, at a version that satisfies it."""
    asked = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    project, groups = asked["project"], asked["dependency-groups"]
    wanted = {
        "runtime": project["dependencies"] + project["optional-dependencies"]["postgres"],
        "node": project["dependencies"] + project["optional-dependencies"]["node"],
        "build": _group(groups, "build"),
        "dev": project["dependencies"] + project["optional-dependencies"]["postgres"] + _group(groups, "dev"),
    }
    findings = []
    for name, requirements in wanted.items():
        pins = _pins(root / "requirements" / f"{name}.txt")
        for requirement in map(Requirement, requirements):
            version = pins.get(canonicalize_name(requirement.name))
            if version is None or not requirement.specifier.contains(version, prereleases=True):
                findings.append(f"{name}.txt: {requirement} is not pinned; run `make lock`")
    return findings


def check_npm_locks_name_no_host(root: Path = ROOT) -> list[str]:
    """Every package in a package-lock.json has a hash and no address to fetch it from."""
    findings = []
    for path in _tracked(root, "*package-lock.json"):
        for name, entry in json.loads(path.read_text(encoding="utf-8"))["packages"].items():
            if name and "integrity" not in entry:
                findings.append(f"{path.relative_to(root)}: no hash: {name}")
            fetched_from = {key: value for key, value in entry.items() if key != "funding"}
            if _ADDRESS.search(json.dumps(fetched_from)):
                findings.append(f"{path.relative_to(root)}: names a host: {name}")
    return findings


def check_files_tell_one_story(root: Path = ROOT) -> list[str]:
    """No source file is longer than a reader takes in. Contracts are free: one contract is one file."""
    findings = []
    for path in _tracked(root, "*.py"):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if lines > MAX_FILE_LINES:
            findings.append(f"{path.relative_to(root)}: {lines} lines, at most {MAX_FILE_LINES}")
    return findings


def _pins(path: Path) -> dict[str, str]:
    found = map(_PIN.match, path.read_text(encoding="utf-8").splitlines())
    return {canonicalize_name(pin[1]): pin[2] for pin in found if pin}


def _group(groups: dict[str, list[Any]], name: str) -> list[str]:
    requirements: list[str] = []
    for entry in groups[name]:
        requirements += [entry] if isinstance(entry, str) else _group(groups, entry["include-group"])
    return requirements


def _tracked(root: Path, *patterns: str) -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *patterns], cwd=root, capture_output=True, text=True, check=True
    )
    return [root / name for name in listed.stdout.split("\0") if name and (root / name).is_file()]
