"""What changes in one process is seen by the others within a second."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connections

import tenancy
from billing import api as billing
from core.ids import new_id
from tenancy import catalog
from tests.support import plugin

FEATURE = "priority_support"


@pytest.fixture
def elsewhere(world: Any, django_db_blocker: Any) -> Iterator[Any]:
    """Another process that has acme's record in its memory."""
    environment = {**os.environ, **plugin.stack, "PYTHONPATH": f"{plugin.ROOT}:{plugin.ROOT / 'platform'}"}
    watching = subprocess.Popen(
        [sys.executable, "-m", "tests.support.entitlement_watcher", world.organizations["acme"].host, FEATURE],
        cwd=plugin.ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        with django_db_blocker.unblock():
            yield watching
            connections.close_all()
    finally:
        watching.terminate()
        watching.wait(90)


def test_a_grant_and_its_end_are_seen_within_a_second(elsewhere: Any, world: Any) -> None:
    acme = world.organizations["acme"].id
    assert elsewhere.stdout.readline().split()[0] == "0"
    took = []
    for value in ("1", "0") * 3:
        with tenancy.platform():
            if value == "1":
                billing.grant_override(acme, feature=FEATURE, value=1, expires_at=None, note="Agreed", made_by=new_id())
            else:
                billing.revoke_override(acme, feature=FEATURE)
        committed = time.time()
        seen, at = elsewhere.stdout.readline().split()
        assert seen == value
        took.append(float(at) - committed)
    # Nobody waited until what is kept is too old, and a second is what it takes on a machine that is busy for a moment.
    assert max(took) < catalog.TTL_SECONDS / 2
    assert statistics.median(took) < 1.0
