"""Decisions, pure: no input, no output, no clock of its own; the time comes in as an argument.

May know polars (in `columns` and `compile`), but none of its readers or writers of files.
"""
