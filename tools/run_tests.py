"""`make test`: the checks of the code, then the tests, suite by suite, each with its share of time.

A suite is a folder of tests/. Two run at once where there are two cores. Each is stopped when it takes far longer than
its share, so that a suite that hangs can't take the others' time. What each prints is shown when it ends; then a table,
then one closing line with the sums.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tests import postgres

ROOT: Final = Path(__file__).resolve().parent.parent
TESTS: Final = ROOT / "tests"

# Seconds of `make test` that each suite may use on two cores; a folder not named here gets DEFAULT_SHARE.
SHARES: Final = {
    "lint": 150,
    "contracts": 360,
    "mutants": 180,
    "simulation": 420,
    "chain": 150,
    "servicing": 150,
    "ledger": 120,
    "cli": 120,
    "proofs": 120,
    "schedule": 180,
    "house": 90,
}
DEFAULT_SHARE: Final = 120
# A suite past its share is named; past this multiple of it, it is stopped. The first run on a machine also compiles.
PATIENCE: Final = 3
SLOW_SUITE_SECONDS: Final = 5400


@dataclass(slots=True)
class Outcome:
    """What a suite did."""

    name: str
    seconds: float
    exit_status: int
    output: str
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        """True unless it passed; pytest's 5 means that no test was selected, which is no fault."""
        return self.exit_status not in (0, 5)


def main() -> int:
    """Run everything; returns 0 only when every suite passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="the slow tests too")
    parser.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("suites", nargs="*", help="only these (default: all)")
    options = parser.parse_args()

    left_out = prepare_system()
    started = time.monotonic()
    names = options.suites or suites()
    outcomes = []
    with ThreadPoolExecutor(options.jobs) as pool:
        for future in as_completed([pool.submit(run, name, options.all) for name in names]):
            outcome = future.result()
            outcomes.append(outcome)
            print(f"\n######## {outcome.name}\n{outcome.output.rstrip()}", flush=True)
    return report(outcomes, left_out, time.monotonic() - started)


def suites() -> list[str]:
    """Every suite there is, the longest first, so that the last to end is short."""
    folders = {path.relative_to(TESTS).parts[0] for path in TESTS.glob("*/**/test_*.py")}
    return sorted({"lint"} | folders, key=lambda name: (-SHARES.get(name, DEFAULT_SHARE), name))


def run(name: str, slow_too: bool) -> Outcome:
    """Run one suite and read its counts."""
    limit = SLOW_SUITE_SECONDS if slow_too else PATIENCE * SHARES.get(name, DEFAULT_SHARE)
    with tempfile.TemporaryDirectory(prefix="lendchain-tests.") as folder:
        results = Path(folder, "results.xml")
        if name == "lint":
            command = [sys.executable, "tools/lint.py"]
        else:
            selection = ["-m", "slow or not slow"] if slow_too else []
            command = [sys.executable, "-m", "pytest", "-q", f"tests/{name}", f"--junit-xml={results}", *selection]
        started = time.monotonic()
        with subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        ) as process:
            try:
                output, _ = process.communicate(timeout=limit)
                status = process.returncode
            except subprocess.TimeoutExpired:
                _stop(process)
                output, _ = process.communicate()
                output += f"\n{name}: stopped after {limit} s, {PATIENCE} times its share"
                status = 124
        outcome = Outcome(name, time.monotonic() - started, status, output)
        outcome.counts = _counts(results, outcome.failed)
    return outcome


def report(outcomes: list[Outcome], left_out: list[str], seconds: float) -> int:
    """Print the table, what was left out, and the closing line."""
    print(f"\n{'suite':12} {'passed':>7} {'failed':>7} {'skipped':>8} {'seconds':>8} {'share':>6}")
    for outcome in sorted(outcomes, key=lambda outcome: outcome.name):
        share = SHARES.get(outcome.name, DEFAULT_SHARE)
        counts = outcome.counts
        note = "  FAILED" if outcome.failed else "  over its share" if outcome.seconds > share else ""
        print(
            f"{outcome.name:12} {counts['passed']:7} {counts['failed']:7} {counts['skipped']:8}"
            f" {outcome.seconds:8.0f} {share:6}{note}"
        )
    for line in left_out:
        print(f"left out: {line}")
    sums = {word: sum(outcome.counts[word] for outcome in outcomes) for word in ("passed", "failed", "skipped")}
    print(f"\nall suites: {seconds:.0f} s")
    print(f"{sums['passed']} passed, {sums['failed']} failed, {sums['skipped']} skipped")
    return int(any(outcome.failed for outcome in outcomes))


def prepare_system() -> list[str]:
    """Install what tests need from the system, when we may; returns what is left out because we may not."""
    if _postgres_is_there():
        return []
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return ["the ledger on PostgreSQL (not installed here, and that takes root: apt-get install postgresql)"]
    print("Installing PostgreSQL for the tests of the ledger's store ...", flush=True)
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    said = ""
    for words in (["update"], ["install", "-y", "--no-install-recommends", "postgresql"]):
        done = subprocess.run(
            ["apt-get", "-qq", *words],
            env=quiet,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        said = done.stdout.strip()
    # The tests start a server of their own, so a package that could not set up its service is good enough.
    return [] if _postgres_is_there() else [f"the ledger on PostgreSQL: apt-get could not install it: {said[-300:]}"]


def _postgres_is_there() -> bool:
    programs = postgres.binaries()
    if programs is None:
        return False
    return subprocess.run([programs / "initdb", "--version"], capture_output=True, check=False).returncode == 0


def _counts(results: Path, failed: bool) -> dict[str, int]:
    if not results.is_file():  # the linters, or a suite that was stopped
        return {"passed": int(not failed), "failed": int(failed), "skipped": 0}
    suite = ET.parse(results).getroot().find("testsuite")
    numbers = {
        key: int(suite.get(key, 0)) if suite is not None else 0 for key in ("tests", "failures", "errors", "skipped")
    }
    broken = numbers["failures"] + numbers["errors"]
    return {
        "passed": max(0, numbers["tests"] - broken - numbers["skipped"]),
        "failed": max(broken, int(failed)),
        "skipped": numbers["skipped"],
    }


def _stop(process: subprocess.Popen[str]) -> None:
    """End a suite and everything it started: first asked, then told."""
    for signal_number in (15, 9):
        try:
            os.killpg(process.pid, signal_number)
            process.wait(timeout=20)
        except (subprocess.TimeoutExpired, ProcessLookupError):
            continue


if __name__ == "__main__":
    sys.exit(main())
