"""`lendchain status` and `lendchain stop`: the platform at a glance, and its end."""

from __future__ import annotations

import typer

from lendchain.cli.options import DATA, DataOption, JsonOption, LangOption
from lendchain.cli.output import Output, facts, money, plain_table
from lendchain.cli.words import status_word
from lendchain.i18n import _
from lendchain.ledger.rendering import moment
from lendchain.servicing.overview import Overview, overview
from lendchain.servicing.sandbox import Folder, stop_node


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("status", help=_("The platform at a glance: node, time, loans, money."))(_status)
    app.command("stop", help=_("End the embedded node; its state stays on disk."))(_stop)


def _status(
    data: DataOption = DATA,
    as_json: JsonOption = False,
    lang: LangOption = None,  # noqa: ARG001 - taken before the command line is read
) -> None:
    output = Output(as_json=as_json)
    folder = Folder(data)
    folder.require()
    seen = overview(folder)
    output.document(seen.to_dict())
    output.show(facts(_("Platform"), _platform(seen)))
    rows = [
        [status_word(line.status), f"{line.loans:,}", money(line.lent), money(line.outstanding)] for line in seen.loans
    ]
    output.show(plain_table(_("Loans"), [_("Status"), _("Loans"), _("Lent"), _("Outstanding")], rows))
    if seen.pending or seen.failed:
        output.say(
            _("{pending} operations wait to be carried out, {failed} were refused.").format(
                pending=f"{seen.pending:,}", failed=f"{seen.failed:,}"
            ),
            style="yellow",
        )


def _platform(seen: Overview) -> list[tuple[str, str]]:
    node = (
        _("running at {endpoint}, process {pid}").format(endpoint=seen.endpoint, pid=seen.node_pid)
        if seen.endpoint
        else _("not running; a command that needs it starts it")
    )
    if seen.external:
        node = _("at {endpoint}, run by somebody else").format(endpoint=seen.external)
    rows = [
        (_("Folder"), str(seen.folder)),
        (_("Node"), node),
        (
            _("Chain"),
            _("id {chain_id}, read up to block {block}").format(chain_id=seen.chain_id, block=f"{seen.block:,}"),
        ),
        (_("Clock"), _("{time} (sandbox: moved by hand)").format(time=moment(seen.clock)) if seen.clock else "-"),
        (_("Money at the bank"), money(seen.money)),
        (_("Guarantee fund"), money(seen.guarantee)),
        (_("Lenders, borrowers"), f"{seen.lenders:,}, {seen.borrowers:,}"),
        (_("Operations carried out"), f"{seen.done:,}"),
        (_("Events"), f"{seen.events:,}"),
    ]
    if seen.replay_days:
        text = _("day {done} of {all}").format(done=f"{seen.replay_done:,}", all=f"{seen.replay_days:,}")
        rows.append((_("Replay"), text))
    return rows


def _stop(
    data: DataOption = DATA,
    as_json: JsonOption = False,
    lang: LangOption = None,  # noqa: ARG001 - taken before the command line is read
) -> None:
    output = Output(as_json=as_json)
    folder = Folder(data)
    was_running = stop_node(folder)
    output.document({"was_running": was_running})
    output.say(_("The node has ended; its state is on disk.") if was_running else _("No node was running."))
