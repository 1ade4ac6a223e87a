"""Installs the npm packages that one folder's lock file names into another: `FROM INTO`."""

from __future__ import annotations

import sys
from pathlib import Path

from lendchain.chain.node import npm_ci
from lendchain.errors import LendchainError


def main(manifests: str, folder: str) -> int:
    """Run npm; on failure print its words and what to do."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    try:
        npm_ci(Path(manifests), Path(folder))
    except LendchainError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
