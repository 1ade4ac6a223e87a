"""Schedule vectors: files of loans with exact figures, read strictly and held against this arithmetic.

``python -m lendchain.schedule.vectors FILE...`` prints a line for each vector and closes with
``N passed, N failed, N declined``; it ends with status 1 when any failed. Figures are compared as exact numbers,
a field or value that the format does not know is a failure.
"""

from lendchain.schedule.vectors.report import Report, check_file, check_vector

__all__ = ["Report", "check_file", "check_vector"]
