"""A writer of CloudFront that is killed: one look a line, in a fork whose process id is said first.

Answers ``pid <n>``, then ``done`` or ``killed``. Forking spares starting Django for each death.
"""

from __future__ import annotations

import os
import sys

import django


def _look() -> None:
    import tenancy
    from media.edge.registry import settling

    found = settling()
    assert found is not None
    with tenancy.platform():
        found.settle(all_of_them=True)


def main() -> None:
    django.setup()
    for _ in sys.stdin:
        ready, go = os.pipe()
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                os.read(ready, 1)  # not before the other side knows whom to kill
                _look()
                code = 0
            finally:
                os._exit(code)
        print(f"pid {pid}", flush=True)
        sys.stdin.readline()
        os.write(go, b"x")
        _, status = os.waitpid(pid, 0)
        print("killed" if os.WIFSIGNALED(status) else "done" if status == 0 else "error", flush=True)
        os.close(ready)
        os.close(go)


if __name__ == "__main__":
    main()
