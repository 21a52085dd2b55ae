"""A group of web processes that dies takes no organization with it: the others serve until it is back."""

from __future__ import annotations

import http.client
import os
import signal
import time

import pytest

from devstack import embedded, ports

SECONDS = 60.0


def _status(port: int, host: str) -> int:
    connection = http.client.HTTPConnection(ports.HOST, port, timeout=20)
    try:
        connection.request("GET", "/livez", headers={"Host": host})
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.stack
def test_each_group_may_die_and_every_host_is_served_all_the_time() -> None:
    with embedded.running({"postgres", "valkey", "schema", "s3", "edge", "mailbox", "web", "front"}) as stack:
        port = stack.settings.ports["front"]
        hosts = (stack.settings.site_host, stack.settings.staff_host)
        assert [_status(port, host) for host in hosts] == [200, 200]

        # One after the other: the second may only die unnoticed when the first has returned to the front door.
        for times, name in enumerate(("web-1", "web-2", "web-1")):
            os.kill(stack.state()["parts"][name]["pid"], signal.SIGKILL)
            deadline = time.monotonic() + SECONDS
            seen: set[int] = set()
            while (part := stack.state()["parts"][name])["phase"] != "ready" or part["restarts"] <= times // 2:
                seen |= {_status(port, host) for host in hosts}
                assert time.monotonic() < deadline, f"{name} did not come back"
            assert seen == {200}
