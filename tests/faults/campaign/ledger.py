"""What a client knows: each write before it was sent, and whether it was acknowledged."""

from __future__ import annotations

import json
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Entry:
    """One write. ``key`` finds its effect again; ``acked`` is when the client had its 2xx (seconds since 1970)."""

    kind: str
    key: str
    facts: dict[str, Any] = field(default_factory=dict)
    sent: float = 0.0
    acked: float | None = None
    tries: int = 0


class Ledger:
    """Entries in memory and, line by line as they change, in a file that outlives this process."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("a")
        self._lock = threading.Lock()
        self.entries: list[Entry] = []

    def before(self, kind: str, key: str, **facts: Any) -> Entry:
        """Note a write that is about to be sent for the first time."""
        entry = Entry(kind, key, facts, sent=time.time())
        with self._lock:
            self.entries.append(entry)
            self._write("before", entry)
        return entry

    def acknowledged(self, entry: Entry) -> None:
        """Note that the client was told that it happened."""
        with self._lock:
            entry.acked = time.time()
            self._write("acked", entry)

    def of(self, kind: str, *, acked: bool | None = None) -> list[Entry]:
        """Return the entries of a kind; with ``acked`` only those that were, or were not, acknowledged."""
        with self._lock:
            return [
                entry
                for entry in self.entries
                if entry.kind == kind and (acked is None or (entry.acked is not None) == acked)
            ]

    def close(self) -> None:
        self._file.close()

    def _write(self, what: str, entry: Entry) -> None:
        self._file.write(json.dumps({"what": what, **asdict(entry)}) + "\n")
        self._file.flush()
