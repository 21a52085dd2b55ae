"""Sign-in, sign-out and the password, through allauth, in one organization and no other."""

from urllib.parse import urlsplit

import pytest
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory

import tenancy
from apps.accounts.adapter import AccountAdapter
from apps.accounts.models import Member
from tenancy.hosts import public_netloc

AUTH = "/_allauth/browser/v1/auth"
NEW_PASSWORD = "another-long-sentence-8"


@pytest.fixture
def visitor(acme):
    return Client(headers={"host": acme.host})


def login(browser, email, password):
    return browser.post(f"{AUTH}/login", {"email": email, "password": password}, "application/json")


def test_a_member_signs_in_and_out(visitor, leo):
    assert login(visitor, leo.email.upper(), leo.password).status_code == 200
    assert visitor.get("/api/v1/me/").json()["member"]["id"] == str(leo.id)

    visitor.delete(f"{AUTH}/session")

    assert visitor.get("/api/v1/me/").status_code == 401


def test_a_wrong_password_and_a_strange_address_get_one_answer(visitor, leo):
    wrong = login(visitor, leo.email, "not-the-password-1")
    strange = login(visitor, "nobody@acme.example", "not-the-password-1")

    assert wrong.status_code == strange.status_code == 400
    assert wrong.json() == strange.json()
    assert visitor.get("/api/v1/me/").status_code == 401


def test_members_of_another_organization_are_strangers(visitor, mallory):
    assert login(visitor, mallory.email, mallory.password).status_code == 400


def test_attack_39_a_suspended_member_neither_signs_in_nor_stays(visitor, leo):
    signed_in = leo.client()
    Member.objects.filter(id=leo.id).update(state="suspended")

    assert signed_in.get("/api/v1/me/").status_code == 401
    login(visitor, leo.email, leo.password)
    assert visitor.get("/api/v1/me/").status_code == 401


def test_attack_73_signing_in_changes_the_sessions_key(acme, leo):
    browser = Client(headers={"host": acme.host})
    browser.get(f"{AUTH}/session")
    session = browser.session
    session["planted"] = True
    session.save()
    browser.cookies["__Host-session"] = session.session_key

    login(browser, leo.email, leo.password)

    assert browser.cookies["__Host-session"].value != session.session_key
    assert not Session.objects.filter(session_key=session.session_key).exists()


def test_five_wrong_passwords_end_with_a_limit_that_no_forged_address_lifts(acme, leo):
    for number in range(5):
        browser = Client(headers={"host": acme.host, "x-forwarded-for": f"198.51.100.{number}"})
        assert login(browser, leo.email, "not-the-password-1").status_code == 400

    limited = Client(headers={"host": acme.host, "x-forwarded-for": "203.0.113.9"})
    answer = login(limited, leo.email, leo.password)
    assert answer.status_code in (400, 429)
    assert limited.get("/api/v1/me/").status_code == 401


def test_nobody_signs_up_by_themselves(visitor):
    answer = visitor.post(f"{AUTH}/signup", {"email": "new@acme.example", "password": NEW_PASSWORD}, "application/json")

    assert answer.status_code == 404
    assert not Member.objects.filter(email="new@acme.example").exists()


# -- sessions are of one organization ----------------------------------------------------------------------------------


def planted(organization, browser):
    """Copy the browser's session row into another organization, as a restored or copied schema would hold it."""
    key = browser.cookies["__Host-session"].value
    row = Session.objects.get(session_key=key)
    with tenancy.bind(organization):
        Session.objects.create(session_key=key, session_data=row.session_data, expire_date=row.expire_date)
    intruder = Client(headers={"host": organization.host})
    intruder.cookies["__Host-session"] = key
    return intruder


def test_a_session_names_nobody_on_another_host(acme, globex, leo):
    browser = leo.client()
    assert browser.get("/api/v1/me/").status_code == 200

    stranger = Client(headers={"host": globex.host})
    stranger.cookies["__Host-session"] = browser.cookies["__Host-session"].value

    assert stranger.get("/api/v1/me/").status_code == 401


