"""Progress of long commands, on standard error: a bar on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from lendchain.cli.output import Output, money
from lendchain.i18n import _
from lendchain.servicing.replay import runner

_LINE_EVERY_SECONDS: Final = 15.0


@contextmanager
def solving_progress(output: Output) -> Iterator[Callable[[int, int], None]]:
    """While paths are found: loans done of all."""
    if not output.progress.is_terminal:
        yield lambda _done, _all: None
        return
    bar = Progress(
        TextColumn(_("Finding payment paths")), BarColumn(), TextColumn("{task.fields[text]}"),
        console=output.progress, transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task("", total=None, text="")

        def on_loan(done: int, total: int) -> None:
            if done % 50 == 0 or done == total:
                bar.update(task, completed=done, total=total, text=f"{done:,} / {total:,}")

        yield on_loan


@contextmanager
def live_progress(output: Output) -> Iterator[Callable[[runner.Progress], None]]:
    """While the book lives: month, loans, transactions, money, rate, time left."""
    if not output.progress.is_terminal:
        last = [time.monotonic()]

        def on_line(now: runner.Progress) -> None:
            if time.monotonic() - last[0] >= _LINE_EVERY_SECONDS:
                last[0] = time.monotonic()
                output.progress.print(_text(now))

        yield on_line
        return
    bar = Progress(
        BarColumn(bar_width=24), TaskProgressColumn(), TextColumn("{task.fields[text]}"),
        console=output.progress, transient=True,
    )  # fmt: skip
    with bar:
        task = bar.add_task("", total=1, text=_("Starting the node and deploying the contracts"))

        def on_progress(now: runner.Progress) -> None:
            bar.update(task, completed=now.done_share, text=_text(now))

        yield on_progress


@contextmanager
def audit_progress(output: Output) -> Iterator[Callable[[int, int], None] | None]:
    """While the chain is read afresh: block of all."""
    if not output.progress.is_terminal:
        yield None
        return
    bar = Progress(
        TextColumn(_("Reading the chain")), BarColumn(), TaskProgressColumn(), console=output.progress, transient=True
    )
    with bar:
        task = bar.add_task("", total=None)
        yield lambda block, last: bar.update(task, completed=block, total=last)


def _text(now: runner.Progress) -> str:
    text = _("{month}  loans {loans}/{all}  transactions {operations}  money {money}  {rate}/s  {left} left")
    return text.format(
        month=now.day.strftime("%Y-%m"),
        loans=f"{now.loans:,}",
        all=f"{now.all_loans:,}",
        operations=f"{now.operations:,}",
        money=money(now.money),
        rate=f"{now.rate:,.0f}",
        left=_duration(now.seconds_left),
    )


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
