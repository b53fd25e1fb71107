"""Where this machine gets Debian packages from, as its own apt is set up."""

from __future__ import annotations

import os
import shlex
from typing import TYPE_CHECKING

from tests.lab.commands import attempt, tool

if TYPE_CHECKING:
    from pathlib import Path

FIELDS = "$(REPO_URI) $(RELEASE) $(COMPONENT) $(ORIGIN) $(LABEL)"


def mirrors(suite: str) -> list[str]:
    """Return the Debian archives that apt uses here, those with `suite` first; empty where it uses none."""
    listed = attempt("apt-get", "indextargets", "--format", FIELDS, "Created-By: Packages").stdout
    return debian_archives(listed, suite)


def debian_archives(listed: str, suite: str) -> list[str]:
    """Pick the archives of Debian itself from lines of FIELDS; one that has another suite may have ours too."""
    found: dict[str, bool] = {}
    for line in listed.splitlines():
        uri, release, component, *maker = line.split(" ")
        # Before the first `apt update` the maker is unknown: then only the suite's own name tells.
        ours = maker == ["Debian", "Debian"] or (not any(maker) and release == suite)
        if ours and component == "main" and uri.startswith(("http:", "https:", "file:")):
            found[uri] = found.get(uri, False) or release == suite
    return sorted(found, key=lambda uri: not found[uri])


def apt_settings() -> dict[str, str]:
    """Return apt's proxies and certificate file; a setting that apt does not have is left out."""
    asked = ("http_proxy", "Acquire::http::Proxy", "https_proxy", "Acquire::https::Proxy")
    said = tool("apt-config", "shell", *asked, "ca_certificate", "Acquire::https::CAInfo")
    pairs = (word.split("=", 1) for word in shlex.split(said))
    return {name: value for name, value in pairs if value not in {"", "DIRECT"}}


def download_environment(wgetrc: Path) -> dict[str, str]:
    """Return the environment in which debootstrap's wget reaches what apt reaches; `wgetrc` is a file it may write."""
    settings = apt_settings()
    certificate = settings.pop("ca_certificate", None)
    if certificate:
        wgetrc.write_text(f"ca_certificate = {certificate}\n", encoding="utf-8")
        settings["WGETRC"] = str(wgetrc)
    return {**os.environ, **settings}
