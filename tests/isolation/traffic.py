"""Requests of the walk: sent through the whole middleware, watched from all sides, undone afterwards."""

from __future__ import annotations

import base64
import contextlib
import json as jsonlib
import logging
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

import redis
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.userkit import user_id_to_str
from django.conf import settings
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client

import tenancy
from tenancy import TenantRecord
from tenancy.hosts import public_netloc
from tests.isolation import database
from tests.isolation.samples import ANONYMOUS, ROLES, STAFF_HALVES, STAFF_ROLES, Call, Role

# What differs between two answers to the same question.
_VOLATILE = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r"|nonce[-=\"'][^\"' ;]+|\"csrf\": ?\"[^\"]*\"|\d{4}-\d\d-\d\dT[\d:.]+Z"
)


@dataclass
class Answer:
    """A response and everything it left behind before it was undone."""

    status: int
    body: str
    headers: str
    left_behind: str = ""
    seen: set[tuple[str, str, bool]] = field(default_factory=set)
    others_changed: bool = False

    @property
    def everything(self) -> str:
        """All text that this request produced, lower case."""
        return "\n".join((self.headers, self.body, self.left_behind)).lower()

    @property
    def steady(self) -> str:
        """The body without ids, times and nonces."""
        return _VOLATILE.sub("~", self.body)

    @property
    def code(self) -> str:
        """The problem's code, "" where the answer is none."""
        try:
            found = jsonlib.loads(self.body)
        except ValueError:
            return ""
        return str(found.get("code", "")) if isinstance(found, dict) else ""


