"""On the host: say how files, units and kernel values are, or put them back as they were.

Paths are bytes, and come and go in base64. Before anything is put back, everything is compared with what is expected
and every content is written beside its place: a full disk or a second writer means that nothing was changed.
"""

from __future__ import annotations

import base64
import contextlib
import grp
import hashlib
import json
import os
import pwd
import stat
import subprocess
import tempfile
from functools import partial
from typing import Any, Callable, Dict

from ansible.module_utils.basic import AnsibleModule

ONE, ALL = 1024 * 1024, 20 * 1024 * 1024  # bytes of content
UNIT_FOLDERS = (b"/etc/systemd/", b"/lib/systemd/", b"/usr/lib/systemd/", b"/run/systemd/")
OURS = b".driftbell-"  # how the names of files begin that are about to take a place

Json = Dict[str, Any]  # `dict[...]` is no value in Python 3.8, which hosts may have


def b64(data: bytes) -> str:
    """Give bytes as text."""
    return base64.b64encode(data).decode("ascii")


def path_of(one: Json) -> bytes:
    """Give the path of an entry."""
    return base64.b64decode(one["path"])


def shown(path: bytes) -> str:
    """Give a path for a sentence."""
    return path.decode("utf-8", "backslashreplace")


def look_at(path: bytes, budget: list[int] | None) -> Json:
    """Give one path as it is, with its content while the budget lasts; `left` says why not. Links are not followed."""
    try:
        there = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return {"path": b64(path), "kind": "absent"}
    found = {
        "path": b64(path),
        "mode": f"{stat.S_IMODE(there.st_mode):04o}",
        "owner": named(there.st_uid, pwd.getpwuid),
        "group": named(there.st_gid, grp.getgrgid),
    }
    if stat.S_ISLNK(there.st_mode):
        return dict(found, kind="link", target=b64(os.readlink(path)))
    if stat.S_ISDIR(there.st_mode):
        return dict(found, kind="directory")
    if not stat.S_ISREG(there.st_mode):
        return dict(found, kind="other", left="is no regular file")
    return dict(found, kind="file", **held(path, there.st_size, budget))


def named(number: int, table: Callable[[int], Any]) -> str:
    """Give the name of a user or a group, or its number where it has none."""
    try:
        return str(table(number)[0])
    except KeyError:
        return str(number)


def held(path: bytes, size: int, budget: list[int] | None) -> Json:
    """Give a file's digest, and its content where it is wanted and not too much."""
    with open(path, "rb") as file:
        if budget is None or size > min(ONE, budget[0]):
            digest = hashlib.sha256()
            for chunk in iter(lambda: file.read(ONE), b""):
                digest.update(chunk)
            why = "is larger than 1 MiB" if size > ONE else "is too much beside the other files (20 MiB)"
            return {"digest": digest.hexdigest(), **({} if budget is None else {"left": why})}
        data = file.read(ONE + 1)
    budget[0] -= len(data)
    if len(data) > ONE:
        return {"digest": "", "left": "grows while it is read"}
    return {"digest": hashlib.sha256(data).hexdigest(), "content": b64(data)}


def reached(asked: list[Json]) -> dict[bytes, bool]:
    """Give the paths that a change of these touches: what a link leads to, and folders that would be made.

    True where the path itself is to be gone afterwards.
    """
    found: dict[bytes, bool] = {}
    for one in asked:
        path, name = os.path.normpath(path_of(one)), base64.b64decode(one.get("name", ""))
        if name and os.path.isdir(path):
            path = os.path.join(path, name)
        found.setdefault(path, bool(one.get("gone")))
        if one.get("alone"):
            continue
        if os.path.islink(path) and os.path.exists(path):
            found.setdefault(os.path.realpath(path), False)
        above = os.path.dirname(path)
        while above not in {b"", b"/"} and not os.path.lexists(above):
            found.setdefault(above, False)
            above = os.path.dirname(above)
    return found


def look(request: Json) -> Json:
    """Say how everything is that is asked for; `error` where something cannot be read."""
    files, left, reaches, budget = [], [], [], [ALL] if request["content"] else None
    for path, gone in reached(request["paths"]).items():
        reaches.append(b64(os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))))
        try:
            one = look_at(path, budget)
            full = gone and one["kind"] == "directory" and bool(os.listdir(path))
        except OSError as error:
            return {"error": f"{shown(path)} cannot be read: {error.strerror}"}
        why = one.pop("left", "") or ("is a folder with something in it" if full else "")
        if why:
            left.append(f"{shown(path)} {why}")
        else:
            files.append(one)
    units = [unit_state(name) for name in request["units"]]
    values = kernel_values(request["sysctls"])
    return {"files": files, "left": left, "services": units, "sysctls": values, "reaches": reaches}


