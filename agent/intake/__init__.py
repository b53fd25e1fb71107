"""Intake: the policy repository and the settings file, from git and YAML to typed nouns.

Nothing raw leaves this room: past it nobody sees a dict. Every mistake of every file is found in one go and said
as `file:line:col: sentence`. This room reads files and runs git and `ansible-inventory`; it never writes to the
repository, never talks to a managed system, and imports jsonschema and polars only when they are needed.
"""
