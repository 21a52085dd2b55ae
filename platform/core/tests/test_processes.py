"""The programs: what each is started with, what they say that cannot be, and whether they are alive."""

from __future__ import annotations

import http.server
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from core import probe, run, secret_files
from core.processes import PROCESSES, RUNS, UnknownProcess, environment, find

_ROOT = Path(__file__).resolve().parents[3]


def _argv(name: str, **environ: str) -> str:
    return " ".join(find(name).argv(environ))


def test_the_web_listens_where_and_as_wide_as_it_is_told() -> None:
    assert "--bind=127.0.0.1:8000 " in _argv("web")
    told = _argv("web", LMS_LISTEN="0.0.0.0:8000", LMS_WEB_WORKERS="3", LMS_WEB_THREADS="5", LMS_TRUSTED_PROXIES="*")
    for word in ("--bind=0.0.0.0:8000", "--workers=3", "--threads=5", "--forwarded-allow-ips=*"):
        assert word in told.split()


def test_each_worker_takes_queues_of_its_own_and_every_queue_is_taken(settings: object) -> None:
    taken = [
        queue
        for process in PROCESSES.values()
        for word in process.argv({})
        if word.startswith("--queues=")
        for queue in word.removeprefix("--queues=").split(",")
    ]
    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}  # type: ignore[attr-defined]
    assert sorted(taken) == sorted(routed | {settings.CELERY_TASK_DEFAULT_QUEUE})  # type: ignore[attr-defined]


def test_only_those_that_make_schemas_hold_the_owning_login() -> None:
    assert {name for name, process in PROCESSES.items() if process.owner} == {"provisioner", "archivist", "migrate"}


def test_a_count_that_is_none_is_refused_by_name() -> None:
    for wrong in ("0", "-1", "many", "257", "1.5"):
        with pytest.raises(UnknownProcess, match="LMS_WEB_THREADS"):
            _argv("web", LMS_WEB_THREADS=wrong)


def test_each_program_is_told_which_it_is_and_keeps_chosen_settings() -> None:
    told = environment(find("web"), {"DJANGO_SETTINGS_MODULE": "config.settings.production"})
    assert (told[RUNS], told["LMS_PROCESS"], told["DJANGO_SETTINGS_MODULE"]) == (
        "web", "web", "config.settings.production",
    )  # fmt: skip
    assert "DJANGO_SETTINGS_MODULE" not in environment(find("edge"), {})


def test_an_unknown_process_is_one_sentence_and_status_2() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "core.run", "webb"], cwd=_ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "no process 'webb'" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_program_takes_the_place_of_its_starter() -> None:
    """Signals have to reach it: no shell and no parent may stand between."""
    code = "import os, subprocess, sys; p = subprocess.Popen([sys.executable, '-m', 'core.run', 'manage', 'shell', '-c', 'import os; print(os.getpid())'], stdout=subprocess.PIPE, text=True); print(p.pid, p.communicate()[0].split()[-1])"  # noqa: E501
    done = subprocess.run([sys.executable, "-c", code], cwd=_ROOT, capture_output=True, text=True, check=True)
    started, said = done.stdout.split()
    assert started == said


class _Says(http.server.BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/livez" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def server() -> Iterator[http.server.HTTPServer]:
    made = http.server.HTTPServer(("127.0.0.1", 0), type("Says", (_Says,), {}))
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()


@pytest.mark.parametrize(("status", "alive"), [(200, True), (503, False)])
def test_a_server_is_alive_while_it_answers(server: http.server.HTTPServer, status: int, alive: bool) -> None:
    server.RequestHandlerClass.status = status  # type: ignore[attr-defined]
    assert probe.is_alive({RUNS: "web", "LMS_LISTEN": f"0.0.0.0:{server.server_port}"}) is alive


def test_a_server_that_is_gone_is_not_alive() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        assert not probe.is_alive({RUNS: "web", "LMS_LISTEN": f"127.0.0.1:{taken.getsockname()[1]}"})


def test_a_worker_is_alive_while_it_holds_its_queue(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as queue:
        port = queue.getsockname()[1]
        (tmp_path / "url").write_text(f"redis://:secret@127.0.0.1:{port}/0\n")
        environ = {RUNS: "worker", "LMS_REDIS_URL_FILE": str(tmp_path / "url")}
        assert not probe.is_alive(environ, pid=os.getpid())
        with socket.create_connection(("127.0.0.1", port)):
            assert probe.is_alive(environ, pid=os.getpid())
        assert not probe.is_alive({**environ, "LMS_REDIS_URL": "redis://127.0.0.1:1/0"}, pid=os.getpid())


def test_secrets_come_from_files_and_a_given_value_stays(tmp_path: Path) -> None:
    (tmp_path / "kek").write_text("from the file\n")
    environ = {"LMS_KEK_FILE": str(tmp_path / "kek")}
    secret_files.unfold(environ)
    assert environ["LMS_KEK"] == "from the file"
    given = {"LMS_KEK_FILE": str(tmp_path / "kek"), "LMS_KEK": "given"}
    secret_files.unfold(given)
    assert given["LMS_KEK"] == "given"
    with pytest.raises(OSError, match="missing"):
        secret_files.unfold({"LMS_KEK_FILE": str(tmp_path / "missing")})


def test_usage_names_every_process() -> None:
    assert all(name in run.USAGE for name in PROCESSES)
