"""Role × route × method: the reviewed table is what the code declares and what the running API does."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from staff import testing
from staff.accounts import sessions
from tests.contracts.permission_table import FILE, committed, declared, rendered, some_path
from tests.isolation.routes import Route, api_routes
from tests.isolation.samples import ANONYMOUS, ROLES, STAFF_HALVES, STAFF_ROLES

ROUTES = {route.name: route for route in api_routes()}
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


def test_the_table_is_what_the_code_declares() -> None:
    assert committed() == declared(), "review the change, then run python -m tests.contracts.permission_table"
    assert FILE.read_text() == rendered()


def _entries() -> list[tuple[str, dict[str, Any]]]:
    return [(f"{method} {name}", entry) for name, row in declared().items() for method, entry in row.items()]


def _is_tenants(call: str) -> bool:
    return ROUTES[call.split(" ")[1]].surface == "tenant"


def test_every_permission_is_in_somebodys_role_or_open() -> None:
    assert [call for call, entry in _entries() if not entry["roles"]] == []


def test_owners_may_do_whatever_any_member_may() -> None:
    assert [call for call, entry in _entries() if _is_tenants(call) and "owner" not in entry["roles"]] == []


def test_every_view_declares_only_methods_that_it_serves() -> None:
    for route in ROUTES.values():
        served = {method for method in METHODS if hasattr(route.view, method.lower())}
        assert set(route.permissions) == served, route.name


@pytest.fixture
def browsers(db: None, world: Any) -> dict[str, Client]:
    """A browser a role: acme's cast, and a visitor."""
    people = {person.role: person for person in world.people.values() if person.organization.slug == "acme"}
    return {**{role: people[role].client() for role in ROLES}, ANONYMOUS: Client()}


@pytest.fixture
def staff_browsers(db: None) -> dict[str, Client]:
    """A browser a role of the staff, two between the factors, and a visitor."""
    made = {**{role: Client() for role in (*STAFF_ROLES, *STAFF_HALVES)}, ANONYMOUS: Client()}
    for role in STAFF_ROLES:
        made[role].cookies[sessions.COOKIE] = testing.cookie(role)
    for role, state in zip(STAFF_HALVES, ("second_factor", "enrolment"), strict=True):
        made[role].cookies[sessions.COOKIE] = testing.half_cookie(f"{role}@staff.example", state)
    return made


def _host(route: Route) -> str:
    return {"tenant": "acme.lms.localhost", "site": settings.SITE_HOST, "staff": settings.STAFF_HOST}[route.surface]


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_the_running_api_does_what_the_table_says(
    name: str, browsers: dict[str, Client], staff_browsers: dict[str, Client]
) -> None:
    route = ROUTES[name]
    if route.surface == "staff":
        browsers = staff_browsers
    wrong = []
    for method, entry in committed()[name].items():
        for role, browser in browsers.items():
            browser.raise_request_exception = False
            answer = browser.generic(
                method, some_path(route.pattern), b"{}", content_type="application/json", headers={"host": _host(route)}
            )
            code = (
                answer.json().get("code") if answer.headers.get("Content-Type", "").endswith("problem+json") else None
            )
            refused = answer.status_code == 401 or (answer.status_code == 403 and code == "permission_denied")
            expected = 401 if role in (ANONYMOUS, *STAFF_HALVES) else 403
            if refused is (role in entry["roles"]) or (refused and answer.status_code != expected):
                wrong.append(f"{role} {method}: {answer.status_code} {code}")
    assert wrong == []


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_a_method_without_an_entry_is_refused_to_everybody(name: str, browsers: dict[str, Client]) -> None:
    route = ROUTES[name]
    for method in METHODS - set(route.permissions):
        for browser in (browsers["owner"], browsers[ANONYMOUS]):
            answer = browser.generic(method, some_path(route.pattern), headers={"host": _host(route)})
            assert answer.status_code == 405, f"{method} {name}: {answer.status_code}"
