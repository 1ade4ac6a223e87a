"""The commands put together, and what happens to their errors."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from lendchain import __version__
from lendchain.cli import audit, demo, loan, replay, statement, status
from lendchain.cli.options import LangOption
from lendchain.cli.output import report_error
from lendchain.errors import LendchainError
from lendchain.i18n import _

_INTERRUPTED = 130


def make_app() -> typer.Typer:
    """All commands, with their help in the language in force."""
    app = typer.Typer(
        name="lendchain",
        help=_("Lendchain 信贷链: an online-lending platform whose books are on a blockchain."),
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for module in (demo, replay, status, loan, statement, audit):
        module.add_to(app)
    return app


def run(arguments: Sequence[str]) -> int:
    """Run a command line; returns the exit status."""
    as_json = "--json" in arguments
    try:
        make_app()(args=list(arguments), prog_name="lendchain")
    except LendchainError as error:
        report_error(error, as_json=as_json)
        return error.exit_status
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
        if code == _INTERRUPTED:
            sys.stderr.write("\n" + _("Interrupted. Nothing is lost: the same command goes on from here.") + "\n")
        return code
    return 0


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lendchain {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help=_("Print the version."))
    ] = False,
    lang: LangOption = None,
) -> None:
    """What stands before the command."""
