"""A server that somebody else runs: its master is no superuser, and nothing of ours is there yet."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

import psycopg2
import pytest

from devstack import embedded
from tests.architecture.tree import ROOT
from tests.support import plugin

MASTER, PASSWORD = "managed_master", "for-this-test-alone"


class Server:
    """A running server, and how the product's commands reach it."""

    def __init__(self, superuser_url: str) -> None:
        self.superuser_url = superuser_url
        self.place = urlsplit(superuser_url).netloc.rpartition("@")[2]
        host, _, port = self.place.partition(":")
        self.master = {
            "PGHOST": host,
            "PGPORT": port,
            "PGDATABASE": "postgres",
            "PGUSER": MASTER,
            "PGPASSWORD": PASSWORD,
        }

    def url(self, login: str, password: str) -> str:
        return f"postgresql://{login}:{password}@{self.place}/lms"

    def manage(self, *arguments: str, password: str, **more: str) -> subprocess.CompletedProcess[str]:
        ours = {
            "LMS_OWNER_DATABASE_URL": self.url("lms_owner", f"owner-{password}"),
            "LMS_DATABASE_URL": self.url("lms_app", f"app-{password}"),
            "DJANGO_SETTINGS_MODULE": "config.settings.production",
        }
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env={**os.environ, **plugin.stack, **ours, **more},
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with embedded.running({"postgres"}) as stack:
        found = Server(stack.superuser_url)
        link = psycopg2.connect(stack.superuser_url)
        link.autocommit = True
        with link.cursor() as cursor:
            # Nothing is left of what the embedded default makes for itself.
            cursor.execute("DROP DATABASE lms")
            for role in ("lms_app", "lms_edge", "lms_owner"):
                cursor.execute(f"DROP OWNED BY {role} CASCADE")
                cursor.execute(f"DROP ROLE {role}")
            cursor.execute(f"CREATE ROLE {MASTER} LOGIN CREATEROLE CREATEDB NOSUPERUSER PASSWORD %s", [PASSWORD])
        link.close()
        yield found


def test_a_managed_server_is_made_ready_and_stays_so(server: Server) -> None:
    for _ in range(2):
        made = server.manage("prepare_server", password="first", **server.master)
        assert made.returncode == 0, made.stderr
    prepared = server.manage("prepare_database", "--verbosity=0", password="first")
    assert prepared.returncode == 0, prepared.stderr

    with psycopg2.connect(server.url("lms_app", "app-first")) as link, link.cursor() as cursor:
        cursor.execute(
            "SELECT datcollate, datlocprovider, datlocale FROM pg_database WHERE datname = current_database()"
        )
        assert cursor.fetchone() == ("C", "b", "C.UTF-8")
        cursor.execute("SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = 'lms_owner'")
        assert cursor.fetchone() == (False, True, False)
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            cursor.execute("CREATE TABLE public.mine (id int)")

    # Whoever else has a login on that server has no way in.
    with psycopg2.connect(server.superuser_url) as link, link.cursor() as cursor:
        cursor.execute("CREATE ROLE somebody LOGIN PASSWORD 'x'")
    with pytest.raises(psycopg2.OperationalError, match="permission denied"):
        psycopg2.connect(server.url("somebody", "x"))


def test_run_again_it_sets_the_passwords_anew(server: Server) -> None:
    assert server.manage("prepare_server", password="second", **server.master).returncode == 0
    psycopg2.connect(server.url("lms_app", "app-second")).close()
    with pytest.raises(psycopg2.OperationalError, match="password authentication failed"):
        psycopg2.connect(server.url("lms_app", "app-first"))


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"PGPASSWORD": "wrong"}, "The server refused"),
        ({"LMS_OWNER_DATABASE_URL": "postgresql://lms_owner@127.0.0.1/lms"}, "Set LMS_OWNER_DATABASE_URL"),
        ({"LMS_OWNER_DATABASE_URL": "postgresql://lms_owner:x@127.0.0.1/other"}, "the same database"),
    ],
)
def test_what_cannot_be_prepared_is_said(server: Server, changed: dict[str, str], says: str) -> None:
    refused = server.manage("prepare_server", password="second", **{**server.master, **changed})
    assert refused.returncode == 1
    assert says in refused.stderr
