"""What a person at the terminal sees: one line a step, and one for everything that happens later."""

from __future__ import annotations

import sys
import time
from typing import TextIO


class Console:
    """Writes lines; falls silent when the terminal has gone away."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self._colour = self._stream.isatty()

    def done(self, title: str, note: str, seconds: float) -> None:
        self._line(f"  {self._paint('32', 'ready')} {seconds:6.1f} s   {title:<20} {note}".rstrip())

    def failed(self, title: str, note: str) -> None:
        self._line(f"  {self._paint('31', 'failed')}           {title:<20} {note}")

    def event(self, title: str, note: str) -> None:
        """Something that happened after the start: a crash, a restart, a part that stopped answering."""
        self._line(f"  {time.strftime('%H:%M:%S')} {title}: {note}")

    def text(self, text: str = "") -> None:
        self._line(text)

    def _paint(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour else text

    def _line(self, text: str) -> None:
        try:
            print(text, file=self._stream, flush=True)
        except (OSError, ValueError):
            return  # the terminal was closed: the parts go on, or are being stopped by its SIGHUP
