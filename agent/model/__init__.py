"""The nouns, as frozen dataclasses, and the ports, as Protocols. No input, no output, no behaviour of systems.

Nouns do not inherit from each other, and nothing in this room knows polars, SQL, SSH or YAML.
"""
