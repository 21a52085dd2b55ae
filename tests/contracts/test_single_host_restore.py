"""The way back of a single host, before a stand-in for docker that refuses what Docker and PostgreSQL refuse.

The step that puts a backup in the cluster's place is really done, in folders of the test's own: by root and by the
server's user where the test may become both, and with a volume whose upper folders are root's, as the image has it.
"""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from tests.support.plugin import ROOT

IS_ROOT = os.geteuid() == 0
MOMENT = "2026-11-29 10:30:00 UTC"
LEDGER = '{"id": "1"}\n{"erasures": 1}\n'
_DOCKER = r"""#!/bin/sh
echo "$*" >> "$ASKED"
runs() { [ -e "run/$1" ]; }
case "$*" in
  "compose stop "*) shift 2; for name in "$@"; do rm -f "run/$name"; done ;;
  "compose run --rm --no-deps --user 0:0 --entrypoint sh postgres "*)
    runs postgres && { echo "it runs on that folder" >&2; exit 1; }
    shift 9
    flag=$1 script=$2 dashes=$3
    work=$(printf %s "$4" | sed "s#/backup/#$PWD/scripts/backup/#; s# /archive # $PWD/archive #")
    shift 4
    PGDATA="$PWD/volume/18/docker" exec sh "$flag" "$script" "$dashes" "$work" "$@" ;;
  "compose run --rm --no-deps restore-store"*)
    runs store && { echo "it writes there" >&2; exit 1; }
    shift 5
    exec scripts/backup/restore-store.sh archive store "$@" ;;
  "compose run --rm --no-deps --user 999:999 --entrypoint sh postgres "*)
    shift 9
    PGDATA="$PWD/volume/18/docker" exec sh "$@" ;;
  "compose up --detach --no-deps postgres")
    [ -s volume/18/docker/PG_VERSION ] || { echo "an empty cluster was made" >&2; touch made-empty; }
    touch run/postgres; echo 3 > replaying ;;
  "compose up --detach --no-deps "*) shift 4; for name in "$@"; do touch "run/$name"; done ;;
  "compose exec -T postgres "*"--file=/backup/reached.sql") runs postgres && echo "$REACHED" ;;
  "compose exec -T --user 999:999 postgres rm -f /archive/"*) runs postgres && rm -f "${9#/}" ;;
  "compose exec -T postgres "*)
    runs postgres || exit 1
    left=$(cat replaying); [ -z "$DIES" ] || exit 1
    [ "$left" -gt 0 ] || { echo t; exit 0; }
    echo $((left - 1)) > replaying; echo f ;;
  "compose run --rm migrate")
    [ "$(cat replaying)" = 0 ] || { echo "cannot execute CREATE TABLE in a read-only transaction" >&2; exit 1; } ;;
  *"archivist manage erasures --again -") cat > again; exit "${AGAIN:-0}" ;;
  *"archivist manage erasures"*)
    runs postgres || { echo "no such host" >&2; exit 1; }
    [ -z "$BROKEN" ] || [ -e volume/18/docker/recovery.signal ] || exit 1
    printf '%s' "$ERASED" ;;
  "compose ps --all --quiet postgres") echo id-postgres ;;
  "compose ps --all --quiet monitor") [ "$COMPOSE_PROFILES" = monitor ] && [ -n "$MONITOR" ] && echo id-monitor ;;
  "compose ps --quiet "*) runs "$4" && echo "id-$4" ;;
  "inspect --format {{.RestartCount}} "*) echo 0 ;;
  "inspect --format {{.State.Status}} "*) if [ -n "$DIES" ]; then echo "restarting 1"; else echo "running 0"; fi ;;
  "inspect "*) echo healthy ;;
esac
"""
_GOSU = '#!/bin/sh\nshift\nexec setpriv --reuid=999 --regid=999 --clear-groups "$@"\n'


