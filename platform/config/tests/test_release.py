"""The steps of a release: on a new database, on a fleet, half-way, by older code, and where they must not go on."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from wsgiref.simple_server import demo_app
from wsgiref.util import setup_testing_defaults

import pytest
from django.conf import settings
from django.db import OperationalError

from config import assets, release
from core.headers import HEADERS
from tenants.schema import releases
from tests.support import fleet as fleets
from tests.support.fleet import NEWEST, Fleet


@pytest.fixture(scope="module")
def fleet(world: Any) -> Iterator[Fleet]:
    """An empty database: the first release of an installation prepares it."""
    with fleets.running(prepare_with=lambda found: None) as found:
        yield found


def _steps(fleet: Fleet, *arguments: str) -> tuple[int, dict[str, str]]:
    """Run the command; return its status and the state of each step it came to."""
    done = fleet.manage("release_steps", *arguments)
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    assert lines, done.stdout + done.stderr
    return done.returncode, {line["step"]: line["state"] for line in lines}


ALL_DONE = dict.fromkeys(release.NAMES, "done") | {"assets": "skipped"}


def test_a_release_goes_from_nothing_to_whole_and_may_be_repeated(fleet: Fleet) -> None:
    assert _steps(fleet) == (0, ALL_DONE)
    made = fleet.do("old", count=3)

    status, states = _steps(fleet, "--until=canary")
    assert (status, "fleet" in states) == (0, False)
    assert sum(fleet.is_whole(found) for found in made) == 1, "the canary went ahead alone"

    assert _steps(fleet) == (0, ALL_DONE)
    assert all(fleet.is_whole(found) for found in made)
    assert _steps(fleet) == (0, ALL_DONE)


def test_a_fleet_that_stopped_ends_the_release_until_somebody_goes_on(fleet: Fleet) -> None:
    assert _steps(fleet)[0] == 0
    made = fleet.do("old", count=2)
    for found in made:
        fleet.sql(f'ALTER TABLE "{fleet.schema(found)}"._tenant ADD COLUMN frozen_at int')  # somebody was there

    status, states = _steps(fleet)
    assert (status, list(states.values())[-1]) == (2, "refused")
    assert "verify" not in states, "nothing follows"

    for found in made:
        fleet.sql(f'ALTER TABLE "{fleet.schema(found)}"._tenant DROP COLUMN frozen_at')
    assert _steps(fleet)[0] == 2, "it is stopped until somebody says otherwise"
    assert _steps(fleet, "--resume") == (0, ALL_DONE)


def test_older_code_that_comes_back_changes_nothing(fleet: Fleet) -> None:
    assert _steps(fleet)[0] == 0
    fleet.sql(
        "INSERT INTO tenants_schemarelease (number, name, state, ring, reason, sql_sha256, template_sha256, min_code,"
        " recorded_at) VALUES (%s, 'next', 'done', '', '', '', '', 1, now())",
        NEWEST + 1,
    )
    try:
        expected = ALL_DONE | dict.fromkeys(("template", "canary", "fleet"), "skipped")
        assert _steps(fleet) == (0, expected)
        fleet.sql("UPDATE tenants_schemarelease SET min_code = number WHERE number = %s", NEWEST + 1)
        assert _steps(fleet)[1]["verify"] == "unfinished", "this code can no longer live with the schemas"
    finally:
        fleet.sql("DELETE FROM tenants_schemarelease WHERE number = %s", NEWEST + 1)


@pytest.mark.parametrize(("served", "goes_on"), [(NEWEST - 1, False), (NEWEST, True), (0, True)])
def test_what_the_code_that_serves_cannot_live_with_does_not_begin(
    monkeypatch: pytest.MonkeyPatch, served: int, goes_on: bool
) -> None:
    contracting = replace(releases.newest(), min_code=NEWEST)
    monkeypatch.setattr(releases, "releases", lambda: (contracting,))
    monkeypatch.setattr(release, "_recorded", lambda: served)
    [report] = release.run(until="check")
    assert report.state == ("done" if goes_on else "refused")
    assert goes_on or f"code of release {NEWEST}" in report.said


def test_a_step_that_breaks_is_told_like_the_others_and_nothing_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(options: dict[str, Any]) -> str:
        raise OperationalError("canceling statement due to lock timeout")

    steps = [replace(step, run=breaks) if step.name == "template" else replace(step, run=str) for step in release.STEPS]
    monkeypatch.setattr(release, "STEPS", tuple(steps))
    monkeypatch.setattr(release, "_recorded", lambda: NEWEST)
    *_, last = reports = list(release.run())
    assert [report.step for report in reports] == ["check", "assets", "template"]
    assert (last.state, release.STATUS[last.state]) == ("unfinished", 1), "another try may do"
    assert "OperationalError: canceling statement due to lock timeout" in json.loads(last.line())["said"]


@pytest.fixture
def built(settings: Any, tmp_path: Path) -> Path:
    settings.FRONTEND_DIST = tmp_path / "dist"
    folder = tmp_path / "dist" / "assets"
    (folder / "chunks").mkdir(parents=True)
    (folder / "a-1.js").write_text("one")
    (folder / "chunks" / "b-1.js").write_text("two")
    return folder


def _age(path: Path, days: int) -> None:
    os.utime(path, (time.time() - days * 86_400,) * 2)


def _names(target: Path) -> set[str]:
    return {path.relative_to(target).as_posix() for path in target.rglob("*.js")}


def test_files_of_two_releases_are_there_and_those_of_long_ago_are_not(built: Path, tmp_path: Path) -> None:
    target = tmp_path / "all"
    assert assets.publish(str(target)) == 2
    assets.settle(str(target))
    old = target / "a-0.js"
    old.write_text("last week's")
    _age(old, 7)
    ancient = target / "z-0.js"
    ancient.write_text("nobody has this page open")
    _age(ancient, 31)
    _age(target / "a-1.js", 60)  # an old file that this release has again

    assets.publish(str(target))

    assert _names(target) == {"a-0.js", "a-1.js", "chunks/b-1.js"}


def test_a_release_that_serves_keeps_its_files_however_long_ago_it_was_sent_out(built: Path, tmp_path: Path) -> None:
    target = tmp_path / "all"
    assets.publish(str(target))
    assets.settle(str(target))
    for number in (2, 3):  # one after the other is refused by a later step; the first serves on
        for path in target.rglob("*.js"):
            _age(path, 34)
        (built / "a-1.js").unlink(missing_ok=True)
        (built / f"a-{number}.js").write_text(f"of release {number}")
        assets.publish(str(target))
        assert {"a-1.js", f"a-{number}.js"} <= _names(target)
    assets.settle(str(target))
    _age(target / "a-1.js", 34)
    assets.publish(str(target))
    assert "a-1.js" not in _names(target), "the third has served for thirty days"


def test_nothing_is_old_before_it_is_known_what_serves(built: Path, tmp_path: Path) -> None:
    target = tmp_path / "all"
    assets.publish(str(target))
    _age(target / "a-1.js", 34)
    (built / "a-1.js").unlink()
    assets.publish(str(target))
    assert "a-1.js" in _names(target)


def test_nothing_built_is_no_success(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.FRONTEND_DIST, settings.ASSETS = tmp_path, str(tmp_path / "all")
    monkeypatch.setattr(release, "_recorded", lambda: NEWEST)
    with pytest.raises(assets.NothingBuilt):
        assets.publish(settings.ASSETS)
    reports = list(release.run(until="assets"))
    assert [report.state for report in reports][-1] == "refused"


def _get(
    application: Callable[..., Any], path: str, host: str = "acme.lms.localhost"
) -> tuple[str, dict[str, str], bytes]:
    found: list[Any] = []
    environ: dict[str, Any] = {}
    setup_testing_defaults(environ)
    environ |= {"PATH_INFO": path, "REQUEST_METHOD": "GET", "HTTP_HOST": host}
    body = b"".join(application(environ, lambda status, headers, *_: found.extend((status, dict(headers)))))
    return found[0], found[1], body


def test_a_web_server_without_a_front_door_has_the_files_itself(built: Path) -> None:
    application = assets.served(demo_app)
    status, headers, body = _get(application, "/assets/chunks/b-1.js")
    assert (status, body) == ("200 OK", b"two")
    assert {name: headers[name] for name in HEADERS["asset"]} == HEADERS["asset"]
    assert _get(application, "/assets/../../etc/passwd")[2].startswith(b"Hello world")  # the application's to refuse
    assert _get(application, "/")[2].startswith(b"Hello world")
    content = f"cabc.{settings.CONTENT_SUFFIX}"
    assert _get(application, "/assets/chunks/b-1.js", content)[2].startswith(b"Hello world"), "none of ours is there"