def systemctl(*words: str) -> tuple[int, str, str]:
    """Run systemctl; gives its exit code and what it said."""
    try:
        done = subprocess.run(
            ("systemctl", *words), stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=120
        )
    except OSError as error:
        return 127, "", f"{error.strerror}"
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace").strip()


def unit_state(name: str) -> Json:
    """Give a unit as it is."""
    _, text, _ = systemctl("show", "--property=LoadState,ActiveState,UnitFileState", "--", name)
    said = dict(line.partition("=")[::2] for line in text.splitlines())
    if said.get("LoadState", "not-found") in {"", "not-found"}:
        return {"name": name, "enabled": "absent", "running": False}
    running = said.get("ActiveState") in {"active", "reloading", "refreshing", "activating"}
    return {"name": name, "enabled": said.get("UnitFileState") or "static", "running": running}


def kernel_file(name: str) -> str:
    """Give the file of a kernel value; in a name a dot parts folders and a slash stands for a dot."""
    return "/proc/sys/" + name.translate(str.maketrans("./", "/.")).replace("..", "__")


def kernel_values(names: list[str]) -> dict[str, str]:
    """Give the running values of those that there are."""
    values = {}
    for name in names:
        with contextlib.suppress(OSError), open(kernel_file(name), encoding="ascii") as file:
            values[name] = " ".join(file.read().split())
    return values


def same(one: Json, other: Json) -> bool:
    """Say whether two readings of a path are the same; a link's own mode says nothing."""
    keys = ["path", "kind", "target", "digest"]
    keys += ["mode", "owner", "group"] if one["kind"] in {"file", "directory"} else []
    return all((one.get(key) or "") == (other.get(key) or "") for key in keys)


class Restore:
    """Puts things back; `problems` is what did not go well, `done` how many things were put back."""

    def __init__(self, request: Json) -> None:
        """Take what is to be put back."""
        self.request = request
        self.problems: list[str] = []
        self.done = 0
        self.staged: dict[str, bytes] = {}
        self.there: dict[str, Json] = {}

    def run(self) -> Json:
        """Put everything back, or nothing where it is not as it is expected or cannot be written."""
        files = self.request["files"]
        try:
            self.there = {f["path"]: look_at(path_of(f), None) for f in files}
            others = self.moved()
            if others:
                return {"error": f"{others} no longer as our change left it: nothing was put back"}
            for one in files:
                self.stage(one)
        except OSError as error:
            self.forget()
            where = shown(os.fsencode(error.filename)) if error.filename else "the disk"
            return {"error": f"{where}: {error.strerror}: nothing was put back"}
        changed = [f for f in files if not same(f, self.there[f["path"]])]
        for one in sorted(changed, key=order):
            self.attempt(shown(path_of(one)), partial(self.put_back, one))
        self.forget()
        self.tell(changed)
        return {"done": self.done, "problems": self.problems}

    def moved(self) -> str:
        """Say which things are neither as expected nor as they are wanted, or give nothing."""
        wanted = {f["path"]: f for f in self.request["files"]}
        odd = [e for e in self.request["expected"] if e["path"] in wanted and not same(e, self.there[e["path"]])]
        names = [shown(path_of(e)) for e in odd if not same(wanted[e["path"]], self.there[e["path"]])]
        names += [s["name"] for s in self.request["expected_services"] if not self.known(unit_state(s["name"]))]
        left, values = self.request["expected_sysctls"], self.request["sysctls"]
        there = kernel_values(list(left))
        names += [n for n, value in there.items() if value not in {left[n], values.get(n)}]
        return f"{', '.join(names[:5])} {'is' if len(names) == 1 else 'are'}" if names else ""

    def known(self, unit: Json) -> bool:
        """Say whether a unit is as expected or as it is wanted."""
        return any(unit == one for one in (*self.request["expected_services"], *self.request["services"]))

    def stage(self, one: Json) -> None:
        """Write a content beside its place."""
        path, there = path_of(one), self.there[one["path"]]
        if one["kind"] != "file" or one.get("content") is None or same(one, there):
            return
        if there["kind"] == "file" and there["digest"] == one["digest"]:
            return  # only its mode or its owner is another
        folder = os.path.dirname(path)
        while not os.path.isdir(folder):  # it is put back first; on the same disk, most likely
            folder = os.path.dirname(folder)
        handle, temporary = tempfile.mkstemp(prefix=OURS, dir=folder)
        self.staged[one["path"]] = temporary
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64decode(one["content"]))
            file.flush()
            os.fsync(file.fileno())

    def forget(self) -> None:
        """Remove what was written and did not take its place."""
        for temporary in self.staged.values():
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary)

    def attempt(self, what: str, work: Callable[[], None]) -> None:
        """Do one thing; what goes wrong does not keep the others from being done."""
        try:
            work()
            self.done += 1
        except (OSError, LookupError, ValueError, subprocess.SubprocessError) as error:
            self.problems.append(f"{what}: {getattr(error, 'strerror', None) or error}")

    def put_back(self, one: Json) -> None:
        """Put one path back."""
        path, kind, there = path_of(one), one["kind"], self.there[one["path"]]["kind"]
        if there == "directory" and kind != "directory":
            os.rmdir(path)
        elif there not in {"absent", "directory"} and kind in {"absent", "directory"}:
            os.unlink(path)
        if kind == "link":
            beside = tempfile.mkdtemp(prefix=OURS, dir=os.path.dirname(path))
            try:
                os.symlink(base64.b64decode(one["target"]), beside + b"/link")
                os.replace(beside + b"/link", path)
            finally:
                os.rmdir(beside)
            os.lchown(path, number(one["owner"], pwd.getpwnam), number(one["group"], grp.getgrnam))
        elif kind == "directory":
            if there != "directory":
                os.mkdir(path, 0o700)
            own(path, one)
        elif kind == "file":
            staged = self.staged.get(one["path"])
            if staged is not None and there == "file":
                keep_labels(path, staged)
            own(path if staged is None else staged, one)
            if staged is not None:
                os.replace(staged, path)

    def tell(self, changed: list[Json]) -> None:
        """Set the kernel's values and the units as they were, and tell units that their files went back."""
        if any(path_of(f).startswith(UNIT_FOLDERS) for f in changed):
            self.systemctl("daemon-reload")
        for name, value in self.request["sysctls"].items():
            self.attempt(name, partial(write_kernel_value, name, value))
        for service in self.request["services"]:
            self.attempt(service["name"], partial(self.serve, service))

    def serve(self, service: Json) -> None:
        """Set a unit as it was."""
        name, there = service["name"], unit_state(service["name"])
        if "absent" in {service["enabled"], there["enabled"]}:
            return
        if there["enabled"] != service["enabled"]:
            if there["enabled"].startswith("masked"):
                self.systemctl("unmask", "--", name)
            verb = {"enabled": "enable", "disabled": "disable", "masked": "mask"}.get(service["enabled"])
            if verb:
                self.systemctl(verb, "--", name)
        if name in self.request["units"]:
            self.systemctl("restart" if service["running"] else "stop", "--", name)
        elif there["running"] != service["running"]:
            self.systemctl("start" if service["running"] else "stop", "--", name)

    def systemctl(self, *words: str) -> None:
        """Run systemctl, and note where it fails."""
        code, _, said = systemctl(*words)
        if code:
            self.problems.append(f"systemctl {' '.join(words)}: {said.splitlines()[0] if said else 'failed'}")


