"""Runs ffmpeg and the probe in a jail, watches them, and kills them whole.

``python -m media.transcoding.sandbox`` prints in one line which walls this machine offers.
"""

from __future__ import annotations

import functools
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Literal

from media.transcoding.jail import landlock_abi
from media.transcoding.limits import Limits

JAIL = Path(__file__).with_name("jail.py")
LIBRARIES = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/nix/store", "/etc/ld.so.cache")
DEVICES = ("/dev/urandom", "/dev/zero")
STDERR_KEPT_BYTES = 16_384
TICK_SECONDS = 0.05

Ending = Literal["exited", "wall", "silence", "output", "cpu", "memory", "stopped"]


@dataclass(frozen=True, slots=True)
class Mode:
    """The walls in force: whether the network and the file system are closed by the kernel."""

    network: bool
    files: bool
    landlock: int = 0

    def in_words(self) -> str:
        """One line for the person who starts the product."""
        walls = []
        if self.network:
            walls.append("own user and network namespace")
        if self.files:
            walls.append(f"Landlock file rules (ABI {self.landlock})")
        if not walls:
            return "video sandbox: protocol and format whitelists alone (this machine allows no user namespaces)"
        rest = "" if self.network else "; no user namespaces here, so the network is closed by whitelists"
        return "video sandbox: " + " + ".join(walls) + ", resource limits, whitelists" + rest


@dataclass(slots=True)
class Outcome:
    """How a jailed program ended and what it cost."""

    ending: Ending
    returncode: int
    stderr: str
    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int

    @property
    def succeeded(self) -> bool:
        return self.ending == "exited" and self.returncode == 0


@dataclass(slots=True)
class Watch:
    """What a run reports while it goes on. ``should_stop`` is asked every tick; True kills the program."""

    on_line: Callable[[str], None] = lambda line: None
    on_tick: Callable[[], None] = lambda: None
    should_stop: Callable[[], bool] = lambda: False
    heartbeat: bool = False  # whether silence on stdout means that it hangs


@functools.cache
def ffmpeg_path() -> str:
    """The ffmpeg to run: ``LMS_FFMPEG`` where it is set, else the one that the wheel brings."""
    chosen = os.environ.get("LMS_FFMPEG")
    if chosen:
        return os.path.realpath(shutil.which(chosen) or chosen)
    import imageio_ffmpeg

    return os.path.realpath(imageio_ffmpeg.get_ffmpeg_exe())


@functools.cache
def mode() -> Mode:
    """The strongest jail that works here, tried once by starting ffmpeg and the probe's interpreter in it."""
    abi = landlock_abi()
    candidates = [Mode(True, True, abi), Mode(True, False), Mode(False, True, abi), Mode(False, False)]
    for candidate in candidates:
        if candidate.files and not abi:
            continue
        if _works(candidate):
            return candidate
    return candidates[-1]


def _works(candidate: Mode) -> bool:
    with tempfile.TemporaryDirectory(prefix="lms-jail-") as scratch:
        limits = Limits(wall_seconds=20.0)
        for argv in ([ffmpeg_path(), "-version"], [sys.executable, "-I", "-c", "import av, PIL.Image"]):
            try:
                outcome = run(argv, scratch=Path(scratch), limits=limits, mode=candidate)
            except OSError:
                return False
            if not outcome.succeeded:
                return False
    return True


def _readable(program: str) -> list[str]:
    if program == sys.executable:
        prefixes = {sys.prefix, sys.base_prefix, sysconfig.get_path("stdlib"), os.path.realpath(sys.executable)}
        own = str(Path(__file__).parent)
        return [*LIBRARIES, *DEVICES, *sorted(prefixes), own, sys.executable]
    return [*LIBRARIES, *DEVICES, program]


def run(
    argv: Sequence[str], *, scratch: Path, limits: Limits, watch: Watch | None = None, mode: Mode | None = None
) -> Outcome:
    """Run one program in the jail until it ends or passes a limit; its whole process group dies with it.

    The program sees an almost empty environment, works in ``scratch`` and may write only there.

    Raises:
        OSError: it could not be started at all.
    """
    walls = mode if mode is not None else globals()["mode"]()
    watch = watch or Watch()
    spec = {
        "parent_pid": os.getpid(),
        "network": walls.network,
        "files": walls.files,
        "readable": _readable(argv[0]),
        "scratch": str(scratch),
        "environment": {"LC_ALL": "C.UTF-8", "MALLOC_ARENA_MAX": "2", "HOME": str(scratch), "TMPDIR": str(scratch)},
        "nice": limits.nice,
        "memory_bytes": limits.memory_bytes,
        "cpu_seconds": limits.cpu_seconds,
        "file_bytes": limits.file_bytes,
        "open_files": limits.open_files,
    }
    process = subprocess.Popen(
        [sys.executable, "-I", "-S", str(JAIL), json.dumps(spec), *argv],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=scratch,
        env={},
        start_new_session=True,
    )
    return _Run(process, scratch, limits, watch).finish()


