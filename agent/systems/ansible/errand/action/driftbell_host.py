"""The action beside the module of the same name: hands it what this host is asked, and keeps what it answers.

Both travel as files of the run's folder, so that no content is in an event, an output, a variable or a template.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase

PLACE = "DRIFTBELL_ERRAND"


class ActionModule(ActionBase):  # type: ignore[misc]  # Ansible has no types
    """Named so because Ansible looks for that name."""

    def run(self, tmp: object = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run the module on one host; gives a result without any content."""
        del tmp
        variables = task_vars or {}
        name = hashlib.sha256(str(variables["inventory_hostname"]).encode("utf-8", "surrogatepass")).hexdigest()
        place = Path(os.environ[PLACE])
        request = (place / "asked" / name).read_text(encoding="ascii")
        result = self._execute_module("driftbell_host", module_args={"request": request}, task_vars=variables)
        answer = result.pop("answer", None)
        if not isinstance(answer, str):
            told = ("msg", "module_stderr", "exception", "unreachable")
            return {"failed": True, **{key: result[key] for key in told if key in result}}
        (place / "answers" / name).write_text(answer, encoding="ascii")
        return {"changed": False}
