"""Policy tests: a case's readings become sweeps, and the same look, plan and guards judge them as in a real run.

Nothing here evaluates a condition otherwise than the cycle does, and nothing here reads or writes a system.
"""
