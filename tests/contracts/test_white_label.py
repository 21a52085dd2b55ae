"""What an organization's people see and get is the organization's: no page, mail or header names the platform."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail as outbox
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver

import tenancy
from apps.accounts import letters, mails
from apps.accounts.models import Member
from apps.branding import api as branding
from core.contacts import Contact
from core.ids import new_id
from core.mail import Letterhead
from tests.architecture.tree import ROOT

OURS = re.compile(r"emerging[\s_-]*tech|\be\.?t\.? ?lms\b", re.IGNORECASE)
BRAND = "/api/v1/brand/"

# Every path of a tenant host that a person opens; the walk below finds those that this list forgets.
PAGES = [
    "/",
    "/login",
    "/home",
    "/catalogue",
    "/courses/0195f3a0-0000-7000-8000-000000000000",
    "/learn/0195f3a0-0000-7000-8000-000000000000/0195f3a0-0000-7000-8000-000000000001",
    "/password/forgot",
    "/password/reset/abc-def",
    "/invitation/" + "x" * 43,
    "/email/verify/abc",
    "/studio",
    "/studio/branding",
    "/hand-over/",
    "/hand-over/start/",
    "/support/start/",
    "/support/enter/",
    "/support/ended/",
    "/manifest.webmanifest",
    "/favicon.ico",
    "/livez",
    "/csp-reports/",
    "/nothing/at/all",
    "/api/v1/nothing/",
    "/_allauth/nothing",
]


def named(text: str) -> list[str]:
    """Return how the platform is named in ``text``."""
    return OURS.findall(text)


def told(response: Any) -> str:
    """Return everything that a response says: its body and its headers."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    headers = "\n".join(f"{name}: {value}" for name, value in response.items())
    return f"{body.decode(errors='replace')}\n{headers}\n{response.cookies}"


@pytest.fixture
def built(settings: Any, tmp_path: Path) -> None:
    """A build with the entries of a real one: what they hold, the journeys look at."""
    from tests.isolation.conftest import _write_manifest

    _write_manifest(tmp_path)
    settings.FRONTEND_DIST = tmp_path


@pytest.fixture
def pages(acme: Any, alice: Any, leo: Any, built: None) -> list[tuple[str, Client]]:
    return [
        (who, client)
        for who, client in [("visitor", visitor(acme)), ("admin", alice.client()), ("learner", leo.client())]
    ]


def visitor(organization: Any) -> Client:
    return Client(headers={"host": organization.host}, raise_request_exception=False)


@pytest.mark.parametrize("path", PAGES)
def test_no_page_names_the_platform(pages: list[tuple[str, Client]], path: str) -> None:
    for who, client in pages:
        assert named(told(client.get(path))) == [], (who, path)


def test_every_page_of_a_tenant_host_is_looked_at() -> None:
    """A new page has to stand in the list above."""

    def routes(resolver: Any, before: str = "") -> Iterator[str]:
        for entry in resolver.url_patterns:
            path = before + str(entry.pattern)
            if isinstance(entry, URLResolver):
                yield from routes(entry, path)
            elif isinstance(entry, URLPattern):
                yield path

    found = {path for path in routes(get_resolver("config.urls.tenant")) if not path.startswith(("api/", "_allauth/"))}
    unseen = {path for path in found if not any(_matches(path, page) for page in PAGES)}

    assert unseen == set()


def _matches(route: str, page: str) -> bool:
    path = page.removeprefix("/")
    if route.startswith("^"):
        return re.search(route, path) is not None
    return re.fullmatch(re.sub(r"<[^>]+>", "[^/]+", route), path) is not None


def test_no_error_page_names_the_platform(acme: Any, built: None, monkeypatch: Any) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("config.shell.render", broken)
    page = visitor(acme).get("/")

    assert page.status_code == 500
    assert acme.name in page.content.decode(), "the page says whose it is"
    assert named(told(page)) == []
    for path in ("/api/v1/brand/", "/_allauth/browser/v1/auth/login"):
        assert named(told(visitor(acme).post(path, "{", "application/json"))) == [], path


def test_a_planted_name_is_found(acme: Any, alice: Any, leo: Any, built: None) -> None:
    """The tests above can fail: an organization that calls itself like the platform is found on its pages and mails."""
    client = alice.client()
    revision = client.get(BRAND).json()["revision"]
    look = {"color": "#0b5d3b", "heading_font": "lora", "name": "Emerging  Tech", "footer": "On emerging-tech LMS"}
    saved = client.put(BRAND, look, "application/json", headers={"if-match": f'"{revision}"'}).json()
    client.post(f"{BRAND}publication/", headers={"if-match": f'"{saved["revision"]}"'})
    sent = every_mail()

    assert named(told(visitor(acme).get("/login")))
    assert named(told(visitor(acme).get("/manifest.webmanifest")))
    assert all(named(message.alternatives[0][0]) for message in sent)


# -- mails


