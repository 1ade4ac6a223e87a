"""The checks of `make lint` find what they are there for."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from urllib.parse import unquote

import pytest
from babel.messages.catalog import Catalog

import checks
import messages
from tests.conftest import ROOT

HASHED = "web3==8.0.0 \\\n    --hash=sha256:" + "0" * 64 + "\n"


def repository(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    subprocess.run(["git", "add", "."], cwd=folder, check=True)
    return folder


@pytest.mark.parametrize(
    ("lock", "finding"),
    [
        (HASHED, None),
        ("web3==8.0.0\n", "no hash: web3==8.0.0"),
        ("web3>=8\n", "not a pinned version"),
        (HASHED.replace("web3==8.0.0", "web3==8.0.0 @ https://host.example/web3.whl"), "names a host"),
    ],
)
def test_a_python_lock_without_pin_or_hash_or_with_a_host_is_found(
    tmp_path: Path, lock: str, finding: str | None
) -> None:
    found = checks.check_python_locks_are_hashed(repository(tmp_path, {"requirements/runtime.txt": lock}))
    assert (not found) if finding is None else any(finding in line for line in found)


@pytest.mark.parametrize(
    ("entry", "finding"),
    [
        ({"version": "1.0.0", "integrity": "sha512-x"}, None),
        ({"version": "1.0.0"}, "no hash: node_modules/a"),
        ({"version": "1.0.0", "integrity": "sha512-x", "resolved": "https://host.example/a.tgz"}, "names a host"),
    ],
)
def test_an_npm_lock_without_hash_or_with_a_host_is_found(
    tmp_path: Path, entry: dict[str, str], finding: str | None
) -> None:
    lock = json.dumps({"packages": {"": {}, "node_modules/a": entry}})
    found = checks.check_npm_locks_name_no_host(repository(tmp_path, {"web/package-lock.json": lock}))
    assert (not found) if finding is None else any(finding in line for line in found)


def test_a_requirement_that_no_lock_pins_is_found(tmp_path: Path) -> None:
    root = repository(
        tmp_path,
        {
            "pyproject.toml": (ROOT / "pyproject.toml").read_text(encoding="utf-8"),
            **{f"requirements/{name}.txt": HASHED for name in ("runtime", "node", "build", "dev")},
        },
    )
    found = checks.check_python_locks_hold_what_is_asked(root)
    assert any("vyper==0.4.3" in line for line in found)
    assert not any("web3" in line for line in found)


def test_a_file_too_long_to_tell_one_story_is_found(tmp_path: Path) -> None:
    root = repository(tmp_path, {"long.py": "x = 1\n" * (checks.MAX_FILE_LINES + 1), "short.py": "x = 1\n"})
    assert checks.check_files_tell_one_story(root) == ["long.py: 451 lines, at most 450"]


def test_a_translation_with_other_placeholders_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = Catalog(locale="zh")
    catalogue.add("{count} loans", "{number} 笔贷款")
    catalogue.add("gone", "没了")
    template = Catalog()
    template.add("{count} loans")
    template.add("new")
    monkeypatch.setattr(messages, "read", lambda _language: catalogue)
    monkeypatch.setattr(messages, "extract", lambda: template)
    assert messages.findings("zh") == [
        "zh: other placeholders: '{count} loans'",
        "zh: not translated: 'new'",
        "zh: no longer used: 'gone'",
    ]


@pytest.mark.parametrize("page", sorted(path.name for path in ROOT.glob("*.md")))
def test_every_link_of_a_root_page_leads_to_a_file(page: str) -> None:
    """The site's own links are checked when it is built; these pages are read on their own."""
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = [target for target in re.findall(r"\]\(([^)#\s]+)", text) if "://" not in target]
    assert [target for target in targets if not (ROOT / unquote(target)).is_file()] == []
