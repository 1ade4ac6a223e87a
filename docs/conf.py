"""How the documentation site is built: `make docs`. A link that leads nowhere fails the build."""

from __future__ import annotations

from pygments.lexers.python import PythonLexer
from sphinx.highlighting import lexers

import lendchain

project = "Lendchain 信贷链"
author = "The Lendchain authors"
copyright = "The Lendchain authors, Apache-2.0"  # noqa: A001  the name is Sphinx's
version = release = lendchain.__version__
language = "en"

extensions = ["myst_parser"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_enable_extensions = ["deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 4

html_theme = "furo"
html_title = "Lendchain 信贷链"
html_copy_source = False
html_show_sphinx = False
# Nothing on the site comes from another host.
html_theme_options = {"footer_icons": []}

lexers["vyper"] = PythonLexer()