class Traffic:
    """Sends requests as members of one organization and watches what each does."""

    def __init__(self, organization: TenantRecord, members: Mapping[Role, Any], other: TenantRecord) -> None:
        self.organization = organization
        self.other = other
        self.cookies: dict[Role, dict[str, str]] = {ANONYMOUS: {}}
        self._client = Client(raise_request_exception=False)
        self._records = _Records()
        self._members = members
        self._others_digest: database.Digest | None = None
        self._others_before: str | None = None
        self._published_before: set[str] = set()

    def sign_in(self) -> None:
        """Give every role's member a session, as signing in does."""
        from django.contrib.auth import get_user_model

        for role in ROLES:
            browser = Client(headers={"host": public_netloc(self.organization.host)})
            with tenancy.bind(self.organization):
                member = get_user_model().objects.get(id=self._members[role])
                browser.force_login(member)
                session = browser.session
                # Who they are was proved just now, for as long as the walk takes.
                session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "password", "at": time.time() + 86_400}]
                session["account_authentication_methods_user"] = user_id_to_str(member)
                session.save()
            self.cookies[role] = {name: morsel.value for name, morsel in browser.cookies.items()}

    def sign_staff_in(self) -> None:
        """Give every role of the staff a session that outlasts the walk, and the two halves theirs."""
        from staff import testing
        from staff.accounts import sessions

        for role in STAFF_ROLES:
            self.cookies[role] = {sessions.COOKIE: testing.cookie(role, lasting=True)}
        for role, state in zip(STAFF_HALVES, ("second_factor", "enrolment"), strict=True):
            self.cookies[role] = {sessions.COOKIE: testing.half_cookie(f"{role}@staff.example", state)}

    def watch_other(self) -> None:
        """From now on each write is followed by a look at the other organization's rows."""
        self._others_digest = database.Digest(self.other)
        self._published_before = set(self._published())
        with database.undone():
            self._others_before = self._others_digest.now()

    def direct(self, role: Role, method: str, path: str, json: Any = None, headers: Any = None) -> Any:
        """Send a request for good and return Django's response: how worlds are built."""
        return self._send(self.organization.host, self.cookies[role], method, path, Call(json, headers or {}))

    def send(self, role: Role, method: str, path: str, call: Call, *, host: str | None = None) -> Answer:
        """Send ``call`` with the session of ``role`` (on its own host, or on ``host``); undo what it did."""
        del mail.outbox[:]
        cookies = {**self.cookies[role], **call.cookies}
        with database.undone(), self._records.taken() as records, self._watched() as seen:
            response = self._send(host or self.organization.host, cookies, method, path, call)
            after = self._run_commit_hooks()
            answer = Answer(
                status=response.status_code,
                body=_text(response),
                headers="\n".join(f"{name}: {value}" for name, value in response.items()) + str(response.cookies),
                seen=seen,
            )
            left = [*records, *after, *map(_mail_text, mail.outbox), *_queued()]
            if method not in ("GET", "HEAD", "OPTIONS") and not database.is_broken():
                left += self._published()
                if self._others_digest is not None:
                    answer.others_changed = self._others_digest.now() != self._others_before
            answer.left_behind = "\n".join(left)
        return answer

    def _send(self, host: str, cookies: Mapping[str, str], method: str, path: str, call: Call) -> Any:
        self._client.cookies = SimpleCookie(dict(cookies))
        address = f"{path}?{urlencode(call.query)}" if call.query else path
        body = call.json if isinstance(call.json, bytes) else jsonlib.dumps(call.json) if call.json is not None else ""
        return self._client.generic(
            method,
            address,
            body,
            content_type="application/json",
            headers={"host": public_netloc(host), "accept": "application/json", **call.headers},
        )

    @contextlib.contextmanager
    def _watched(self) -> Iterator[set[tuple[str, str, bool]]]:
        """Note which role and path the database really has while the product asks it."""
        seen: set[tuple[str, str, bool]] = set()
        asked = 0

        def look(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
            nonlocal asked
            asked += 1
            if asked <= 3 and not database.is_broken():
                with connection.connection.cursor() as cursor:
                    cursor.execute(
                        "SELECT pg_catalog.current_setting('role'), pg_catalog.current_setting('search_path'),"
                        " pg_catalog.has_schema_privilege(current_user, %s, 'USAGE')",
                        [self.other.schema_name],
                    )
                    seen.add(cursor.fetchone())
            return execute(sql, params, many, context)

        with connection.execute_wrapper(look):
            yield seen

    def _run_commit_hooks(self) -> list[str]:
        """Do what the commit would have done: messages reach the queues, where :func:`_queued` reads them."""
        hooks, connection.run_on_commit = connection.run_on_commit, []
        errors = []
        for _, hook, *_ in hooks:
            try:
                with tenancy.bind(self.organization):
                    hook()
            except Exception as failed:  # noqa: BLE001 - a hook that fails says what it knows in its error
                errors.append(repr(failed))
        return errors

    def _published(self) -> list[str]:
        with database.raw("r_platform") as cursor:
            cursor.execute(
                "SELECT payload::text FROM public.events_outboxmessage WHERE organization_id = %s UNION ALL"
                " SELECT payload::text || last_error FROM public.events_outboxdelivery WHERE organization_id = %s",
                [str(self.organization.id)] * 2,
            )
            return [text for (text,) in cursor.fetchall() if text not in self._published_before]


class _Records(logging.Handler):
    """Every log record as the operator would read it."""

    def __init__(self) -> None:
        super().__init__(level=logging.DEBUG)
        self._lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(message)s %(exc_text)s"))

    def emit(self, record: logging.LogRecord) -> None:
        extra = {key: value for key, value in vars(record).items() if key not in ("args", "msg", "exc_info")}
        self._lines.append(f"{self.format(record)} {extra!r}")

    @contextlib.contextmanager
    def taken(self) -> Iterator[list[str]]:
        self._lines = []
        root = logging.getLogger()
        root.addHandler(self)
        try:
            yield self._lines
        finally:
            root.removeHandler(self)


def store() -> redis.Redis:
    """The cache and the queues."""
    return redis.Redis.from_url(settings.REDIS_URL)


_kept: dict[bytes, tuple[int, bytes]] = {}


def keep_cache() -> None:
    """From now on :func:`forget_cache` goes back to what the cache holds at this moment: it is part of the world."""
    link = store()
    _kept.clear()
    for key in link.scan_iter():
        if link.type(key) == b"string":
            _kept[key] = (max(link.pttl(key), 0), link.dump(key))


def forget_cache() -> None:
    """Empty the queues, and bring the cache back to what :func:`keep_cache` saw."""
    link = store()
    link.flushdb()
    for key, (life_ms, value) in _kept.items():
        link.restore(key, life_ms, value)


def forget_cached(name: str) -> None:
    """Drop the platform's key ``name``: its time has passed."""
    with tenancy.platform():
        cache.delete(name)


def cached(organization: TenantRecord) -> str:
    """Return everything that was cached since under the organization's keys, and under nobody's."""
    link = store()
    found = []
    for key in link.scan_iter():
        name = key.decode(errors="replace")
        if key not in _kept and (f"t:{organization.id}:" in name or "t:" not in name) and link.type(key) == b"string":
            found.append(name + (link.get(key) or b"").decode(errors="replace"))
    return "\n".join(found).lower()


def _queued() -> list[str]:
    """Take the messages out of the queues and return them as text."""
    link = store()
    texts = []
    for queue in ("default", "events", "media", "provisioning"):
        while (message := link.lpop(queue)) is not None:
            parsed = jsonlib.loads(message)
            texts.append(jsonlib.dumps(parsed.get("headers", {})))
            texts.append(base64.b64decode(parsed["body"]).decode(errors="replace"))
    return texts


def _mail_text(message: Any) -> str:
    return str(message.message())


def _text(response: Any) -> str:
    if getattr(response, "streaming", False):
        return b"".join(response.streaming_content).decode(errors="replace")
    return str(response.content.decode(errors="replace"))
