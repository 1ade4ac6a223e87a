"""``python -m lendchain.schedule.vectors FILE...``"""

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from lendchain.schedule.vectors.report import Verdict, check_file


def main(arguments: Sequence[str]) -> int:
    """Check the files named; the number of the exit status says whether any vector failed."""
    if not arguments or any(argument.startswith("-") for argument in arguments):
        sys.stderr.write("usage: python -m lendchain.schedule.vectors FILE...\n")
        return 2
    verdicts: Counter[Verdict] = Counter()
    for name in arguments:
        for report in check_file(Path(name)):
            verdicts[report.verdict] += 1
            sys.stdout.write(f"{report}\n")
    sys.stdout.write(", ".join(f"{verdicts[verdict]} {verdict}" for verdict in Verdict) + "\n")
    return 1 if verdicts[Verdict.FAILED] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
