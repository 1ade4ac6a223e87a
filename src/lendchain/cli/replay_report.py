"""How a replay's plan and its end are shown."""

from __future__ import annotations

from typing import Final

from rich.table import Table

from lendchain.cli.output import Output, money, plain_table
from lendchain.i18n import _
from lendchain.ledger.rendering import book_table
from lendchain.ledger.returns import TOTAL
from lendchain.servicing.replay.book import Layout
from lendchain.servicing.replay.report import Figures, Report
from lendchain.servicing.replay.service import DryRun, Prepared

_UNMET_SHOWN: Final = 20


def show_dry_run(output: Output, plan: DryRun) -> None:
    """What would happen, and that nothing has."""
    output.document(plan.to_dict())
    rows = [
        [_("Loans"), f"{plan.loans:,}"],
        [_("Lent"), money(plan.lent)],
        [_("First loan, last act"), f"{plan.first_day}, {plan.last_day}"],
        [_("Positions of lenders"), f"{plan.positions:,}"],
        [_("Payments"), f"{plan.payments:,}"],
        [_("Late fees levied"), f"{plan.levies:,}"],
        [_("Defaults"), f"{plan.defaults:,}"],
        [_("Recoveries"), f"{plan.recoveries:,}"],
    ]
    output.show(plain_table(_("What would be lived"), ["", ""], rows))
    if plan.solved:
        output.show(_rules(plan))
    output.say(_("Nothing was sent. Leave out --dry-run to live it."))


def _rules(plan: DryRun) -> Table:
    names = {
        0: _("plain instalments"),
        1: _("first due date a month later"),
        2: _("one odd payment, solved for"),
        3: _("paid ahead"),
        4: _("months skipped, caught up"),
        5: _("two odd payments"),
        6: _("a rest of cents waived at pay-off"),
        7: _("amount of the last payment left open"),
        8: _("last month left open"),
    }
    rows = [[names[rule], f"{count:,}"] for rule, count in sorted(plan.by_rule.items())]
    rows += [
        [_("no path meets the totals: {cause}").format(cause=cause), f"{n:,}"] for cause, n in plan.by_cause.items()
    ]
    return plain_table(
        _("How paths were found (they explain the totals, they are not history)"), [_("Rule"), _("Loans")], rows
    )


def show_report(output: Output, prepared: Prepared, report: Report) -> None:
    """The book, its comparison with the file, and every loan not met."""
    output.document(report.to_dict())
    output.show(book_table(report.book), _comparison(report))
    if prepared.book.layout is Layout.LENDING_CLUB:
        output.show(_groups(report))
        _say_shares(output, report)
    if report.unmet:
        output.show(_unmet(report))
        if len(report.unmet) > _UNMET_SHOWN:
            output.say(
                _("... and {count} more (all of them with --json)").format(count=len(report.unmet) - _UNMET_SHOWN)
            )
    else:
        output.say(_("Every loan meets its totals to the cent."), style="green")


def _comparison(report: Report) -> Table:
    table = Table(title=_("Chain and file, to the cent"), title_justify="left")
    table.add_column(_("Vintage"))
    table.add_column("")
    for name in (_("Lent"), _("Repaid"), _("Interest"), _("Late"), _("Recovered"), _("Lost at default")):
        table.add_column(name, justify="right", no_wrap=True)
    for vintage in report.vintages:
        name = _("total") if vintage.vintage == TOTAL else vintage.vintage
        style = "bold" if vintage.vintage == TOTAL else None
        table.add_row(name, _("chain"), *_cells(vintage.chain), style=style)
        table.add_row("", _("file"), *_cells(vintage.file), style=style)
        difference = vintage.difference
        is_equal = difference == Figures()
        table.add_row(
            "", _("difference"), *_cells(difference), style="green" if is_equal else "yellow", end_section=True
        )
    return table


def _cells(figures: Figures) -> list[str]:
    amounts = (figures.lent, figures.principal, figures.interest, figures.late, figures.recovered, figures.charged_off)
    return [money(amount) for amount in amounts]


def _groups(report: Report) -> Table:
    names = {
        "to-term": _("paid to term"),
        "prepaid": _("prepaid"),
        "charged-off": _("charged off"),
        "open": _("running"),
        "paid": _("paid"),
    }
    rows = [
        [
            _("{group}, {months} months").format(group=names.get(group.group, group.group), months=group.term_months),
            f"{group.loans:,}",
            f"{group.met:,}",
            _share(group.met, group.loans),
            _share(group.plain, group.loans),
            _share(group.last_amount_near, group.met),
        ]
        for group in report.groups
    ]
    columns = [_("Group"), _("Loans"), _("Met"), _("Share"), _("No solved payment"), _("Last amount within 1 %")]
    return plain_table(_("Loans whose four totals are met to the cent, by the contract"), columns, rows)


def _say_shares(output: Output, report: Report) -> None:
    text = _(
        "{met} of {loans} loans ({share}) meet principal, interest, late fees and recoveries to the cent; without any"
        " solved payment {plain} ({plain_share}). A path explains the totals; it is not the loan's history."
    )
    output.say(
        text.format(
            met=f"{report.met:,}",
            loans=f"{report.loans:,}",
            share=_share(report.met, report.loans),
            plain=f"{report.plain:,}",
            plain_share=_share(report.plain, report.loans),
        )
    )


def _unmet(report: Report) -> Table:
    causes = {
        "principal-above-loan": _("the file has more principal back than was lent"),
        "less-than-a-months-interest": _("interest below one month's"),
        "rate-changed": _("the rate in the file was lowered later"),
        "within-a-month": _("payments inside a month"),
        "no-whole-month-path": _("no path of whole months"),
        "never-late": _("a late fee on a loan that is never late"),
        "refused-by-contract": _("the contract took less than the path pays"),
    }
    rows = []
    for item in report.unmet[:_UNMET_SHOWN]:
        c, f = item.chain, item.file
        off = (c.principal - f.principal, c.interest - f.interest, c.late - f.late, c.recovered - f.recovered)
        rows.append([item.name, causes.get(item.cause, item.cause), *map(money, off)])
    columns = [_("Loan"), _("Cause"), _("Repaid"), _("Interest"), _("Late"), _("Recovered")]
    return plain_table(_("Loans not met, and by how much"), columns, rows, left=2)


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.2f} %" if whole else "-"
