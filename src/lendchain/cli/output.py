"""How commands speak: tables and colours on a terminal, plain text in a pipe, JSON when asked."""

from __future__ import annotations

import os
import sys
from typing import Any

import orjson
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from lendchain.errors import LendchainError
from lendchain.ledger.rendering import money

# Without a terminal a table must not be cut to eighty columns: what reads it is a file or another program.
_PIPE_WIDTH = 200
_JSON = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS


class Output:
    """Where a command writes. With `as_json` nothing but one JSON document goes to standard output."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else _PIPE_WIDTH
        self.console = Console(highlight=False, width=width, soft_wrap=False)
        self.progress = Console(stderr=True, highlight=False, soft_wrap=not sys.stderr.isatty())

    def show(self, *parts: RenderableType) -> None:
        """Write for a reader; nothing with `--json`."""
        if not self.as_json:
            for part in parts:
                self.console.print(part)

    def say(self, text: str = "", style: str | None = None) -> None:
        """Write a line of text for a reader."""
        self.show(Text(text, style=style or ""))

    def document(self, value: Any) -> None:
        """Write the command's result as JSON, when asked for."""
        if self.as_json:
            self.raw(orjson.dumps(value, option=_JSON, default=str).decode())

    def raw(self, text: str) -> None:
        """Write text as it is."""
        sys.stdout.write(text if text.endswith("\n") else text + "\n")


def report_error(error: LendchainError, *, as_json: bool) -> None:
    """An error on standard error: its words, and what to do next; as JSON with its stable code."""
    if as_json:
        value = {"error": {"code": error.code, "text": error.text, "hint": error.hint, **details(error)}}
        sys.stderr.write(orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode() + "\n")
        return
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(Text(error.text, style="red"))
    if error.hint:
        console.print(Text(error.hint))


def details(error: LendchainError) -> dict[str, Any]:
    """What an error knows beyond its text."""
    problems = getattr(error, "problems", None)
    if problems is None:
        return {}
    return {"problems": [{"file": p.file, "row": p.row, "column": p.column, "reason": p.reason} for p in problems]}


def plain_table(title: str, columns: list[str], rows: list[list[str]], *, left: int = 1) -> Table:
    """A table whose first `left` columns are text and the rest figures."""
    table = Table(title=title or None, title_justify="left")
    for place, name in enumerate(columns):
        table.add_column(name, justify="left" if place < left else "right", no_wrap=place >= left)
    for row in rows:
        table.add_row(*row)
    return table


def facts(title: str, rows: list[tuple[str, str]]) -> Table:
    """Names and values under each other."""
    table = Table(title=title or None, title_justify="left", show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in rows:
        table.add_row(name, value)
    return table


__all__ = ["Output", "details", "facts", "money", "plain_table", "report_error"]
