"""Kinds: data, no behaviour. A kind says what may be asked of a resource; its systems say how it is read."""
