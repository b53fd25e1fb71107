"""Exports as systems: files read strictly, rosters, and what `driftbell import` makes of them."""
