"""The words a user reads, in English and Chinese.

English is the message id, so English needs no catalogue. The language is chosen by `set_language` (the command
line's `--lang`), else by LENDCHAIN_LANG, else by the locale's variables in gettext's own order. It is kept per
context, so that two requests served at once can speak two languages.
"""

from __future__ import annotations

import gettext
import os
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import Final

DOMAIN: Final = "lendchain"
LANGUAGES: Final = ("en", "zh")
LOCALE_DIR: Final = Path(__file__).parent / "locale"

_chosen: ContextVar[str | None] = ContextVar("lendchain_language", default=None)


def set_language(language: str | None) -> str:
    """Choose the language of all later texts; None goes back to the locale. Returns the language now in force.

    Accepts what users type: `zh`, `zh_CN.UTF-8`, `zh-Hans`, `EN`. Raises ValueError for a language we don't have.
    """
    if language is None:
        _chosen.set(None)
        return current_language()
    known = _known(language)
    if known is None:
        raise ValueError(f"unknown language {language!r}; known: {', '.join(LANGUAGES)}")
    _chosen.set(known)
    return known


def current_language() -> str:
    """The language in force: `en` or `zh`."""
    return _chosen.get() or _from_environment()


def _(message: str) -> str:
    """The message in the language in force; fill placeholders after the call, not before."""
    return _catalogue(current_language()).gettext(message)


def ngettext(singular: str, plural: str, count: int) -> str:
    """The message for `count` things in the language in force."""
    return _catalogue(current_language()).ngettext(singular, plural, count)


def _from_environment() -> str:
    for name in ("LENDCHAIN_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        for part in os.environ.get(name, "").split(":"):
            if known := _known(part):
                return known
        if name != "LANGUAGE" and os.environ.get(name):
            break  # a locale we don't have ends the search, as in gettext: the next variable is weaker
    return "en"


def _known(language: str) -> str | None:
    name = language.replace("-", "_").split(".")[0].split("_")[0].lower()
    return name if name in LANGUAGES else None


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    if language == "en":
        return gettext.NullTranslations()
    return gettext.translation(DOMAIN, LOCALE_DIR, languages=[language], fallback=True)
