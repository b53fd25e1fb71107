"""Rollouts, claims, retries and what keeps changing back: the whole cycle on a real ledger, and a clock of its own."""
