"""``python -m bench [name …]``: run the named benchmarks (default: all), print figures, exit 1 if one does not hold.

A benchmark is a module of this package with a function ``run()`` that calls :func:`bench.report.figure`. Names may also
come from the environment variable ``BENCH`` (``make bench BENCH=edge``). ``fleet``, which builds a thousand
organizations first, runs only where it is named.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import subprocess
import sys
import traceback

import bench
from bench import report

_NOT_BENCHMARKS = frozenset({"__main__", "report"})
_ONLY_BY_NAME = frozenset({"fleet"})


def names() -> list[str]:
    """Every benchmark module, by name: those that declare ``run``."""
    return sorted(m.name for m in pkgutil.iter_modules(bench.__path__) if m.name not in _NOT_BENCHMARKS)


def main(argv: list[str]) -> int:
    """Run the benchmarks; each in turn, so that they do not disturb each other.

    Several run in a process each: Django is set up once a process, for the one database it was started with.
    """
    known = names()
    named = argv or os.environ.get("BENCH", "").replace(",", " ").split()
    wanted = named or [name for name in known if name not in _ONLY_BY_NAME]
    unknown = [name for name in wanted if name not in known]
    if unknown:
        print(f"No such benchmark: {', '.join(unknown)}. There are: {', '.join(known)}", file=sys.stderr)
        return 2
    if len(wanted) > 1:
        measuring = [name for name in wanted if named or hasattr(importlib.import_module(f"bench.{name}"), "run")]
        commands = ([sys.executable, "-m", "bench", name] for name in measuring)
        return max([subprocess.run(command, check=False).returncode for command in commands], default=1)
    for name in wanted:
        try:
            module = importlib.import_module(f"bench.{name}")
            run = getattr(module, "run", None)
            if run is None:
                if named:
                    print(f"bench.{name} has nothing to run", file=sys.stderr)
                    return 2
                continue
            run()
        except Exception as error:  # noqa: BLE001 - one that cannot measure must not hide the others
            traceback.print_exc()
            report.failed(name, str(error) or type(error).__name__)
    for line in report.failures():
        print(f"not measured: {line}", file=sys.stderr)
    return report.exit_status()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
