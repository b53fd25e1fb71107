"""Makes the pictures of the documentation: `python -m tests.report.picture [FOLDER]` (default: docs/images)."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from agent.report.html import html
from tests.report.browser import DARK, LIGHT, measure, picture
from tests.report.runs import busy_morning

WIDTH = 600
PICTURES = {"drift-report.png": LIGHT, "drift-report-dark.png": DARK}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    page = html(busy_morning())
    with tempfile.TemporaryDirectory() as work:
        height = measure([(page, WIDTH)], Path(work))[0].height
        for name, scheme in PICTURES.items():
            made = Path(work) / name
            picture(page, made, width=WIDTH, height=height, scheme=scheme, scale=2)
            (folder / name).write_bytes(made.read_bytes())
            print(folder / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "docs" / "images")
