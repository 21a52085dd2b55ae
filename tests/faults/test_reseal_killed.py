"""kill -9 of a re-sealing run at its statements: everything opens all the while, and the next run ends it."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

import tenancy
from media import keys
from media.models.keys import SigningKey
from tenants import resealing
from tests.faults.test_relay_killed import Mortal

MOST_STATEMENTS = 200


@pytest.fixture
def mortal(world: Any, django_db_blocker: Any) -> Iterator[Mortal]:
    with django_db_blocker.unblock():
        connection.close()
        found = Mortal()
        yield found
        found.close()
        connection.close()


def _signs() -> int:
    """Return how many signing keys there are, each of which opens."""
    with tenancy.platform():
        rows = list(SigningKey.objects.all())
    for row in rows:
        keys.signer(row.sealed_private_key, row.organization_id, row.kid).sign(b"x")
    return len(rows)


def test_a_run_that_dies_leaves_everything_open_and_the_next_one_ends_it(mortal: Mortal, settings: Any) -> None:
    old, new = settings.KEK, base64.b64encode(os.urandom(32)).decode()
    before = _signs()
    # Organizations that other tests have paused: nothing of theirs is asked for, and nothing else is left out.
    left_out = resealing.reseal(write=False).left_out
    assert set(left_out.values()) <= {"closed to this login"}
    try:
        settings.KEK, settings.KEK_PREVIOUS = new, (old,)
        answers, left = [], []
        # Each dies a statement later than the one before it, until one gets through.
        for statement in range(2, MOST_STATEMENTS):
            answers.append(mortal.run("reseal", new, old, statement))
            assert _signs() == before
            report = resealing.reseal(write=False)
            assert (report.broken, report.left_out) == ([], left_out)
            left.append(sum(report.older.values()))
            if answers[-1] != "killed":
                break
        assert answers[-1] == "True"
        assert len(answers) > 5
        assert left == sorted(left, reverse=True), "what was done stays done"
        assert len(set(left)) > 3, "those that died did a part of it each"
        assert left[-1] == 0
        settings.KEK_PREVIOUS = ()
        assert _signs() == before
    finally:  # others use these organizations
        settings.KEK, settings.KEK_PREVIOUS = old, (new,)
        again = resealing.reseal(write=True)
        assert (again.broken, again.left_out) == ([], left_out)
        settings.KEK_PREVIOUS = ()
        rest = resealing.reseal(write=False)
        assert (rest.broken, sum(rest.older.values())) == ([], 0)
        assert _signs() == before
