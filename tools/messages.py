"""The catalogues of translated texts: `update` collects the texts from the code, `check` finds what is missing.

English is the message id; each other language has a catalogue, src/lendchain/locale/LANGUAGE/LC_MESSAGES/lendchain.po.
"""

from __future__ import annotations

import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT: Final = Path(__file__).resolve().parent.parent
PACKAGE: Final = ROOT / "src" / "lendchain"
TRANSLATED: Final = ("zh",)


def catalogue_path(language: str) -> Path:
    """Where a language's catalogue is."""
    return PACKAGE / "locale" / language / "LC_MESSAGES" / "lendchain.po"


def extract() -> Catalog:
    """Every text the code marks for translation, in the order of the files."""
    template = Catalog(project="Lendchain", charset="utf-8")
    rows = extract_from_dir(
        str(PACKAGE), method_map=[("**.py", "python")], comment_tags=["i18n:"], strip_comment_tags=True
    )
    for file, _line, message, comments, context in sorted(rows, key=lambda row: (row[0], row[1])):
        # No line numbers: a catalogue changes when a text does, not when code moves.
        template.add(message, None, [(file, None)], auto_comments=comments, context=context)  # type: ignore[list-item]
    return template


def read(language: str) -> Catalog:
    """A language's catalogue as it stands; empty when there is none yet."""
    path = catalogue_path(language)
    if not path.is_file():
        return Catalog(locale=language, project="Lendchain", charset="utf-8", fuzzy=False)
    with path.open("rb") as text:
        return read_po(text, locale=language)


def findings(language: str) -> list[str]:
    """What is wrong with a language's catalogue: texts missing, left over, unsure, or with other placeholders."""
    template, catalogue = extract(), read(language)
    found = []
    for message in template:
        if not message.id:
            continue
        name = message.id if isinstance(message.id, str) else message.id[0]
        translated = catalogue.get(message.id, message.context)
        if translated is None or not _is_translated(translated):
            found.append(f"{language}: not translated: {name!r}")
        elif translated.fuzzy:
            found.append(f"{language}: unsure: {name!r}")
        elif not _same_placeholders(translated):
            found.append(f"{language}: other placeholders: {name!r}")
    known = {message.id for message in template}
    found += [f"{language}: no longer used: {message.id!r}" for message in catalogue if message.id not in known]
    return found


def update(language: str) -> None:
    """Bring a language's catalogue up to date with the code and write it, with its compiled form."""
    catalogue = read(language)
    catalogue.update(extract(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    catalogue.fuzzy = False
    catalogue.header_comment = f"# The texts of Lendchain: {language}.  `make messages` keeps this file up to date."
    catalogue.msgid_bugs_address = catalogue.last_translator = catalogue.language_team = "Lendchain"
    catalogue.version = "0.1.0"
    catalogue.revision_date = catalogue.creation_date = datetime(2026, 1, 1, tzinfo=UTC)  # else each run is a change
    path = catalogue_path(language)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as text:
        write_po(text, catalogue, width=0, omit_header=False, sort_by_file=True)
    with path.with_suffix(".mo").open("wb") as binary:
        write_mo(binary, catalogue)


def _is_translated(message: Message) -> bool:
    return bool(_strings(message)) and all(_strings(message))


def _same_placeholders(message: Message) -> bool:
    original = message.id if isinstance(message.id, str) else message.id[-1]
    return all(_placeholders(text) == _placeholders(original) for text in _strings(message))


def _strings(message: Message) -> tuple[str, ...]:
    string = message.string
    return (string,) if isinstance(string, str) else tuple(string or ())


def _placeholders(text: str) -> set[str]:
    try:
        return {name for _text, name, _spec, _conversion in Formatter().parse(text) if name is not None}
    except ValueError:  # a lone brace: not a format string
        return set(re.findall(r"%\(\w+\)[sd]", text))


def main() -> int:
    """`update` writes the catalogues; `check` prints what is wrong and fails when anything is."""
    if sys.argv[1:] == ["update"]:
        for language in TRANSLATED:
            update(language)
    found = [line for language in TRANSLATED for line in findings(language)]
    print("\n".join(found) or "every text is translated")
    return bool(found) and sys.argv[1:] != ["update"]


if __name__ == "__main__":
    sys.exit(main())