@dataclass
class Host:
    """A machine's checkout, its volumes and its folder of backups."""

    folder: Path
    asked: list[str] = field(default_factory=list)

    def run(self, *arguments: str, **told: str) -> tuple[int, str]:
        """Run the script; return its status and what it said."""
        environ = {
            "PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}", "ASKED": str(self.folder / "asked"),
            "ERASED": LEDGER, "BROKEN": "", "DIES": "", "MONITOR": "", "REACHED": "t|up to then",
            "STORE_OWNER": "10001:10001" if IS_ROOT else "", **told,
        }  # fmt: skip
        (self.folder / "asked").unlink(missing_ok=True)
        done = subprocess.run(
            ["scripts/single_host.sh", *arguments],
            cwd=self.folder, env=environ, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        self.asked = (self.folder / "asked").read_text().splitlines() if (self.folder / "asked").exists() else []
        return done.returncode, done.stdout + done.stderr

    @property
    def running(self) -> set[str]:
        return {path.name for path in (self.folder / "run").iterdir()}

    @property
    def clusters(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "volume/18").iterdir())

    def base(self, stamp: str, end: str, timeline: int = 1) -> None:
        """Make a base backup that had ended then, at that place in the log."""
        made = self.folder / "archive/base" / stamp
        made.mkdir(parents=True)
        (made / "postgresql.auto.conf").write_text("recovery_target_name = 'of an earlier restore'\n")
        (made / "backup_label").write_text(f"LABEL: pg_basebackup base backup\nSTART TIMELINE: {timeline}\n")
        ranges = f'"WAL-Ranges": [\n{{ "Timeline": {timeline}, "Start-LSN": "0/28", "End-LSN": "{end}" }}\n],\n'
        (made / "backup_manifest").write_text(ranges)
        (made / "of").write_text(stamp)
        (made / "PG_VERSION").write_text("18\n")

    def began(self, timeline: int, moment: str, *lines: str) -> None:
        """Archive the history of a timeline that a restore began then."""
        path = self.folder / f"archive/wal/{timeline:08X}.history.gz"
        began = datetime.fromisoformat(moment).timestamp()
        with path.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=began) as history:
            history.write("\n\n".join(lines).encode() + b"\n")

    def told(self) -> list[str]:
        """Return what the cluster that was put in its place is told to reach."""
        lines = (self.folder / "volume/18/docker/postgresql.auto.conf").read_text().splitlines()
        return sorted(line for line in lines if line.startswith("recovery_target_t"))

    def cluster(self) -> None:
        """Make the cluster that is to be replaced. As the image has it, only the last folder is the server's."""
        made = self.folder / "volume/18/docker"
        made.mkdir(parents=True)
        (made / "of").write_text("broken")
        (made / "PG_VERSION").write_text("18\n")
        if IS_ROOT:
            os.chown(made, 999, 999)
        (self.folder / "run/postgres").touch()


