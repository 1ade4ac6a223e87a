"""Names that several commands show."""

from __future__ import annotations

from lendchain.i18n import _

STATUS_NAMES = ("funding", "active", "defaulted", "cancelled", "closed", "written-off")


def status_word(status: int) -> str:
    """A stored status in the user's language."""
    return (_("funding"), _("active"), _("defaulted"), _("cancelled"), _("closed"), _("written off"))[status]
