"""The walk: every route, every method, every role, and what of the other organization comes back.

A and its poisoned twin B hold rows with the same ids, so anything that reads the wrong side answers with B's words.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.urls import reverse
from django.utils.module_loading import import_string

from core.http.permissions import PUBLIC, SIGNED_IN
from staff.support import sessions
from staff.support.middleware import SESSION_ROUTE
from staff.support.policies import READ_ROUTES
from tenancy.hosts import public_url
from tests.isolation import traffic, walls
from tests.isolation.routes import Route
from tests.isolation.samples import (
    ANONYMOUS,
    BETWEEN_FACTORS,
    ENROLLING,
    ROLES,
    STAFF_HALVES,
    STAFF_ROLES,
    Call,
    Role,
    Sample,
)
from tests.isolation.traffic import Answer, Traffic
from tests.isolation.twin import COLOUR, Twin

UNKNOWN_HOST_LABEL = "nobody-has-this"


@dataclass(frozen=True)
class Finding:
    """Something that must not be. ``kind``: leak, access, write, wall; ``error`` is a failure that proves nothing."""

    kind: str
    route: str
    method: str
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.method} {self.route}: {self.what}"


@dataclass
class Report:
    """What was looked at and what was found."""

    checks: int = 0
    routes: set[str] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    def serious(self, kinds: Iterable[str] = ("leak", "access", "write", "wall")) -> list[Finding]:
        """Return the findings that show a broken wall, not merely a broken request."""
        return [found for found in self.findings if found.kind in kinds]


@dataclass
class Stage:
    """Everything a walk needs: both organizations, their browsers and the samples."""

    twin: Twin
    a: Traffic
    b: Traffic
    samples: dict[str, Sample]
    secrets: list[str]
    # Cookies of support access to A: one that only reads and is in force, one whose time is over.
    support: str
    support_over: str

    @property
    def hosts(self) -> dict[str, str]:
        return {"tenant": self.twin.a.host, "site": settings.SITE_HOST, "staff": settings.STAFF_HOST}


def roles_with(permission: str) -> set[Role]:
    """Return the roles that the declared policies give ``permission``."""
    if permission == PUBLIC:
        return {ANONYMOUS, *ROLES}
    if permission == SIGNED_IN:
        return set(ROLES)
    policies = [import_string(path) for path in settings.ROLE_POLICIES]
    return {role for role in ROLES for policy in policies if permission in policy.get(role, ())}


def staff_roles_with(permission: str) -> set[Role]:
    """Return who may on the staff host: roles, and browsers between the factors."""
    from staff.policies import ROLE_PERMISSIONS
    from staff.rest.views import ENROLMENT, SECOND_FACTOR

    halves = {SECOND_FACTOR: BETWEEN_FACTORS, ENROLMENT: ENROLLING}
    if permission == PUBLIC:
        return {ANONYMOUS, *STAFF_HALVES, *STAFF_ROLES}
    if permission == SIGNED_IN:
        return set(STAFF_ROLES)
    if permission in halves:
        return {halves[permission], *STAFF_ROLES}
    return {role for role in STAFF_ROLES if permission in ROLE_PERMISSIONS[role]}


class Walk:
    """One pass over some routes. ``quick`` asks as one permitted role instead of all: what a mutant needs."""

    def __init__(self, stage: Stage, *, quick: bool = False) -> None:
        self.stage = stage
        self.quick = quick
        self.report = Report()
        self._b_marks = (
            stage.twin.canary,
            COLOUR,
            str(stage.twin.b.id),
            stage.twin.b.schema_name,
            stage.twin.b.host,
            *stage.twin.real_ids.values(),
        )
        self._a_marks = (
            f"canary-{stage.twin.a.slug}",
            str(stage.twin.a.id),
            stage.twin.a.schema_name,
            stage.twin.a.host,
        )

    def run(self, routes: Iterable[Route], *, until: tuple[str, ...] = ()) -> Report:
        """Try the walls, walk ``routes`` and return the report; end at the first finding of the kinds in ``until``."""
        traffic.forget_cache()
        for fault in walls.faults(self.stage.twin):
            self.report.checks += 1
            if fault is not None:
                kind = "error" if isinstance(fault, walls.Unproved) else "wall"
                self.report.findings.append(Finding(kind, "-", "-", fault))
        for route in routes:
            if self.report.serious(until):
                break
            self.report.routes.add(route.name)
            self._undeclared_methods(route)
            for method, permission in route.permissions.items():
                with self._cold_cache(route, method):
                    self._method(route, method, permission)
        return self.report

    # -- one method of one route --------------------------------------------------------------------------------

    def _method(self, route: Route, method: str, permission: str) -> None:
        sample = self.stage.samples[route.name]
        call = sample.calls[method]
        arguments = sample.path if call.path is None else call.path
        path = _path(route, arguments)
        if route.surface == "staff":
            self._on_the_staff_host(route, method, permission, path, call)
            return
        if route.surface != "tenant":
            self._on_the_platforms_host(route, method, path, call)
            return
        # B's own people ask first: whatever they leave in a cache or on the connection must not reach A.
        theirs = _path(route, self.stage.twin.translated(dict(arguments)))
        own = Call(self.stage.twin.translated(call.json), call.headers, call.query, call.cookies, call.by)
        primed = self.stage.b.send(call.by, method, theirs, own)
        self._no_marks(route, method, f"B as {call.by}", primed, self._a_marks, own, path=theirs)
        self._inside(route, method, permission, path, call)
        self._under_support(route, method, path, call)
        self._foreign_ids(route, method, dict(arguments), call)
        self._other_host(route, method, path, call)
        self._unknown_host(route, method, path, call)
        if method != "GET":
            self._sibling_page(route, method, path, call)

    def _undeclared_methods(self, route: Route) -> None:
        path = _path(route, self.stage.samples[route.name].path)
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - set(route.permissions):
            answer = self.stage.a.send("owner", method, path, Call({}), host=self.stage.hosts[route.surface])
            self._check(
                answer.status == 405, "access", route, method, f"undeclared, and answered {answer.status}", answer
            )

    def _inside(self, route: Route, method: str, permission: str, path: str, call: Call) -> None:
        """A's people on A's host: exactly the declared roles, and nothing of B."""
        allowed = roles_with(permission)
        for role in (call.by,) if self.quick else (*ROLES, ANONYMOUS):
            answer = self.stage.a.send(role, method, path, call)
            self._access(route, method, role, answer, allowed, must_work=role == call.by, expect=call.expect)
            self._clean(route, method, f"A as {role}", answer, call)
        if self.quick:
            for role in [*sorted(set(ROLES) - allowed)[:1], *({ANONYMOUS} - allowed)]:
                self._access(route, method, role, self.stage.a.send(role, method, path, call), allowed, must_work=False)

    def _under_support(self, route: Route, method: str, path: str, call: Call) -> None:
        """A person of the staff with read-only access to A: reads what is listed, writes nothing, is nobody at B's."""
        plain = {name: value for name, value in call.cookies.items() if name != sessions.COOKIE}

        def as_support(token: str, host: str | None = None) -> Answer:
            cookies = {**plain, sessions.COOKIE: token}
            sent = Call(call.json, call.headers, call.query, cookies, ANONYMOUS)
            return self.stage.a.send(ANONYMOUS, method, path, sent, host=host)

        if route.name == SESSION_ROUTE:  # the way in: an old cookie is worth no more there than none, as others show
            return
        for who, host in (("B's host", self.stage.twin.b.host), ("A's host after its time", None)):
            answer = as_support(self.stage.support if host else self.stage.support_over, host)
            said = f"support access on {who} got {answer.status} {answer.code}"
            self._check((answer.status, answer.code) == (401, "support_ended"), "access", route, method, said, answer)
        answer = as_support(self.stage.support)
        said = f"support access got {answer.status} {answer.code}: {answer.body[:200]}"
        if method != "GET":
            expected = (answer.status, answer.code) == (403, "support_read_only")
            self._check(expected, "access", route, method, said, answer)
        elif route.name in READ_ROUTES:
            self._check(answer.status in (200, 403, 404), "access", route, method, said, answer)
        else:
            expected = (answer.status, answer.code) == (403, "support_not_allowed")
            self._check(expected, "access", route, method, said, answer)
        self._clean(route, method, "A's support", answer, call, path=path)

    def _access(
        self,
        route: Route,
        method: str,
        role: Role,
        answer: Answer,
        allowed: set[Role],
        *,
        must_work: bool,
        expect: tuple[int, ...] = (),
    ) -> None:
        self.report.roles.add(role)
        said = f"{role} got {answer.status} {answer.code}: {answer.body[:300]}"
        if role not in allowed:
            expected = 401 if role == ANONYMOUS else 403
            self._check(answer.status == expected, "access", route, method, f"expected {expected}, {said}", answer)
            return
        refused = answer.status == 401 or (answer.status == 403 and answer.code == "permission_denied")
        if must_work:
            fits = answer.status in expect if expect else 200 <= answer.status < 300
            self._check(fits, "access" if refused else "error", route, method, f"expected {expect or '2xx'}, {said}")
        else:
            kind = "access" if refused and role != ANONYMOUS else "error"
            self._check(not (refused and role != ANONYMOUS) and answer.status < 500, kind, route, method, said)

    def _foreign_ids(self, route: Route, method: str, own: dict[str, Any], call: Call) -> None:
        """A's people with B's real ids, and with ids of nobody: the two must answer alike."""
        theirs, body = self.stage.twin.translated(own), self.stage.twin.translated(call.json)
        nobodys = {key: str(uuid4()) if _is_id(value) else value for key, value in own.items()}
        nobody = None
        if nobodys != own:
            nobody = self.stage.a.send(call.by, method, _path(route, nobodys), call)
            self._check(nobody.status >= 400, "access", route, method, f"an id of nobody gave {nobody.status}", nobody)
            self._clean(route, method, "A with nobody's id", nobody, call)
        if theirs == own and body == call.json:
            return
        foreign = Call(body, call.headers, call.query, call.cookies, call.by)
        answer = self.stage.a.send(call.by, method, _path(route, theirs), foreign)
        self._check(
            answer.status >= 400, "leak", route, method, f"B's real ids gave {answer.status}: {answer.body[:300]}"
        )
        self._clean(route, method, "A with B's ids", answer, foreign, path=_path(route, theirs))
        if nobody is not None and theirs != own:
            alike = (answer.status, answer.steady) == (nobody.status, nobody.steady)
            self._check(alike, "leak", route, method, f"B's id gave {answer.status}, nobody's {nobody.status}")

    def _other_host(self, route: Route, method: str, path: str, call: Call) -> None:
        """A's sessions and secrets on B's host: worth what nothing is worth."""
        host = self.stage.twin.b.host
        stranger = Call(call.json, call.headers, call.query, {}, ANONYMOUS)
        nothing = self.stage.a.send(ANONYMOUS, method, path, stranger, host=host)
        opens = self._holds_secret(path, call)
        if opens:
            answer = self.stage.a.send(ANONYMOUS, method, path, call, host=host)
            self._check(answer.status >= 400, "leak", route, method, f"A's secret on B's host gave {answer.status}")
        for role in (call.by,) if self.quick else ROLES:
            if role == ANONYMOUS:
                continue
            answer = self.stage.a.send(role, method, path, call, host=host)
            same = answer.status == nothing.status and (opens or answer.steady == nothing.steady)
            said = f"A's {role} on B's host got {answer.status}, nobody {nothing.status}: {answer.body[:200]}"
            self._check(same, "leak", route, method, said, answer)
            self._check(
                not answer.others_changed or nothing.others_changed,
                "write",
                route,
                method,
                f"A's {role} changed B's rows",
            )

    def _unknown_host(self, route: Route, method: str, path: str, call: Call) -> None:
        host = f"{UNKNOWN_HOST_LABEL}.{settings.TENANT_SUFFIX}"
        answer = self.stage.a.send(call.by, method, path, call, host=host)
        self._check(answer.status == 404, "access", route, method, f"an unknown host answered {answer.status}", answer)
        self._no_marks(route, method, "an unknown host", answer, (*self._b_marks, *self._a_marks), call, path=path)

    def _sibling_page(self, route: Route, method: str, path: str, call: Call) -> None:
        """A page of B's host writes to A's with A's cookies: same site, another origin."""
        origin = {"origin": public_url(self.stage.twin.b.host, "")}
        from_sibling = Call(call.json, {**call.headers, **origin}, call.query, call.cookies, call.by)
        answer = self.stage.a.send(call.by, method, path, from_sibling)
        self._check(
            answer.status == 403, "access", route, method, f"a page of a sibling host got {answer.status}", answer
        )

    def _on_the_platforms_host(self, route: Route, method: str, path: str, call: Call) -> None:
        """Site and staff hosts: A's sessions are worth nothing there, and B is never named."""
        host = self.stage.hosts[route.surface]
        plain = self.stage.a.send(ANONYMOUS, method, path, call, host=host)
        self._check(
            200 <= plain.status < 300, "error", route, method, f"expected 2xx, got {plain.status}: {plain.body[:300]}"
        )
        for role in ROLES:
            self.report.roles.add(role)
            traffic.forget_cache()  # a sign-up lives in the cache, where nothing is undone
            answer = self.stage.a.send(role, method, path, call, host=host)
            self._check(answer.status == plain.status, "access", route, method, f"{role} got {answer.status}")
            self._clean(route, method, f"A's {role} on {host}", answer, call)

    def _on_the_staff_host(self, route: Route, method: str, permission: str, path: str, call: Call) -> None:
        """Exactly the declared roles of the staff; members of organizations are nobody there, and staff nobody here."""
        host, allowed = self.stage.hosts["staff"], staff_roles_with(permission)
        fleet = self.stage.samples[route.name].fleet
        nobody = None
        others = sorted(set(STAFF_ROLES) - allowed)[:1]
        asking = dict.fromkeys((ANONYMOUS, *STAFF_HALVES, *(others if self.quick else STAFF_ROLES), call.by))
        for role in asking:
            traffic.forget_cache()  # guesses are counted in the cache, where nothing is undone
            answer = self.stage.a.send(role, method, path, call, host=host)
            nobody = nobody or answer
            self._staff_access(route, method, role, answer, allowed, call)
            if not fleet:
                self._clean(route, method, f"staff as {role}", answer, call, path=path)
        assert nobody is not None
        if self.quick:
            return
        for role in ROLES:
            self.report.roles.add(role)
            traffic.forget_cache()
            answer = self.stage.a.send(role, method, path, call, host=host)
            alike = answer.status == nobody.status
            self._check(alike, "access", route, method, f"a tenant's {role} got {answer.status}", answer)
        here, away = (
            self.stage.a.send(role, method, path, call, host=self.stage.twin.a.host) for role in (ANONYMOUS, call.by)
        )
        self._check(
            here.status == away.status, "access", route, method, f"staff on a tenant's host got {away.status}", away
        )
        if method != "GET":
            origin = {"origin": public_url(self.stage.twin.a.host, "")}
            forged = Call(call.json, {**call.headers, **origin}, call.query, call.cookies, call.by)
            answer = self.stage.a.send(call.by, method, path, forged, host=host)
            self._check(answer.status == 403, "access", route, method, f"a tenant's page got {answer.status}", answer)

    def _staff_access(
        self, route: Route, method: str, role: Role, answer: Answer, allowed: set[Role], call: Call
    ) -> None:
        self.report.roles.add(role)
        said = f"staff as {role} got {answer.status}: {answer.body[:300]}"
        if role not in allowed:
            expected = 403 if role in STAFF_ROLES else 401
            refused = answer.status == expected and (expected == 401 or answer.code == "permission_denied")
            self._check(refused, "access", route, method, f"expected {expected}, {said}", answer)
        elif role == call.by:
            fits = answer.status in call.expect if call.expect else 200 <= answer.status < 300
            self._check(fits, "error", route, method, f"expected {call.expect or '2xx'}, {said}", answer)
        else:
            refused = answer.status == 401 or (answer.status == 403 and answer.code == "permission_denied")
            self._check(not refused and answer.status < 500, "access", route, method, said, answer)

    # -- what every answer is held against -----------------------------------------------------------------------

    def _clean(self, route: Route, method: str, who: str, answer: Answer, call: Call, *, path: str = "") -> None:
        self._no_marks(route, method, who, answer, self._b_marks, call, path=path)
        self._check(not answer.others_changed, "write", route, method, f"{who}: B's rows changed")
        for role, search_path, may_enter in answer.seen:
            a = self.stage.twin.a
            fits = (role == a.db_role and a.schema_name in search_path.split(",")[0] and not may_enter) or (
                role == "r_platform" and search_path.strip('"').startswith("public")
            )
            self._check(fits, "wall", route, method, f"{who}: role {role}, path {search_path}, enters B: {may_enter}")

    def _no_marks(
        self,
        route: Route,
        method: str,
        who: str,
        answer: Answer,
        marks: Iterable[str],
        call: Call,
        *,
        path: str = "",
    ) -> None:
        sent = f"{path} {call.json} {call.query}".lower()
        found = sorted(
            mark for mark in marks if mark and mark.lower() in answer.everything and mark.lower() not in sent
        )
        self._check(not found, "leak", route, method, f"{who} ({answer.status}) met {', '.join(found)}")

    def _holds_secret(self, path: str, call: Call) -> bool:
        sent = f"{path} {call.json} {dict(call.cookies)}"
        return any(secret in sent for secret in self.stage.secrets)

    @contextmanager
    def _cold_cache(self, route: Route, method: str) -> Any:
        """Begin with nothing cached, and look at what the cache keeps at the end."""
        traffic.forget_cache()
        yield
        if route.surface != "tenant":
            return
        a, b = traffic.cached(self.stage.twin.a), traffic.cached(self.stage.twin.b)
        self._check(self.stage.twin.canary not in a, "leak", route, method, "the cache keeps B's words under A's keys")
        self._check(self._a_marks[0] not in b, "leak", route, method, "the cache keeps A's words under B's keys")

    def _check(
        self, holds: bool, kind: str, route: Route, method: str, what: str, answer: Answer | None = None
    ) -> None:
        self.report.checks += 1
        if not holds:
            if answer is not None and answer.status >= 500:
                kind = "error"  # a failure lets nobody in, and shows nothing of the wall
            self.report.findings.append(Finding(kind, route.name, method, what))


def _path(route: Route, arguments: Any) -> str:
    return str(reverse(route.name, urlconf=route.urlconf, kwargs=dict(arguments)))


def _is_id(value: Any) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True
