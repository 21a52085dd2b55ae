"""Support access: reasoned, time-boxed, read-only, visible, ended by anybody who may, reaching only what is listed."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.test import Client

import tenancy
from apps.audit.models import AuditEntry, AuditPersonal
from core.clock import now
from staff.models import PlatformAuditEntry, StaffAccount, SupportGrant
from staff.support import services, sessions
from staff.support.middleware import refusal_of
from staff.support.policies import READ_ROUTES, WRITE_ROUTES
from staff.testing import account, browser
from tests.isolation.routes import api_routes

REASON = "The owner cannot open the course they published."
MINUTE = timedelta(minutes=1)


def post(client: Client, path: str, body: Any = None, **headers: str) -> Any:
    return client.post(path, body or {}, content_type="application/json", headers=headers or None)


def ask(staff: Client, organization: Any, **more: Any) -> Any:
    body = {"organization": str(organization.id), "reason": REASON, "ticket": "T-1042", **more}
    return post(staff, "/api/v1/support-grants/", body)


def enter(staff: Client, organization: Any, grant: dict[str, Any]) -> Client:
    """Walk from the console to the organization's host, as a browser does; return that browser."""
    visitor = Client(headers={"host": organization.host})
    started = visitor.get(f"/support/start/?grant={grant['id']}")
    assert started.status_code == 302
    visitor.nonce = visitor.cookies[sessions.NONCE_COOKIE].value  # type: ignore[attr-defined]
    nonce_sha256 = re.search(r"n=([0-9a-f]{64})", started["Location"])[1]  # type: ignore[index]
    code = post(staff, f"/api/v1/support-grants/{grant['id']}/code/", {"nonce_sha256": nonce_sha256})
    assert code.status_code == 200, code.content
    visitor.code = code.json()["location"].partition("#")[2]  # type: ignore[attr-defined]
    entered = post(visitor, "/api/v1/support-session/", {"code": visitor.code})  # type: ignore[attr-defined]
    assert entered.status_code == 200, entered.content
    return visitor


@pytest.fixture
def sam(db: None) -> Client:
    return browser("support")


@pytest.fixture
def inside(sam: Client, acme_record: Any) -> Client:
    """Sam, looking into acme."""
    return enter(sam, acme_record, ask(sam, acme_record).json())


@pytest.fixture
def acme_record(db: None, world: Any) -> Any:
    return world.organizations["acme"]


# -- asking -----------------------------------------------------------------------------------------------------------


def test_it_needs_a_reason_a_ticket_and_an_hour_at_most(sam: Client, acme_record: Any) -> None:
    assert ask(sam, acme_record, reason="look").status_code == 422
    assert ask(sam, acme_record, ticket=" ").status_code == 422
    assert ask(sam, acme_record, minutes=61).status_code == 422
    assert ask(sam, acme_record, minutes=0).status_code == 422
    assert ask(sam, acme_record, scope="write").status_code == 422, "nobody writes on nobody's behalf"
    assert ask(sam, acme_record, member=str(uuid4())).status_code == 404
    assert ask(sam, acme_record, minutes=60).status_code == 201


def test_one_at_a_time(sam: Client, acme_record: Any, world: Any) -> None:
    assert ask(sam, acme_record).status_code == 201
    second = ask(sam, world.organizations["globex"])
    assert (second.status_code, second.json()["code"]) == (409, "support_open_already")


def test_the_database_holds_the_hour_and_the_one(acme_record: Any) -> None:
    at = now()
    row = {"staff": account("support"), "organization_id": acme_record.id, "reason": "r", "ticket": "t", "minutes": 60}
    with tenancy.platform():
        with pytest.raises(IntegrityError), transaction.atomic():
            SupportGrant.objects.create(**row, state="active", starts_at=at, expires_at=at + 61 * MINUTE)
        SupportGrant.objects.create(**row, state="active", starts_at=at, expires_at=at + 60 * MINUTE)
        with pytest.raises(IntegrityError), transaction.atomic():
            SupportGrant.objects.create(**row, state="active", starts_at=at, expires_at=at + MINUTE)


