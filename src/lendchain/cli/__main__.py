"""`python -m lendchain.cli` is `lendchain`."""

import sys

from lendchain.cli import main

sys.exit(main())