def test_attack_03_a_copied_session_names_nobody_even_where_the_same_member_exists(acme, globex, leo):
    browser = leo.client()
    twin = Member.objects.get(id=leo.id)
    intruder = planted(globex, browser)
    with tenancy.bind(globex):
        Member.objects.create(
            id=twin.id, email="twin@globex.example", name="Twin", password=twin.password, last_login=twin.last_login
        )

    assert intruder.get("/api/v1/me/").status_code == 401
    assert intruder.get(f"{AUTH}/session").status_code == 401


def test_a_new_password_ends_every_other_session(acme, leo):
    elsewhere = leo.client()
    here = leo.client()

    changed = here.post(
        "/_allauth/browser/v1/account/password/change",
        {"current_password": leo.password, "new_password": NEW_PASSWORD},
        "application/json",
    )

    assert changed.status_code == 200, changed.content
    assert here.get("/api/v1/me/").status_code == 200
    assert elsewhere.get("/api/v1/me/").status_code == 401


# -- a forgotten password ----------------------------------------------------------------------------------------------


@pytest.fixture
def reset_key(visitor, leo, letters):
    """Ask for a new password for Leo; return the key in the mail's link."""
    asked = visitor.post(f"{AUTH}/password/request", {"email": leo.email}, "application/json")
    assert asked.status_code == 200
    return letters[-1].link().rpartition("/")[2]


def reset(browser, key):
    return browser.post(f"{AUTH}/password/reset", {"key": key, "password": NEW_PASSWORD}, "application/json")


def test_the_link_leads_to_the_organizations_own_host_whatever_the_request_said(acme, leo, letters):
    browser = Client(headers={"host": acme.host, "x-forwarded-host": "evil.example"})
    browser.post(f"{AUTH}/password/request", {"email": leo.email}, "application/json")

    link = urlsplit(letters[-1].link())
    assert link.netloc == public_netloc(acme.host)
    assert link.path.startswith("/password/reset/")
    assert letters[-1].to == leo.email
    assert letters[-1].sender_name == acme.name


def test_the_link_sets_a_new_password_once(acme, visitor, leo, reset_key, letters):
    assert reset(visitor, reset_key).status_code in (200, 401)
    assert login(Client(headers={"host": acme.host}), leo.email, NEW_PASSWORD).status_code == 200
    assert letters[-1].subject == "Your password was changed"

    again = reset(Client(headers={"host": acme.host}), reset_key)
    assert again.status_code == 400


def test_the_link_of_one_organization_is_worth_nothing_in_its_copy(acme, globex, leo, reset_key):
    original = Member.objects.get(id=leo.id)
    with tenancy.bind(globex):
        copy = Member.objects.create(
            id=original.id,
            email=original.email,
            name="Twin",
            password=original.password,
            last_login=original.last_login,
        )
    assert reset(Client(headers={"host": globex.host}), reset_key).status_code == 400
    with tenancy.bind(globex):
        copy.refresh_from_db()
        assert copy.password == original.password


def test_asking_for_a_stranger_says_the_same_and_tells_only_them(visitor, leo, letters):
    known = visitor.post(f"{AUTH}/password/request", {"email": leo.email}, "application/json")
    strange = visitor.post(f"{AUTH}/password/request", {"email": "nobody@acme.example"}, "application/json")

    assert (known.status_code, known.json()) == (strange.status_code, strange.json())
    assert "no account" in letters[-1].text.lower()
    assert "http" not in letters[-1].text


# -- redirects -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("/courses", True),
        ("http://acme.lms.localhost:8000/courses", True),
        ("http://globex.lms.localhost:8000/", False),
        ("http://lms.localhost:8000/", False),
        ("https://evil.example", False),
        ("//evil.example", False),
        ("/\\evil.example", False),
        ("http:evil.example", False),
        ("javascript:alert(1)", False),
        ("http://acme.lms.localhost:8000@evil.example/", False),
        ("http://evil.example/acme.lms.localhost:8000", False),
    ],
)
def test_attack_75_nothing_leads_off_this_host(url, safe):
    from allauth.core.context import request_context

    request = RequestFactory().get("/", headers={"host": "acme.lms.localhost:8000"})
    with request_context(request):
        assert AccountAdapter(request).is_safe_url(url) is safe
