"""Writes dist/sbom.json: every package that Lendchain runs on, with version, hashes, licence (CycloneDX 1.6).

The tool that reads the environment also finds what tests and checks need; what ships is what requirements/runtime.txt
and requirements/node.txt pin, and the embedded chain from its npm lock file.
"""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.utils import canonicalize_name

ROOT: Final = Path(__file__).resolve().parent.parent
OUTPUT: Final = ROOT / "dist" / "sbom.json"
CHAIN_LOCK: Final = ROOT / "src" / "lendchain" / "chain" / "node" / "package-lock.json"
_PIN: Final = re.compile(r"^([A-Za-z0-9._-]+)==(\S+)")


def main() -> int:
    """Write the file and check it against the standard's schema."""
    document = environment()
    shipped = pins("runtime")
    document["components"] = [
        component | {"hashes": [{"alg": "SHA-256", "content": digest} for digest in shipped[name]]}
        for component in document["components"]
        if (name := str(canonicalize_name(component["name"]))) in shipped
    ]
    document["components"] += npm_components()
    kept = {component["bom-ref"] for component in document["components"]} | {"root-component"}
    document["dependencies"] = [
        entry | {"dependsOn": sorted(set(entry.get("dependsOn", [])) & kept)}
        for entry in document["dependencies"]
        if entry["ref"] in kept
    ]
    text = json.dumps(document, indent=2, sort_keys=True) + "\n"
    if wrong := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text):
        print(wrong, file=sys.stderr)
        return 1
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(text, encoding="utf-8")
    found = {canonicalize_name(component["name"]) for component in document["components"]}
    print(f"{OUTPUT.relative_to(ROOT)}: {len(document['components'])} packages")
    if missing := sorted(set(shipped) - found):
        print(f"pinned but not for this machine, so not listed: {', '.join(missing)}")
    return 0


def environment() -> dict[str, Any]:
    """What is installed here, as the CycloneDX tool sees it."""
    command = [
        str(Path(sys.executable).parent / "cyclonedx-py"),
        "environment",
        "--output-reproducible",
        "--short-PURLs",
    ]
    command += ["--pyproject", "pyproject.toml", "--spec-version", "1.6", sys.executable]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def pins(name: str) -> dict[str, list[str]]:
    """Each package a lock file pins, with its hashes."""
    found: dict[str, list[str]] = {}
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if pin := _PIN.match(line):
            found[str(canonicalize_name(pin[1]))] = re.findall(r"--hash=sha256:([0-9a-f]{64})", line)
    return found


def npm_components() -> list[dict[str, Any]]:
    """The embedded chain's packages, from the lock file that ships in the wheel."""
    components = []
    for path, entry in json.loads(CHAIN_LOCK.read_text(encoding="utf-8"))["packages"].items():
        if not path:
            continue
        name = path.removeprefix("node_modules/")
        algorithm, digest = entry["integrity"].split("-", 1)
        components.append(
            {
                "type": "application",
                "bom-ref": f"npm:{name}@{entry['version']}",
                "name": name,
                "version": entry["version"],
                "purl": f"pkg:npm/{name.replace('@', '%40')}@{entry['version']}",
                "hashes": [
                    {"alg": algorithm.upper().replace("SHA", "SHA-"), "content": base64.b64decode(digest).hex()}
                ],
                "licenses": [{"expression": entry["license"]}],
            }
        )
    return components


if __name__ == "__main__":
    sys.exit(main())
