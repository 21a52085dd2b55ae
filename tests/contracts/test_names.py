"""The name server for trying custom domains says what its file says, to the module that asks DNS in earnest."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from devstack import names
from tenants.domains import dns
from tests.architecture.tree import ROOT


@pytest.fixture
def file(tmp_path: Path, settings: Any) -> Iterator[Path]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    path = tmp_path / "names.txt"
    code = f"from pathlib import Path; from devstack import names; names.serve(Path({str(path)!r}), {port})"
    environment = {"PYTHONPATH": f"{ROOT / 'platform'}", "PATH": "/usr/bin:/bin"}
    server = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE)
    assert server.stdout is not None
    server.stdout.readline()
    settings.DNS_SERVER = f"127.0.0.1:{port}"
    yield path
    server.terminate()
    server.wait(60)


def test_it_says_what_the_file_says_as_soon_as_it_says_it(file: Path) -> None:
    assert dns.txt("_lms-challenge.learn.acme.localhost") == dns.Answer("nxdomain")
    file.write_text(
        "# a comment\n"
        "_lms-challenge.learn.acme.localhost TXT lms-verify=abc_-123\n"
        "learn.acme.localhost CNAME domains.lms.localhost\n"
        "acme.localhost A 127.0.0.1\n"
        "no record at all\n"
    )
    assert dns.txt("_lms-challenge.learn.acme.localhost").values == ("lms-verify=abc_-123",)
    assert dns.chain("LEARN.acme.localhost").values == ("domains.lms.localhost",)
    assert dns.addresses("acme.localhost").values == ("127.0.0.1",)
    assert dns.txt("acme.localhost") == dns.Answer("no_data")


@pytest.mark.parametrize("junk", [b"", b"\x00", b"not dns at all", b"\xff" * 40])
def test_what_is_no_question_is_not_answered(junk: bytes) -> None:
    assert names.answer(junk, {}) is None
