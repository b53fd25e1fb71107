"""Approvals with real keys, real signatures and real commits."""
