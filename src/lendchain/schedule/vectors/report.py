"""Checks whole files of vectors and counts what passed, failed and was declined."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from lendchain.schedule.errors import ScheduleError
from lendchain.schedule.terms import Method
from lendchain.schedule.vectors.case import read_case
from lendchain.schedule.vectors.fields import FieldError, Fields, a_bool, a_count, a_text, items
from lendchain.schedule.vectors.figures import compare_schedule
from lendchain.schedule.vectors.rate_cases import compare_actuarial, compare_year_fractions

__all__ = ["Report", "Verdict", "check_file", "check_vector"]

_FORMAT = 1
_SOURCE = ("repo", "path", "commit", "where", "document", "product", "allocation")
_SHOWN_DIFFERENCES = 6


class Verdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Report:
    """The verdict on one vector and the reasons for it."""

    name: str
    verdict: Verdict
    reasons: tuple[str, ...] = ()

    def __str__(self) -> str:
        line = f"{self.verdict:8} {self.name}"
        if not self.reasons:
            return line
        more = len(self.reasons) - _SHOWN_DIFFERENCES
        shown = "; ".join(self.reasons[:_SHOWN_DIFFERENCES])
        return f"{line}: {shown}" + (f"; and {more} more" if more > 0 else "")


def check_file(path: Path) -> Iterator[Report]:
    """A report for each vector of a file, for each one the file itself declines, and for a fault of the file."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_no_duplicates)
        file = Fields(data, path.name)
        if file.take("format", a_count) != _FORMAT:
            raise FieldError(f"{path.name}.format: only format {_FORMAT} is known")
        for text in ("about", "use"):
            file.take(text, a_text, None)
        file.take("snapshots", _texts, None)
        file.take("rounding_lessons", items, None)
        count = file.take("count", a_count, None)
        vectors = file.take("vectors", items)
        declined = file.each("declined")
        file.done()
    except (OSError, ValueError, RecursionError) as wrong:
        yield Report(path.name, Verdict.FAILED, (str(wrong),))
        return
    for vector in vectors:
        yield check_vector(vector)
    for fields in declined:
        yield _declined(fields)
    if count is not None and count != len(vectors):
        yield Report(path.name, Verdict.FAILED, (f"count is {count}, the file holds {len(vectors)} vectors",))


def check_vector(data: object) -> Report:
    """Calculate one vector and hold it against what it expects."""
    name = str(data.get("id", "?")) if isinstance(data, Mapping) else "?"
    try:
        vector = Fields(data, name)
        differences = _check(vector)
        vector.done()
    except (FieldError, ScheduleError, ValueError, ArithmeticError) as wrong:
        return Report(name, Verdict.FAILED, (str(wrong),))
    return Report(name, Verdict.FAILED if differences else Verdict.PASSED, tuple(differences))


def _check(vector: Fields) -> list[str]:
    _texts_of(vector)
    method = vector.take("method", a_text)
    if method == "year_fraction":
        return compare_year_fractions(vector)
    if method == "apr_us_actuarial":
        return compare_actuarial(vector)
    if method not in list(Method):
        raise FieldError(f"{vector.where}.method: unknown value {method!r}")
    case = read_case(vector, Method(method))
    expected = vector.inner("expected")
    if expected is None:
        raise FieldError(f"{vector.where}.expected is missing")
    return compare_schedule(case, expected)


def _texts_of(vector: Fields) -> None:
    """Take what is for people; only its form is looked at."""
    vector.take("id", a_text)
    for name in ("title", "note", "quirk_note"):
        vector.take(name, a_text, None)
    for name in ("core", "quirk"):
        vector.take(name, a_bool, None)
    vector.take("currency", _currency, None)
    source = vector.inner("source")
    if source is not None:
        for name in _SOURCE:
            source.take(name, a_text, None)
        source.done()


def _declined(fields: Fields) -> Report:
    try:
        name, reason = fields.take("id", a_text), fields.take("reason", a_text)
        fields.done()
    except FieldError as wrong:
        return Report(fields.where, Verdict.FAILED, (str(wrong),))
    return Report(name, Verdict.DECLINED, (reason,))


def _currency(value: object) -> str:
    text = a_text(value)
    if not re.fullmatch("[A-Z]{3}", text):
        raise FieldError(f"an ISO 4217 code is expected, not {text!r}")
    return text


def _texts(value: object) -> dict[str, str]:
    fields = Fields(value, "snapshots")
    return {str(name): a_text(text) for name, text in fields.rest()}


def _no_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A JSON object whose fields are all different; a second one of a name would silently win otherwise."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise FieldError("an object names a field twice")
    return found
