"""Solves a payment path that explains a loan's totals, by stated rules; docs/replay.md tells them."""

from lendchain.servicing.replay.solver.path import Cause, Levy, Path, Rule, Solution
from lendchain.servicing.replay.solver.solve import REST_CAP, solve

__all__ = ["REST_CAP", "Cause", "Levy", "Path", "Rule", "Solution", "solve"]