def order(one: Json) -> tuple[bool, int, bytes]:
    """Folders come before what is in them; what is to be gone comes last, and there folders after what is in them."""
    path = path_of(one)
    gone = one["kind"] == "absent"
    return gone, -path.count(b"/") if gone else path.count(b"/"), path


def own(path: bytes, one: Json) -> None:
    """Give a path its owner, its group and its mode; the mode last, as a new owner takes bits of it away."""
    os.chown(path, number(one["owner"], pwd.getpwnam), number(one["group"], grp.getgrnam))
    os.chmod(path, int(one["mode"], 8))


def number(name: str, table: Callable[[str], Any]) -> int:
    """Give the number of a user or a group."""
    try:
        return int(table(name)[2])
    except KeyError:
        if name.isdigit():
            return int(name)
        msg = f"there is no {name} any more"
        raise LookupError(msg) from None


def keep_labels(old: bytes, new: bytes) -> None:
    """Carry over what stands beside mode and owner (SELinux labels, ACLs), as far as that can be done."""
    with contextlib.suppress(OSError):
        for label in os.listxattr(old):
            os.setxattr(new, label, os.getxattr(old, label))


def write_kernel_value(name: str, value: str) -> None:
    """Set a value of the running kernel."""
    with open(kernel_file(name), "w", encoding="ascii") as file:
        file.write(value + "\n")


def main() -> None:
    """Do what is asked, and give the answer as one text, where Ansible does not print it."""
    module = AnsibleModule(
        argument_spec={
            "request": {"type": "str", "required": True, "no_log": True},
            "looks": {"type": "bool", "required": True},
        }
    )
    request = json.loads(base64.b64decode(module.params["request"]))
    if module.params["looks"] and request["do"] != "look":
        module.fail_json(msg="it was to look and is asked to write")
    answer = Restore(request).run() if request["do"] == "restore" else look(request)
    module.exit_json(changed=False, invocation={"answer": b64(json.dumps(answer).encode("ascii"))})


if __name__ == "__main__":
    main()
