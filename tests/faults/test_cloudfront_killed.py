"""kill -9 on the writer of CloudFront, before and inside each call that changes something: nothing lost or left over.

``LMS_FAULTS_EDGE=all`` kills at every call, those that only read as well.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from uuid import UUID

import pytest

import tenancy
from core.clock import now
from media.edge.settling import only_one
from media.models import EdgeBinding, EdgeSecret, SigningKey
from tests.contracts.test_cloudfront import binding, come, edge, plays, settle, stage, until_settled
from tests.contracts.test_cloudfront_tenants import TENANT
from tests.support import plugin
from tests.support.cloudfront.account import KVS
from tests.support.cloudfront.stage import SUFFIX, Stage
from tests.support.cloudfront.wire import ApiError

__all__ = ["stage"]
_EVERY = os.environ.get("LMS_FAULTS_EDGE") == "all"
_MOST_CALLS = 60


class Writer:
    """The process that forks writers and lets them die. All of one run's look at one account."""

    def __init__(self, stage: Stage) -> None:
        environment = {
            **os.environ,
            **plugin.stack,
            "PYTHONPATH": f"{plugin.ROOT}:{plugin.ROOT / 'platform'}",
            "LMS_MEDIA_EDGE": "cloudfront",
            "LMS_AWS_ENDPOINT_URL": stage.url,
            "LMS_CLOUDFRONT_POOLS": f"{stage.pool},{stage.second}",
            "LMS_CLOUDFRONT_TEMPLATE": stage.template,
            "LMS_CLOUDFRONT_FUNCTION_KEYS": KVS,
            "LMS_SITE_HOST": SUFFIX,
            "LMS_TENANT_SUFFIX": SUFFIX,
            "LMS_STAFF_HOST": f"staff.{SUFFIX}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
        }
        self.stage = stage
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.dying_edge_writer"],
            cwd=plugin.ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip

    def _say(self, line: str = "") -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def _hear(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()

    def look(self, *, die_at: int, moment: str) -> str:
        """One look, killed at its n-th call: ``before`` it is done, or ``after``, before the answer is there."""
        self._say("look")
        pid = int(self._hear().removeprefix("pid "))
        count = [0]

        def called(when: str, operation: str) -> None:
            if when == "before" and (_EVERY or operation.startswith(("Create", "Update", "Delete"))):
                count[0] += 1
            if when == moment and count[0] == die_at:
                count[0] = _MOST_CALLS + 1
                os.kill(pid, signal.SIGKILL)
                if when == "before":
                    raise ApiError("ServiceUnavailable", "nobody hears it", 503)

        self.stage.account.called = called
        self._say()
        outcome = self._hear()
        self.stage.account.called = lambda when, operation: None
        if outcome == "killed":
            self._wait_for_locks()
        return outcome

    def _wait_for_locks(self) -> None:
        """PostgreSQL frees a dead session's locks when it notices, which is soon, but not at once."""
        deadline = time.monotonic() + 90
        for what in (self.stage.pool, self.stage.second, self.stage.template, "edge-keys"):
            while time.monotonic() < deadline:
                with tenancy.platform(), only_one(what) as mine:
                    if mine:
                        break
                time.sleep(0.05)

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=90)


@pytest.fixture
def writer(stage: Stage) -> Iterator[Writer]:
    found = Writer(stage)
    yield found
    found.close()


def scene(stage: Stage) -> tuple[UUID, UUID, UUID]:
    """One whose key changes, one who comes, one who goes, one who moves: a look then has all there is to do."""
    turning, going, moving = come(), come(), come()
    until_settled(stage)
    edge().rotate(turning)
    coming = come()
    edge().move(moving, TENANT)
    with tenancy.platform():
        for model in (EdgeBinding, SigningKey):
            model.objects.filter(organization_id=going).delete()
    return turning, coming, moving


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_killed_writer_leaves_nothing_to_repair(stage: Stage, writer: Writer, moment: str) -> None:
    """One scene; looks die at their first change, their second … until one lives to its end. Then nothing is amiss."""
    for name in stage.account.limits:
        stage.account.limits[name] = max(20, stage.account.limits[name])
    turning, coming, moving = scene(stage)
    deaths = 0
    for die_at in range(1, _MOST_CALLS):
        outcome = writer.look(die_at=die_at, moment=moment)
        assert outcome in ("killed", "done")
        assert plays(stage, turning) == plays(stage, moving) == "served", "nobody who plays is refused meanwhile"
        if die_at % 3 == 0:
            stage.account.deploy()
        if outcome == "done":
            break
        deaths += 1
        if moment == "after":
            # What was done before is done: the next look dies at its first change again, one further on.
            while writer.look(die_at=1, moment=moment) == "killed":
                deaths += 1
                assert plays(stage, turning) == "served"
                stage.account.deploy()
    assert deaths >= 5
    with tenancy.platform():
        # A minute later: the writers that died did not wait for the store to be everywhere, and neither does this test.
        EdgeSecret.objects.filter(organization_id=moving).update(trusted_at=now())
    until_settled(stage)
    edge().tidy()
    for _ in range(3):
        settle()
        stage.account.deploy()
    until_settled(stage)
    for one in (turning, coming, moving):
        assert binding(one).state == "deployed"
        assert binding(one).problem == ""
        assert plays(stage, one) == "served"
    assert binding(moving).phase == "both"
    assert stage.organizations(stage.pool).keys() == {turning, coming, moving}
    stage.assert_no_orphans()
    # Three keys of who rotates, two each of the others, two of the shard.
    assert len(stage.made_keys) == 3 + 2 + 2 + 2
    with tenancy.platform():
        rows = SigningKey.objects.filter(public_key_id__in=stage.made_keys)
        assert rows.count() == len(stage.made_keys)
        assert not rows.filter(trusted_at__gt=now()).exists()
