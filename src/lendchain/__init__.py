"""Lendchain 信贷链: an online-lending platform whose books are on a blockchain."""

__version__ = "0.1.0"