def test_the_owners_are_told_who_why_and_until_when(
    sam: Client, acme_record: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr("core.mail.send", lambda **letter: sent.append(letter))
    grant = ask(sam, acme_record, minutes=20).json()
    post(sam, f"/api/v1/support-grants/{grant['id']}/end/")
    assert [letter["to"] for letter in sent] == ["olga@acme.example"] * 2
    came, left = sent
    for words in ("Staff support", REASON, "T-1042", "/studio/settings/support"):
        assert words in came["text"]
    assert left["subject"] == "Support access to Acme Academy has ended"
    assert {letter["sender_name"] for letter in sent} == {"Acme Academy"}


def test_finance_may_not(db: None, acme_record: Any) -> None:
    assert ask(browser("finance"), acme_record).status_code == 403


# -- the organization's word ------------------------------------------------------------------------------------------


def test_off_keeps_support_out_and_ends_what_is_open(sam: Client, acme_record: Any, inside: Client, olga: Any) -> None:
    owner = olga.client()
    off = owner.put("/api/v1/support-access/", {"mode": "off"}, content_type="application/json")
    assert off.json()["mode"] == "off"
    assert inside.get("/api/v1/me/").status_code == 401
    refused = ask(sam, acme_record)
    assert (refused.status_code, refused.json()["code"]) == (403, "support_off")


def test_ask_waits_for_an_owner(sam: Client, acme_record: Any, olga: Any, alice: Any) -> None:
    owner = olga.client()
    owner.put("/api/v1/support-access/", {"mode": "ask"}, content_type="application/json")
    grant = ask(sam, acme_record, minutes=15).json()
    assert (grant["state"], grant["location"], grant["starts_at"]) == ("awaiting_consent", None, None)
    early = post(sam, f"/api/v1/support-grants/{grant['id']}/code/", {"nonce_sha256": "0" * 64})
    assert early.status_code == 404
    assert post(alice.client(), f"/api/v1/support-access/{grant['id']}/approval/").status_code == 403
    agreed = post(owner, f"/api/v1/support-access/{grant['id']}/approval/").json()
    assert agreed["state"] == "active"
    assert enter(sam, acme_record, grant).get("/api/v1/me/").status_code == 200
    again = post(owner, f"/api/v1/support-access/{grant['id']}/approval/")
    assert (again.status_code, again.json()["code"]) == (409, "support_over")


def test_a_refused_request_never_opens(sam: Client, acme_record: Any, olga: Any) -> None:
    owner = olga.client()
    owner.put("/api/v1/support-access/", {"mode": "ask"}, content_type="application/json")
    grant = ask(sam, acme_record).json()
    assert post(owner, f"/api/v1/support-access/{grant['id']}/refusal/").json()["end_reason"] == "refused"
    assert post(owner, f"/api/v1/support-access/{grant['id']}/approval/").status_code == 409
    assert post(sam, f"/api/v1/support-grants/{grant['id']}/code/", {"nonce_sha256": "0" * 64}).status_code == 404


def test_another_organizations_owner_has_no_word_in_it(sam: Client, acme_record: Any, mallory: Any) -> None:
    grant = ask(sam, acme_record).json()
    other = mallory.client()
    for word in ("approval", "refusal", "end"):
        assert post(other, f"/api/v1/support-access/{grant['id']}/{word}/").status_code == 404
    assert other.get("/api/v1/support-access/").json()["items"] == []


# -- inside -----------------------------------------------------------------------------------------------------------


def test_it_reads_as_an_admin_would_and_is_nobody(inside: Client) -> None:
    me = inside.get("/api/v1/me/").json()
    assert me["member"]["name"] == "Staff support"
    assert "people.manage" not in me["permissions"]
    assert "audit.view" not in me["permissions"]
    assert inside.get("/api/v1/members/").status_code == 200
    assert inside.get("/api/v1/courses/").status_code == 200


def test_it_has_a_members_view_and_no_more(sam: Client, acme_record: Any, leo: Any) -> None:
    client = enter(sam, acme_record, ask(sam, acme_record, member=str(leo.id)).json())
    me = client.get("/api/v1/me/").json()
    assert me["member"]["name"] == leo.name
    assert client.get("/api/v1/members/").status_code == 403
    assert client.get("/api/v1/enrollments/").status_code == 200


def test_every_write_is_refused(inside: Client) -> None:
    refused = post(inside, "/api/v1/courses/", {"title": "Knots"})
    assert (refused.status_code, refused.json()["code"]) == (403, "support_read_only")


def test_the_banner_says_who_and_how_long(inside: Client) -> None:
    said = inside.get("/api/v1/support-session/").json()
    assert said["staff"] == "Staff support"
    assert said["scope"] == "read"
    assert 1700 < said["seconds_left"] <= 1800


def test_writing_reaches_what_is_listed_on_behalf_of_somebody(sam: Client, acme_record: Any, olga: Any) -> None:
    client = enter(sam, acme_record, ask(sam, acme_record, member=str(olga.id), scope="write").json())
    made = post(client, "/api/v1/courses/", {"title": "Knots under support"})
    assert made.status_code == 201, made.content
    with tenancy.bind(acme_record):
        entry = AuditEntry.objects.get(action="courses.course.created", object_id=UUID(made.json()["id"]))
        assert (entry.actor_kind, entry.on_behalf_of) == ("staff", olga.id)
        names = {}
        for row in AuditPersonal.objects.filter(entry_id=entry.id, kind="words"):
            names.update(row.words)
        assert names == {"actor": "Staff support", "behalf": olga.name}
    refused = post(client, "/api/v1/invitations/", {"email": "x@example.com", "role": "owner"})
    assert (refused.status_code, refused.json()["code"]) == (403, "support_not_allowed")


NEVER = re.compile(
    r"password|factor|passkey|totp|recovery|billing|invoice|export|archive|restore(?!$)|key|domain|delet|transition"
    r"|hand-over|invitation|roles|session|email|erasure|suspen|policy|support|audit|upload|grant|beacon|completion"
    r"|renewal|withdrawal|dismiss|setup|brand|reset|profile|draft-restore"
)
# Reading these is no credential, whatever their name sounds like.
HARMLESS = {"support:session", "accounts:invitation-list", "branding:brand", "courses:draft-node-restore"}


def test_no_route_is_in_reach_that_must_never_be() -> None:
    reached = []
    for route in api_routes("tenant"):
        for method in route.permissions:
            if refusal_of(route.name, method, "/api/v1/x/", can_write=True) is None:
                reached.append((route.name, method))
                assert route.name in HARMLESS or not NEVER.search(route.name), route.name
                assert route.name in READ_ROUTES or method in WRITE_ROUTES.get(route.name, ()), route.name
    assert len(reached) > 20


def test_every_listed_route_is_there() -> None:
    declared = {route.name: set(route.permissions) for route in api_routes("tenant")}
    for name in READ_ROUTES:
        assert "GET" in declared[name], name
    for name, methods in WRITE_ROUTES.items():
        assert methods <= declared[name], name


def test_sign_in_of_the_organization_is_out_of_reach(inside: Client) -> None:
    for method in ("get", "post", "delete"):
        answer = getattr(inside, method)("/_allauth/browser/v1/auth/session", content_type="application/json")
        assert answer.status_code == 403
    assert inside.get("/api/v1/audit-export/").json()["code"] == "support_not_allowed"


def test_what_was_seen_and_tried_stands_in_the_audit(inside: Client, acme_record: Any) -> None:
    for _ in range(3):
        inside.get("/api/v1/members/")
    post(inside, "/api/v1/courses/", {"title": "x"})
    with tenancy.bind(acme_record):
        kept = list(
            AuditEntry.objects.filter(support_grant__isnull=False).values_list("action", "object_label", "changes")
        )
    kept = [(action, label or changes.get("request", "")) for action, label, changes in kept]
    assert kept.count(("support.page.viewed", "the list of people")) == 1
    assert ("support.access.entered", "") in kept
    assert ("audit.permission.denied", "POST courses:courses") in kept


def test_nobody_was_here(sam: Client, acme_record: Any, leo: Any) -> None:
    from apps.accounts.models import Member

    with tenancy.bind(acme_record):
        Member.objects.filter(id=leo.id).update(last_seen_on=None)
    client = enter(sam, acme_record, ask(sam, acme_record, member=str(leo.id)).json())
    client.get("/api/v1/me/")
    with tenancy.bind(acme_record):
        assert Member.objects.get(id=leo.id).last_seen_on is None


# -- its end ----------------------------------------------------------------------------------------------------------


def test_attack_86_it_ends_by_the_clock(inside: Client) -> None:
    assert inside.get("/api/v1/me/").status_code == 200
    with time_machine.travel(now() + 31 * MINUTE):
        over = inside.get("/api/v1/me/")
        assert over.status_code == 401
        assert over.json()["code"] == "support_ended"
    with time_machine.travel(now() + 32 * MINUTE), tenancy.platform():
        assert services.end_expired() == 1


def test_an_owner_ends_it_with_the_next_click(inside: Client, olga: Any, acme_record: Any) -> None:
    owner = olga.client()
    (open_now,) = owner.get("/api/v1/support-access/").json()["items"]
    assert post(owner, f"/api/v1/support-access/{open_now['id']}/end/").json()["end_reason"] == "owner"
    assert inside.get("/api/v1/me/").status_code == 401


def test_staff_end_their_own_and_operations_anybodys(sam: Client, acme_record: Any) -> None:
    grant = ask(sam, acme_record).json()
    assert post(browser("support", "finance"), f"/api/v1/support-grants/{grant['id']}/end/").status_code == 404
    assert post(browser("operations"), f"/api/v1/support-grants/{grant['id']}/end/").status_code == 200
    assert post(sam, f"/api/v1/support-grants/{grant['id']}/end/").json()["end_reason"] == "staff"


def test_the_kill_switch_ends_everything(inside: Client, sam: Client) -> None:
    assert post(sam, "/api/v1/support-grants/kill/").status_code == 403
    assert post(browser("operations"), "/api/v1/support-grants/kill/").json() == {"ended": 1}
    assert inside.get("/api/v1/me/").status_code == 401


def test_a_suspended_person_of_the_staff_is_out_at_once(inside: Client) -> None:
    with tenancy.platform():
        StaffAccount.objects.filter(email="support@staff.example").update(state="suspended")
    assert inside.get("/api/v1/me/").status_code == 401


def test_who_is_no_longer_of_support_is_out_at_once(inside: Client) -> None:
    with tenancy.platform():
        StaffAccount.objects.filter(email="support@staff.example").update(roles=["finance"])
    assert inside.get("/api/v1/me/").status_code == 401


def test_end_now_ends_it_everywhere(inside: Client) -> None:
    token = inside.cookies[sessions.COOKIE].value
    assert inside.delete("/api/v1/support-session/").status_code == 204
    other = Client(headers={"host": "acme.lms.localhost"})
    other.cookies[sessions.COOKIE] = token
    assert other.get("/api/v1/me/").status_code == 401


def test_a_page_of_an_ended_access_takes_the_cookie_away(inside: Client) -> None:
    with tenancy.platform():
        services.end_all(reason="killed")
    page = inside.get("/studio")
    assert (page.status_code, page["Location"]) == (302, "/support/ended/")
    assert page.cookies[sessions.COOKIE].value == ""


def test_an_old_cookie_does_not_keep_from_coming_in_anew(inside: Client, sam: Client, acme_record: Any) -> None:
    with tenancy.platform():
        services.end_all(reason="killed")
    grant = ask(sam, acme_record).json()
    started = inside.get(f"/support/start/?grant={grant['id']}")
    nonce_sha256 = re.search(r"n=([0-9a-f]{64})", started["Location"])[1]  # type: ignore[index]
    code = post(sam, f"/api/v1/support-grants/{grant['id']}/code/", {"nonce_sha256": nonce_sha256}).json()
    entered = post(inside, "/api/v1/support-session/", {"code": code["location"].partition("#")[2]})
    assert entered.status_code == 200
    assert inside.get("/api/v1/me/").status_code == 200


# -- the way in -------------------------------------------------------------------------------------------------------


def test_attack_84_a_code_opens_once(sam: Client, acme_record: Any) -> None:
    inside = enter(sam, acme_record, ask(sam, acme_record).json())
    for nonce in (inside.nonce, "another browser's"):  # type: ignore[attr-defined]
        again = Client(headers={"host": "acme.lms.localhost"})
        again.cookies[sessions.NONCE_COOKIE] = nonce
        refused = post(again, "/api/v1/support-session/", {"code": inside.code})  # type: ignore[attr-defined]
        assert refused.status_code == 403
        assert refused.json()["code"] == "support_code_refused"


def _code(sam: Client, organization: Any, nonce: str) -> str:
    grant = ask(sam, organization).json()
    hashed = hashlib.sha256(nonce.encode()).hexdigest()
    made = post(sam, f"/api/v1/support-grants/{grant['id']}/code/", {"nonce_sha256": hashed})
    return str(made.json()["location"].partition("#")[2])


def _redeem(host: str, code: str, nonce: str) -> Any:
    client = Client(headers={"host": host})
    client.cookies[sessions.NONCE_COOKIE] = nonce
    return post(client, "/api/v1/support-session/", {"code": code})


def test_a_code_opens_on_its_own_host_in_its_own_browser_within_a_minute(
    sam: Client, acme_record: Any, world: Any
) -> None:
    code = _code(sam, acme_record, "n1")
    assert _redeem(world.organizations["globex"].host, code, "n1").status_code == 403
    assert _redeem(acme_record.host, code, "n2").status_code == 403
    with time_machine.travel(now() + 61 * timedelta(seconds=1)):
        assert _redeem(acme_record.host, code, "n1").status_code == 403
    assert _redeem(acme_record.host, code, "n1").status_code == 200


def test_another_person_of_the_staff_gets_no_code(sam: Client, acme_record: Any) -> None:
    grant = ask(sam, acme_record).json()
    other = browser("operations")
    assert post(other, f"/api/v1/support-grants/{grant['id']}/code/", {"nonce_sha256": "0" * 64}).status_code == 404


def test_the_cookie_opens_no_other_organization(inside: Client, world: Any) -> None:
    other = Client(headers={"host": world.organizations["globex"].host})
    other.cookies[sessions.COOKIE] = inside.cookies[sessions.COOKIE].value
    assert other.get("/api/v1/me/").status_code == 401


def test_guessing_codes_is_held_back(db: None) -> None:
    answers = [_redeem("acme.lms.localhost", f"guess-{number}", "n").status_code for number in range(22)]
    assert answers[0] == 403
    assert answers[-1] == 429


def test_both_records_have_it(sam: Client, acme_record: Any) -> None:
    grant = ask(sam, acme_record).json()
    post(sam, f"/api/v1/support-grants/{grant['id']}/end/")
    with tenancy.platform():
        kept = PlatformAuditEntry.objects.filter(object_id=grant["id"]).order_by("at").values_list("action", "ticket")
        assert list(kept) == [("support.access.started", "T-1042"), ("support.access.ended", "T-1042")]
