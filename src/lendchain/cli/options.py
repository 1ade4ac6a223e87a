"""Options that several commands take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import platformdirs
import typer

from lendchain.i18n import _

DATA_VARIABLE = "LENDCHAIN_DATA"


# The user's own data folder.
DATA: Final = platformdirs.user_data_path("lendchain")


DataOption = Annotated[
    Path,
    typer.Option(
        "--data",
        envvar=DATA_VARIABLE,
        help=_("Folder of the platform: its node, store and keys."),
        show_default=True,
        file_okay=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help=_("Print one JSON document instead of tables."))]
LangOption = Annotated[
    str | None,
    typer.Option("--lang", help=_("Language of all texts: en or zh. Default: the locale's."), metavar="LANG"),
]
RpcOption = Annotated[
    str | None,
    typer.Option("--rpc", help=_("JSON-RPC address of a chain to use instead of the embedded node."), metavar="URL"),
]
