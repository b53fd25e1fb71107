"""Reports as one HTML page for mail: styles inline, no pictures, no scripts, light and dark."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from agent.report.drift import drift_report

if TYPE_CHECKING:
    from agent.model.run import Run
    from agent.report.page import DriftReport

TEMPLATES = Path(__file__).parent / "templates"


def html(run: Run) -> str:
    """Give the drift report of a run."""
    return layout(drift_report(run))


def layout(report: DriftReport) -> str:
    """Lay a report out. Everything in it is data: a name that looks like markup or a template stays text."""
    return laid_out("drift.html.j2", report)


def laid_out(template: str, report: object) -> str:
    """Lay one of our reports out with its template, styles inline."""
    page = _templates().get_template(template).render(report=report)
    # The rules for dark mode and small screens cannot be inlined; mail programs read them where they stand.
    inliner = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)
    return inliner.inline(page)


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
