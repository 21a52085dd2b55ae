"""The archivist of a test run: a process of its own with the owning login, over a store of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support import plugin


class Archivist:
    """Asks the process of ``tests.support.archives``."""

    def __init__(self, process: subprocess.Popen[str], store_url: str) -> None:
        self._process = process
        self.store_url = store_url

    def __call__(self, command: str, /, **arguments: Any) -> Any:
        """Do something; raises AssertionError with the traceback where it went wrong."""
        answer = self.ask(command, **arguments)
        assert "result" in answer, answer.get("error")
        return answer["result"]

    def ask(self, command: str, /, **arguments: Any) -> dict[str, Any]:
        """Do something; return what came of it, whatever it was."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"do": command, **arguments}) + "\n")
        self._process.stdin.flush()
        return dict(json.loads(self._process.stdout.readline()))

    def finish(self, kind: str, organization: str, job: str) -> dict[str, Any]:
        """Let whoever takes over after a death bring a job to where it waits or ends."""
        for _ in range(4):
            self("rest", kind=kind, job=job)
            arguments = {"job": job} if kind != "deletion" else {}
            done: dict[str, Any] = self({"deletion": "delete"}.get(kind, kind), organization=organization, **arguments)
            if done["state"] not in ("queued", "running", "swapping", "discarding"):
                return done
        return done


@contextmanager
def running(folder: Path, **extra: str) -> Iterator[Archivist]:
    """Start it, with an object store in ``folder``. ``extra`` is more of its environment."""
    from media import testing

    with testing.object_store(folder / "s3") as url:
        environment = {
            **os.environ,
            **plugin.stack,
            **plugin.owner,
            "LMS_S3_URL": url,
            "LMS_DATA_DIR": str(folder),
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "PYTHONPATH": f"{plugin.ROOT}:{plugin.ROOT / 'platform'}",
            **extra,
        }
        environment.pop("LMS_EMBEDDED", None)  # no mailbox belongs to this run
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.archives"],
            cwd=plugin.ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            yield Archivist(process, environment["LMS_S3_URL"])
        finally:
            assert process.stdin
            process.stdin.close()
            process.wait(timeout=60)
