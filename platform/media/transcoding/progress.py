"""How far ffmpeg is, from the lines of ``-progress``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Progress:
    """``permille`` of the work done and ``eta_seconds`` to its end, as far as one can tell."""

    duration_seconds: float
    done_seconds: float = 0.0
    speed: float | None = None
    ended: bool = False

    @property
    def permille(self) -> int:
        """0..999 while it runs, 1000 only once ffmpeg said that it ended."""
        if self.ended:
            return 1000
        if self.duration_seconds <= 0:
            return 0
        return max(0, min(999, int(self.done_seconds / self.duration_seconds * 1000)))

    @property
    def eta_seconds(self) -> int | None:
        if self.ended or not self.speed or self.speed <= 0:
            return None
        return max(0, round((self.duration_seconds - self.done_seconds) / self.speed))

    def read(self, line: str) -> None:
        """Take one ``key=value`` line. Unknown keys and ``N/A`` change nothing."""
        key, _, value = line.strip().partition("=")
        if key == "out_time_us":
            # Never backwards: with several outputs ffmpeg reports the one that is behind.
            seconds = _number(value)
            if seconds is not None:
                self.done_seconds = max(self.done_seconds, seconds / 1_000_000)
        elif key == "speed":
            self.speed = _number(value.rstrip("x")) or self.speed
        elif key == "progress" and value == "end":
            self.ended = True


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
