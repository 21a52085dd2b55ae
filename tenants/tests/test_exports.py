"""Exports over HTTP: owners alone, one at a time, after a proof; a link is one organization's, and for a day."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.conf import settings
from django.test import Client

import tenancy
from core.clock import now
from tenants.archive import services
from tenants.models import ExportJob


def _proved(client: Client, person: Any) -> Client:
    """A browser whose member gave the password a moment ago."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "email": person.email}]
    session["account_authentication_methods_user"] = str(person.id)
    with tenancy.bind(person.organization):
        session.save()
    return client


@pytest.fixture
def owner(db: None, olga: Any) -> Client:
    return _browser(olga)


def _browser(person: Any) -> Client:
    with tenancy.bind(person.organization):
        client = person.client()
        return _proved(client, person)


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    """No worker runs here: what would wake one is only noted; the store is asked for signatures alone."""
    with mock.patch("tenants.archive.services._hand_over"):
        yield


@pytest.fixture
def ready(owner: Client) -> str:
    """An export that a worker finished."""
    made = owner.post("/api/v1/exports/", content_type="application/json")
    assert made.status_code == 202, made.content
    export_id = made.json()["id"]
    with tenancy.platform():
        ExportJob.objects.filter(id=export_id).update(
            state="ready", object_key="t/x.zip", snapshot_at=now(), expires_at=now() + timedelta(days=7)
        )
    return str(export_id)


def test_an_export_is_one_at_a_time(owner: Client) -> None:
    first = owner.post("/api/v1/exports/", content_type="application/json")
    second = owner.post("/api/v1/exports/", content_type="application/json")
    assert (first.status_code, second.status_code) == (202, 202)
    assert first.json()["id"] == second.json()["id"]
    assert [item["state"] for item in owner.get("/api/v1/exports/").json()["items"]] == ["queued"]


def test_starting_asks_for_a_proof_of_the_last_minutes(db: None, olga: Any) -> None:
    with tenancy.bind(olga.organization):
        client = olga.client()
        session = client.session
        session["account_authentication_methods"] = [{"method": "password", "at": time.time() - 3600}]
        session["account_authentication_methods_user"] = str(olga.id)
        session.save()
    answer = client.post("/api/v1/exports/", content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (403, "reauthentication_required")


def test_other_roles_have_no_exports(ready: str, alice: Any, avery: Any, ines: Any, leo: Any) -> None:
    for person in (alice, avery, ines, leo):
        client = _browser(person)
        assert client.get("/api/v1/exports/").status_code == 403
        assert client.post(f"/api/v1/exports/{ready}/link/", content_type="application/json").status_code == 403


def test_attack_42_a_link_opens_one_archive_of_one_organization_until_its_end(
    owner: Client, ready: str, mallory: Any
) -> None:
    link = owner.post(f"/api/v1/exports/{ready}/link/", content_type="application/json").json()
    assert link["url"].endswith(f"/studio/settings/data#{ready}.{link['token']}")

    def fetch(client: Client, token: str) -> Any:
        return client.post(f"/api/v1/exports/{ready}/file/", {"token": token}, content_type="application/json")

    def refused(token: str) -> bool:
        answer = fetch(owner, token)
        return answer.status_code == 404 and bool(answer.json()["code"] == "download_link_refused")

    opened = fetch(owner, link["token"])
    assert opened.status_code == 200, opened.content
    assert "X-Amz-Expires=300" in opened.json()["url"]
    assert "attachment" in opened.json()["url"]
    assert refused(link["token"][::-1])
    assert fetch(_browser(mallory), link["token"]).status_code == 404

    newer = owner.post(f"/api/v1/exports/{ready}/link/", content_type="application/json").json()
    assert refused(link["token"])
    assert fetch(owner, newer["token"]).status_code == 200
    with tenancy.platform():
        ExportJob.objects.filter(id=ready).update(link_expires_at=now() - timedelta(seconds=1))
    assert refused(newer["token"])


def test_a_deleted_export_opens_nothing_any_more(owner: Client, ready: str) -> None:
    link = owner.post(f"/api/v1/exports/{ready}/link/", content_type="application/json").json()
    assert owner.delete(f"/api/v1/exports/{ready}/").status_code == 204
    assert owner.delete(f"/api/v1/exports/{ready}/").status_code == 204
    body = {"token": link["token"]}
    assert owner.post(f"/api/v1/exports/{ready}/file/", body, content_type="application/json").status_code == 404
    assert owner.post(f"/api/v1/exports/{ready}/link/", content_type="application/json").status_code == 409


def test_archives_expire_on_their_day(owner: Client, ready: str) -> None:
    with tenancy.platform():
        ExportJob.objects.filter(id=ready).update(expires_at=now() - timedelta(seconds=1))
        assert services.expire_due() == 1
        assert ExportJob.objects.get(id=ready).state == "expired"


def test_another_organizations_export_is_not_there(owner: Client, ready: str, mallory: Any) -> None:
    theirs = _browser(mallory)
    assert theirs.get(f"/api/v1/exports/{ready}/").status_code == 404
    assert theirs.delete(f"/api/v1/exports/{ready}/").status_code == 404
    assert theirs.get("/api/v1/exports/").json()["items"] == []


def test_the_proof_is_a_setting_that_leads_somewhere() -> None:
    assert settings.RECENT_PROOF == "apps.accounts.factors.recent.require"
