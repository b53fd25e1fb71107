"""`driftbell daemon` and `driftbell status`."""

from __future__ import annotations

from datetime import UTC, datetime

from agent.cli import options
from agent.cli.door import refuse_if_refused
from agent.cli.output import print_json, say


def daemon(
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
) -> int:
    """Follow the policies, look when it is time, fix what may be fixed, and mail what people need, until it is ended.

    SIGTERM ends it in good order, SIGHUP lets it read its settings again. What it does goes to the standard error, a
    line each, as JSON where nobody watches.
    """
    from agent.daemon.journal import journal
    from agent.daemon.service import Service

    Service(lambda: options.settings(repo, state, config), journal()).run()
    return 0


def status(
    repo: options.Repo = None,
    state: options.State = None,
    config: options.Config = None,
    as_json: options.Json = False,
) -> int:
    """Say what runs, ran, is next, is held and could not be seen, and how old the data of each source is."""
    from agent.daemon.status import asked_or_read, lines

    said = asked_or_read(options.settings(repo, state, config))
    refuse_if_refused(said)
    if as_json:
        print_json(said)
    else:
        for line in lines(said, datetime.now(UTC)):
            say(line)
    return 0


COMMANDS = {"daemon": daemon, "status": status}
