"""Check YAML files against a schema, and nothing else: `schema_alone.py SCHEMA FILE-WITH-NAMES`."""

import json
import sys
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

validator = Draft202012Validator(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
names = Path(sys.argv[2]).read_text(encoding="utf-8").splitlines()
wrong = 0
for name in names:
    document = yaml.load(Path(name).read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)
    wrong += sum(1 for _ in validator.iter_errors(document))
print(f"{len(names)} files, {wrong} errors")
