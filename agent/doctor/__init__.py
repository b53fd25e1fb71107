"""What stands in Driftbell's way on this machine, and how to mend it.

Each check is a small function that returns what it found and never raises for what it looks at. Nothing here changes
anything, sends a mail, or speaks to a host of the inventory.
"""
