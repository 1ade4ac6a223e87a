"""`python -m tests.mutants`: plants each fault and says which life found it. `--list` only lists them; names choose."""

from __future__ import annotations

import argparse
import sys
import time

from tests.mutants.faults import FAULTS
from tests.mutants.runner import BUDGET, STEPS, NotPlanted, hunt


def main() -> int:
    """0 when every chosen fault was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("names", nargs="*", help="faults to plant; all when none is named")
    parser.add_argument("--list", action="store_true", help="list the faults and plant none")
    options = parser.parse_args()
    chosen = [fault for fault in FAULTS if not options.names or fault.name in options.names]
    if options.list:
        for fault in chosen:
            print(f"{fault.name:40} {fault.file:24} {fault.why}")
        return 0
    missed = 0
    for fault in chosen:
        begun = time.perf_counter()
        try:
            found = hunt(fault)
        except NotPlanted as error:
            print(f"NOT PLANTED  {error}", flush=True)
            missed += 1
            continue
        spent = time.perf_counter() - begun
        if found is None:
            print(f"MISSED       {fault.name}: not in {BUDGET} lives of {STEPS} steps, {spent:.0f} s", flush=True)
            missed += 1
        else:
            print(f"found        {fault.name}: life {found.seed}, {spent:.0f} s: {found.reason}", flush=True)
    print(f"{len(chosen) - missed} of {len(chosen)} found")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
