"""Figures of every part at a port of its own, of all its processes together, and never through the front door."""

from __future__ import annotations

import socket
import time

import httpx
import pytest

from tests.observability.conftest import HEALTH_TOKEN, Figures, Watched, until

_ROUTE = {"surface": "tenant", "route": "/api/v1/me/", "method": "GET"}


def _sum(watched: Watched, part: str, name: str, **labels: str) -> float:
    samples = watched.figures(part).get(name, [])
    return sum(one.value for one in samples if labels.items() <= one.labels.items())


def _web_sum(watched: Watched, name: str, **labels: str) -> float:
    return sum(_sum(watched, part, name, **labels) for part in watched.environment.settings.web_names)


def _knows_the_organization(figures: Figures) -> Figures | None:
    active = [one.value for one in figures.get("lms_organizations", []) if one.labels["state"] == "active"]
    return figures if active == [1] else None


def test_requests_are_counted_by_route_over_all_processes_of_a_group(watched: Watched) -> None:
    learner = watched.learner()
    before = _web_sum(watched, "lms_http_requests_total", **_ROUTE, status="200")
    for _ in range(40):
        learner.call("GET", "/api/v1/me/")
    # Whichever of the two processes of the group is asked, it tells the figures of both.
    for _ in range(5):
        assert _web_sum(watched, "lms_http_requests_total", **_ROUTE, status="200") == before + 40
    assert _web_sum(watched, "lms_http_request_seconds_count", **_ROUTE) >= 40
    assert _web_sum(watched, "lms_http_db_seconds_total", **_ROUTE) > 0
    assert _web_sum(watched, "lms_http_db_statements_total", **_ROUTE) >= 40


def test_workers_dispatcher_and_front_door_tell_theirs(watched: Watched) -> None:
    assert _sum(watched, "worker", "lms_tasks_total", task="events.tasks.carry", outcome="done") > 0
    assert _sum(watched, "worker", "lms_deliveries_total", outcome="done") > 0
    assert _sum(watched, "worker", "lms_mails_total", outcome="taken") > 0
    assert _sum(watched, "worker", "lms_task_wait_seconds_count", queue="events") > 0
    assert _sum(watched, "media", "lms_transcoded_media_seconds_total") >= 4
    assert _sum(watched, "media", "lms_transcode_work_seconds_total") > 0
    assert _sum(watched, "provisioner", "lms_tasks_total", outcome="done") > 0
    assert _sum(watched, "front", "caddy_http_requests_total") > 0
    # Readings are taken every few seconds: the one that stands may be older than the organization.
    figures = until(lambda: _knows_the_organization(watched.figures("dispatcher")), "a reading with the organization")
    assert figures["lms_migration_skew"][0].value == 0
    assert figures["lms_broker_up"][0].value == 1
    assert figures["lms_dispatcher_beat_age_seconds"][0].value < 30
    assert {one.labels["queue"] for one in figures["lms_queue_age_seconds"]} == {
        "default", "events", "media", "provisioning", "archive"
    }  # fmt: skip
    assert {one.labels["lane"] for one in figures["lms_lane_lag_seconds"]} == {"deliveries", "mails"}


def test_refusals_are_counted_by_their_code(watched: Watched) -> None:
    before = _web_sum(watched, "lms_http_refusals_total", code="not_authenticated")
    httpx.get(f"http://127.0.0.1:{watched.front}/api/v1/me/", headers={"Host": watched.host}, timeout=60)
    assert _web_sum(watched, "lms_http_refusals_total", code="not_authenticated") == before + 1


def test_who_asks_for_the_most_is_told(watched: Watched) -> None:
    learner = watched.learner()
    organization = learner.open("/")["organization"]["id"]

    def told() -> bool:
        learner.call("GET", "/api/v1/me/")
        return any(
            one.labels["organization"] == organization and one.value > 0
            for part in watched.environment.settings.web_names
            for one in watched.figures(part).get("lms_top_requests_per_second", [])
        )

    until(told, "the organization among the largest", seconds=90)


@pytest.mark.parametrize("path", ["/metrics", "/metrics/", "//metrics", "/assets/../metrics", "/media/%2e%2e/metrics"])
def test_no_host_of_the_front_door_leads_to_figures(watched: Watched, path: str) -> None:
    settings = watched.environment.settings
    figures = [settings.figures_port(part) for part in ("front", "dispatcher", "web-1")]
    hosts = (settings.site_host, settings.staff_host, watched.host, "localhost", "127.0.0.1",
             *(f"127.0.0.1:{port}" for port in figures))  # fmt: skip
    for host in hosts:
        with socket.create_connection(("127.0.0.1", watched.front), timeout=60) as link:
            link.sendall(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
            answer = b""
            while piece := link.recv(65536):
                answer += piece
        assert b"# HELP" not in answer
        assert b"lms_http" not in answer


def test_a_figures_port_tells_figures_alone(watched: Watched) -> None:
    port = watched.environment.settings.figures_port("web-1")
    answer = httpx.get(f"http://127.0.0.1:{port}/api/v1/me/", headers={"Host": watched.host}, timeout=60)
    assert answer.status_code == 404


def test_the_deep_look_says_how_each_thing_does(watched: Watched) -> None:
    def ask(token: str) -> httpx.Response:
        return httpx.get(
            f"http://127.0.0.1:{watched.front}/healthz/deep",
            headers={"Host": watched.host, "Authorization": f"Bearer {token}"},
            timeout=60,
        )

    def well() -> httpx.Response | None:
        time.sleep(1)  # it may be asked once a second
        answer = ask(HEALTH_TOKEN)
        return answer if answer.status_code == 200 else None

    assert ask("another").status_code == 404
    found = until(well, "every part to do well")
    assert {name: part for name, part in found.json()["parts"].items() if not part["ok"]} == {}
    assert (found.status_code, found.json()["status"], found.json()["release"]) == (200, "ok", "of-this-test")
    assert set(found.json()["parts"]) == {
        "database", "schema", "redis", "objects", "mail", "dispatcher", "queues", "webhooks"
    }  # fmt: skip
