"""Outside systems, one folder each: spec.py (verbs), read.py, write.py and a thin client. read never imports write."""
