"""``ladder``: how much faster than the film its ladder is made; ``ladder_overhead``: what the product adds to ffmpeg.

A minute of 1080p30 as a recorded lecture looks: four rungs and two sound tracks, in the jail, every segment stored in
the embedded object store while it is made. The overhead compares the CPU time of everything that runs for it (this
process, ffmpeg and the store) with one plain ffmpeg run of the same command line, writing to the same disk.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from bench import films, report
from devstack import embedded
from media.transcoding import commands, encoder
from media.transcoding.commands import Plan
from media.transcoding.probe import probe

SECONDS = 60
REPEATS = 3
LADDER_BAR = 1.3
OVERHEAD_BAR = 1.1


def run() -> None:
    """Measure both, plain and through the product in turns."""
    with tempfile.TemporaryDirectory(prefix="lms-bench-") as folder, embedded.running(parts={"s3"}) as env:
        store_pid = env.state()["parts"]["s3"]["pid"]
        film = films.lecture(Path(folder) / "lecture.mp4", seconds=SECONDS)
        _prepare_django(env)
        scratch = Path(folder) / "work"
        scratch.mkdir()
        os.link(film, scratch / "source")
        plan = commands.ladder(probe(scratch))
        plain, ours, speeds, walls = [], [], [], []
        for number in range(REPEATS):
            plain.append(_plain(plan, scratch))
            cpu, wall = _through_the_product(plan, scratch, number, store_pid)
            ours.append(cpu)
            walls.append(wall)
            speeds.append(SECONDS / wall)
    middle = REPEATS // 2
    about = {
        "film_seconds": SECONDS,
        "renditions": [variant.name for variant in plan.variants],
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 2),
        "repeats": REPEATS,
    }
    report.figure(
        "ladder", sorted(speeds)[middle], "x realtime", ">=", LADDER_BAR, **about, samples=report.spread(speeds)
    )
    ratios = [a / b for a, b in zip(ours, plain, strict=True)]
    report.figure(
        "ladder_overhead",
        sorted(ratios)[middle],
        "x CPU of plain ffmpeg",
        "<=",
        OVERHEAD_BAR,
        **about,
        plain_cpu_seconds=report.spread(plain),
        product_cpu_seconds=report.spread(ours),
    )


def _prepare_django(env: embedded.StackEnvironment) -> None:
    os.environ.update(env)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    import django

    django.setup()
    from media.aws.s3 import object_store

    object_store().ensure_bucket()


def _plain(plan: Plan, scratch: Path) -> float:
    """CPU seconds of the same command line, started by hand."""
    commands.prepare(plan, scratch)
    before = _children()
    subprocess.run(plan.argv, cwd=scratch, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    cpu = _children() - before
    shutil.rmtree(scratch / commands.OUTPUT)
    return cpu


def _through_the_product(plan: Plan, scratch: Path, number: int, store_pid: int) -> tuple[float, float]:
    """CPU seconds of this process, its children and the store; wall seconds."""
    from media.services.objects import RevisionStore

    def spent() -> float:
        own = resource.getrusage(resource.RUSAGE_SELF)
        return own.ru_utime + own.ru_stime + _children() + _of(store_pid)

    store = RevisionStore(f"t/00000000-0000-0000-0000-000000000000/v/bench/{number}/")
    before, begun = spent(), time.perf_counter()
    encoder.encode(plan, scratch=scratch, store=store)
    return spent() - before, time.perf_counter() - begun


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
