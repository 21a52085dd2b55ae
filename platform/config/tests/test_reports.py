"""What browsers report of pages is counted by kind, and nothing of it says who, where or by which link."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from prometheus_client import REGISTRY

import tenancy
from config.reports import VIOLATIONS
from core.headers import REPORTS_PATH
from core.rates import Rate
from staff.models import PolicyViolation

TOKEN = "dGhpcyBpcyBhIHNlY3JldCBvZiBvdXJz"
REPORT = {
    "type": "csp-violation",
    "body": {
        "documentURL": f"http://acme.lms.localhost:8000/invitation/{TOKEN}?email=leo@acme.example",
        "effectiveDirective": "script-src-elem",
        "blockedURL": f"https://evil.example/{TOKEN}.js",
        "sourceFile": "chrome-extension://abcdefgh/content.js",
        "sample": "document.cookie",
    },
}
OLD = {"csp-report": {"document-uri": f"http://x/{TOKEN}", "effective-directive": "img-src", "blocked-uri": "data"}}


def counted(surface: str, directive: str, blocked: str) -> float:
    labels = {"surface": surface, "directive": directive, "blocked": blocked}
    return REGISTRY.get_sample_value("lms_csp_violations_total", labels) or 0.0


def send(host: str, body: Any, kind: str = "application/reports+json", **headers: str) -> Any:
    client = Client(enforce_csrf_checks=True, headers={"host": host, **headers})
    return client.post(REPORTS_PATH, body if isinstance(body, str | bytes) else json.dumps(body), content_type=kind)


def test_both_forms_are_counted_on_every_surface(acme: Any, settings: Any) -> None:
    before = counted("tenant", "script-src-elem", "elsewhere"), counted("site", "img-src", "data")
    assert send(acme.host, [REPORT, REPORT]).status_code == 204
    assert send(settings.SITE_HOST, OLD, "application/csp-report").status_code == 204
    assert send(settings.STAFF_HOST, [REPORT]).status_code == 204
    after = counted("tenant", "script-src-elem", "elsewhere"), counted("site", "img-src", "data")
    assert (after[0] - before[0], after[1] - before[1]) == (2, 1)


def test_nothing_of_a_report_is_kept_but_its_kind(acme: Any, capsys: Any, caplog: Any) -> None:
    assert send(acme.host, [REPORT]).status_code == 204
    said = caplog.text + str(capsys.readouterr()) + str([m.samples for m in REGISTRY.collect()])
    for secret in (TOKEN, "leo@acme.example", "evil.example", "abcdefgh", "document.cookie"):
        assert secret not in said


def seen() -> set[tuple[str, ...]]:
    with tenancy.platform():
        return set(PolicyViolation.objects.values_list("surface", "directive", "blocked", "page"))


def test_staff_see_where_and_from_which_domain_and_no_token(acme: Any) -> None:
    assert send(acme.host, [REPORT]).status_code == 204
    assert seen() == {("tenant", "script-src-elem", "evil.example", "/invitation/*")}
    with tenancy.platform():
        kept = str(list(PolicyViolation.objects.values()))
    for secret in (TOKEN, "leo@acme.example", "abcdefgh", "document.cookie", acme.host):
        assert secret not in kept


@pytest.mark.parametrize(
    ("page", "kept"),
    [
        ("https://acme.example/home?next=/x#y", "/home"),
        ("https://acme.example/courses/019abcde-0000-7000-8000-000000000000/lessons/7/", "/courses/*/lessons/*"),
        (f"https://acme.example/set-up/{TOKEN}", "/set-up/*"),
        ("https://acme.example/a/b/c/d/e/f/g", "/a/b/c/d/e/*"),
        ("https://acme.example/<script>/Ada Lovelace/%2e", "/*/*/*"),
        ("", "/"),
        ("http://[", "*"),
        (7, "/*"),
    ],
)
def test_of_a_page_its_plain_words_are_kept(acme: Any, page: Any, kept: str) -> None:
    body = {**REPORT["body"], "documentURL": page}  # type: ignore[dict-item]
    assert send(acme.host, [{**REPORT, "body": body}]).status_code == 204
    assert {one[3] for one in seen()} == {kept}


@pytest.mark.parametrize(
    ("blocked", "kept"),
    [
        (f"https://{TOKEN.lower()}.deep.evil.example:8443/x", "evil.example"),
        ("https://203.0.113.7/x", "elsewhere"),
        ("https://localhost/x", "elsewhere"),
        ("wss://evil.example/", "other"),
        ("http://[::1", "other"),
        ("inline", "inline"),
        ("moz-extension://abcdefgh/x.js", "extension"),
    ],
)
def test_of_what_was_blocked_its_sort_or_its_domain_is_kept(acme: Any, blocked: str, kept: str) -> None:
    body = {**REPORT["body"], "blockedURL": blocked}  # type: ignore[dict-item]
    assert send(acme.host, [{**REPORT, "body": body}]).status_code == 204
    assert {one[2] for one in seen()} == {kept}


def test_a_directive_that_there_is_not_makes_no_figure(acme: Any) -> None:
    """Whoever reports must not be able to fill the figures: one series for each word would be kept for ever."""
    for number in range(3):
        body = {**REPORT["body"], "effectiveDirective": f"invented-{'x' * number}-src"}  # type: ignore[dict-item]
        assert send(acme.host, [{**REPORT, "body": body}]).status_code == 204
    told = {sample.labels["directive"] for sample in VIOLATIONS.collect()[0].samples}
    assert not any("invented" in directive for directive in told)
    assert {one[1] for one in seen()} == {"other"}


def test_a_list_that_cannot_be_written_loses_no_count(acme: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: Any) -> None:
        raise OperationalError("the server is gone")

    monkeypatch.setattr("config.reports.violations.count", away)
    before = counted("tenant", "script-src-elem", "elsewhere")
    assert send(acme.host, [REPORT]).status_code == 204
    assert counted("tenant", "script-src-elem", "elsewhere") == before + 1


def test_what_a_report_says_makes_no_names_of_its_own(acme: Any) -> None:
    body = {**REPORT["body"], "effectiveDirective": f"x{TOKEN}", "blockedURL": "javascript:alert(1)"}  # type: ignore[dict-item]
    before = counted("tenant", "other", "other")
    assert send(acme.host, [{**REPORT, "body": body}]).status_code == 204
    assert counted("tenant", "other", "other") - before == 1


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("{", "application/reports+json", 400),
        ("[" * 5000 + "]" * 5000, "application/reports+json", 400),
        ("[1]", "application/reports+json", 400),
        ("x" * 40_000, "application/csp-report", 413),
        ("{}", "text/plain", 415),
        ("[]", "application/reports+json", 204),
        ([{"type": "deprecation", "body": {}}], "application/reports+json", 204),
    ],
)
def test_what_is_no_report_is_refused(acme: Any, body: Any, kind: str, status: int) -> None:
    assert send(acme.host, body, kind).status_code == status


def test_one_network_tells_only_so_much(acme: Any, settings: Any) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "report": Rate(3, 3600)}
    statuses = [send(acme.host, [REPORT], **{"x-real-ip": "203.0.113.200"}).status_code for _ in range(5)]
    assert statuses == [204, 204, 204, 429, 429]
    assert send(acme.host, [REPORT], **{"x-real-ip": "203.0.113.201"}).status_code == 204


def test_whom_to_tell_is_said_where_somebody_is_named(db: None, settings: Any) -> None:
    asked = Client(headers={"host": settings.SITE_HOST})
    settings.SECURITY_CONTACT = ""
    assert asked.get("/.well-known/security.txt").status_code == 404
    settings.SECURITY_CONTACT = "https://lms.localhost/security"
    found = asked.get("/.well-known/security.txt")
    assert found["Content-Type"].startswith("text/plain")
    assert "Contact: https://lms.localhost/security\n" in found.content.decode()
    assert "Expires: 2" in found.content.decode()
