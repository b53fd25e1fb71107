"""Tests of intake: documents in, typed nouns or sentences out; with real git and a real ansible-inventory."""
