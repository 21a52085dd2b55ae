"""scripts/single_host.sh before a stand-in for docker that writes down what it is asked."""

from __future__ import annotations

import itertools
import math
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config import fleet_figures
from tests.support.plugin import ROOT

_DOCKER = """#!/bin/sh
echo "$*" >> "$ASKED"
case "$*" in
  "compose up --detach --no-recreate --wait postgres valkey") exit "${DATABASES:-0}" ;;
  "compose run --rm migrate") exit "${MIGRATE:-0}" ;;
  "compose ps --quiet monitor") [ "$COMPOSE_PROFILES" = monitor ] && [ -n "$MONITOR" ] && echo id-monitor ;;
  "compose ps --quiet "*) echo "id-$4" ;;
  "inspect "*"id-$SICK") echo unhealthy ;;
  "inspect "*) echo healthy ;;
esac
"""
ROLLED = ["web-1", "web-2", "worker", "dispatcher", "transcoder", "archivist", "provisioner"]


@pytest.fixture
def host(tmp_path: Path) -> Path:
    for name in ("scripts", "infra"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("terraform", "__pycache__"))
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/docker").write_text(_DOCKER)
    (tmp_path / "bin/docker").chmod(0o755)
    assert _run(tmp_path, "init", "lms.test")[0] == 0
    return tmp_path


def _run(host: Path, *arguments: str, **told: str) -> tuple[int, list[str], str]:
    """Run the script; return its status, what docker was asked, and what it said."""
    asked = host / "asked"
    asked.unlink(missing_ok=True)
    environ = {"PATH": f"{host / 'bin'}:{os.environ['PATH']}", "ASKED": str(asked), "LMS_HEALTHY_SECONDS": "1", **told}
    done = subprocess.run(
        ["scripts/single_host.sh", *arguments], cwd=host, env=environ, capture_output=True, text=True, check=False
    )
    return done.returncode, asked.read_text().splitlines() if asked.exists() else [], done.stdout + done.stderr


def _setting(host: Path, name: str) -> str:
    lines = [line for line in (host / ".env").read_text().splitlines() if line.startswith(f"{name}=")]
    return lines[-1].partition("=")[2] if lines else ""


def test_the_steps_come_first_and_then_one_process_after_the_other(host: Path) -> None:
    status, asked, said = _run(host, "deploy", "lms:1")
    assert status == 0, said
    replaced = [line.split()[-1] for line in asked if "--force-recreate" in line]
    assert replaced == ROLLED, "the provisioner last: two releases' throw each other's warm schemas away"
    steps = asked.index("compose run --rm migrate")
    assert all(asked.index(line) > steps for line in asked if "--force-recreate" in line)
    for name, following in itertools.pairwise(ROLLED):
        looked = asked.index(next(line for line in asked if line.startswith("inspect") and f"id-{name}" in line))
        assert looked < asked.index(f"compose up --detach --no-deps --force-recreate {following}")
    assert not [line for line in asked if "--force-recreate" in line and line.endswith(("front", "store", "postgres"))]
    assert _setting(host, "LMS_IMAGE") == _setting(host, "LMS_FRONT_IMAGE") == "lms:1"


@pytest.mark.parametrize("status", ["1", "2"])
def test_steps_that_do_not_end_well_replace_nothing(host: Path, status: str) -> None:
    assert _run(host, "deploy", "lms:1")[0] == 0
    ended, asked, said = _run(host, "deploy", "lms:2", MIGRATE=status)
    assert ended == 1
    assert "nothing was replaced, lms:1 serves on" in said
    assert not [line for line in asked if "--force-recreate" in line]
    assert _setting(host, "LMS_IMAGE") == "lms:1", "what is started next is what serves"


