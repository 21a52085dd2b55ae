"""The authenticator: two statements, an Actor, and no write without this page's token."""

from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts import api, session_rows, sessions
from apps.accounts.models import Member, RoleAssignment
from core.actor import Actor
from core.clock import now
from core.http.views import PUBLIC, SIGNED_IN, APIView


class Whoami(APIView):
    permissions = {"GET": SIGNED_IN, "POST": SIGNED_IN}

    def get(self, request: Request) -> Response:
        assert isinstance(request.user, Member)
        assert isinstance(request.auth, Actor)
        return Response({"roles": sorted(request.actor.roles)})

    post = get


class Beacon(APIView):
    permissions = {"POST": PUBLIC}
    csrf_in_body = True

    def post(self, request: Request) -> Response:
        return Response({"known": request.actor is not None})


def request_of(browser, method, body=None, **headers):
    """A request as the middleware hands it to a view, with the browser's session."""
    request = RequestFactory().generic(
        method, "/", body or b"", content_type="application/json", headers={"host": "acme.lms.localhost", **headers}
    )
    request.COOKIES = {name: morsel.value for name, morsel in browser.cookies.items()}
    request.session = SessionStore(request.COOKIES.get("__Host-session"))
    request.user = AnonymousUser()
    return request


def test_two_statements_tell_who_calls_and_what_they_may(acme, leo):
    request = request_of(leo.client(), "GET")

    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = Whoami.as_view()(request)

    assert answer.data == {"roles": ["learner"]}
    assert len(queries) == 2, [query["sql"] for query in queries]


def test_the_statements_written_by_hand_say_what_the_models_say(acme, leo):
    RoleAssignment.objects.create(member_id=leo.id, role="author", expires_at=now() + timedelta(hours=1))
    RoleAssignment.objects.create(member_id=leo.id, role="admin", expires_at=now() - timedelta(seconds=1))
    RoleAssignment.objects.create(member_id=leo.id, role="instructor", scope="course", scope_id=leo.id)

    by_hand = session_rows.active_member(leo.id)

    expected = Member.objects.active().with_roles().get(id=leo.id)
    assert by_hand == expected
    assert by_hand.role_names == expected.role_names == ["author", "learner"]
    for field in Member._meta.concrete_fields:
        assert getattr(by_hand, field.attname) == getattr(expected, field.attname), field.name
    Member.objects.filter(id=leo.id).update(state="suspended")
    assert session_rows.active_member(leo.id) is None


def test_an_expired_session_names_nobody(acme, leo):
    browser = leo.client()
    Session.objects.update(expire_date=now() - timedelta(seconds=1))

    assert Whoami.as_view()(request_of(browser, "GET")).status_code == 401


def test_a_session_that_we_did_not_sign_names_nobody(acme, leo):
    browser = leo.client()
    Session.objects.update(session_data=f"eyJfYXV0aF91c2VyX2lkIjoiJSJ9:1abcde:{'A' * 43}")

    assert Whoami.as_view()(request_of(browser, "GET")).status_code == 401


def test_visitors_cost_nothing_and_get_401(acme):
    request = request_of(Client(), "GET")

    with CaptureQueriesContext(connection) as queries:
        answer = Whoami.as_view()(request)

    assert (answer.status_code, answer.data["code"]) == (401, "not_authenticated")
    assert len(queries) == 0


def test_a_session_of_another_password_names_nobody(acme, leo):
    browser = leo.client()
    member = Member.objects.get(id=leo.id)
    member.set_password("changed-behind-the-back-1")
    member.save()

    assert Whoami.as_view()(request_of(browser, "GET")).status_code == 401


def test_a_session_without_its_organization_names_nobody(acme, leo):
    browser = leo.client()
    store = SessionStore(browser.cookies["__Host-session"].value)
    del store[sessions.ORGANIZATION_KEY]
    store.save()

    assert Whoami.as_view()(request_of(browser, "GET")).status_code == 401


def test_a_write_needs_the_token_and_with_it_works(acme, leo):
    browser = leo.client()
    page = request_of(browser, "GET")
    token = api.csrf(page)

    refused = Whoami.as_view()(request_of(browser, "POST"))
    assert (refused.status_code, refused.data["code"]) == (403, "csrf_failed")
    browser.cookies["__Host-csrf"] = page.META["CSRF_COOKIE"]
    assert Whoami.as_view()(request_of(browser, "POST", **{"x-csrftoken": token})).status_code == 200
    wrong = Whoami.as_view()(request_of(browser, "POST", **{"x-csrftoken": "A" * len(token)}))
    assert wrong.status_code == 403


def test_a_beacon_may_carry_the_token_in_its_body_and_no_other_view_may(acme, leo):
    browser = leo.client()
    page = request_of(browser, "GET")
    token = api.csrf(page)
    browser.cookies["__Host-csrf"] = page.META["CSRF_COOKIE"]
    body = b'{"csrf": "%s"}' % token.encode()

    assert Beacon.as_view()(request_of(browser, "POST", body)).data == {"known": True}
    assert Beacon.as_view()(request_of(browser, "POST", b'{"csrf": "forged"}')).status_code == 403
    assert Beacon.as_view()(request_of(browser, "POST", b"[]")).status_code == 403
    assert Whoami.as_view()(request_of(browser, "POST", body)).status_code == 403


def test_the_boot_data_say_who_is_signed_in_and_what_they_may(acme, alice):
    boot = api.me(request_of(alice.client(), "GET"))

    assert boot is not None
    member = {"id": str(alice.id), "name": alice.name, "email": alice.email, "locale": "en", "zone": "UTC"}
    assert boot["member"] == member
    assert boot["second_factor"]["state"] == "due"
    assert boot["roles"] == ["admin"]
    assert "people.manage" in boot["permissions"]
    assert api.me(request_of(Client(), "GET")) is None


def test_being_seen_is_written_once_a_day(acme, alice):
    browser = alice.client()
    Member.objects.filter(id=alice.id).update(last_seen_on=None)

    with CaptureQueriesContext(connection) as first:
        api.me(request_of(browser, "GET"))
    with CaptureQueriesContext(connection) as second:
        api.me(request_of(browser, "GET"))

    assert (len(first), len(second)) == (3, 2)
    assert Member.objects.get(id=alice.id).last_seen_on is not None
