"""Tests of the district's own, asked for a second opinion of what was changed. Nothing may be changed here.

They are pytest-testinfra modules, run as a program in a cell: with the account that reads, without any other secret,
and with nothing of this machine that it could write to.
"""
