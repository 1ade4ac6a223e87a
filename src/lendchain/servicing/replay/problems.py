"""What is wrong with an input file: where, and why. All of it is collected before anything is sent."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from lendchain.errors import UsageError
from lendchain.i18n import _, ngettext

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault of a file. `row` is the line as an editor counts it (0: the file as a whole)."""

    file: str
    row: int
    column: str
    reason: str

    def __str__(self) -> str:
        place = self.file + (f":{self.row}" if self.row else "")
        return f"{place}: {self.column}: {self.reason}" if self.column else f"{place}: {self.reason}"


class BadFileError(UsageError):
    """A file was refused; `problems` names each fault."""

    code: ClassVar[str] = "bad-file"
    exit_status: ClassVar[int] = 4

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        count = len(problems)
        lines = [str(problem) for problem in problems[:SHOWN]]
        if count > SHOWN:
            lines.append(_("... and {count} more (all of them with --json)").format(count=count - SHOWN))
        headline = ngettext(
            "{count} fault in the file; nothing was sent.", "{count} faults in the file; nothing was sent.", count
        )
        super().__init__(
            "\n".join([headline.format(count=count), *lines]),
            hint=_(
                "Correct the rows named above and run the same command again; docs/replay.md describes the layouts."
            ),
        )


@dataclass(slots=True)
class Findings:
    """Collects the faults of one file."""

    file: Path
    problems: list[Problem] = field(default_factory=list)

    def add(self, row: int, column: str, reason: str) -> None:
        """Note one fault."""
        self.problems.append(Problem(self.file.name, row, column, reason))

    def refuse_if_any(self) -> None:
        """Raise BadFileError when something was noted."""
        if self.problems:
            raise BadFileError(self.problems)
