"""The embedded chain's program is found, or installed from the lock in the package, or its lack explained."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from lendchain.chain import node


def test_a_program_named_by_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "anvil"
    program.write_text("#!/bin/sh\n", encoding="ascii")
    program.chmod(0o755)
    monkeypatch.setenv(node.ANVIL_VARIABLE, str(program))
    assert node.anvil_path() == program


def test_a_named_program_that_is_none_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(node.ANVIL_VARIABLE, str(tmp_path / "nothing"))
    with pytest.raises(node.ChainProgramMissingError, match="LENDCHAIN_ANVIL"):
        node.anvil_path()


def test_without_node_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(node.ChainProgramMissingError, match=r'pip install "lendchain\[node\]"'):
        node.npm_command()


def test_npms_own_words_reach_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho no such package >&2\nexit 1\n", encoding="ascii")
    npm.chmod(0o755)
    monkeypatch.setattr(node, "npm_command", lambda: [str(npm)])
    with pytest.raises(node.ChainProgramMissingError, match="no such package"):
        node.install(tmp_path / "cache")


def test_the_checkouts_own_copy_is_the_locked_version() -> None:
    assert node.default_folder().name == ".node"
    told = subprocess.run([node.anvil_path(), "--version"], capture_output=True, text=True, check=True).stdout
    assert told.startswith("anvil Version: 1.7.1")


@pytest.mark.slow
def test_the_program_is_installed_from_the_lock_in_the_package(tmp_path: Path) -> None:
    first = node.install(tmp_path / "cache")
    assert "1.7.1" in subprocess.run([first, "--version"], capture_output=True, text=True, check=True).stdout
    changed_at = first.stat().st_mtime_ns
    assert node.install(tmp_path / "cache") == first
    assert first.stat().st_mtime_ns == changed_at
