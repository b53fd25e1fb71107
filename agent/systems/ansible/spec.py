"""The verbs that Ansible offers."""

from __future__ import annotations

from agent.model.kind import Argument, Effect, Risk, Undo, Verb

PLAYBOOK = "ansible.playbook"
RESTORE = "ansible.restore"  # what `driftbell undo` does; it is no verb of the catalog, so that no policy can name it

VERBS: tuple[Verb, ...] = (
    Verb(
        name=PLAYBOOK,
        system="ansible",
        description="Run a playbook of the repository over exactly the hosts that are out of line.",
        kinds=frozenset({"host"}),
        effect=Effect.SETS,
        risk=Risk.DISRUPTIVE,
        undo=Undo.PARTIAL,
        arguments=(
            Argument("playbook", "playbook", "The playbook's path in the repository.", required=True),
            Argument("vars", "variables", "Extra variables for Ansible; never templated."),
        ),
        declares=True,
    ),
)
