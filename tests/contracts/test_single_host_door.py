"""Port 80 of a single host: pages are led to TLS, and what only programs ask for is refused there."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import time
from collections.abc import Iterator

import pytest

from devstack import binaries, ports
from devstack.parts import single_host
from tests.contracts.s3_server import free_port

SITE = "lms.localhost"
HOSTS = [SITE, f"staff.{SITE}", f"acme.{SITE}", "learn.example.test"]
SECONDS = 60.0


@pytest.fixture(scope="module")
def clear_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port for requests in the clear of the Caddyfile that docker-compose.yml mounts, on ports of this machine."""
    folder = tmp_path_factory.mktemp("door")
    own = {port: str(free_port()) for port in ("8080", "8443", "8081", str(single_host.FIGURES))}
    text = re.sub(r"\b(?:" + "|".join(own) + r")\b", lambda found: own[found[0]], single_host.write())
    (folder / "Caddyfile").write_text(text.replace(str(single_host.DATA), str(folder)))
    clear = int(own["8080"])
    said = {"LMS_SITE_HOST": SITE, "LMS_TENANT_SUFFIX": SITE, "LMS_STAFF_HOST": f"staff.{SITE}",
            "LMS_CONTENT_SUFFIX": f"content.{SITE}", "LMS_S3_HOST": f"uploads.{SITE}",
            "LMS_ACME_EMAIL": f"ops@{SITE}", "LMS_TLS_OPTIONS": "local_certs\nskip_install_trust"}  # fmt: skip
    caddy = subprocess.Popen(
        [str(binaries.script("caddy")), "run", "--config", str(folder / "Caddyfile"), "--adapter", "caddyfile"],
        cwd=folder,
        env={"PATH": os.environ.get("PATH", ""), "HOME": str(folder), **said},
        stderr=(folder / "said").open("w"),
    )
    try:
        deadline = time.monotonic() + SECONDS
        while not ports.answers(clear):
            assert time.monotonic() < deadline, (folder / "said").read_text()
            time.sleep(0.1)
        yield clear
    finally:
        caddy.terminate()
        caddy.wait(60)


def _ask(port: int, host: str, path: str, method: str = "GET") -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(ports.HOST, port, timeout=SECONDS)
    try:
        connection.request(method, path, headers={"Host": host, "Cookie": "__Host-session=secret"})
        answer = connection.getresponse()
        answer.read()
        return answer
    finally:
        connection.close()


@pytest.mark.parametrize("host", HOSTS)
def test_pages_are_led_to_tls(clear_port: int, host: str) -> None:
    for path in ("/", "/courses?of=mine", "/apiary"):
        answer = _ask(clear_port, host, path)
        assert (answer.status, answer.headers["Location"]) == (308, f"https://{host}{path}")


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_programs_are_refused_before_they_say_more(clear_port: int, host: str, method: str) -> None:
    for path in ("/api/v1/me/", "/api/schema/", "/_allauth/browser/v1/auth/login"):
        answer = _ask(clear_port, host, path, method)
        assert (answer.status, answer.headers["Location"]) == (403, None), path
        assert answer.headers["Cache-Control"] == "no-store"
