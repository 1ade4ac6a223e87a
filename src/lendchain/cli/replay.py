"""`lendchain replay`: live a real loan book on the chain in accelerated time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from lendchain.cli.options import DATA, DataOption, JsonOption, LangOption, RpcOption
from lendchain.cli.output import Output
from lendchain.cli.progress import live_progress, solving_progress
from lendchain.cli.replay_report import show_dry_run, show_report
from lendchain.i18n import _
from lendchain.servicing.replay.book import Layout
from lendchain.servicing.replay.service import Choices, Prepared, dry_run, prepare, replay
from lendchain.servicing.sandbox import Folder, open_sandbox


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("replay", help=_HELP, short_help=_("Live a loan book of your own on the chain."))(_replay)


_HELP = _(
    "Live a loan book on the chain: requested, funded by many lenders, paid out, repaid, late, defaulted, recovered;"
    " then compare it with the file's own totals to the cent. Reads LendingClub's layout (CSV or Parquet) and a plain"
    " CSV with single payments. Stopped at any moment, the same command goes on from there."
)


def _replay(
    file: Annotated[Path, typer.Argument(help=_("The loan book: a CSV or Parquet file."), show_default=False)],
    loans: Annotated[
        int | None, typer.Option("--loans", min=1, help=_("Take so many loans, spread over the book. Default: all."))
    ] = None,
    lenders: Annotated[int, typer.Option("--lenders", min=1, help=_("How many lenders there are."))] = 500,
    seed: Annotated[int, typer.Option("--seed", help=_("Draws who lends what; the same seed, the same book."))] = 1,
    layout: Annotated[
        Layout | None, typer.Option("--format", help=_("The file's layout. Default: told by its header."))
    ] = None,
    guarantee: Annotated[
        bool, typer.Option("--guarantee/--no-guarantee", help=_("Whether a guarantee fund covers defaults in part."))
    ] = True,
    dry: Annotated[bool, typer.Option("--dry-run", help=_("Check and plan only; nothing is sent."))] = False,
    rpc: RpcOption = None,
    data: DataOption = DATA,
    as_json: JsonOption = False,
    lang: LangOption = None,  # noqa: ARG001 - taken before the command line is read
) -> None:
    output = Output(as_json=as_json)
    choices = Choices(file, layout, loans, lenders, seed, guarantee)
    with solving_progress(output) as on_loan:
        prepared = prepare(choices, on_loan)
    if dry:
        show_dry_run(output, dry_run(prepared))
        return
    live(output, prepared, data, rpc, keep_running=True)
    if Folder(data).rpc_url(rpc) is None:
        output.say()
        text = _("The node runs on. `lendchain status --data {data}` shows it, `lendchain stop` ends it.")
        output.say(text.format(data=data))


def live(output: Output, prepared: Prepared, data: Path, rpc: str | None, *, keep_running: bool) -> None:
    """Live a prepared book with a progress bar, and show how it ended."""
    seed = prepared.choices.seed
    with (
        open_sandbox(
            data, rpc_url=rpc, clock_start=prepared.clock_start, seed=seed, keep_running=keep_running
        ) as sandbox,
        live_progress(output) as on_progress,
    ):
        report = replay(prepared, sandbox, on_progress)
    show_report(output, prepared, report)
