"""`make lint`: every check of the code that needs no running. Prints a line a check, and what each failing one says."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import checks
import messages

ROOT: Final = Path(__file__).resolve().parent.parent
BIN: Final = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Check:
    """One check: its name, and what runs it and returns its findings (none: all is well)."""

    name: str
    run: Callable[[], list[str]]


def command(*words: str) -> Callable[[], list[str]]:
    """A check that is a program: its findings are what it prints when it fails."""

    def run() -> list[str]:
        done = subprocess.run(
            words,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            env=_environment(),
        )
        return (done.stdout.strip() or f"ended with {done.returncode}").splitlines() if done.returncode else []

    return run


CHECKS: Final = (
    Check("style (ruff check)", command(str(BIN / "ruff"), "check", ".")),
    Check("format (ruff format)", command(str(BIN / "ruff"), "format", "--check", ".")),
    Check("types (mypy --strict)", command(sys.executable, "-m", "mypy")),
    Check("import directions (import-linter)", command(str(BIN / "lint-imports"))),
    Check("Python locks are hashed", checks.check_python_locks_are_hashed),
    Check("Python locks hold what is asked", checks.check_python_locks_hold_what_is_asked),
    Check("npm locks are hashed and name no host", checks.check_npm_locks_name_no_host),
    Check("files tell one story", checks.check_files_tell_one_story),
    Check(
        "every text is translated", lambda: [line for name in messages.TRANSLATED for line in messages.findings(name)]
    ),
    Check("contracts equal what ships", command(sys.executable, "contracts/build.py", "--check")),
)


def main() -> int:
    """Run every check; fail when any finds something."""
    failed = 0
    for check in CHECKS:
        started = time.monotonic()
        found = check.run()
        seconds = time.monotonic() - started
        print(f"{'FAILED' if found else 'ok':6}  {check.name}  ({seconds:.1f} s)", flush=True)
        for line in found:
            print(f"          {line}")
        failed += bool(found)
    print(f"lint: {len(CHECKS) - failed} passed, {failed} failed")
    return int(failed > 0)


def _environment() -> dict[str, str]:
    return os.environ | {"NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"}


if __name__ == "__main__":
    sys.exit(main())
