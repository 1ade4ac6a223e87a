"""`lendchain loan list` and `lendchain loan show`."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table

from lendchain.cli.options import DATA, DataOption, JsonOption, LangOption
from lendchain.cli.output import Output, facts, money, plain_table
from lendchain.cli.words import STATUS_NAMES, status_word
from lendchain.db import reading
from lendchain.i18n import _
from lendchain.ledger.rendering import moment
from lendchain.ledger.wording import act_text, short
from lendchain.servicing.loans import HistoryGroup, LoanView, list_loans, loan_view
from lendchain.servicing.sandbox import Folder

StatusName = StrEnum("StatusName", {name: name for name in STATUS_NAMES})  # type: ignore[misc]
_LENDERS_SHOWN = 10


def add_to(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(help=_("Look at loans."), no_args_is_help=True, rich_markup_mode=None)
    group.command("list", help=_("List loans, oldest first."))(_list)
    group.command("show", help=_("One loan: terms, state, lenders, history, and what the file says of it."))(_show)
    app.add_typer(group, name="loan")


def _list(
    status: Annotated[StatusName | None, typer.Option("--status", help=_("Only loans of this status."))] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help=_("Show at most so many."))] = 50,
    data: DataOption = DATA,
    as_json: JsonOption = False,
    lang: LangOption = None,  # noqa: ARG001 - taken before the command line is read
) -> None:
    output = Output(as_json=as_json)
    folder = Folder(data)
    folder.require()
    wanted = None if status is None else STATUS_NAMES.index(status.value)
    with reading(folder.open_store()) as conn:
        rows, count = list_loans(conn, wanted, limit)
    output.document({"count": count, "loans": [row.to_dict() for row in rows]})
    cells = [
        [
            row.name,
            short(row.loan),
            moment(row.disbursed_at)[:10] if row.disbursed_at else "-",
            status_word(row.status),
            money(row.lent),
            money(row.principal),
            money(row.interest),
            money(row.outstanding),
        ]
        for row in rows
    ]
    columns = [
        _("Id"),
        _("On the chain"),
        _("Paid out"),
        _("Status"),
        _("Lent"),
        _("Repaid"),
        _("Interest"),
        _("Outstanding"),
    ]
    output.show(plain_table(_("Loans"), columns, cells, left=4))
    if count > len(rows):
        output.say(_("{count} loans in all; show more with --limit.").format(count=f"{count:,}"))


def _show(
    loan: Annotated[
        str, typer.Argument(help=_("The file's id, or the chain's (0x..., its beginning will do)."), show_default=False)
    ],
    data: DataOption = DATA,
    as_json: JsonOption = False,
    lang: LangOption = None,  # noqa: ARG001 - taken before the command line is read
) -> None:
    output = Output(as_json=as_json)
    folder = Folder(data)
    folder.require()
    with reading(folder.open_store()) as conn:
        view = loan_view(conn, loan)
    output.document(view.to_dict())
    output.show(facts(_("Loan {name}").format(name=view.name), _facts(view)), _comparison(view), _lenders(view))
    rows = [[moment(act.at), _act(view, act), short(act.tx_hash), money(act.amount)] for act in view.story]
    output.show(plain_table(_("History"), [_("Time"), _("What"), _("Transaction"), _("Amount")], rows, left=3))


def _act(view: LoanView, act: HistoryGroup) -> str:
    """An act in words; what ended says which end it was."""
    if act.kind == "Ended":
        return _("Default called, arrears fixed") if act.at == view.defaulted_at else _("Written off")
    if act.count > 1:
        return _("{act}, {count} of them").format(act=act_text(act.kind), count=act.count)
    return act_text(act.kind)


def _facts(view: LoanView) -> list[tuple[str, str]]:
    return [
        (_("On the chain"), view.loan),
        (_("Borrower"), view.borrower),
        (_("Status"), status_word(view.status)),
        (
            _("Principal"),
            _("{amount} in {units} units").format(amount=money(view.units * view.unit_price), units=view.units),
        ),
        (_("Rate"), f"{view.rate_ppm / 10_000:g} %"),
        (_("Instalments"), _("{count} of {amount}").format(count=view.count, amount=money(view.level))),
        (_("Paid out"), moment(view.disbursed_at) if view.disbursed_at else "-"),
        (_("Outstanding"), money(view.outstanding)),
        (_("Guarantee paid"), money(view.covered)),
        (_("Charged off"), money(view.charged_off)),
        (_("Document"), view.document),
    ]


def _comparison(view: LoanView) -> Table:
    names = (_("Repaid"), _("Interest"), _("Late"), _("Recovered"))
    rows = [[name, money(chain), money(file)] for name, chain, file in zip(names, view.chain, view.file, strict=True)]
    return plain_table(_("Totals"), ["", _("Chain"), _("File")], rows)


def _lenders(view: LoanView) -> Table:
    shown = view.positions[:_LENDERS_SHOWN]
    rows = [
        [position.holder, f"{position.units:,}", money(position.principal), money(position.interest)]
        for position in shown
    ]
    title = _("Lenders: {count}, the largest").format(count=len(view.positions))
    return plain_table(title, [_("Account"), _("Units"), _("Principal claimed"), _("Interest claimed")], rows)
