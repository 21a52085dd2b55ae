"""Whatever is sent, and whatever is broken behind us, the answer is a problem that a program can read."""

from __future__ import annotations

import json
from typing import Any

import pytest
import redis
from django.db import OperationalError
from django.test import Client, RequestFactory
from rest_framework.response import Response

from core.http.preconditions import require_revision
from core.http.problems import PROBLEM_TYPE
from core.http.request import Request
from core.http.views import PUBLIC, APIView

SIGN_UPS = "/api/v1/sign-ups/"


@pytest.fixture
def site(db: None, settings: Any) -> Client:
    return Client(headers={"host": settings.SITE_HOST}, raise_request_exception=False)


def problem(answer: Any) -> tuple[int, str]:
    assert answer["Content-Type"] == PROBLEM_TYPE
    body = answer.json()
    assert body["status"] == answer.status_code
    assert {"type", "title", "status", "detail", "code"} <= body.keys()
    return answer.status_code, body["code"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"",
        b"\xff\xfe",
        b'{"slug": NaN}',
        b"[" * 200_000,
        b'{"slug": "\\u0000"}',
        b'{"slug": "\\ud800"}',
        b'{"\\u0000": 1}',
        b'{"n": ' + b"9" * 5000 + b"}",
    ],
    ids=["cut", "empty", "no text", "NaN", "deep", "NUL", "half a pair", "NUL in a name", "long number"],
)
def test_what_is_no_json_is_refused(site: Client, body: bytes) -> None:
    status, code = problem(site.post(SIGN_UPS, body, "application/json"))
    assert (status, code) in {(400, "parse_error"), (422, "invalid")}


def test_escapes_that_can_be_kept_are_kept(site: Client) -> None:
    answer = site.post(SIGN_UPS, b'{"name": "\\ud83d\\ude00 \\u00e9"}', "application/json")
    assert problem(answer) == (422, "invalid")
    assert "#/name" not in {error["pointer"] for error in answer.json()["errors"]}


def test_attack_108_a_body_without_bound_is_refused(site: Client, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    answer = site.post(SIGN_UPS, json.dumps({"name": "x" * 1000}), "application/json")
    assert problem(answer) == (413, "body_too_large")
    assert answer.json()["limit_bytes"] == 1000


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "nonsense"])
def test_another_kind_of_body_is_refused(site: Client, kind: str) -> None:
    assert problem(site.post(SIGN_UPS, b"name=x", kind)) == (415, "unsupported_media_type")


def test_the_kind_of_a_body_has_no_case(site: Client) -> None:
    assert problem(site.post(SIGN_UPS, b"{}", "Application/JSON; charset=utf-8")) == (422, "invalid")


@pytest.mark.parametrize("method", ["delete", "put", "options"])
def test_a_method_that_is_not_served_is_refused(site: Client, method: str) -> None:
    answer = getattr(site, method)("/api/v1/terms/")
    assert problem(answer) == (405, "method_not_allowed")
    assert "GET" in answer["Allow"]


def test_an_unknown_path_is_refused(site: Client) -> None:
    assert problem(site.get("/api/v1/nothing/")) == (404, "not_found")


@pytest.mark.parametrize("outage", [OperationalError("server closed"), redis.ConnectionError("refused")])
def test_an_outage_says_to_come_back(site: Client, monkeypatch: pytest.MonkeyPatch, outage: Exception) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise outage

    monkeypatch.setattr("tenants.limits.count", away)
    answer = site.get("/api/v1/slugs/harbour/")
    assert problem(answer) == (503, "unavailable")
    assert int(answer["Retry-After"]) > 0
    assert str(outage) not in answer.content.decode()


def test_our_own_mistake_says_nothing_but_its_number(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: Any, **__: Any) -> None:
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr("tenants.limits.count", wrong)
    answer = site.get("/api/v1/slugs/harbour/")
    assert problem(answer) == (500, "server_error")
    assert answer.json()["request_id"] == answer["X-Request-ID"]
    assert b"swordfish" not in answer.content
    assert answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"


def test_a_page_that_fails_is_a_page(site: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*_: Any, **__: Any) -> None:
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr("config.shell.render", wrong)
    answer = site.get("/")
    assert (answer.status_code, answer["Content-Type"]) == (500, "text/html; charset=utf-8")
    assert answer["X-Request-ID"] in answer.content.decode()
    assert b"swordfish" not in answer.content
    assert "nonce-" in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "",
        "http://evil.example",
        "http://[bad",
        "https://{site}",
        "http://{site}:1",
        "http://{site}.evil.example",
    ],
)
def test_a_write_from_elsewhere_is_refused(site: Client, settings: Any, origin: str) -> None:
    origin = origin.replace("{site}", settings.SITE_HOST)
    answer = site.post(SIGN_UPS, b"{}", "application/json", headers={"origin": origin})
    assert problem(answer) == (403, "cross_origin")


def test_a_write_of_our_own_page_is_let_in_and_a_sibling_without_origin_is_not(site: Client, settings: Any) -> None:
    own = f"{settings.PUBLIC_SCHEME}://{settings.SITE_HOST}:{settings.PUBLIC_PORT}"
    assert problem(site.post(SIGN_UPS, b"{}", "application/json", headers={"origin": own}))[0] == 422
    sibling = {"sec-fetch-site": "same-site"}
    assert problem(site.post(SIGN_UPS, b"{}", "application/json", headers=sibling)) == (403, "cross_origin")


class Revised(APIView):
    authentication_classes = []
    permissions = {"PUT": PUBLIC}

    def put(self, request: Request) -> Response:
        return Response(require_revision(request))


@pytest.mark.parametrize(
    ("header", "status"),
    [('"7"', 200), ('W/"7"', 200), ("7", 200), ("", 428), ("*", 428), ('"²"', 428), ("-1", 428), ("9" * 40, 428)],
)
def test_a_revision_is_a_number(header: str, status: int) -> None:
    request = RequestFactory().put("/", headers={"If-Match": header})
    assert Revised.as_view()(request).status_code == status


@pytest.mark.parametrize("position", ["yesterday", "%00", "2026-13-45"])
def test_a_forged_cursor_leads_nowhere(acme: Any, olga: Any, position: str) -> None:
    from base64 import b64encode

    cursor = b64encode(f"p={position}".encode()).decode()
    answer = olga.client().get("/api/v1/courses/", {"cursor": cursor})
    assert problem(answer) == (404, "not_found")
