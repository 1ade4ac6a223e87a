"""The audit: everything recomputed from the chain, every row of the store compared with it, every rule proved."""

from lendchain.ledger.audit.report import AuditReport, Difference
from lendchain.ledger.audit.service import audit

__all__ = ["AuditReport", "Difference", "audit"]
