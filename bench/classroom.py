"""A course of real size with one learner on it, and a browser that talks to the product's WSGI application."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from uuid import UUID

from bench import cpu, product, report

MODULES = 10
LESSONS_A_MODULE = 10
FILM_MS = 600_000
CAPTIONS = ("en", "de")
BARE = "bench/bare/"


@dataclass
class Browser:
    """Requests through the whole WSGI stack, without a socket: middleware, session, permission, view, rendering."""

    application: Any
    host: str
    cookies: dict[str, str]
    token: str

    def call(self, method: str, path: str, body: Any = None) -> bytes:
        """Return the body of a 2xx answer."""
        content = json.dumps(body).encode() if body is not None else b""
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": "",
            "SERVER_NAME": self.host,
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": self.host,
            "HTTP_ACCEPT": "application/json",
            "HTTP_SEC_FETCH_SITE": "same-origin",
            "HTTP_X_CSRFTOKEN": self.token,
            "HTTP_COOKIE": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(content)),
            "wsgi.input": BytesIO(content),
            "wsgi.errors": BytesIO(),
            "wsgi.url_scheme": "http",
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        status: list[str] = []
        answer = self.application(environ, lambda line, headers, exc_info=None: status.append(line))
        try:
            content = b"".join(answer)
        finally:
            answer.close()
        if not status[0].startswith("2"):
            raise RuntimeError(f"{method} {path}: {status[0]} {content[:500]!r}")
        return content


@dataclass
class Classroom:
    """The learner's browser, their enrollment, and the lessons in reading order with their timelines."""

    browser: Browser
    record: Any
    enrollment: UUID
    lessons: list[UUID] = field(default_factory=list)
    timelines: dict[UUID, UUID] = field(default_factory=dict)

    @property
    def base(self) -> str:
        """Where the learner's course is."""
        return f"/api/v1/enrollments/{self.enrollment}/"

    def bare(self) -> bytes:
        """A view that answers a constant to a signed-in member: what every request costs before it does anything."""
        return self.browser.call("GET", f"/api/v1/{BARE}")


@contextlib.contextmanager
def opened(slug: str) -> Iterator[Classroom]:
    """Start a database, make an organization with the course, and put a learner on it."""
    with product.database() as environment:
        organization_id = UUID(product.organization(environment, slug))
        _add_bare_view()
        from django.db import connection, transaction

        import tenancy
        from apps.accounts.models import Member
        from apps.accounts.testing import join
        from apps.progress.services import enrolling
        from config.wsgi import application
        from core.actor import Actor
        from tenants.catalog import load

        record = load(organization_id)
        with tenancy.bind(record):
            author = Member.objects.order_by("created_at").values_list("id", flat=True)[0]
            learner = join(email=f"leo@{slug}.example", name="Leo", role="learner", password="correct-horse-9-battery")
            with transaction.atomic():
                course, lessons, timelines = _course(author)
                actor = Actor(member_id=learner, name="Leo")
                enrollment, _ = enrolling.enroll_self(actor=actor, course_id=course)
            room = Classroom(signed_in(application, record.host, learner), record, enrollment.id, lessons, timelines)
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
        yield room


def statements(work: Any) -> list[str]:
    """Return the SQL statements that ``work`` sends on this thread's connection."""
    from django.db import connection

    seen: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        seen.append(" ".join(sql.split()))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        work()
    return seen


@dataclass(frozen=True)
class Measured:
    """The rounds of several works that took turns: what disturbs the machine for a while disturbs them alike."""

    rounds: dict[str, list[cpu.Cost]]

    def cost(self, name: str) -> cpu.Cost:
        """Return the median round of a work, as the cost of one run."""
        ordered = sorted(self.rounds[name], key=lambda cost: cost.total)
        return ordered[len(ordered) // 2]

    def multiple(self, name: str, of: str) -> float:
        """Return how many times ``of`` a work costs: the median over the rounds."""
        pairs = zip(self.rounds[name], self.rounds[of], strict=True)
        ratios = sorted(one.total / other.total for one, other in pairs)
        return ratios[len(ratios) // 2]

    def detail(self, name: str) -> dict[str, Any]:
        """Return what a reader needs to judge the figure, in milliseconds."""
        cost = self.cost(name)
        return {
            "own": round(cost.own * 1000, 3),
            "postgres": round(cost.backend * 1000, 3),
            "spread": report.spread([one.total * 1000 for one in self.rounds[name]]),
        }


def in_turns(works: dict[str, Callable[[], object]], *, backends: list[int], rounds: int, repeats: int) -> Measured:
    """Run each work ``repeats`` times in turn, ``rounds`` times over."""
    found: dict[str, list[cpu.Cost]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            cost = cpu.measure(lambda work=work: [work() for _ in range(repeats)], backends=backends)  # type: ignore[misc]
            found[name].append(cpu.Cost(cost.own / repeats, cost.backend / repeats))
    return Measured(found)


def _add_bare_view() -> None:
    from django.urls import path
    from rest_framework.response import Response

    from config.urls import tenant
    from core.http.request import Request
    from core.http.views import SIGNED_IN, APIView

    class Bare(APIView):
        permissions = {"GET": SIGNED_IN}

        def get(self, request: Request) -> Response:
            return Response({"ok": True})

    tenant.urlpatterns.insert(0, path(f"api/v1/{BARE}", Bare.as_view()))


def _course(author: UUID) -> tuple[UUID, list[UUID], dict[UUID, UUID]]:
    from apps.courses.tests.builders import Builder, film
    from apps.library.api import video_of
    from apps.library.models import Asset
    from apps.library.services import captions

    course = Builder(author, title="Rope work")
    course.module = course.add("module", "Module 1", None)
    assets: dict[UUID, UUID] = {}
    words = "A rope that is to hold must first be laid well. " * 60
    for number in range(MODULES):
        if number:
            course.module = course.add("module", f"Module {number + 1}", None)
        for place in range(LESSONS_A_MODULE):
            asset = film(duration_ms=FILM_MS, owner=author, title=f"Film {number}.{place}")
            for language in CAPTIONS:
                captions.add_captions(
                    asset=Asset.objects.get(id=asset),
                    language=language,
                    label=language,
                    text="WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n",
                    is_default=language == "en",
                )
            assets[course.lesson(f"Lesson {number}.{place}", video=asset, words=words)] = asset
    course.publish()
    videos = video_of(assets.values())
    return course.course, course.lessons, {item: videos[asset].timeline_id for item, asset in assets.items()}  # type: ignore[misc]


def signed_in(application: Any, host: str, member_id: UUID) -> Browser:
    from django.conf import settings
    from django.middleware.csrf import _get_new_csrf_string
    from django.test import Client

    from apps.accounts.models import Member

    client = Client(headers={"host": host})
    client.force_login(Member.objects.get(id=member_id))
    token = _get_new_csrf_string()
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    return Browser(application, host, {settings.SESSION_COOKIE_NAME: session, settings.CSRF_COOKIE_NAME: token}, token)
