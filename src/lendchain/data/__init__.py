"""Data that ships with the package: the demo's book (see NOTICE.md beside it)."""
