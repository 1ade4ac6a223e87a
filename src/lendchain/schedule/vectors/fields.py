"""Strict reading of JSON objects: every field is taken by name and type, a field nobody took is an error."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar, overload

__all__ = ["FieldError", "Fields", "a_bool", "a_count", "a_date", "a_decimal", "a_text", "items", "one_of", "places"]

T = TypeVar("T")
D = TypeVar("D")
E = TypeVar("E", bound=StrEnum)

_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class FieldError(ValueError):
    """A field that is missing, unknown, or of a value the format does not know."""


class _Required:
    pass


_REQUIRED = _Required()


class Fields:
    """The fields of one JSON object, each to be taken once."""

    def __init__(self, data: object, where: str) -> None:
        if not isinstance(data, Mapping):
            raise FieldError(f"{where}: an object is expected, not {data!r}")
        self._data: dict[str, object] = dict(data)
        self.where = where

    def __contains__(self, name: str) -> bool:
        return name in self._data

    def peek(self, name: str) -> object:
        """The field as it stands in the file, left in place; None where it is absent."""
        return self._data.get(name)

    @overload
    def take(self, name: str, parse: Callable[[object], T]) -> T: ...
    @overload
    def take(self, name: str, parse: Callable[[object], T], default: D) -> T | D: ...
    def take(self, name: str, parse: Callable[[object], T], default: object = _REQUIRED) -> object:
        """The field ``name`` as ``parse`` reads it; ``default`` where it is absent."""
        if name not in self._data:
            if default is _REQUIRED:
                raise FieldError(f"{self.where}.{name} is missing")
            return default
        value = self._data.pop(name)
        try:
            return parse(value)
        except FieldError as wrong:
            text = str(wrong)
            raise FieldError(text if text.startswith(self.where) else f"{self.where}.{name}: {text}") from wrong

    def inner(self, name: str) -> "Fields | None":
        """The object under ``name``; None where it is absent."""
        if name not in self._data:
            return None
        return Fields(self._data.pop(name), f"{self.where}.{name}")

    def each(self, name: str) -> "list[Fields]":
        """The list of objects under ``name``; empty where it is absent."""
        values = self.take(name, items, [])
        return [Fields(value, f"{self.where}.{name}[{index}]") for index, value in enumerate(values)]

    def rest(self) -> list[tuple[str, object]]:
        """All fields nobody has taken yet, whatever their names."""
        left, self._data = list(self._data.items()), {}
        return left

    def done(self) -> None:
        """Refuse fields that nobody knew."""
        if self._data:
            raise FieldError(f"{self.where}: unknown field {', '.join(sorted(self._data))}")


def a_text(value: object) -> str:
    """A string."""
    if not isinstance(value, str):
        raise FieldError(f"a string is expected, not {value!r}")
    return value


def a_bool(value: object) -> bool:
    """true or false."""
    if not isinstance(value, bool):
        raise FieldError(f"true or false is expected, not {value!r}")
    return value


def a_count(value: object) -> int:
    """An integer that is not negative."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise FieldError(f"a count is expected, not {value!r}")
    return value


def a_decimal(value: object) -> Fraction:
    """A decimal string such as "1432.86"."""
    text = a_text(value)
    if not _DECIMAL.fullmatch(text):
        raise FieldError(f"a decimal string is expected, not {text!r}")
    return Fraction(text)


def places(text: str) -> int:
    """Digits printed after the point."""
    return len(text.partition(".")[2])


def a_date(value: object) -> date:
    """A date YYYY-MM-DD."""
    text = a_text(value)
    if not _DATE.fullmatch(text):
        raise FieldError(f"a date YYYY-MM-DD is expected, not {text!r}")
    try:
        return date.fromisoformat(text)
    except ValueError as wrong:
        raise FieldError(f"{text}: {wrong}") from wrong


def items(value: object) -> list[object]:
    """A list."""
    if not isinstance(value, list):
        raise FieldError(f"a list is expected, not {value!r}")
    return value


def one_of(choices: type[E], *allowed: E) -> Callable[[object], E]:
    """A reader of one word out of ``choices``, or out of those ``allowed``."""
    words = {str(choice): choice for choice in allowed or tuple(choices)}

    def parse(value: object) -> E:
        if not isinstance(value, str) or value not in words:
            raise FieldError(f"unknown value {value!r}; known: {', '.join(words)}")
        return words[value]

    return parse
