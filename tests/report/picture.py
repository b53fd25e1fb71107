"""Makes the pictures of the documentation: `python -m tests.report.picture [FOLDER]` (default: docs/images)."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from agent.report.html import html
from tests.report.browser import DARK, LIGHT, measure, picture
from tests.report.riverton import tuesday

if TYPE_CHECKING:
    from collections.abc import Callable

WIDTH = 600
PAGES: dict[str, Callable[[], str]] = {
    "drift-report": lambda: html(tuesday()),
}
PICTURES = {
    "drift-report.png": ("drift-report", LIGHT),
    "drift-report-dark.png": ("drift-report", DARK),
}


def take(page: str, target: Path, scheme: str = LIGHT, width: int = WIDTH) -> None:
    """Take a picture of a whole page, sharp enough for a screen with twice the dots."""
    with tempfile.TemporaryDirectory() as work:
        height = measure([(page, width)], Path(work), scheme=scheme)[0].height
        made = Path(work) / "picture.png"
        picture(page, made, width=width, height=height, scheme=scheme, scale=2)
        target.write_bytes(made.read_bytes())


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, (page, scheme) in PICTURES.items():
        take(PAGES[page](), folder / name, scheme)
        print(folder / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "docs" / "images")
