"""What a line of the journal says to its reader."""

from __future__ import annotations

from lendchain.i18n import _
from lendchain.ledger import accounts as a


def line_text(kind: str, act: str, other_code: str, other_holder: str, *, outgoing: bool) -> str:
    """The act in words. Of a money move: what it settles, else where the money went or came from."""
    if kind != "Transfer":
        return act_text(kind)
    if other_code == a.BANK:
        return _("Withdrawal to the bank") if outgoing else _("Deposit from the bank")
    if act:
        return act_text(act)
    if other_holder:
        text = _("Transfer to {account}") if outgoing else _("Transfer from {account}")
        return text.format(account=short(other_holder))
    return _("Money move")


def act_text(kind: str) -> str:
    """An event of the loan book in words."""
    return {
        "Funded": _("Bid"),
        "Refunded": _("Bid refunded"),
        "Disbursed": _("Loan disbursed"),
        "Paid": _("Payment on the loan"),
        "Ended": _("Loan defaulted, written off or ended"),
        "Claimed": _("Claim"),
        "Moved": _("Position changed hands"),
        "Covered": _("Guarantee payout"),
        "Recovered": _("Recovery after default"),
        "Levied": _("Late fee levied"),
        "Waived": _("Late charge waived"),
        "RestWaived": _("Rest waived"),
        "FeeTaken": _("Fees taken"),
    }.get(kind, kind)


def short(name: str) -> str:
    """An address or loan id as a table shows it."""
    return f"{name[:8]}…{name[-4:]}" if len(name) > 16 else name
