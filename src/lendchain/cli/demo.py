"""`lendchain demo`: a small real book, lived in a minute or two; then what to look at, with real ids."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
import time
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated

import sqlalchemy as sa
import typer

from lendchain.cli.options import DATA, DataOption, JsonOption, LangOption
from lendchain.cli.output import Output, facts
from lendchain.cli.progress import live_progress, solving_progress
from lendchain.cli.replay_report import show_report
from lendchain.db import reading
from lendchain.i18n import _
from lendchain.ledger import models as ledger
from lendchain.servicing import models
from lendchain.servicing.replay.service import Choices, prepare, replay
from lendchain.servicing.sandbox import Folder, Sandbox, open_sandbox, stop_node

LENDERS = 300
_DEFAULTED_OR_GIVEN_UP = (2, 5)


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo", help=_HELP, short_help=_("Live 240 real loans on a local chain; start here."))(_demo)


_HELP = _(
    "Live the demo's 240 real loans on a local chain, from request to the last cent, then leave the node running and"
    " say what to try next."
)


def _demo(
    data: DataOption = DATA,
    fresh: Annotated[
        bool, typer.Option("--fresh", help=_("Throw away the platform in the folder first, and begin anew."))
    ] = False,
    as_json: JsonOption = False,
    lang: LangOption = None,  # noqa: ARG001 - taken before the command line is read
) -> None:
    output = Output(as_json=as_json)
    began = time.monotonic()
    if fresh:
        throw_away(Folder(data))
    with as_file(files("lendchain.data") / "demo_book.csv") as file:
        with solving_progress(output) as on_loan:
            prepared = prepare(Choices(file, lenders=LENDERS), on_loan)
        _introduce(output)
        with (
            open_sandbox(data, clock_start=prepared.clock_start, seed=1, keep_running=True) as sandbox,
            live_progress(output) as on_progress,
        ):
            report = replay(prepared, sandbox, on_progress)
            ids = _ids(sandbox)
        show_report(output, prepared, report)
    output.say()
    output.say(_("Lived in {seconds} seconds. The node runs on.").format(seconds=round(time.monotonic() - began)))
    _what_next(output, data, ids)


def throw_away(folder: Folder) -> None:
    """End the folder's node and remove what the platform keeps there; other files stay."""
    stop_node(folder)
    for path in (folder.store, folder.manifest, folder.seed, folder.endpoint):
        for part in path.parent.glob(f"{path.name}*"):
            part.unlink()
    if folder.node.is_dir():
        shutil.rmtree(folder.node)


def _introduce(output: Output) -> None:
    output.say(
        _(
            "240 real loans (amount, term, rate, grade, good or bad) of the free data set lending_club in the R package"
            " modeldata, MIT licence. The set has no payments: when each loan was issued and what was paid is placed by"
            " a stated rule (docs/replay.md), so these lives are examples, nobody's history. Lenders are drawn by seed."
        )
    )
    output.say()


def _ids(sandbox: Sandbox) -> tuple[str, str, str]:
    """A loan with a story (defaulted, with recoveries), one of its lenders, its borrower."""
    c, r, p = ledger.loans.c, models.loans.c, ledger.positions.c
    with reading(sandbox.store) as conn:
        row = conn.execute(
            sa.select(r.name, c.loan, c.borrower)
            .select_from(models.loans.join(ledger.loans, r.loan == c.loan))
            .order_by(c.status.in_(_DEFAULTED_OR_GIVEN_UP).desc(), c.recovered_principal.desc(), r.place)
            .limit(1)
        ).one()
        lender = conn.execute(
            sa.select(p.holder).where(p.loan == row.loan).order_by(p.units.desc(), p.holder).limit(1)
        ).scalar_one()
    return row.name, lender, row.borrower


def _what_next(output: Output, data: Path, ids: tuple[str, str, str]) -> None:
    loan, lender, borrower = ids
    where = "" if data == DATA else f" --data {shlex.quote(str(data))}"
    lendchain = _program()
    rows = [
        (f"{lendchain} status{where}", _("the platform at a glance")),
        (f"{lendchain} loan show {loan}{where}", _("a loan that went bad, from request to recovery")),
        (f"{lendchain} loan list --status written-off{where}", _("all loans given up")),
        (f"{lendchain} statement lender {lender}{where}", _("one of its lenders: where each cent is")),
        (f"{lendchain} statement borrower {borrower}{where}", _("its borrower")),
        (f"{lendchain} statement loan {loan}{where}", _("the loan's own books")),
        (f"{lendchain} statement platform{where}", _("the trial balance")),
        (f"{lendchain} audit{where}", _("prove all of it from the chain alone")),
        (f"{lendchain} stop{where}", _("end the node")),
    ]
    output.say(_("Try next:"), style="bold")
    output.show(facts("", rows))


def _program() -> str:
    """How the user's shell finds this program: by name, else by the path it was started with."""
    if shutil.which("lendchain") or Path(sys.argv[0]).name != "lendchain":  # not ours: python -m, a test
        return "lendchain"
    return shlex.quote(os.path.relpath(sys.argv[0]))
