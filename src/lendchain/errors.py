"""The one tree of errors. Each has a stable code, an exit status, and a text that says what to do next."""

from __future__ import annotations

from typing import ClassVar


class LendchainError(Exception):
    """Something the user or an operator can act on; the command line prints it without a traceback.

    `code` never changes once released: scripts match it. `exit_status` is what the command ends with,
    `http_status` what the HTTP API answers. The text is already translated and says what to do next.
    """

    code: ClassVar[str] = "error"
    exit_status: ClassVar[int] = 1
    http_status: ClassVar[int] = 500

    def __init__(self, text: str, *, hint: str | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.text}\n{self.hint}" if self.hint else self.text


class UsageError(LendchainError):
    """The caller asked for something that can't be: bad argument, bad input file, unknown id."""

    code = "usage"
    exit_status = 2
    http_status = 400
