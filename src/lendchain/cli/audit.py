"""`lendchain audit`: recompute everything from the chain alone and name each row of the store that differs."""

from __future__ import annotations

import typer

from lendchain.cli.options import DATA, DataOption, JsonOption, LangOption, RpcOption
from lendchain.cli.output import Output
from lendchain.cli.progress import audit_progress
from lendchain.i18n import _
from lendchain.ledger.audit import audit
from lendchain.ledger.rendering import audit_table
from lendchain.servicing.sandbox import Folder, joined_chain

DIFFERS = 6


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("audit", help=_HELP, short_help=_("Prove the store from the chain alone."))(_audit)


_HELP = _(
    "Read the chain afresh, recompute every event, entry, balance and position, compare each row of the store, and"
    " prove the rules of the books. Changes nothing. Exit status 6 when anything differs."
)


def _audit(
    rpc: RpcOption = None,
    data: DataOption = DATA,
    as_json: JsonOption = False,
    lang: LangOption = None,  # noqa: ARG001 - taken before the command line is read
) -> None:
    output = Output(as_json=as_json)
    folder = Folder(data)
    folder.require()
    with joined_chain(folder, rpc) as (engine, manifest), audit_progress(output) as progress:
        node = engine.rpc()
        report = audit(
            folder.open_store(), node, manifest.contracts(node), engine.finality, manifest=manifest, progress=progress
        )
    output.document(report.to_dict())
    output.show(audit_table(report))
    if not report.is_clean:
        raise typer.Exit(DIFFERS)
