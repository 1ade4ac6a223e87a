"""The words a user reads are in the language they asked for."""

from __future__ import annotations

import pytest

from lendchain import i18n

VARIABLES = ("LENDCHAIN_LANG", "LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")


@pytest.fixture(autouse=True)
def no_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    i18n.set_language(None)


@pytest.mark.parametrize(
    ("variables", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LANGUAGE": "fr:zh_TW"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LENDCHAIN_LANG": "en"}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "en"),
    ],
)
def test_the_locale_chooses_the_language(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], language: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert i18n.current_language() == language


@pytest.mark.parametrize("typed", ["zh", "ZH", "zh-Hans", "zh_CN.UTF-8"])
def test_the_language_is_understood_as_users_type_it(typed: str) -> None:
    assert i18n.set_language(typed) == "zh"


def test_an_unknown_language_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="en, zh"):
        i18n.set_language("tlh")


def test_a_text_is_given_in_chinese() -> None:
    i18n.set_language("zh")
    assert i18n._("Check the network and try again.") == "请检查网络后重试。"


def test_a_text_without_translation_stays_readable() -> None:
    i18n.set_language("zh")
    assert i18n._("no such text") == "no such text"
