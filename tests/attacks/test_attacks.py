"""Attacks that other platforms fell to, tried over the whole of ours. ``docs/security/attacks.csv`` has the list; those
that belong to one feature are tried beside it, under names that begin alike.
"""

from __future__ import annotations

import json
import pickle
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from kombu import serialization
from kombu.exceptions import ContentDisallowed

from apps.accounts.testing import join
from config.celery import app
from tenants import slugs
from tests.contracts.permission_table import declared, some_path
from tests.isolation.routes import Route, api_routes
from tests.isolation.samples import ANONYMOUS
from tests.support.organizations import PASSWORD

TENANT_ROUTES = api_routes("tenant")


def calls(role: str, *, may: bool, methods: set[str]) -> Iterator[tuple[Route, str]]:
    """Yield the calls of an organization's host that ``role`` may, or may not, make."""
    table = declared()
    for route in TENANT_ROUTES:
        for method, entry in table[route.name].items():
            if method in methods and (role in entry["roles"]) is may:
                yield route, method


def keys(value: Any) -> Iterator[str]:
    """Yield every key of a JSON value, however deep."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from keys(inner)


def test_attack_01_who_owns_one_organization_writes_nothing_in_another(acme: Any, mallory: Any) -> None:
    """LearnHouse looked a person's rights up over all their organizations. Mallory owns globex and learns at acme."""
    join(email=mallory.email, name=mallory.name, role="learner", password=PASSWORD)
    client = Client(headers={"host": acme.host}, raise_request_exception=False)
    client.get("/_allauth/browser/v1/auth/session")
    signed_in = client.post(
        "/_allauth/browser/v1/auth/login", {"email": mallory.email, "password": PASSWORD}, "application/json"
    )
    assert signed_in.status_code == 200, signed_in.content
    assert client.get("/api/v1/me/").json()["roles"] == ["learner"]

    tried = list(calls("learner", may=False, methods={"GET", "POST", "PUT", "PATCH", "DELETE"}))
    answers = {
        f"{method} {route.name}": client.generic(
            method, some_path(route.pattern), b"{}", content_type="application/json"
        ).status_code
        for route, method in tried
    }
    assert len(answers) > 50
    assert {call: status for call, status in answers.items() if status != 403} == {}

    owner = mallory.client()
    owner.defaults["HTTP_HOST"] = acme.host
    assert owner.get("/api/v1/me/").status_code == 401


def test_attack_32_a_stranger_reads_nothing(acme: Any) -> None:
    stranger = Client(headers={"host": acme.host}, raise_request_exception=False)
    answers = {
        f"{method} {route.name}": stranger.generic(method, some_path(route.pattern)).status_code
        for route, method in calls(ANONYMOUS, may=False, methods={"GET"})
    }
    assert len(answers) > 30
    assert {call: status for call, status in answers.items() if status != 401} == {}


# Meant for whoever reads it: what an owner was shown before they delete, to be sent back with the word that they do;
# and whether one has a password at all.
HARMLESS = {("organization:deletion", "token"), ("accounts:security", "has_password")}
SECRET = re.compile(r"token|secret|passw|hash|private|session_key|seed|otp|api_?key|signature|cookie", re.I)


def test_attack_41_no_answer_holds_what_opens_something(olga: Any) -> None:
    client = olga.client()
    client.raise_request_exception = False
    found = {}
    read = 0
    for route, method in calls("owner", may=True, methods={"GET"}):
        if "<" in route.pattern:
            continue
        answer = client.generic(method, f"/{route.pattern}")
        if answer.status_code == 200 and answer.headers["Content-Type"].startswith("application/json"):
            read += 1
            named = {name for name in keys(answer.json()) if SECRET.search(name)}
            if named := {name for name in named if (route.name, name) not in HARMLESS}:
                found[route.name] = named
    assert read > 20
    assert found == {}


