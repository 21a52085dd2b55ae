"""A statement has as much time as its kind of process gives it; one that is stopped is told in words."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psycopg2
import pytest
from django.db import connection
from django.test import Client

from conftest import World
from tests.support import plugin

ASK = """
import sys, json, os
sys.path[:0] = ["platform", "."]
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
{start}
import django; django.setup()
import tenancy
from django.db import connection
with tenancy.{binding}(), connection.cursor() as cursor:
    cursor.execute("SELECT name, setting FROM pg_settings WHERE name IN ('statement_timeout', 'lock_timeout')")
    print(json.dumps(dict(cursor.fetchall())))
"""


@pytest.mark.parametrize(
    ("start", "binding", "environment", "milliseconds"),
    [
        # As gunicorn loads it: its worker class first.
        ("import config.fair_worker, config.wsgi", "platform", {}, "5000"),
        ("import config.fair_worker, config.wsgi", "platform", {"LMS_WEB_STATEMENT_TIMEOUT": "2"}, "2000"),
        ("import config.celery", "platform", {}, "60000"),
        ("import config.celery", "platform", {"LMS_WORKER_STATEMENT_TIMEOUT": "90"}, "90000"),
        ("import config.celery", "schema_owner", {}, "0"),
    ],
)
def test_each_kind_of_process_has_its_time(
    world: World, start: str, binding: str, environment: dict[str, str], milliseconds: str
) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", ASK.format(start=start, binding=binding)],
        cwd=plugin.ROOT,
        env={**plugin.stack, **(plugin.owner if binding == "schema_owner" else {}), **environment},
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(ended.stdout.splitlines()[-1])
    assert found["statement_timeout"] == milliseconds
    assert found["lock_timeout"] == ("0" if binding == "schema_owner" else "5000")


@pytest.fixture
def impatient(world: World, django_db_blocker: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Requests of this process as in the web server, but with a second and a half for a statement."""
    options = {**connection.settings_dict["OPTIONS"], "options": "-c lock_timeout=5s -c statement_timeout=1500ms"}
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
    with django_db_blocker.unblock():
        connection.close()
        yield
        connection.close()


def test_a_statement_that_takes_too_long_is_stopped_and_said(impatient: None, world: World) -> None:
    """Whoever holds the table lets every statement on it wait: slow in earnest, and over when it is let go."""
    acme = world.organizations["acme"]
    browser = Client(headers={"host": acme.host}, raise_request_exception=False)
    browser.cookies["__Host-session"] = "a" * 32
    link = psycopg2.connect(plugin.owner["LMS_OWNER_DATABASE_URL"])
    with link, link.cursor() as cursor:
        cursor.execute(f'LOCK TABLE "{acme.schema_name}".django_session IN ACCESS EXCLUSIVE MODE')

        stopped = browser.get("/api/v1/me/")

        assert (stopped.status_code, stopped["Content-Type"]) == (503, "application/problem+json")
        problem = stopped.json()
        assert problem["code"] == "too_slow"
        assert problem["detail"].startswith("This took too long and was stopped. Nothing was changed.")
        assert "Retry-After" not in stopped  # the same again would take as long
        assert Client(headers={"host": world.organizations["globex"].host}).get("/api/v1/me/").status_code == 401
    link.close()

    assert browser.get("/api/v1/me/").status_code == 401
