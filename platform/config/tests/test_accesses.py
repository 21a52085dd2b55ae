"""The line, the figures and the number that every request leaves behind."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
from django.test import Client
from prometheus_client import REGISTRY

from config import health
from config.logs import configure

Lines = Callable[[], list[dict[str, Any]]]

_NUMBER = "5b6e0f0c-3f4e-4a52-9d6f-1c2b3a4d5e6f"


@contextmanager
def _written() -> Iterator[Lines]:
    """What the product's own logging writes while the block runs."""
    root, before = logging.getLogger(), list(logging.getLogger().handlers)
    level = root.level
    configure(level="INFO")
    (handler,) = root.handlers
    assert isinstance(handler, logging.StreamHandler)
    stream = StringIO()
    handler.setStream(stream)
    try:
        yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    finally:
        root.handlers, root.level = before, level


@pytest.fixture
def lines() -> Iterator[Lines]:
    with _written() as found:
        yield found


def _line(lines: Lines, event: str) -> dict[str, Any]:
    (found,) = [line for line in lines() if line["event"] == event]
    return found


def test_a_request_is_one_line_with_what_it_cost(leo: Any, lines: Lines) -> None:
    answer = leo.client().get("/api/v1/me/")
    line = _line(lines, "http.request")
    assert line["request_id"] == answer["X-Request-ID"]
    assert line["organization"] == str(leo.organization.id)
    assert line["actor_id"] == str(leo.id)
    assert (line["surface"], line["method"], line["status"]) == ("tenant", "GET", answer.status_code)
    assert line["route"] == "/api/v1/me/"
    assert line["db_queries"] >= 1
    assert 0 < line["db_ms"] <= line["dur_ms"]


def test_the_time_in_a_line_is_told_beside_the_time_of_the_request(leo: Any, lines: Lines) -> None:
    before = REGISTRY.get_sample_value("lms_http_aside_seconds_count")
    browser = leo.client()
    browser.get("/api/v1/me/", **{"lms.waited": 75.25})
    browser.get("/api/v1/session/")

    waited, went_on = [line for line in lines() if line["event"] == "http.request"]
    assert waited["waited_ms"] == 75_250
    assert waited["dur_ms"] < 75_250
    assert "waited_ms" not in went_on
    assert REGISTRY.get_sample_value("lms_http_aside_seconds_count") == (before or 0) + 1


def test_the_web_server_is_told_what_the_database_took(leo: Any, lines: Lines) -> None:
    answer = leo.client().get("/api/v1/me/")
    assert round(answer.wsgi_request.META["lms.database"] * 1000, 1) == _line(lines, "http.request")["db_ms"] > 0


def test_a_path_never_stands_in_a_line(acme: Any, lines: Lines) -> None:
    token = "aVery5ecretInvitationToken0123456789abcdefghijk"
    Client().get(f"/api/v1/invitation-links/{token}/?code=123456", headers={"host": acme.host})
    Client().get(f"/no/such/{token}", headers={"host": "nobody.lms.localhost"})
    Client().post(f"/api/v1/nothing/{token}/", {"password": token}, headers={"host": acme.host})
    written = json.dumps(lines())
    assert token not in written
    assert "123456" not in written
    routes = [line["route"] for line in lines() if line["event"] == "http.request"]
    assert routes == ["/api/v1/invitation-links/<str:token>/", "(none)", "(not_found)"]


@pytest.mark.parametrize(
    ("header", "peer", "given", "is_taken"),
    [
        ("X-Request-Id", "127.0.0.1", _NUMBER, True),
        ("X-Request-Id", "203.0.113.9", _NUMBER, False),  # not from our front door
        ("X-Request-Id", "127.0.0.1", "../../x", False),
        ("X-Request-Id", "127.0.0.1", f"{{{_NUMBER}}}", False),
        ("", "127.0.0.1", _NUMBER, False),  # no front door numbers requests here
    ],
)
def test_only_the_front_doors_number_is_taken(
    db: None, settings: Any, lines: Lines, header: str, peer: str, given: str, is_taken: bool
) -> None:
    settings.REQUEST_ID_HEADER = header
    answer = Client(REMOTE_ADDR=peer).get("/", headers={"host": "nobody.lms.localhost", "X-Request-Id": given})
    assert (answer["X-Request-ID"] == given) is is_taken
    assert _line(lines, "http.request")["request_id"] == answer["X-Request-ID"]


def test_figures_count_by_route_and_never_by_path(leo: Any) -> None:
    labels = {"surface": "tenant", "route": "/api/v1/me/", "method": "GET"}

    def counted() -> float:
        return REGISTRY.get_sample_value("lms_http_requests_total", {**labels, "status": "200"}) or 0

    before = counted()
    assert leo.client().get("/api/v1/me/?x=1").status_code == 200
    assert counted() == before + 1
    Client().generic("INVENTED", "/api/v1/me/", headers={"host": leo.organization.host})
    methods = {sample.labels["method"] for metric in REGISTRY.collect() for sample in metric.samples
               if sample.name == "lms_http_requests_total"}  # fmt: skip
    assert "INVENTED" not in methods
    assert "other" in methods


def test_probes_answer_without_a_host_and_leave_no_line(
    db: None, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_ready", health._Kept(health._readiness, {"status": "nobody looked"}))
    for host in ("10.0.3.4:8000", "nobody.example", "lms.localhost"):
        assert Client().get("/livez", headers={"host": host}).json() == {"status": "ok"}
        ready = Client().get("/readyz", headers={"host": host})
        assert (ready.status_code, ready.json()["status"]) == (200, "ok")
    assert lines() == []


def test_the_deep_look_is_there_for_its_token_alone(db: None, settings: Any) -> None:
    def ask(token: str) -> int:
        return Client().get("/healthz/deep", headers={"host": "x", "Authorization": f"Bearer {token}"}).status_code

    settings.HEALTH_TOKEN = ""
    assert ask("") == 404
    settings.HEALTH_TOKEN = "of-this-test"
    assert ask("of-another") == 404
    assert ask("of-this-test") in (200, 503)
