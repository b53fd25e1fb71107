"""A bundle of evidence for somebody outside: what stands in its files, and the program that verifies it there."""
