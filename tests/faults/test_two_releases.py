"""Two releases at once: the code before and the code now, as processes, over one database while it is migrated.

The code before is taken from the repository's history; without one this test is skipped, and says so.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from devstack import ports
from devstack.demo.browser import Browser
from tests.support import fleet as fleets
from tests.support import other_code, plugin
from tests.support.fleet import NEWEST, Fleet
from tests.support.organizations import PASSWORD

START_SECONDS = 150.0


@dataclass(frozen=True)
class Code:
    """One release of the product's code, and the database it works on."""

    name: str
    folder: Path
    environment: dict[str, str]

    def run(self, *argv: str) -> str:
        """Run a command of this code with the owning login; it has to go well."""
        done = subprocess.run(
            [sys.executable, *argv],
            cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{self.name}: {done.stdout}{done.stderr}"
        return done.stdout

    def sign_up(self, slug: str) -> str:
        """Sign an organization up and provision it, all by this code; return its id."""
        made = self.run("-m", "tests.support.organizations", slug, slug.title(), f"olga@{slug}.example", "Olga")
        return made.split()[-1]

    @contextmanager
    def serving(self) -> Iterator[int]:
        """Serve with the application's login; yield the port."""
        port = ports.free_base()
        environment = {name: value for name, value in self.environment.items() if name != "LMS_OWNER_DATABASE_URL"}
        gunicorn = Path(sys.executable).with_name("gunicorn")
        process = subprocess.Popen(
            [gunicorn, "config.wsgi:application", f"--bind=127.0.0.1:{port}", "--threads=4", "--no-control-socket"],
            cwd=self.folder, env={**environment, "LMS_PORT": str(port)}, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            until = time.monotonic() + START_SECONDS
            while not ports.answers_http(port, "/livez", "lms.localhost"):
                assert process.poll() is None, f"{self.name} does not start"
                assert time.monotonic() < until, f"{self.name} does not answer"
                time.sleep(0.1)
            yield port
        finally:
            process.terminate()
            process.wait(timeout=90)


@dataclass
class Teacher:
    """An owner at work in the browser, again and again: a page, the list of courses, a new course."""

    code: str
    slug: str
    port: int
    done: int = 0
    stop: threading.Event = field(default_factory=threading.Event)
    wrong: list[str] = field(default_factory=list)

    def once(self) -> None:
        """Sign in, look, write, look again."""
        browser = Browser(f"{self.slug}.lms.localhost", self.port)
        browser.sign_in(f"olga@{self.slug}.example", PASSWORD)
        self.work(browser)

    def work(self, browser: Browser) -> None:
        """Make a course and find it."""
        made = browser.call("POST", "/api/v1/courses/", {"title": f"By {self.code} {self.done}"})
        found = browser.call("GET", "/api/v1/courses/")["items"]
        assert made["id"] in {course["id"] for course in found}
        self.done += 1

    def again_and_again(self) -> None:
        """Work until told to stop. Whatever goes wrong is kept."""
        try:
            browser = Browser(f"{self.slug}.lms.localhost", self.port)
            browser.sign_in(f"olga@{self.slug}.example", PASSWORD)
            while not self.stop.is_set():
                self.work(browser)
        except Exception as wrong:  # noqa: BLE001 - told by the test
            self.wrong.append(f"{self.code} on {self.slug}: {type(wrong).__name__} {wrong}")


@pytest.fixture(scope="module")
def old_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release-before")
    try:
        other_code.check_out(other_code.before_the_newest_release(), folder)
    except other_code.NoHistory as missing:
        reason = f"NOT TESTED: releases side by side need the repository's history. {missing}"
        warnings.warn(reason, stacklevel=1)
        pytest.skip(reason)
    return folder


@pytest.fixture
def fleet(world: Any, old_folder: Path) -> Iterator[Fleet]:
    """A database that the code before has made."""
    with fleets.running(prepare_with=lambda found: _code("before", old_folder, found).run(*_PREPARE)) as found:
        yield found


_PREPARE = ("manage.py", "prepare_database", "--verbosity=0")


def _code(name: str, folder: Path, fleet: Fleet) -> Code:
    environment = {
        **fleet.environment,
        "PYTHONPATH": f"{folder}:{folder / 'platform'}",
        "LMS_SITE_HOST": "lms.localhost",
        "LMS_FRONTEND_DIST": str(plugin.ROOT / "frontend/dist"),
        "LMS_SIGN_UPS_PER_IP": "1000",
    }
    for derived in ("LMS_TENANT_SUFFIX", "LMS_STAFF_HOST", "LMS_CONTENT_SUFFIX", "LMS_DOMAIN_TARGET"):
        environment.pop(derived, None)
    return Code(name, folder, environment)


def _releases(fleet: Fleet) -> dict[str, int]:
    return dict(
        fleet.sql(
            "SELECT DISTINCT ON (l.organization_id) split_part(d.host, '.', 1), l.release_id"
            " FROM tenants_schemaledger l JOIN tenants_domain d ON d.organization_id = l.organization_id"
            " WHERE l.state = 'done' ORDER BY l.organization_id, l.finished_at DESC"
        )
    )


def test_both_serve_before_while_and_after_the_fleet_is_brought_along(fleet: Fleet, old_folder: Path) -> None:
    before, now = _code("before", old_folder, fleet), _code("now", plugin.ROOT, fleet)
    for slug in ("elm", "oak"):
        before.sign_up(slug)
    with before.serving() as old_port:
        Teacher("before", "elm", old_port).once()
        # Expand: the new shared schema below the old code, which goes on serving, signing up and provisioning.
        now.run(*_PREPARE)
        Teacher("before", "oak", old_port).once()
        before.sign_up("yew")
        with now.serving() as new_port:
            assert _releases(fleet) == dict.fromkeys(("elm", "oak", "yew"), NEWEST - 1)
            teachers = [
                Teacher(code, slug, port)
                for code, port in (("before", old_port), ("now", new_port))
                for slug in ("elm", "oak", "yew")
            ]
            for teacher in teachers:
                teacher.once()  # both codes on the old schema
            threads = [threading.Thread(target=teacher.again_and_again) for teacher in teachers]
            for thread in threads:
                thread.start()
            try:
                migrated = now.run("manage.py", "migrate_fleet")
                before.sign_up("fir")  # an old provisioner is still at work
                late = now.run("manage.py", "migrate_fleet")
            finally:
                for teacher in teachers:
                    teacher.stop.set()
                for thread in threads:
                    thread.join()
            assert [wrong for teacher in teachers for wrong in teacher.wrong] == []
            assert "3 done" in migrated
            assert "4 done" in late
            assert "The fleet is whole" in late
            now.sign_up("ash")
            assert _releases(fleet) == dict.fromkeys(("elm", "oak", "yew", "fir", "ash"), NEWEST)
            for code, port in (("before", old_port), ("now", new_port)):
                for slug in ("elm", "oak", "yew", "fir", "ash"):
                    Teacher(code, slug, port).once()  # both codes on the new schema, whoever made it
            assert ports.answers_http(new_port, "/readyz", "lms.localhost")
    assert all(teacher.done > 1 for teacher in teachers), "nobody was at work while the fleet was brought along"
    assert now.run("manage.py", "check_fleet").startswith("5 checked")
