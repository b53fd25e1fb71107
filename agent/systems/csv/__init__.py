"""Exports as systems: files that a person or a nightly job takes out of another product, read strictly.

Nothing here guesses: what cannot be told for certain is unknown, with the reason and the row. A sentence of this room
names rows and columns and quotes no cell, for anybody may stand in it; only who imports a file is shown what stands
there. Nothing is written but by `taking`.
"""
