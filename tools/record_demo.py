"""Draws the README's picture from a real run: `python tools/record_demo.py [--rows N] [-- COMMAND ...]`.

The command runs in a terminal of its own; what its screen holds in the end becomes an SVG. Nothing is retouched.
"""

from __future__ import annotations

import argparse
import fcntl
import io
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path
from typing import Final

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

ROOT: Final = Path(__file__).resolve().parent.parent
OUTPUT: Final = ROOT / "docs" / "pictures" / "demo.svg"
FONTS: Final = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, 'Noto Sans Mono CJK SC', monospace"

# What a progress display sends besides text: carriage return, line feed, cursor up, erase; colours pass through.
_PIECES: Final = re.compile(r"(\r|\n|\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07)")


def run_in_terminal(command: list[str], columns: int) -> tuple[str, int]:
    """Everything the command writes to a terminal that wide, and its exit status."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor", "COLUMNS": str(columns)}
    with subprocess.Popen(command, cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        written = bytearray()
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux says so when the last writer has closed
                break
            if not piece:
                break
            written += piece
            sys.stdout.buffer.write(piece)
            sys.stdout.flush()
        status = process.wait()
    os.close(ours)
    return written.decode("utf-8", "replace"), status


def final_screen(written: str) -> list[str]:
    """The lines that stand in the end, with their colours, after all that was drawn over."""
    lines, row = [""], 0
    for piece in _PIECES.split(written):
        if piece == "\n":
            row += 1
            if row == len(lines):
                lines.append("")
        elif piece == "\r":
            continue  # a line is redrawn from its start only after it was erased, which the erase does
        elif piece.endswith("A") and piece.startswith("\x1b["):
            row = max(0, row - int(piece[2:-1] or 1))
        elif piece.startswith("\x1b[") and piece.endswith("K"):
            lines[row] = ""
        elif piece.startswith("\x1b") and not piece.endswith("m"):
            continue
        else:
            lines[row] += piece
    return lines


def draw(lines: list[str], columns: int, title: str) -> str:
    """The screen as SVG; it loads nothing from anywhere."""
    console = Console(record=True, width=columns, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(Text.from_ansi("\n".join(lines)), soft_wrap=False)
    template = re.sub(r"@font-face \{\{.*?\n    \}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    svg = console.export_svg(title=title, code_format=template.replace("Fira Code, monospace", FONTS), unique_id="demo")
    svg = svg.replace("<text class", '<text xml:space="preserve" class')  # else some viewers drop leading spaces
    return "\n".join(line.rstrip() for line in svg.splitlines() if line.strip()) + "\n"


def main() -> int:
    """Run, draw, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--columns", type=int, default=100)
    parser.add_argument("--rows", type=int, default=60, help="how many of the last lines to show")
    parser.add_argument("--title", default="make demo")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("command", nargs="*", default=["make", "demo"])
    options = parser.parse_args()
    written, status = run_in_terminal(options.command, options.columns)
    if status:
        print(f"the command failed with {status}; no picture was made", file=sys.stderr)
        return 1
    lines = final_screen(written)
    while lines and not lines[-1].strip():
        lines.pop()
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(draw(lines[-options.rows :], options.columns, options.title), encoding="utf-8")
    print(options.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
