"""Driftbell: sees what a school district's machines are, says what is out of line, and mends it."""

__version__ = "0.1.0"