def test_back_is_the_image_before_and_the_front_door_stays(host: Path) -> None:
    assert _run(host, "rollback")[0] == 1, "there is nothing before the first"
    for image in ("lms:1", "lms:2"):
        assert _run(host, "deploy", image)[0] == 0
    status, asked, _ = _run(host, "rollback")
    assert status == 0
    assert "compose run --rm migrate" in asked, "the steps of older code say whether it may serve"
    assert (_setting(host, "LMS_IMAGE"), _setting(host, "LMS_FRONT_IMAGE")) == ("lms:1", "lms:1")


@pytest.mark.parametrize("again", [0, 1])
def test_back_from_a_rollout_that_failed_is_what_served_before_it(host: Path, again: int) -> None:
    for image in ("lms:1", "lms:2"):
        assert _run(host, "deploy", image)[0] == 0
    for _ in range(1 + again):
        status, asked, said = _run(host, "deploy", "lms:3", SICK="web-1")
        assert (status, "web-1 is not healthy" in said) == (1, True)
        assert not [line for line in asked if line.endswith("--force-recreate web-2")]
    assert _run(host, "rollback", SICK="worker")[0] == 1, "the way back itself may have to be taken twice"
    status, asked, said = _run(host, "rollback")
    assert (status, "lms:2 serves" in said) == (0, True), said
    assert _setting(host, "LMS_IMAGE") == "lms:2"


def test_databases_that_do_not_come_up_leave_the_image_that_serves(host: Path) -> None:
    assert _run(host, "deploy", "lms:1")[0] == 0
    assert _run(host, "deploy", "lms:2", DATABASES="1")[0] == 1
    assert (_setting(host, "LMS_IMAGE"), _setting(host, "LMS_IMAGE_BEFORE")) == ("lms:1", "")


def test_a_monitor_that_runs_is_replaced_as_well(host: Path) -> None:
    status, asked, said = _run(host, "deploy", "lms:1", MONITOR="1")
    assert status == 0, said
    replaced = [line.split()[-1] for line in asked if "--force-recreate" in line]
    assert replaced == [*ROLLED, "monitor"]


def test_what_nobody_knows_is_answered_with_what_there_is(host: Path) -> None:
    status, asked, said = _run(host, "destroy")
    assert (status, asked) == (1, [])
    assert "deploy <image>" in said


# -- the nightly backup ------------------------------------------------------------------------------------------------