@dataclass(slots=True)
class _Run:
    process: subprocess.Popen[bytes]
    scratch: Path
    limits: Limits
    watch: Watch
    stderr: bytearray = field(default_factory=bytearray)
    pending: bytearray = field(default_factory=bytearray)
    heard_at: float = 0.0
    heard: bool = False

    def finish(self) -> Outcome:
        started = time.monotonic()
        ending: Ending = "exited"
        try:
            ending = self._follow(started)
        except BaseException:
            self._kill()
            raise
        finally:
            # Wait without reaping: while the zombie holds the id, the group killed below can be no one else's.
            os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOWAIT)
            self._kill()  # what it may have forked and left behind
            _, status, usage = os.wait4(self.process.pid, 0)
            self.process.returncode = os.waitstatus_to_exitcode(status)
            for stream in (self.process.stdout, self.process.stderr):
                if stream:
                    stream.close()
        code = self.process.returncode
        if ending == "exited" and code == -signal.SIGXCPU:
            ending = "cpu"
        elif ending == "exited" and code == -signal.SIGXFSZ:
            ending = "output"
        elif ending == "exited" and code == -signal.SIGKILL:
            # Nobody here sent it: the kernel's CPU limit, or its answer to a machine without memory.
            ending = "cpu" if usage.ru_utime + usage.ru_stime >= self.limits.cpu_seconds - 1 else "memory"
        return Outcome(
            ending=ending,
            returncode=code,
            stderr=self.stderr.decode("utf-8", "replace"),
            wall_seconds=time.monotonic() - started,
            cpu_seconds=usage.ru_utime + usage.ru_stime,
            peak_bytes=usage.ru_maxrss * 1024,
        )

    def _follow(self, started: float) -> Ending:
        self.heard_at = started
        next_size_check = started + 1.0
        with selectors.DefaultSelector() as selector:
            for stream in (self.process.stdout, self.process.stderr):
                if stream:
                    os.set_blocking(stream.fileno(), False)
                    selector.register(stream, selectors.EVENT_READ)
            while True:
                ended = self._has_ended()
                for key, _ in selector.select(0 if ended else TICK_SECONDS):
                    if not self._read(key.fileobj):  # type: ignore[arg-type]
                        selector.unregister(key.fileobj)
                if ended:
                    return "exited"
                if not selector.get_map():
                    time.sleep(TICK_SECONDS)  # it closed its own pipes and goes on
                self.watch.on_tick()
                now = time.monotonic()
                if self.watch.should_stop():
                    return self._end("stopped")
                if now - started > self.limits.wall_seconds:
                    return self._end("wall")
                if self.watch.heartbeat and self.heard and now - self.heard_at > self.limits.silence_seconds:
                    return self._end("silence")
                if now > next_size_check:
                    next_size_check = now + 1.0
                    if _bytes_in(self.scratch) > self.limits.output_bytes:
                        return self._end("output")

    def _has_ended(self) -> bool:
        return os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None

    def _read(self, stream: IO[bytes]) -> bool:
        try:
            chunk = os.read(stream.fileno(), 1_048_576)
        except BlockingIOError:
            return True
        if not chunk:
            return False
        if stream is self.process.stderr:
            self.stderr += chunk
            del self.stderr[:-STDERR_KEPT_BYTES]
            return True
        self.heard, self.heard_at = True, time.monotonic()
        self.pending += chunk
        *lines, rest = self.pending.split(b"\n")
        self.pending = bytearray(rest)[-1_000_000:]
        for line in lines:
            self.watch.on_line(line.decode("utf-8", "replace"))
        return True

    def _end(self, ending: Ending) -> Ending:
        self._kill()
        return ending

    def _kill(self) -> None:
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return


def _bytes_in(scratch: Path) -> int:
    """Bytes that the program wrote: links (the input) and files that vanish meanwhile count nothing."""
    total = 0
    for folder, _, names in os.walk(scratch):
        for name in names:
            if name == "source":
                continue
            try:
                total += os.lstat(os.path.join(folder, name)).st_size
            except FileNotFoundError:
                continue
    return total


if __name__ == "__main__":
    sys.stdout.write(mode().in_words() + "\n")
