"""Where the processes of one service count together. Must run before the first figure is made.

Gunicorn and Celery fork: each of their processes counts in a file of its own, and whoever is asked adds them up
(prometheus_client's multiprocess mode). The service is known by its port, which no other service on the machine has.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

VARIABLE = "PROMETHEUS_MULTIPROC_DIR"  # prometheus_client reads it when its first figure is made
_OWNER = "owner.pid"


def share(port: int) -> Path | None:
    """Let this process count with the others of the service at ``port``; return their folder. 0: each for itself.

    What a service that has ended left is removed by the first process of the next one.
    """
    if not port:
        os.environ.pop(VARIABLE, None)
        return None
    folder = Path(tempfile.gettempdir()) / f"lms-metrics-{port}-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} is somebody else's")
    if not _is_owned(folder):
        for left in folder.iterdir():
            left.unlink(missing_ok=True)
        (folder / _OWNER).write_text(str(os.getpid()))
    os.environ[VARIABLE] = str(folder)
    return folder


def _is_owned(folder: Path) -> bool:
    try:
        os.kill(int((folder / _OWNER).read_text()), 0)
    except (FileNotFoundError, ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True