@pytest.fixture
def host() -> Iterator[Host]:
    folder = Path(tempfile.mkdtemp(prefix="lms-host-"))
    folder.chmod(0o755)
    for name in ("scripts", "infra/single-host"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("bin", "run", "volume", "archive/base", "archive/wal", "store"):
        (folder / name).mkdir(parents=True)
    stubs = {"docker": _DOCKER, "sleep": "#!/bin/sh\n"}
    # Who may not become another user does all of it as the one that it is.
    stubs |= {"gosu": _GOSU} if IS_ROOT else {"gosu": '#!/bin/sh\nshift\nexec "$@"\n', "chown": "#!/bin/sh\n"}
    if not IS_ROOT:
        stubs["install"] = '#!/bin/sh\nfor last in "$@"; do :; done\nmkdir -p "$last"\n'
    for name, text in stubs.items():
        (folder / "bin" / name).write_text(text)
        (folder / "bin" / name).chmod(0o755)
    made = Host(folder)
    made.base("20261129T100000Z", "0/3000000")
    made.base("20261129T110000Z", "0/5000000")
    if IS_ROOT:
        subprocess.run(["chown", "-R", "999:999", folder / "archive"], check=True)
    yield made
    shutil.rmtree(folder, ignore_errors=True)


def _of(host: Host, name: str = "docker") -> str:
    return (host.folder / "volume/18" / name / "of").read_text()


EVERYBODY = {"postgres", "web-1", "web-2", "worker", "dispatcher", "transcoder", "archivist", "provisioner", "front"}
EVERYBODY |= {"edge", "store", "backup"}


def test_the_newest_state_comes_back_beside_the_broken_one_and_lets_everybody_in(host: Host) -> None:
    host.cluster()
    status, said = host.run("restore")
    assert status == 0, said
    assert _of(host) == "20261129T110000Z"
    [kept] = [name for name in host.clusters if name.startswith("docker.before-")]
    assert _of(host, kept) == "broken"
    assert host.running == EVERYBODY
    assert not [line for line in host.asked if "erasures" in line], "nobody comes back who was erased"
    assert host.told() == ["recovery_target_timeline = '1'"]
    assert "It is the state up to then." in said


def test_a_lost_machine_has_no_folder_to_put_it_in(host: Host) -> None:
    status, said = host.run("restore")
    assert status == 0, said
    assert host.clusters == ["docker"]
    if IS_ROOT:
        assert {path.stat().st_uid for path in (host.folder / "volume/18/docker").rglob("*")} == {999}


def test_what_cannot_be_replayed_is_said_and_nothing_is_started(host: Host) -> None:
    host.cluster()
    status, said = host.run("restore", DIES="1")
    assert (status, "did not come back" in said) == (1, True), said
    assert "compose run --rm migrate" not in host.asked
    assert host.running == {"postgres"}


def test_without_a_backup_no_empty_cluster_takes_its_place(host: Host) -> None:
    host.cluster()
    for base in (host.folder / "archive/base").iterdir():
        shutil.rmtree(base)
    status, said = host.run("restore")
    assert (status, "did not come back" in said) == (1, True), said
    assert not (host.folder / "made-empty").exists()


def test_an_earlier_moment_lets_nobody_in_before_they_are_erased_again(host: Host) -> None:
    host.cluster()
    status, said = host.run("restore", "--to", MOMENT)
    assert status == 0, said
    assert _of(host) == "20261129T100000Z"
    [asked] = [line for line in host.asked if "erasures --since" in line]
    assert asked.endswith("--since 2026-11-29T10:30:00Z")
    assert (host.folder / "again").read_text() == LEDGER
    assert host.asked.index(asked) < next(at for at, line in enumerate(host.asked) if "restore-cluster.sh" in line)
    assert host.running == {"postgres", "store"}
    assert not (host.folder / "erasures.jsonl").exists()
    assert "single_host.sh open" in said
    assert host.run("manage", "check_stripe")[0] == 0
    assert "compose run --rm --no-deps -T archivist manage check_stripe" in host.asked
    assert host.run("open")[0] == 0
    assert host.running == EVERYBODY


def test_where_the_broken_database_says_nothing_the_newest_state_is_asked_first(host: Host) -> None:
    host.cluster()
    status, said = host.run("restore", "--to", MOMENT, BROKEN="1")
    assert status == 0, said
    assert (host.folder / "again").read_text() == LEDGER
    assert _of(host) == "20261129T100000Z"
    kept = [name for name in host.clusters if name != "docker"]
    assert [_of(host, name) for name in kept] == ["broken"], "the state in between is not kept"


def test_a_ledger_that_was_not_taken_up_is_kept_for_the_next_try(host: Host) -> None:
    host.cluster()
    status, said = host.run("restore", "--to", MOMENT, AGAIN="1")
    assert (status, "let nobody in" in said) == (1, True), said
    assert host.running == {"postgres", "store"}
    # What runs now no longer knows them.
    assert host.run("restore", "--to", MOMENT, ERASED='{"erasures": 0}\n')[0] == 0
    assert (host.folder / "again").read_text() == LEDGER + '{"erasures": 0}\n'


def test_until_it_is_opened_another_restore_starts_from_what_was_there_before(host: Host) -> None:
    host.cluster()
    assert host.run("restore", "--to", MOMENT)[0] == 0
    host.began(2, "2026-11-29T12:00:00+00:00", "1\t0/4000000\tbefore 2026-11-29 10:30:01+00")
    assert host.run("restore", "--to", "2026-11-29 11:30:00 UTC")[0] == 0
    assert (_of(host), host.told()[-1]) == ("20261129T110000Z", "recovery_target_timeline = '1'")
    host.began(3, "2026-11-29T12:10:00+00:00", "1\t0/6000000\tbefore 2026-11-29 11:30:01+00")
    status, said = host.run("restore", DIES="1")
    assert status == 1, said
    assert host.told() == ["recovery_target_timeline = '1'"], said
    assert host.run("restore")[0] == 0, "what did not come back is tried again"
    assert host.told() == ["recovery_target_timeline = '1'"]
    host.began(4, "2026-11-29T12:20:00+00:00", "1\t0/7000000\tno recovery target specified")
    assert host.run("restore")[0] == 0
    assert host.told() == ["recovery_target_timeline = '4'"], "it was opened: from there it went on"


def test_a_state_that_was_not_asked_for_lets_nobody_in(host: Host) -> None:
    host.cluster()
    status, said = host.run("restore", "--to", MOMENT, REACHED="f|up to another moment")
    assert (status, "not what was asked for. It is up to another moment" in said) == (1, True), said
    assert "compose run --rm migrate" not in host.asked
    assert host.running == {"postgres"}


_ABANDONED = {
    # Timeline 2 left 1 at 10:30 and began at 12:00. A base backup of 1 was made later than what 2 came from.
    "the moment before it": (["--to", "2026-11-29 10:20:00 UTC"], "20261129T100000Z", "1"),
    "what was left": (["--to", "2026-11-29 11:30:00 UTC"], "20261129T110000Z", "1"),
    "since it began": (["--to", "2026-11-29 12:30:00 UTC"], "20261129T100000Z", "2"),
    "with a base backup of its own": (["--to", "2026-11-29 13:30:00 UTC"], "20261129T130000Z", "2"),
    "the newest": ([], "20261129T130000Z", "2"),
    "the newest of what was left": (["--timeline", "1"], "20261129T110000Z", "1"),
    "no such timeline": (["--timeline", "3"], "no timeline 3", ""),
    "what it has nothing of": (["--timeline", "2", "--to", "2026-11-29 11:30:00 UTC"], "later than that", ""),
    "before everything": (["--to", "2026-11-29 09:00:00 UTC"], "no base backup of timeline 1", ""),
}


@pytest.mark.parametrize("case", _ABANDONED)
def test_a_base_backup_is_chosen_by_its_timeline(host: Host, case: str) -> None:
    host.cluster()
    host.began(2, "2026-11-29T12:00:00+00:00", "1\t0/4000000\tbefore 2026-11-29 10:30:01+00")
    host.base("20261129T130000Z", "0/8000000", 2)
    arguments, chosen, timeline = _ABANDONED[case]
    status, said = host.run("restore", *arguments)
    if timeline:
        assert status == 0, said
        assert (_of(host), host.told()[-1]) == (chosen, f"recovery_target_timeline = '{timeline}'")
    else:
        assert (status, chosen in said) == (1, True), said
        assert "postgres" not in host.running


def test_open_starts_a_database_that_stands_still_as_well(host: Host) -> None:
    host.cluster()
    (host.folder / "run/postgres").unlink()
    status, said = host.run("open")
    assert status == 0, said
    assert host.running == EVERYBODY
    assert not (host.folder / "made-empty").exists()
    started = [line for line in host.asked if line.startswith("compose up ")]
    assert started[0] == "compose up --detach --no-deps postgres"
    assert host.run("open")[0] == 0
    assert started[0] not in host.asked, "what runs is left alone"


def test_open_makes_no_empty_cluster_where_there_is_none(host: Host) -> None:
    status, said = host.run("open")
    assert (status, "no cluster to open" in said) == (1, True), said
    assert host.running == set()
    assert not (host.folder / "made-empty").exists()


@pytest.mark.parametrize("monitor", ["", "1"])
def test_the_monitor_is_started_again_where_there_is_one(host: Host, monitor: str) -> None:
    host.cluster()
    if monitor:
        (host.folder / "run/monitor").touch()
    assert host.run("restore", "--to", MOMENT, MONITOR=monitor)[0] == 0
    assert "monitor" not in host.running
    assert host.run("open", MONITOR=monitor)[0] == 0
    assert host.running == EVERYBODY | ({"monitor"} if monitor else set())


@pytest.mark.parametrize(
    "arguments", [["--to"], ["--to", "yesterday's"], ["--timeline", "the last"], ["--until", MOMENT], [MOMENT]]
)
def test_what_is_no_moment_stops_nothing(host: Host, arguments: list[str]) -> None:
    host.cluster()
    assert host.run("restore", *arguments)[0] == 1
    assert host.asked == []


# -- the store ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def backed_up(host: Host) -> Host:
    """Films in the backup: one that is there, one that was deleted, a write that was never finished."""
    media = host.folder / "archive/store/objects/lms-media/t"
    media.mkdir(parents=True)
    for name in ("film", "deleted", "deleted.gone", "half.new"):
        (media / name).write_text(name)
    return host


def _films(host: Host) -> set[str]:
    return {path.name for path in (host.folder / "store").rglob("*") if path.is_file()}


def test_objects_come_back_as_the_stores_own_and_what_was_deleted_does_not(backed_up: Host) -> None:
    (backed_up.folder / "run/store").touch()
    status, said = backed_up.run("restore-store")
    assert (status, "1 objects put back" in said) == (0, True), said
    assert _films(backed_up) == {"film"}
    if IS_ROOT:
        store = backed_up.folder / "store"
        owners = {(path.stat().st_uid, path.stat().st_gid) for path in (store, *store.rglob("*"))}
        assert owners == {(10001, 10001)}
    assert "store" not in backed_up.running


def test_for_an_earlier_moment_what_was_deleted_since_comes_back_and_nothing_is_overwritten(backed_up: Host) -> None:
    there = backed_up.folder / "store/objects/lms-media/t/film"
    there.parent.mkdir(parents=True)
    there.write_text("as it is")
    assert backed_up.run("restore-store", "--to", "2020-01-01 00:00:00 UTC")[0] == 0
    assert _films(backed_up) == {"film", "deleted"}
    assert there.read_text() == "as it is"
    (backed_up.folder / "store/objects/lms-media/t/deleted").unlink()
    assert backed_up.run("restore-store", "--to", "2099-01-01 00:00:00 UTC")[0] == 0
    assert _films(backed_up) == {"film"}, "it had been deleted by then"
