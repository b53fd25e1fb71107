"""The mutation check: each guard is taken out or bent a little, and tests/guards has to notice."""
