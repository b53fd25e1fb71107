"""A mail server at an address that is not loopback, inside a network namespace; run by test_post.py.

It asks for a login on a connection in the open. Prints what `deliver` said, and what it put on the wire behind EHLO.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from agent.ledger.store import open_ledger
from agent.model.policy import Person
from agent.report.mail import letter
from agent.report.post import deliver
from agent.settings import MailSettings
from tests.report.runs import quiet_day

ADDRESS = "198.51.100.7"


def main(folder: Path) -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    subprocess.run(["ip", "address", "add", f"{ADDRESS}/32", "dev", "lo"], check=True)
    os.environ["TEST_MAIL_PASSWORD"] = "correct horse: battery"
    spool = open_ledger(folder / "ledger.sqlite").spool
    spool.put(letter(quiet_day(), [Person("d", "D", "d@riverton.example")], "bell@riverton.example"))
    heard: list[bytes] = []
    with socket.create_server((ADDRESS, 0)) as listener:
        ear = threading.Thread(target=_listen, args=(listener, heard))
        ear.start()
        settings = MailSettings(
            server=f"smtp://{ADDRESS}:{listener.getsockname()[1]}",
            sender="bell@riverton.example",
            starttls=False,
            user="bell",
            password="env:TEST_MAIL_PASSWORD",
            timeout=20,
        )
        said = deliver(spool, settings, datetime.now(UTC))
        ear.join(30)
    secret = [line for line in heard if not line.upper().startswith((b"EHLO", b"QUIT"))]
    print(json.dumps({"said": said, "bytes": sum(map(len, secret)), "greeted": bool(heard)}))


def _listen(listener: socket.socket, heard: list[bytes]) -> None:
    connection, _ = listener.accept()
    with connection, connection.makefile("rb") as lines:
        connection.sendall(b"220 far.test ESMTP\r\n")
        for line in lines:
            heard.append(line)
            word = line.upper()[:4]
            connection.sendall(b"250-far.test\r\n250 AUTH PLAIN\r\n" if word == b"EHLO" else b"221 Bye\r\n")
            if word == b"QUIT":
                return


if __name__ == "__main__":
    main(Path(sys.argv[1]))
