"""A real browser for the tests: pictures of a page, and what its layout engine says of it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LIGHT, DARK = "1", "0"

# Runs in the page that holds the mails in frames: the mails themselves have no scripts, and are given none.
_MEASURE = """
const luminance = (c) => {
  const part = (v) => { v /= 255; return v <= 0.03928 ? v / 12.92 : Math.pow((v + 0.055) / 1.055, 2.4); };
  return 0.2126 * part(c[0]) + 0.7152 * part(c[1]) + 0.0722 * part(c[2]);
};
const colour = (text) => text.match(/[\\d.]+/g).map(Number);
const background = (node, view) => {
  for (let n = node; n; n = n.parentElement) {
    const c = colour(view.getComputedStyle(n).backgroundColor);
    if (c.length < 4 || c[3] === 1) return c;
  }
  return [255, 255, 255];
};
const measure = (frame) => {
  const page = frame.contentDocument, view = frame.contentWindow, found = {text: [], wide: [], weak: [], tags: {}};
  for (const node of page.body.querySelectorAll("*")) {
    found.tags[node.tagName] = (found.tags[node.tagName] || 0) + 1;
    const box = node.getBoundingClientRect();
    if (box.right > view.innerWidth + 0.5) found.wide.push([node.className, box.right]);
    const own = [...node.childNodes].filter((n) => n.nodeType === 3 && n.data.trim()).map((n) => n.data.trim());
    if (!own.length || node.className === "preheader" || node.className.startsWith("bar")) continue;
    found.text.push(...own);
    const a = luminance(colour(view.getComputedStyle(node).color)), b = luminance(background(node, view));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.weak.push([node.className, ratio]);
  }
  found.width = page.documentElement.scrollWidth;
  found.height = Math.ceil(page.body.getBoundingClientRect().height);
  found.background = view.getComputedStyle(page.body).backgroundColor;
  found.title = page.title;
  return found;
};
const open = ([source, width]) => new Promise((done) => {
  const frame = document.createElement("iframe");
  frame.width = width;
  frame.height = 2000;
  frame.style.border = "0";
  frame.addEventListener("load", () => done(measure(frame)));
  frame.srcdoc = source;
  document.body.append(frame);
});
Promise.all(pages.map(open)).then((found) => {
  const out = document.createElement("pre");
  out.id = "result";
  out.textContent = JSON.stringify(found);
  document.body.append(out);
});
"""


@dataclass(frozen=True, slots=True)
class Layout:
    """What a browser made of a page: `wide` sticks out of its width, `weak` is text of too little contrast."""

    width: int
    height: int
    text: list[str]
    wide: list[object]
    weak: list[object]
    tags: dict[str, int]
    background: str
    title: str


def browser() -> str | None:
    """Give the path of a browser, or None where none is installed."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def picture(page: str, target: Path, *, width: int, height: int, scheme: str = LIGHT, scale: int = 1) -> None:
    """Take a picture of a page."""
    source = target.with_suffix(".html")
    source.write_text(page, encoding="utf-8")
    _run(target.parent, scheme, f"--screenshot={target}", f"--window-size={width},{height}",
         f"--force-device-scale-factor={scale}", source.as_uri())  # fmt: skip


def measure(pages: Sequence[tuple[str, int]], folder: Path, *, scheme: str = LIGHT) -> list[Layout]:
    """Lay pages out, each in a frame of its width, and give what the browser made of each."""
    literal = json.dumps([list(page) for page in pages]).replace("<", "\\u003c")
    outer = folder / f"outer-{scheme}.html"
    outer.write_text(
        '<!DOCTYPE html><meta charset="utf-8"><meta name="color-scheme" content="light dark"><body>'
        f"<script>const pages = {literal};{_MEASURE}</script>",
        encoding="utf-8",
    )
    shown = _run(folder, scheme, "--dump-dom", "--virtual-time-budget=20000", "--window-size=1200,2200", outer.as_uri())
    result = re.search(r'<pre id="result">(.*?)</pre>', shown, re.DOTALL)
    if result is None:
        msg = f"the browser gave no result: {shown[-500:]}"
        raise AssertionError(msg)
    return [Layout(**found) for found in json.loads(unescape(result[1]))]


def _run(folder: Path, scheme: str, *arguments: str) -> str:
    program = browser()
    if program is None:
        msg = "no browser is installed"
        raise AssertionError(msg)
    command = [program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
               "--no-first-run", "--disable-background-networking", "--disable-component-update",
               f"--user-data-dir={folder / 'browser'}", f"--blink-settings=preferredColorScheme={scheme}",
               *arguments]  # fmt: skip
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout
