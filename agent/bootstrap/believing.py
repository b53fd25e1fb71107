"""Whom this server believes: its settings' keys, the program that verifies, the commits and the files of a revision."""

from __future__ import annotations

from itertools import starmap
from pathlib import Path
from typing import TYPE_CHECKING

from agent.consenting import Approving, Carried, Proof
from agent.decide import statements
from agent.errors import DriftbellError
from agent.intake import approvals
from agent.systems.ssh_signature.keys import fingerprint
from agent.systems.ssh_signature.program import SshSignatures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from agent.intake.git_authors import Wrote
    from agent.model.policy import Policy, Repository
    from agent.settings import Settings


def port(settings: Settings) -> Approving:
    """Give what a cycle asks about approvals, by the server's settings."""
    signatures = SshSignatures(settings.approvers, settings.revoked_keys, statements.NAMESPACE)
    gone = set(map(fingerprint, settings.revoked_keys))

    def proof(text: str, armor: str, who: str) -> Proof:
        said = signatures.verify(text, armor, who)
        return Proof(said.key, said.flaw)

    return Approving(
        keys={who: frozenset(map(fingerprint, keys)) - gone - {""} for who, keys in settings.approvers.items()},
        owned=not settings.people,
        enabled=settings.destructive,
        proof=proof,
        wrote=lambda repository, policy: _wrote(settings, repository, policy),
        carried=_carried,
    )


def _carried(repository: Repository) -> Sequence[Carried]:
    return list(starmap(Carried, approvals.carried(Path(repository.root), statements.MOST)))


def _wrote(settings: Settings, repository: Repository, policy: Policy) -> Wrote | None:
    """Give who wrote what stands in a policy, and in the playbooks it runs."""
    from agent.intake.git import past
    from agent.intake.git_authors import wrote

    commit = repository.revision.id.partition("+")[0]
    books = {str(r.arguments["playbook"]) for r in policy.remedy if "playbook" in r.arguments}
    try:
        history = past(settings.repository, settings.state / "checkouts", fetched=True)
    except DriftbellError:
        return None
    return wrote(history, Path(repository.root), commit, [policy.place.file, *sorted(books)])
