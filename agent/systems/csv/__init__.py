"""Exports as systems: files that a person or a nightly job takes out of another product, read strictly.

Nothing here guesses: what cannot be told for certain is unknown, with the reason and the row. A sentence of this room
names rows and columns, never a person, and no content of a sensitive field. Nothing is written but by `taking`.
"""