@pytest.fixture
def night(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run one round of the backups' loop over folders of the test's own. Its sleep, which fails, ends it."""
    for name in ("archive", "store/objects/lms-media/t", "scripts", "secrets", "bin"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "store/objects/lms-media/t/film").write_text("frames")
    (tmp_path / "secrets/postgres_password").write_text("secret")
    for program, text in (("bin/sleep", "exit 9"), ("scripts/base-backup.sh", 'exit "$BASE"')):
        (tmp_path / program).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / program).chmod(0o755)

    def run(base: int = 0, *, hours: float = 24) -> subprocess.CompletedProcess[str]:
        """The last base backup, if there is one, is so many hours old."""
        last = tmp_path / "archive/last-base"
        if last.exists():
            os.utime(last, (time.time() - hours * 3600,) * 2)
        folders = {
            f"BACKUP_{name.upper()}": str(tmp_path / name) for name in ("archive", "store", "scripts", "secrets")
        }
        environ = {
            **folders, "LMS_BACKUP_STAMP": str(tmp_path / "stamp"), "BASE": str(base),
            "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}",
        }  # fmt: skip
        return subprocess.run(
            [ROOT / "infra/single-host/backup-loop.sh"], env=environ, capture_output=True, text=True, timeout=60
        )

    return run


def _told(stamp: Path, settings: Any) -> float:
    """Return the age of the last backup as Prometheus is told it."""
    settings.BACKUP_STAMP = str(stamp)
    [family] = fleet_figures._backups()
    assert family.name == "lms_backup_age_seconds"
    return float(family.samples[0].value)


def test_a_backup_that_succeeded_is_told_by_its_age(night: Any, tmp_path: Path, settings: Any) -> None:
    assert night().returncode == 9
    assert (tmp_path / "archive/store/objects/lms-media/t/film").read_text() == "frames"
    assert 0 <= _told(tmp_path / "stamp", settings) < 60
    long_ago = time.time() - 100_000
    os.utime(tmp_path / "stamp", (long_ago, long_ago))
    assert _told(tmp_path / "stamp", settings) > 99_000
    assert night().returncode == 9
    assert _told(tmp_path / "stamp", settings) < 60, "each success touches it"


def test_a_start_makes_no_base_backup_where_the_last_is_young(night: Any, tmp_path: Path, settings: Any) -> None:
    assert night().returncode == 9
    stamp, last = tmp_path / "stamp", tmp_path / "archive/last-base"
    stamp.unlink()
    (tmp_path / "archive/last-store").unlink()
    (tmp_path / "store/objects/lms-media/t/another").write_text("frames")
    assert night(base=1, hours=11).returncode == 9, "it is not even asked"
    assert (tmp_path / "archive/store/objects/lms-media/t/another").exists()
    assert _told(stamp, settings) == math.inf, "it says nothing about a backup that was not made"
    assert night(hours=13).returncode == 9
    assert _told(stamp, settings) < 60
    stamp.unlink()
    last.unlink()  # as a restore does
    assert night().returncode == 9
    assert _told(stamp, settings) < 60


def test_a_night_without_a_base_backup_is_no_backup(night: Any, tmp_path: Path, settings: Any) -> None:
    assert night(base=1).returncode == 9, "the loop goes on"
    assert (tmp_path / "archive/last-store").exists(), "objects are copied all the same"
    assert not (tmp_path / "archive/last-base").exists()
    assert _told(tmp_path / "stamp", settings) == math.inf


def test_a_night_on_which_an_object_was_not_copied_is_no_backup(night: Any, tmp_path: Path, settings: Any) -> None:
    (tmp_path / "archive/store/objects").mkdir(parents=True)
    (tmp_path / "archive/store/objects/lms-media").write_text("where a folder should be")
    assert night().returncode == 9
    assert (tmp_path / "archive/last-base").exists()
    assert not (tmp_path / "archive/last-store").exists()
    assert _told(tmp_path / "stamp", settings) == math.inf


def test_what_was_deleted_stays_for_thirty_days(night: Any, tmp_path: Path) -> None:
    film, kept = tmp_path / "store/objects/lms-media/t/film", tmp_path / "archive/store/objects/lms-media/t/film"
    night()
    film.unlink()
    night()
    assert kept.exists()
    gone = kept.with_name("film.gone")
    long_ago = time.time() - 32 * 86_400
    os.utime(gone, (long_ago, long_ago))
    night()
    assert not kept.exists()
    assert not gone.exists()


def test_a_store_that_cannot_be_read_or_is_not_there_deletes_nothing(night: Any, tmp_path: Path) -> None:
    assert night().returncode == 9
    (tmp_path / "archive/last-store").unlink()
    objects, away = tmp_path / "store/objects", tmp_path / "store-away"
    objects.rename(away)
    night()
    assert not list((tmp_path / "archive").rglob("*.gone"))
    assert not (tmp_path / "archive/last-store").exists(), "nothing was copied"
    objects.mkdir()
    (tmp_path / "bin/find").write_text('#!/bin/sh\n/usr/bin/find "$@"\nexit 1\n')
    (tmp_path / "bin/find").chmod(0o755)
    night()
    assert not list((tmp_path / "archive").rglob("*.gone")), "what find did not reach is not gone"
    assert not (tmp_path / "archive/last-store").exists()


def test_the_store_of_another_machines_database_deletes_nothing(night: Any, tmp_path: Path) -> None:
    night()
    (tmp_path / "store/objects/lms-media/t/film").unlink()
    night(base=1)
    assert not list((tmp_path / "archive").rglob("*.gone"))
    night()
    assert list((tmp_path / "archive").rglob("*.gone"))
