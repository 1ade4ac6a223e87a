"""What an audit found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from lendchain.ledger.checks import Violation

# One hole may make all later rows differ: what is beyond is only counted.
MOST_LISTED: Final = 1_000


@dataclass(frozen=True, slots=True)
class Difference:
    """A row of the store that is not what the chain makes it. `column` is "" where the row is missing or extra."""

    table: str
    key: str
    column: str
    stored: Any
    recomputed: Any

    def __str__(self) -> str:
        place = f"{self.table} [{self.key}]"
        if self.column:
            return f"{place} {self.column}: {self.stored!r}, recomputed {self.recomputed!r}"
        return f"{place}: row {'missing' if self.stored is None else 'not on the chain'}"


@dataclass(slots=True)
class AuditReport:
    """Differences between store and chain, rules that do not hold, and how much was looked at."""

    block_number: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    difference_count: int = 0
    violations: list[Violation] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """The store is the chain's, and every rule holds."""
        return not self.difference_count and not self.violations

    def differ(self, found: Iterable[Difference]) -> None:
        """Note differences; the first thousand are listed."""
        for difference in found:
            self.difference_count += 1
            if len(self.differences) < MOST_LISTED:
                self.differences.append(difference)

    def count(self, what: str, number: int) -> None:
        self.counts[what] = self.counts.get(what, 0) + number

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {"clean": self.is_clean, **asdict(self)}
