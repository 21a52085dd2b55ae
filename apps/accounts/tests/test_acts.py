"""What the audit keeps of signing in and out, and of those who only tried."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

import tenancy
from apps.audit.models import AuditEntry, AuditPersonal


@pytest.fixture(autouse=True)
def fresh_limits(acme: Any) -> None:
    """Nobody has tried yet."""
    cache.clear()
    with tenancy.platform():
        cache.clear()


def _log_in(host: str, email: str, password: str, csrf: bool = False) -> Any:
    client = Client(headers={"host": host})
    body = {"email": email, "password": password}
    return client.post("/_allauth/browser/v1/auth/login", body, content_type="application/json")


def _kept(action: str) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(action=action).order_by("-at"))


def test_a_sign_in_is_kept_with_the_name_and_the_address(acme: Any, olga: Any) -> None:
    before = len(_kept("accounts.session.started"))
    assert _log_in(acme.host, olga.email, olga.password).status_code == 200
    newest = _kept("accounts.session.started")[0]
    assert len(_kept("accounts.session.started")) == before + 1
    assert (newest.actor_kind, newest.actor_id, newest.via) == ("member", olga.id, "web")
    words = {row.kind: row.words for row in AuditPersonal.objects.filter(entry_id=newest.id)}
    assert words["words"]["actor"] == olga.name
    assert words["address"]["ip"] == "127.0.0.1"


def test_a_wrong_password_is_kept_once_and_never_typed_out(acme: Any, leo: Any) -> None:
    for _ in range(3):
        assert _log_in(acme.host, leo.email, "wrong-horse-battery-0").status_code == 400
    (entry,) = [one for one in _kept("accounts.session.refused") if one.object_id == leo.id]
    assert (entry.actor_kind, entry.actor_id) == ("visitor", None)
    assert "wrong-horse" not in str(list(AuditPersonal.objects.filter(entry_id=entry.id).values_list("words")))


def test_guesses_at_strangers_do_not_fill_the_audit(acme: Any) -> None:
    before = len(_kept("accounts.session.refused"))
    for number in range(30):
        _log_in(acme.host, f"nobody{number}@acme.example", "wrong-horse-battery-0")
    assert len(_kept("accounts.session.refused")) - before <= 20


def test_a_refused_hand_over_is_kept(acme: Any) -> None:
    before = len(_kept("accounts.hand_over.refused"))
    client = Client(headers={"host": acme.host})
    for _ in range(3):
        client.post("/api/v1/hand-over/", {"code": "made up"}, content_type="application/json")
    assert len(_kept("accounts.hand_over.refused")) == before + 1


def test_a_denied_request_is_kept_once(acme: Any, leo: Any) -> None:
    learner = leo.client()
    for _ in range(4):
        assert learner.get("/api/v1/audit-entries/").status_code == 403
    (entry,) = [one for one in _kept("audit.permission.denied") if one.actor_id == leo.id]
    assert entry.changes == {"request": "GET audit:entry-list", "needs": "audit.view", "code": "permission_denied"}


def test_denials_of_one_person_are_limited(acme: Any, leo: Any) -> None:
    from apps.audit import denials

    learner = leo.client()
    learner.get("/api/v1/audit-entries/")
    with tenancy.bind(acme):
        from core import acting

        with acting.acting(acting.Acting(kind="member", id=leo.id, name=leo.name)):
            for number in range(100):
                denials.note(method="GET", route=f"made:up-{number}", needs="x", code="permission_denied")
    assert len([one for one in _kept("audit.permission.denied") if one.actor_id == leo.id]) <= denials.KEPT_OF_ONE
