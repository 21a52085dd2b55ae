"""The jail: what it lets through, and that nothing outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from media.transcoding import sandbox
from media.transcoding.limits import MIB, Limits
from media.transcoding.sandbox import Watch

PYTHON = sys.executable


def python(scratch: Path, code: str, limits: Limits | None = None, watch: Watch | None = None) -> sandbox.Outcome:
    argv = [PYTHON, "-I", "-S", "-c", textwrap.dedent(code)]
    return sandbox.run(argv, scratch=scratch, limits=limits or Limits(), watch=watch)


def test_it_says_in_words_which_walls_stand() -> None:
    done = subprocess.run(
        [PYTHON, "-m", "media.transcoding.sandbox"], capture_output=True, text=True, check=True, timeout=60,
        env={**os.environ, "PYTHONPATH": "platform"},
    )  # fmt: skip
    assert done.stdout.startswith("video sandbox: ")
    assert done.stdout.strip() == sandbox.mode().in_words()


def test_the_program_sees_no_environment_and_works_in_its_scratch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LMS_SECRET_KEY", "do not tell")
    lines: list[str] = []
    python(tmp_path, "import os; print(sorted(os.environ)); print(os.getcwd())", watch=Watch(on_line=lines.append))

    assert "LMS_SECRET_KEY" not in lines[0]
    assert lines[1] == str(tmp_path)


@pytest.mark.parametrize(
    ("code", "limits", "ending"),
    [
        ("while True: pass", Limits(cpu_seconds=1), "cpu"),
        ("import time; time.sleep(60)", Limits(wall_seconds=0.5), "wall"),
        ("print(1, flush=True); import time; time.sleep(60)", Limits(silence_seconds=0.5), "silence"),
        ("open('x', 'wb').write(bytes(4_000_000))", Limits(file_bytes=MIB), None),
        (
            "import time\nfor n in range(9): open(f'x{n}', 'wb').write(bytes(1_000_000))\ntime.sleep(60)",
            Limits(output_bytes=MIB),
            "output",
        ),
        ("bytes(3_000_000_000)", Limits(memory_bytes=512 * MIB), None),
    ],
    ids=["cpu", "wall", "silence", "file", "output", "memory"],
)
def test_every_limit_holds(tmp_path: Path, code: str, limits: Limits, ending: str | None) -> None:
    started = time.monotonic()
    outcome = python(tmp_path, code, limits, Watch(heartbeat=True))

    assert not outcome.succeeded
    assert ending is None or outcome.ending == ending
    assert time.monotonic() - started < 45  # not the minute that it would have slept


def test_children_of_the_program_die_with_it(tmp_path: Path) -> None:
    code = """
    import os, time
    child = os.fork()
    if child == 0:
        time.sleep(60)
    open("child", "w").write(str(child))
    """
    outcome = python(tmp_path, code)

    assert outcome.succeeded
    assert _dies(int((tmp_path / "child").read_text()))


def test_a_program_that_closes_its_pipes_is_still_bound(tmp_path: Path) -> None:
    outcome = python(tmp_path, "import os, time; os.close(1); os.close(2); time.sleep(60)", Limits(wall_seconds=0.5))
    assert outcome.ending == "wall"


def test_it_stops_when_told(tmp_path: Path) -> None:
    outcome = python(tmp_path, "import time; time.sleep(60)", watch=Watch(should_stop=lambda: True))
    assert outcome.ending == "stopped"


def test_a_shot_worker_leaves_no_encoder_behind(tmp_path: Path) -> None:
    code = f"""
    import sys
    sys.path.insert(0, "platform")
    from pathlib import Path
    from media.transcoding import sandbox
    from media.transcoding.limits import Limits
    program = "import os, time; open('pid', 'w').write(str(os.getpid())); time.sleep(60)"
    sandbox.run([sys.executable, "-I", "-S", "-c", program], scratch=Path({str(tmp_path)!r}), limits=Limits())
    """
    worker = subprocess.Popen([PYTHON, "-c", textwrap.dedent(code)])
    deadline = time.monotonic() + 60
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    encoder = int((tmp_path / "pid").read_text())

    worker.send_signal(signal.SIGKILL)
    worker.wait()

    assert _dies(encoder), "the encoder outlived its worker"


def _dies(pid: int) -> bool:
    deadline = time.monotonic() + 30
    while _is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not _is_alive(pid)


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
