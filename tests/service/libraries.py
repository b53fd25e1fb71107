"""What /usr/lib/driftbell holds on a server, laid together from the environment that runs the tests.

It is a layer below a lab host's root: hard links to the very files that are installed here, which takes a second where
building the real thing takes a minute.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from importlib.metadata import distribution
from pathlib import Path

ROOT = Path(__file__).parents[2]
HOME = "usr/lib/driftbell"
PYTHON = "/usr/bin/python3.11"  # of the lab's hosts
ENTRY = """\
#!/usr/lib/driftbell/bin/python3
import sys

from agent.__main__ import main

sys.exit(main())
"""
_BUILDS = {"editables", "hatchling", "pathspec", "pluggy", "trove-classifiers"}


def lay_libraries(folder: Path) -> Path:
    """Make the layer; gives its folder."""
    home = folder / HOME
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "python3").symlink_to(PYTHON)
    (home / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n", encoding="utf-8")
    packages = home / "lib" / "python3.11" / "site-packages"
    for name in _names():
        for file in distribution(name).files or ():
            _link(Path(str(file.locate())), home, packages / str(file))
    shutil.copytree(ROOT / "agent", packages / "agent")
    program = home / "bin" / "driftbell"
    program.write_text(ENTRY, encoding="utf-8")
    program.chmod(0o755)
    return folder


def _names() -> list[str]:
    locked = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    return [name for name in re.findall(r"^([a-z0-9._-]+)==", locked, re.MULTILINE) if name not in _BUILDS]


def _link(there: Path, home: Path, here: Path) -> None:
    """Take one file of a distribution along; a program gets the interpreter of the server."""
    here = Path(os.path.normpath(here))
    if not there.is_file() or not here.is_relative_to(home):
        return
    here.parent.mkdir(parents=True, exist_ok=True)
    if here.parent == home / "bin":
        text = there.read_text(encoding="utf-8").replace(str(Path(sys.executable).parent), f"/{HOME}/bin")
        here.write_text(re.sub(r"\A#!.*", f"#!/{HOME}/bin/python3", text), encoding="utf-8")
        here.chmod(0o755)
        return
    try:
        here.hardlink_to(there)
    except OSError:  # another file system
        shutil.copy2(there, here)
