"""The table of packed words, read from the contracts' own module `words.vy`: both its prose and its constants."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SOURCE: Final = Path(__file__).resolve().parents[2] / "contracts" / "modules" / "words.vy"
WORDS: Final = ("who", "rules", "state", "sums", "extra 0", "extra 1", "position", "ballot", "mandate")


@dataclass(frozen=True)
class Field:
    """Where a field begins and how many bits it has."""

    name: str
    offset: int
    bits: int

    @property
    def mask(self) -> int:
        return (1 << self.bits) - 1


def layout() -> dict[str, list[Field]]:
    """Word -> its fields, lowest first, as the module's description lists them."""
    text = SOURCE.read_text(encoding="utf-8").split('"""')[1]
    found: dict[str, list[Field]] = {}
    starts = {
        "who": r"0 who\s+",
        "rules": r"1 rules\s+",
        "state": r"2 state\s+",
        "sums": r"3 sums\s+",
        "extra 0": r"accrual 0:\s+",
        "extra 1": r"accrual 1:\s+",
        "position": r"A position is one word:\s+",
        "ballot": r"A ballot is one word:\s+",
        "mandate": r"A mandate is one word:\s+",
    }
    for word, start in starts.items():
        begin = re.search(start, text)
        assert begin, f"words.vy says nothing of {word}"
        found[word] = _fields(text[begin.end() :])
    return found


def constants() -> dict[str, int]:
    """Name -> bit, of the constants that are plain numbers."""
    pairs = re.findall(r"^([A-Z_0-9]+): constant\(uint256\) = (\d+)$", SOURCE.read_text(encoding="utf-8"), re.MULTILINE)
    return {name: int(value) for name, value in pairs}


def _fields(text: str) -> list[Field]:
    """`borrower 160 | unit price 47 | ...` up to the first line that does not go on with a bar."""
    lines = text.split("\n")
    taken = lines[0]
    for line in lines[1:]:
        if not taken.rstrip().endswith("|"):
            break
        taken += " " + line.strip()
    fields, offset = [], 0
    for piece in taken.rstrip(". ").split("|"):
        match = re.match(r"(.*?)\s+(\d+)", piece.strip().replace("upper 200 bits of the digest", "digest 200"))
        if not match:
            break
        fields.append(Field(match[1].replace("units for", "votes"), offset, int(match[2])))
        offset += int(match[2])
    return fields
