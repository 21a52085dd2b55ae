"""The whole product, watched: figures at ports of their own, every trace collected, a school with one short film."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from devstack import embedded, ports
from devstack.demo import seed
from devstack.demo.films import Film, Slide
from devstack.demo.story import Lesson, Module, Person, Story
from devstack.settings import FIGURES
from tests.architecture.tree import ROOT
from tests.observability.collector import Collector, collecting
from tests.observability.planted import Remembering
from tests.support import plugin

HEALTH_TOKEN = "health-c4nary-91f2"
PATIENCE_SECONDS = 120.0

Figures = dict[str, list[Any]]  # name of a figure -> its samples

_FILM = Film(
    "short", (Slide("Short", ("A film",), "A film.", seconds=4),), ground="#101418", ink="#f4f4f2", spark="#e0563f"
)
STORY = Story(
    slug="canary",
    name="Canary School",
    color="#2455e6",
    heading_font="onest",
    welcome=("Learn", "Something."),
    footer="",
    people=(Person("Olive Owner", "olive", "owner"), Person("Lena Learner", "lena", "learner")),
    course="Watching",
    summary="A c4nary-summary-that-is-a-body.",
    modules=(Module("One", (Lesson("A film", ("Words.",), film=_FILM),)),),
)


@dataclass
class Watched:
    """The running product."""

    environment: embedded.StackEnvironment
    collector: Collector
    school: dict[str, Any]

    @property
    def front(self) -> int:
        return self.environment.settings.ports["front"]

    @property
    def host(self) -> str:
        return str(self.school["host"])

    def learner(self) -> Remembering:
        """A browser in which the learner has signed in."""
        account = self.school["accounts"]["learner"]
        browser = Remembering(self.host, self.front)
        browser.sign_in(account["email"], account["password"])
        return browser

    def figures(self, part: str) -> Figures:
        """Scrape one part: metric name -> its samples."""
        port = self.environment.settings.figures_port(part)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60) as answer:
            text = answer.read().decode()
        found: Figures = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                found.setdefault(sample.name, []).append(sample)
        return found

    def canary(self, **extra: str) -> dict[str, str]:
        """The environment of the synthetic journey, by this school's learner."""
        account = self.school["accounts"]["learner"]
        return {
            **os.environ,
            **self.environment,
            "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
            "DJANGO_SETTINGS_MODULE": "config.settings.local",
            "LMS_CANARY_HOST": self.host,
            "LMS_CANARY_EMAIL": account["email"],
            "LMS_CANARY_PASSWORD": account["password"],
            "LMS_CANARY_VIA": f"127.0.0.1:{self.front}",
            **extra,
        }

    def walk(self, **extra: str) -> subprocess.CompletedProcess[str]:
        """Walk once."""
        return subprocess.run(
            [sys.executable, "manage.py", "synthetic_journey"],
            cwd=ROOT, env=self.canary(**extra), capture_output=True, text=True, timeout=300,
        )  # fmt: skip


def until(look: Callable[[], Any], what: str, *, seconds: float = PATIENCE_SECONDS) -> Any:
    """Return the first true answer of ``look``."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.2)
    raise AssertionError(f"waited {seconds:.0f} s for {what}")


def _free_row(count: int) -> int:
    """Ports beside each other that nobody has and nobody else looks for: each worker of a run has a hundred."""
    first = 32_000 + 100 * (plugin.worker_number() % 7)  # below those that the system gives away (32,768)
    for base in range(first, first + 101 - count, count):
        if all(ports.is_free(base + at) for at in range(count)):
            return base
    raise OSError("no row of free ports")


@pytest.fixture(scope="package")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    assert (ROOT / "frontend/dist/.vite/manifest.json").exists(), "there is no built frontend: run make frontend"
    with collecting() as collector:
        told = {
            "LMS_METRICS_PORT": str(_free_row(len(FIGURES))),
            "LMS_OTLP_ENDPOINT": collector.address,
            "LMS_TRACE_PERCENT": "100",
            "LMS_HEALTH_TOKEN": HEALTH_TOKEN,
            "LMS_RELEASE": "of-this-test",
            "LMS_WEB_WORKERS": "2",
            "LMS_FIGURES_LOG_SECONDS": "1",
        }
        with embedded.running(extra_env=told) as environment:
            yield Watched(environment, collector, _seeded(environment))


def _seeded(environment: embedded.StackEnvironment) -> dict[str, Any]:
    before = seed.Browser
    seed.Browser = Remembering  # type: ignore[misc]
    try:
        from imageio_ffmpeg import get_ffmpeg_exe

        made = seed.Seed(
            environment.settings, ffmpeg=get_ffmpeg_exe(), say=lambda words: None, environ=dict(environment)
        )
        school = made._organization(STORY)
    finally:
        seed.Browser = before  # type: ignore[misc]
    for account in school["accounts"].values():
        Remembering.secrets.plant("password", account["password"])
        Remembering.secrets.plant("mail address", account["email"])
    return school


def logs(environment: embedded.StackEnvironment) -> dict[str, str]:
    """Every log there is, by the name of its file."""
    folders = (environment.settings.log_dir, environment.settings.delivery_dir)
    files = [path for folder in folders for path in Path(folder).rglob("*") if path.is_file()]
    return {path.name: path.read_text(errors="replace") for path in files}
