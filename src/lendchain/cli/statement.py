"""`lendchain statement`: the books of a lender, a borrower, a loan or the whole platform, for any period."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import sqlalchemy as sa
import typer

from lendchain.chain import SandboxKeys, SeedFile
from lendchain.chain.ports import SystemRng
from lendchain.cli.options import DATA, DataOption, JsonOption, LangOption
from lendchain.cli.output import Output
from lendchain.db import reading
from lendchain.errors import UsageError
from lendchain.i18n import _
from lendchain.ledger.rendering import statement_csv, statement_table, to_json
from lendchain.ledger.statements import (
    Period,
    Statement,
    borrower_statement,
    lender_statement,
    loan_statement,
    platform_statement,
)
from lendchain.servicing.loans import find_loan
from lendchain.servicing.sandbox import Folder


class Subject(StrEnum):
    """Whose books."""

    LENDER = "lender"
    BORROWER = "borrower"
    LOAN = "loan"
    PLATFORM = "platform"


def add_to(app: typer.Typer) -> None:
    """Add the command."""
    app.command("statement", help=_HELP, short_help=_("Books of a lender, borrower, loan or the platform."))(_statement)


_HELP = _(
    "A statement that ties to the journal to the cent. ID is an account (0x..., or a sandbox key such as lender/7), or"
    " a loan's id; the platform needs none."
)


def _statement(
    subject: Annotated[Subject, typer.Argument(help=_("Whose books."), show_default=False)],
    name: Annotated[str, typer.Argument(metavar="[ID]", help=_("Account or loan."), show_default=False)] = "",
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help=_("First day, by the platform's clock."))
    ] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help=_("Last day."))] = None,
    as_csv: Annotated[bool, typer.Option("--csv", help=_("Print CSV instead of tables."))] = False,
    journal: Annotated[
        bool, typer.Option("--journal", help=_("Of the platform: list the whole journal, not only balances."))
    ] = False,
    data: DataOption = DATA,
    as_json: JsonOption = False,
    lang: LangOption = None,  # noqa: ARG001 - taken before the command line is read
) -> None:
    output = Output(as_json=as_json)
    folder = Folder(data)
    folder.require()
    if not name and subject is not Subject.PLATFORM:
        raise UsageError(
            _("Whose statement? Name an account or a loan."),
            hint=_("`lendchain loan list` and `lendchain loan show ID` give ids."),
        )
    period = Period.of_days(first.date() if first else None, last.date() if last else None)
    with reading(folder.open_store()) as conn:
        found = _of(conn, folder, subject, name, period, journal=journal)
    if as_json:
        output.raw(to_json(found))
    elif as_csv:
        output.raw(statement_csv(found))
    else:
        output.show(statement_table(found))


def _of(
    conn: sa.Connection, folder: Folder, subject: Subject, name: str, period: Period, *, journal: bool
) -> Statement:
    match subject:
        case Subject.LENDER:
            return lender_statement(conn, _account(folder, name), period)
        case Subject.BORROWER:
            return borrower_statement(conn, _account(folder, name), period)
        case Subject.LOAN:
            return loan_statement(conn, find_loan(conn, name), period)
        case Subject.PLATFORM:
            return platform_statement(conn, period, lines=journal)


def _account(folder: Folder, name: str) -> str:
    """An address as it is; a sandbox key's name as its address."""
    if name.startswith("0x") or not folder.seed.is_file():
        return name
    return SandboxKeys(SeedFile(folder.seed).load_or_make(SystemRng())).account(name).address
