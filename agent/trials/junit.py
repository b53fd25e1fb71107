"""Results as JUnit XML, in the shape that pytest writes and CI systems read.

Source of the shape: https://github.com/testmoapp/junitxml (what Jenkins, GitLab and others have in common).
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET  # ruff: ignore[suspicious-xml-etree-import] - it only writes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.trials.running import Miss, Result

# What XML 1.0 cannot hold in any spelling: https://www.w3.org/TR/xml/#charsets
_UNWRITABLE = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(results: Sequence[Result]) -> str:
    """Give the document: a suite for each file, a case for each case."""
    root = ET.Element("testsuites", {"name": "driftbell test", **_counts(results)})
    for file, group in groupby(results, key=lambda r: r.trial.file):
        of = list(group)
        suite = ET.SubElement(root, "testsuite", {"name": _text(file), **_counts(of)})
        for result in of:
            _case(suite, result)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _case(suite: ET.Element, result: Result) -> None:
    place = result.case.place
    attributes = {
        "classname": _text(result.trial.file.removesuffix(".yaml").removesuffix(".yml").replace("/", ".")),
        "name": _text(result.case.name),
        "file": _text(place.file),
        "line": str(place.line),
        "time": f"{result.seconds:.3f}",
    }
    case = ET.SubElement(suite, "testcase", attributes)
    if result.misses:
        first = f"{result.misses[0].subject}: expected {result.misses[0].expected}, came {result.misses[0].came}"
        failure = ET.SubElement(case, "failure", {"message": _text(first), "type": "expectation"})
        failure.text = _text("\n".join(map(_line, result.misses)))


def _line(miss: Miss) -> str:
    return f"{miss.place}: {miss.subject}\n  expected  {miss.expected}\n  came      {miss.came}"


def _counts(results: Sequence[Result]) -> dict[str, str]:
    return {
        "tests": str(len(results)),
        "failures": str(sum(1 for r in results if r.misses)),
        "errors": "0",
        "skipped": "0",
        "time": f"{sum(r.seconds for r in results):.3f}",
    }


def _text(text: str) -> str:
    return _UNWRITABLE.sub(lambda m: f"\\x{ord(m[0]):02x}", text)
