"""The command line `lendchain`. Every command takes `--help`, `--json` and `--data`; docs/cli.md has the exit codes."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from lendchain import i18n


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        _choose_language(given)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    # Only now: the help texts are made in the language just chosen.
    from lendchain.cli.app import run

    return run(given)


def _choose_language(arguments: Sequence[str]) -> None:
    """`--lang` anywhere on the line, before anything is printed."""
    for place, argument in enumerate(arguments):
        if argument == "--lang" and place + 1 < len(arguments):
            i18n.set_language(arguments[place + 1])
        elif argument.startswith("--lang="):
            i18n.set_language(argument.partition("=")[2])