def every_mail() -> list[Any]:
    """Send one of every kind that an organization's people get, and return them as they left."""
    del outbox.outbox[:]
    url = f"http://{tenancy.current().host}:8000/somewhere"
    sample = {
        "email": "leo@acme.example",
        "member": Member.objects.get(email="leo@acme.example"),
        "name": "Leo",
        "role": "learner",
        "inviter": "Olga Owner",
        "url": url,
        "days": 7,
        "device": "a browser",
        "ip": "192.0.2.7",
        "left": 3,
        "code": "123456",
        "to": "new@acme.example",
        "by": "Olga Owner",
        "reason": "Lost phone",
        "owners": [Contact(member_id=new_id(), name="Olga Owner", email="olga@acme.example", locale="en")],
    }
    for module in (mails, letters):
        for name, send in vars(module).items():
            if name.startswith("send_") and name != "send_allauth":
                # A parameter that is not in the sample fails here: another kind of mail has to be looked at.
                send(**{parameter: sample[parameter] for parameter in inspect.signature(send).parameters})
    context = {"password_reset_url": url, "code": "123456", "activate_url": url, "ip": "192.0.2.7", "key": "abc"}
    others = {"account_already_exists", "email_changed", "email_confirm", "email_deleted", "password_set"}
    for prefix in sorted({*mails._OURS, *others}):
        mails.send_allauth(f"account/email/{prefix}", "leo@acme.example", {**context, **_ALLAUTH})
    return list(outbox.outbox)


_ALLAUTH = {
    "user": type("Somebody", (), {"get_username": lambda self: "leo", "__str__": lambda self: "leo"})(),
    "from_email": "old@acme.example",
    "to_email": "new@acme.example",
    "deleted_email": "old@acme.example",
    "timestamp": "now",
    "user_agent": "a browser",
    "signup_url": "http://acme.lms.localhost:8000/login",
}


@pytest.fixture
def sends_at_once(monkeypatch: Any) -> None:
    from core import mail

    monkeypatch.setattr(settings.MAIL_QUEUE, lambda message: mail.hand_over(**message))
    monkeypatch.setattr("django.db.transaction.on_commit", lambda call, **_: call())


@pytest.fixture(autouse=True)
def _at_once(sends_at_once: None) -> None:
    """Mails leave while the test looks."""


def test_no_mail_names_the_platform_or_leads_to_it(acme: Any, leo: Any) -> None:
    sent = every_mail()
    assert len(sent) >= 7

    for message in sent:
        whole = message.message().as_string() + message.body + message.alternatives[0][0]
        assert named(whole) == [], message.subject
        assert message.from_email == f"{acme.name} <no-reply@{acme.host}>"
        assert f"@{acme.host}>" in message.extra_headers["Message-ID"]
        hosts = set(re.findall(r"https?://([^/\s\"':]+)", whole))
        assert hosts <= {acme.host}, message.subject


def test_mails_carry_sender_reply_address_logo_and_footer(acme: Any, alice: Any, leo: Any) -> None:
    client = alice.client()
    revision = client.get(BRAND).json()["revision"]
    look = {
        "color": "#ffd21f",
        "heading_font": "onest",
        "name": "Acme Academy",
        "sender_name": "Acme, the academy",
        "reply_to": "help@acme.example",
        "footer": "Acme GmbH, Hamburg",
    }
    saved = client.put(BRAND, look, "application/json", headers={"if-match": f'"{revision}"'}).json()
    client.post(f"{BRAND}publication/", headers={"if-match": f'"{saved["revision"]}"'})

    for message in every_mail():
        html = message.alternatives[0][0]
        assert message.from_email == f'"Acme, the academy" <no-reply@{acme.host}>'
        assert message.reply_to == ["help@acme.example"]
        assert "Acme GmbH, Hamburg" in html
        assert message.body.endswith("Acme Academy\nAcme GmbH, Hamburg\n")
        if "Accept the invitation" in html:
            assert "background:#ffd21f" in html
            assert "border:1px solid #a48600" in html, "a pale button has an edge on white"


def test_every_mail_of_an_app_goes_out_under_the_letterhead() -> None:
    """Whoever sends mail from an app says whose it is; without a letterhead it would be the platform's."""
    offenders = []
    for file in sorted((ROOT / "apps").rglob("*.py")):
        if "tests" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "send"):
                continue
            owner = node.func.value
            if (
                isinstance(owner, ast.Name)
                and owner.id == "mail"
                and "letterhead" not in {k.arg for k in node.keywords}
            ):
                offenders.append(f"{file.relative_to(ROOT)}:{node.lineno}")

    assert offenders == []
    assert letters.send is mails.send


def test_no_word_of_an_app_names_the_platform() -> None:
    files = [file for file in (ROOT / "apps").rglob("*") if file.suffix in (".py", ".html", ".txt", ".json")]

    offenders = [str(file.relative_to(ROOT)) for file in files if "tests" not in file.parts and named(file.read_text())]

    assert offenders == []
    assert named(Letterhead().name), "the platform's own letterhead is named: the search works"


def test_the_look_of_another_organization_is_another(acme: Any, globex: Any) -> None:
    with tenancy.bind(globex):
        theirs = branding.letterhead()
    assert branding.letterhead().sender_domain == acme.host
    assert theirs.sender_domain == globex.host
