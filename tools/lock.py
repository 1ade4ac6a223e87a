"""Pins every Python package with its hashes into requirements/*.txt, from the lists in pyproject.toml.

Each file holds everything its use needs, and no two differ where they overlap. No file names a
registry: the packages are found where the machine's own settings say.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
UV: Final = Path(sys.executable).parent / "uv"

# File -> what it pins. Each agrees with those before it, so that they can be installed into one environment.
LOCKS: Final = {
    "runtime": ["--extra=postgres"],
    "dev": ["--extra=postgres", "--group=dev"],
    "build": ["--only-group=build"],
    "node": ["--extra=node"],
}


def main() -> int:
    """Write every lock file; `--upgrade` takes newer versions where they exist."""
    upgrade = ["--upgrade"] if "--upgrade" in sys.argv[1:] else []
    folder = ROOT / "requirements"
    folder.mkdir(exist_ok=True)
    before: list[str] = []
    for name, what in LOCKS.items():
        source = [] if any(word.startswith("--only-group") for word in what) else ["pyproject.toml"]
        groups = [word.replace("--only-group=", "--group=") for word in what]
        subprocess.run(
            [
                *(str(UV), "pip", "compile", "--quiet", "--universal", "--generate-hashes", "--python-version=3.11"),
                *("--no-header", "--no-emit-index-url", "--no-emit-find-links", "--no-annotate"),
                *("--custom-compile-command=make lock", f"--output-file=requirements/{name}.txt"),
                *upgrade,
                *before,
                *groups,
                *source,
            ],
            cwd=ROOT,
            check=True,
        )
        before.append(f"--constraint=requirements/{name}.txt")
        print(f"requirements/{name}.txt")
    return 0


if __name__ == "__main__":
    sys.exit(main())
