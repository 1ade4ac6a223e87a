"""`python -m tests.simulation --seeds 1000 [--from N] [--bug NAME]`: runs seeds, prints each that fails."""

from __future__ import annotations

import argparse
import sys
from contextlib import nullcontext

from tests.simulation.bugs import BUGS
from tests.simulation.runs import ground, run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="how many seeds to run (default 1000)")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first seed (default 0)")
    parser.add_argument("--bug", choices=sorted(BUGS), help="plant this bug and stop at the first seed that finds it")
    chosen = parser.parse_args()
    failed = 0
    seeds = range(chosen.first, chosen.first + chosen.seeds)
    with ground() as made:
        for number, outcome in enumerate(run(seeds, made, planted=BUGS.get(chosen.bug, nullcontext)), 1):
            if outcome.problem is not None:
                failed += 1
                print(outcome, flush=True)
                if chosen.bug:
                    print(f"{chosen.bug}: found by seed {number} of {chosen.seeds}")
                    return 0
            elif number % 100 == 0:
                print(f"{number} of {chosen.seeds} seeds, {failed} failed", flush=True)
    print(f"{chosen.seeds - failed} passed, {failed} failed")
    return 1 if failed or chosen.bug else 0


if __name__ == "__main__":
    sys.exit(main())
