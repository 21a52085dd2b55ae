"""A connection does not learn every schema of the fleet: it is given up by age and by the organizations it knows."""

from __future__ import annotations

import time
from typing import Any

import psycopg2
import pytest
from django.db import OperationalError, close_old_connections, connection

import tenancy
from conftest import World
from tenancy import TenantRecord
from tenancy.tests.conftest import Owner
from tests.support import plugin


def _backend(record: TenantRecord) -> int:
    """Return the process id of the backend that serves the organization now."""
    with tenancy.bind(record), connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_a_connection_that_knows_enough_organizations_is_given_up(
    autocommit: None, world: World, settings: Any, owner: Owner
) -> None:
    settings.CONNECTION_TENANTS = 2
    acme, globex = world.organizations["acme"], world.organizations["globex"]

    first = _backend(acme)
    assert _backend(acme) == first  # the same one twice is one
    assert _backend(globex) == first
    second = _backend(acme)

    assert second != first
    assert _backend(acme) == second  # the new one counts from the beginning
    deadline = time.monotonic() + 60
    while owner("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", first) != [(0,)]:
        assert time.monotonic() < deadline, "the first one is still there"
        time.sleep(0.02)


def test_without_a_limit_it_stays(autocommit: None, world: World, settings: Any) -> None:
    settings.CONNECTION_TENANTS = 0
    first = _backend(world.organizations["acme"])
    assert [_backend(found) for found in world.organizations.values()] == [first] * len(world.organizations)


def test_it_is_never_given_up_inside_a_binding(autocommit: None, world: World, settings: Any) -> None:
    """The dispatcher holds a lock of its session while it visits one organization after the other."""
    settings.CONNECTION_TENANTS = 1
    with tenancy.platform():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            outer = cursor.fetchone()[0]
        assert {_backend(found) for found in world.organizations.values()} == {outer}
    with tenancy.platform(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        assert cursor.fetchone()[0] != outer


def test_connections_opened_together_do_not_end_together(autocommit: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 1000)
    lives = []
    for _ in range(8):
        connection.close()
        connection.connect()
        lives.append(connection.close_at - time.monotonic())

    assert all(749 < life <= 1000 for life in lives)
    assert max(lives) - min(lives) > 1


def test_an_old_connection_is_renewed_between_requests(autocommit: None, world: World) -> None:
    first = _backend(world.organizations["acme"])
    close_old_connections()
    assert _backend(world.organizations["acme"]) == first  # it is young

    connection.close_at = time.monotonic() - 1
    close_old_connections()
    assert _backend(world.organizations["acme"]) != first


def test_a_server_that_goes_just_before_the_binding_is_an_outage(autocommit: None, world: World) -> None:
    """It has to be Django's error, answered with 503 and the end of the connection; psycopg2's own would be a 500."""
    acme = world.organizations["acme"]
    pid = _backend(acme)
    killer = psycopg2.connect(plugin.stack["LMS_DATABASE_URL"])
    with killer.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    killer.close()

    with tenancy.bind(acme), pytest.raises(OperationalError):
        connection.cursor()

    connection.close_if_unusable_or_obsolete()
    assert _backend(acme) != pid