INJECTED = ["' OR 1=1--", '"; DROP TABLE accounts_member;--', "password", "-password", "owner__password", "{'$gt': ''}"]
PARAMETERS = ["q", "search", "order", "ordering", "sort", "cursor", "state", "role", "limit", "page_size", "since"]


@pytest.mark.parametrize("text", [*INJECTED, "a\x00b", "9" * 400, "(((a+)+)+)+$"])
def test_attack_67_no_parameter_reaches_the_database_as_its_language(olga: Any, text: str) -> None:
    client = olga.client()
    client.raise_request_exception = False
    statuses = {}
    for route, _ in calls("owner", may=True, methods={"GET"}):
        if "<" not in route.pattern:
            answer = client.get(f"/{route.pattern}", dict.fromkeys(PARAMETERS, text))
            statuses[route.name] = answer.status_code
    assert {name: status for name, status in statuses.items() if status >= 500} == {}


class _Bomb:
    def __reduce__(self) -> tuple[Any, tuple[str]]:
        return print, ("a worker ran this",)


def test_attack_69_a_worker_opens_json_and_nothing_else(capsys: Any) -> None:
    assert set(app.conf.accept_content) == {"json"}
    taken = serialization.prepare_accept_content(app.conf.accept_content)
    body = pickle.dumps(_Bomb())
    for kind in ("application/x-python-serialize", "application/x-yaml", "application/x-msgpack"):
        with pytest.raises(ContentDisallowed):
            serialization.loads(body, kind, "binary", accept=taken)
    assert capsys.readouterr().out == ""
    assert serialization.loads(json.dumps([1]), "application/json", "utf-8", accept=taken) == [1]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_attack_74_a_body_that_any_page_may_send_changes_nothing(olga: Any, kind: str) -> None:
    """What a form of another site can send without asking the browser first is no request of ours."""
    client = olga.client()
    for path in ("/api/v1/courses/", "/api/v1/invitations/"):
        assert client.post(path, '{"title": "x"}', content_type=kind).status_code in (400, 415), path


def test_attack_24_what_the_server_decides_cannot_be_sent(olga: Any, leo: Any) -> None:
    """Every write is read by its own serializer: an id, a state and an owner that come along change nothing."""
    client = olga.client()
    planted = {"id": "0195f3a0-0000-7000-8000-000000000000", "state": "published", "revision": 99, "is_staff": True}
    made = client.post("/api/v1/courses/", {"title": "Maps", **planted}, "application/json")
    assert made.status_code == 201, made.content
    course = made.json()
    assert course["id"] != planted["id"]
    assert course.get("state") != "published"
    learner = leo.client()
    for path in ("/api/v1/me/", f"/api/v1/members/{leo.id}/"):
        learner.patch(path, {"name": "Leo L.", "roles": ["owner"], **planted}, "application/json")
    assert learner.get("/api/v1/me/").json()["roles"] == ["learner"]


def test_attack_93_no_surface_describes_itself(db: None, acme: Any) -> None:
    for host in (acme.host, settings.SITE_HOST, settings.STAFF_HOST):
        client = Client(headers={"host": host, "accept": "text/html"}, raise_request_exception=False)
        for path in ("/api/v1/", "/api/schema/", "/api/v1/schema/", "/admin/"):
            answer = client.get(path)
            assert answer.status_code == 404 or b'id="root"' in answer.content, (host, path, answer.status_code)
            assert b"Django" not in answer.content


def test_attack_07_no_name_of_an_organization_becomes_a_name_of_ours(acme: Any, globex: Any) -> None:
    """A schema is called after an id, whatever the organization calls itself; names of attributes are refused."""
    for organization in (acme, globex):
        assert re.fullmatch(r"t_[a-z2-7]{12}", organization.schema_name)
        assert organization.slug not in organization.schema_name
    for slug in ("__class__", "pk", "public", "pg-catalog", "information_schema", "t_", "user\x00", "id"):
        assert slugs.refusal_of(slug) is not None, slug
