"""The yaml-language-server over its standard streams: what an editor is told about a file, for tests."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from queue import Queue
from typing import Any

PATIENCE = 60


class LanguageServer:
    """One server with one folder open. Lines and columns count from 0, as the protocol has it."""

    def __init__(self, command: str, folder: Path) -> None:
        self._process = subprocess.Popen(
            [command, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder
        )
        self._heard: Queue[dict[str, Any] | None] = Queue()
        self._number = 0
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self._ask("initialize", {"processId": os.getpid(), "rootUri": folder.as_uri(), "capabilities": {}})
        self._say("initialized", {})
        yaml = {"validate": True, "hover": True, "completion": True, "schemaStore": {"enable": False}}
        self._say("workspace/didChangeConfiguration", {"settings": {"yaml": yaml}})

    def __enter__(self) -> LanguageServer:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._listener.join(PATIENCE)
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            with contextlib.suppress(BrokenPipeError):
                stream.close()

    def mistakes(self, path: Path, text: str) -> list[tuple[int, str]]:
        """Open a text as a file and return what is marked in it: line and message."""
        document = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": text}
        self._say("textDocument/didOpen", {"textDocument": document})
        told = self._until(
            lambda m: m.get("method") == "textDocument/publishDiagnostics" and m["params"]["uri"] == path.as_uri()
        )
        return [(found["range"]["start"]["line"], found["message"]) for found in told["params"]["diagnostics"]]

    def offered(self, path: Path, line: int, column: int) -> list[str]:
        """Return what may be typed at a place of a file that is open."""
        found = self._ask("textDocument/completion", self._place(path, line, column))
        return [item["label"] for item in (found["items"] if isinstance(found, dict) else found or [])]

    def told(self, path: Path, line: int, column: int) -> str:
        """Return what is shown to who hovers over a place of a file that is open."""
        found = self._ask("textDocument/hover", self._place(path, line, column))
        return "" if found is None else str(found["contents"]["value"])

    def _place(self, path: Path, line: int, column: int) -> dict[str, Any]:
        return {"textDocument": {"uri": path.as_uri()}, "position": {"line": line, "character": column}}

    def _say(self, method: str, params: object, **more: object) -> None:
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params} | more).encode()
        self._write(body)

    def _write(self, body: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._process.stdin.flush()

    def _ask(self, method: str, params: object) -> Any:
        self._number += 1
        number = self._number
        self._say(method, params, id=number)
        answer = self._until(lambda m: m.get("id") == number and "method" not in m)
        assert "error" not in answer, answer
        return answer["result"]

    def _until(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Read what the server says until what is wanted; its own questions are answered with nothing."""
        while True:
            message = self._heard.get(timeout=PATIENCE)
            assert message is not None, "the server has ended"
            if wanted(message):
                return message
            if "method" in message and "id" in message:
                asked = message["params"].get("items", []) if message["method"] == "workspace/configuration" else None
                result = None if asked is None else [None for _ in asked]
                self._write(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}).encode())

    def _listen(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while header := stream.readline():
            length = int(header.split(b":")[1])
            while stream.readline().strip():
                pass
            self._heard.put(json.loads(stream.read(length)))
        self._heard.put(None)
