"""`python -m bench [NAME ...]`: run the benchmarks (all, or those named), print tables, write bench/results.json."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import os
import pkgutil
import platform
import sys
import time
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.markup import escape
from rich.table import Table

import bench
from bench.figures import Figure

RESULTS: Final = Path(__file__).parent / "results.json"
VERSIONED: Final = ("lendchain", "vyper", "titanoboa", "web3", "eth-account", "coincurve", "sqlalchemy")


def main(names: list[str]) -> int:
    """Run the benchmarks named; fails when one can't be measured, not when a goal is missed (that is a finding)."""
    console = Console(width=None if sys.stdout.isatty() else 140)
    known = benchmarks()
    if unknown := [name for name in names if name not in known]:
        console.print(f"unknown: {', '.join(unknown)}; known: {', '.join(known)}", style="red")
        return 2
    results: list[dict[str, Any]] = []
    broken: list[str] = []
    for name in names or list(known):
        load, started = os.getloadavg()[0], time.monotonic()
        try:
            figures = known[name]()
        except Exception:  # noqa: BLE001  one benchmark that breaks must not lose the others' figures
            console.print(f"{name}: could not be measured\n{escape(traceback.format_exc())}", style="red")
            broken.append(name)
            continue
        seconds = time.monotonic() - started
        console.print(table(name, figures, seconds))
        results += [
            {"benchmark": name, **figure.as_json(), "load_before": round(load, 2), "seconds": round(seconds, 1)}
            for figure in figures
        ]
    RESULTS.write_text(json.dumps({**machine(), "figures": _merged(results, names)}, indent=2) + "\n", encoding="utf-8")
    judged = [row["met"] for row in results if row["met"] is not None]
    console.print(f"{RESULTS.relative_to(Path.cwd()) if RESULTS.is_relative_to(Path.cwd()) else RESULTS}: ", end="")
    console.print(f"{len(results)} figures, {sum(judged)} of {len(judged)} goals met", end="")
    console.print(f"; not measured: {', '.join(broken)}" if broken else "")
    return int(bool(broken))


def benchmarks() -> dict[str, Callable[[], list[Figure]]]:
    """Every module of this folder with a `run`, by name."""
    found = {}
    for module in sorted(pkgutil.iter_modules(bench.__path__), key=lambda module: module.name):
        if module.name.startswith("_"):
            continue
        run = getattr(importlib.import_module(f"bench.{module.name}"), "run", None)
        if callable(run):
            found[module.name] = run
    return found


def table(name: str, figures: list[Figure], seconds: float) -> Table:
    """The figures of one benchmark, as the terminal shows them."""
    shown = Table(title=f"{name}  ({seconds:.0f} s)", title_justify="left")
    shown.add_column("figure")
    for heading in ("value", "unit", "peer", "its value", "ratio", "goal", "met"):
        shown.add_column(heading, justify="left" if heading in {"unit", "peer", "met"} else "right")
    for figure in figures:
        shown.add_row(
            escape(figure.name),
            _number(figure.value),
            figure.unit,
            escape(figure.peer or ""),
            _number(figure.peer_value),
            "" if figure.ratio is None else f"{figure.ratio:.2f} x",
            _goal(figure),
            {None: "", True: "[green]yes[/]", False: "[red]no[/]"}[figure.met],
        )
        if figure.note:
            shown.add_row(f"  [dim]{escape(figure.note)}[/]")
    return shown


def machine() -> dict[str, Any]:
    """What the figures were measured on and with."""
    versions = {"python": platform.python_version()}
    for package in VERSIONED:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "system": platform.platform(),
        "cores": os.cpu_count(),
        "load": [round(load, 2) for load in os.getloadavg()],
        "versions": versions,
    }


def _merged(results: list[dict[str, Any]], names: list[str]) -> list[dict[str, Any]]:
    """A run of some benchmarks keeps the last figures of the others."""
    if not names or not RESULTS.is_file():
        return results
    earlier = json.loads(RESULTS.read_text(encoding="utf-8"))["figures"]
    return [row for row in earlier if row["benchmark"] not in names] + results


def _goal(figure: Figure) -> str:
    if figure.goal is None:
        return ""
    if figure.goal_is_ratio:
        return f">= {figure.goal:g} x"
    return f"{'>=' if figure.better.value == 'higher' else '<='} {_number(figure.goal)}"


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:,.3g}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
