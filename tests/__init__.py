"""Tests of Driftbell: they run real parts."""
