"""The language server that editors run, over its standard input and output, as an editor would speak to it.

Source: https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/
"""

from __future__ import annotations

import json
import shutil
import subprocess
import threading
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).parent / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
PATIENCE = 60  # seconds for one answer, on a machine that does much else
CURSOR = "‸"


def missing() -> str:
    """Say what these tests lack here, or nothing."""
    if not shutil.which("node"):
        return "There is no node here, so nothing was tried in an editor's language server."
    if not PROGRAM.exists():
        return "yaml-language-server is not installed (.ci/setup test), so nothing was tried in it."
    return ""


@dataclass(slots=True)
class Server:
    """A running server, and what it has said so far."""

    schema: Path
    process: subprocess.Popen[bytes]
    answers: dict[int, Any] = field(default_factory=dict)
    told: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    news: threading.Condition = field(default_factory=threading.Condition)
    numbers: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def request(self, method: str, parameters: dict[str, Any]) -> Any:
        """Ask, and wait for the answer."""
        with self.news:
            self.numbers["request"] += 1
            number = self.numbers["request"]
        self.send({"id": number, "method": method, "params": parameters})
        with self.news:
            assert self.news.wait_for(lambda: number in self.answers, PATIENCE), f"no answer to {method}"
            return self.answers.pop(number)

    def send(self, message: dict[str, Any]) -> None:
        """Send one message."""
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        self.process.stdin.flush()

    def listen(self) -> None:
        """Take in what the server says, until it ends."""
        assert self.process.stdout is not None
        while True:
            length = 0
            while line := self.process.stdout.readline().strip():
                if line.lower().startswith(b"content-length:"):
                    length = int(line.partition(b":")[2])
            if not length:
                return
            self.take(json.loads(self.process.stdout.read(length)))

    def take(self, message: dict[str, Any]) -> None:
        """Note an answer or a list of diagnostics, and answer what the server asks."""
        if "method" not in message:
            with self.news:
                self.answers[message["id"]] = message.get("result")
                self.news.notify_all()
        elif "id" in message:
            self.send({"id": message["id"], "result": self.settings(message)})
        elif message["method"] == "textDocument/publishDiagnostics":
            with self.news:
                self.told[message["params"]["uri"]] = message["params"]["diagnostics"]
                self.news.notify_all()

    def settings(self, message: dict[str, Any]) -> Any:
        """Give an editor's settings, where they are asked for."""
        if message["method"] != "workspace/configuration":
            return None
        ours = {
            "validate": True, "hover": True, "completion": True, "format": {"enable": False},
            "schemas": {self.schema.as_uri(): ["case-*.yaml"]}, "schemaStore": {"enable": False},
        }  # fmt: skip
        known = {"yaml": ours, "http": {"proxy": "", "proxyStrictSSL": False}, "[yaml]": {}, "editor": {}, "files": {}}
        return [known.get(item.get("section", ""), {}) for item in message["params"]["items"]]

    def open(self, uri: str, text: str) -> str:
        """Open a document, as somebody does who looks at it. Gives its name."""
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self.send({"method": "textDocument/didOpen", "params": {"textDocument": document}})
        return uri

    def opened(self, text: str) -> str:
        """Open a text as a document of its own, which the schema is for."""
        self.numbers["document"] += 1
        return self.open(f"file:///cases/case-{self.numbers['document']}.yaml", text)

    def diagnostics(self, uri: str) -> list[dict[str, Any]]:
        """Wait for what the server has to say about a document."""
        with self.news:
            assert self.news.wait_for(lambda: uri in self.told, PATIENCE), f"nothing was said about {uri}"
            return self.told[uri]

    def at_cursor(self, method: str, marked: str) -> Any:
        """Ask about the place of the cursor in a text that has the mark of it."""
        before = marked[: marked.index(CURSOR)]
        uri = self.opened(marked.replace(CURSOR, ""))
        place = {"line": before.count("\n"), "character": len(before) - (before.rfind("\n") + 1)}
        return self.request(f"textDocument/{method}", {"textDocument": {"uri": uri}, "position": place})

    def close(self) -> None:
        """Ask the server to leave, and see that it does."""
        self.request("shutdown", {})
        self.send({"method": "exit"})
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()


def start(schema: Path) -> Server:
    """Start a server whose documents named case-N.yaml are checked with a schema."""
    words = ["node", str(PROGRAM), "--stdio"]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    server = Server(schema, process)
    threading.Thread(target=server.listen, daemon=True).start()
    can = {
        "workspace": {"configuration": True, "didChangeConfiguration": {"dynamicRegistration": True}},
        "textDocument": {
            "completion": {"completionItem": {"snippetSupport": True, "documentationFormat": ["markdown"]}},
            "hover": {"contentFormat": ["markdown"]},
            "publishDiagnostics": {},
        },
    }  # fmt: skip
    server.request("initialize", {"processId": None, "rootUri": None, "capabilities": can})
    server.send({"method": "initialized", "params": {}})
    server.send({"method": "workspace/didChangeConfiguration", "params": {"settings": {}}})
    return server
