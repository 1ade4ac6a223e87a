"""`python -m lendchain.chain.node`: install the embedded chain's program and print where it is."""

from __future__ import annotations

import sys

from lendchain.chain.node import anvil_path
from lendchain.errors import LendchainError


def main() -> int:
    """Print the program's path; on failure say what to do."""
    try:
        print(anvil_path())
    except LendchainError as error:
        print(error, file=sys.stderr)
        return error.exit_status
    return 0


if __name__ == "__main__":
    sys.exit(main())
