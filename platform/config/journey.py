"""The learner's way through the product, walked by a program: sign in, open a lesson, play its film, report progress.

It goes through the public address and uses nothing but what a browser gets, so it finds broken what a learner would.
It is made for one learner of one organization that exists for this (``LMS_CANARY_HOST``), enrolled in a course with a
film; each step has a name, and the first that fails ends the walk.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import secrets
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urljoin, urlsplit
from uuid import uuid4

STEP_SECONDS = 10.0
_LARGEST = 32 << 20  # bytes of one answer
_BOOT = re.compile(rb'<script id="boot" type="application/json">(.*?)</script>', re.S)
_SAFE = ("GET", "HEAD")
_DEVICE = "__Host-device"
"""The cookie by which the product knows a browser again. One that it does not know is told of by mail."""
_WATCHED_MS = 1_500


@dataclass(frozen=True, slots=True)
class Learner:
    """Who walks. ``via`` is the host:port to connect to where that is not what the name says."""

    host: str
    email: str
    password: str
    scheme: str = "https"
    port: int = 443
    via: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """How one step went. ``why`` is the kind of failure, never what was sent or answered."""

    name: str
    is_good: bool
    seconds: float
    why: str = ""


@dataclass
class Walked:
    """A whole walk. ``certificate_ends_at`` is of the host's certificate, where there is one."""

    steps: list[Step] = field(default_factory=list)
    certificate_ends_at: datetime | None = None

    @property
    def is_good(self) -> bool:
        """Whether every step was taken and went well."""
        return len(self.steps) == len(STEPS) and all(step.is_good for step in self.steps)


@dataclass
class Kept:
    """What a watcher takes from one walk to the next, so that its thousand walks a day are those of one browser."""

    device: str = ""
    film: tuple[str, ...] = ()
    """Which film of which lesson ``play_session`` plays."""
    play_session: str = ""
    reports: int = 0

    def next_report(self, *film: str) -> tuple[str, int]:
        """Return the session in which this film is played and the number of its next report."""
        if self.film != film:
            self.film, self.play_session, self.reports = film, str(uuid4()), 0
        self.reports += 1
        return self.play_session, self.reports


class StepFailed(Exception):
    """The product answered, and not as it should. The text is a short word of our own."""


@dataclass(slots=True)
class _Answer:
    status: int
    content: bytes
    headers: http.client.HTTPMessage

    def json(self) -> Any:
        try:
            return json.loads(self.content)
        except ValueError:
            raise StepFailed("no_json") from None


class _Browser:
    """One host, one cookie jar. Cookies are kept by name: the product's never leave their host."""

    def __init__(self, learner: Learner) -> None:
        self._learner = learner
        standard = {"http": 80, "https": 443}[learner.scheme]
        self.netloc = learner.host if learner.port == standard else f"{learner.host}:{learner.port}"
        self.origin = f"{learner.scheme}://{self.netloc}"
        self.cookies: dict[str, str] = {}
        self.csrf = ""
        self.certificate_ends_at: datetime | None = None

    def ask(self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = None) -> _Answer:
        """Send one request and return the answer, whatever it is.

        Raises:
            StepFailed: it is larger than anything we send. OSError, http.client.HTTPException: none came.
        """
        sent = {"Host": self.netloc, "User-Agent": "lms-journey", "Accept": "*/*", **(headers or {})}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        payload = None
        if method not in _SAFE:
            sent |= {"Origin": self.origin, "X-CSRFToken": self.csrf, "Content-Type": "application/json"}
            payload = json.dumps(body or {}).encode()
        connection = self._connect()
        try:
            connection.request(method, path, body=payload, headers=sent)
            answer = connection.getresponse()
            self._look_at_certificate(connection)
            content = answer.read(_LARGEST + 1)
        finally:
            connection.close()
        if len(content) > _LARGEST:
            raise StepFailed("too_large")
        for line in answer.headers.get_all("Set-Cookie") or ():
            self._keep(line)
        return _Answer(answer.status, content, answer.headers)

    def open(self, path: str) -> dict[str, Any]:
        """Load a page, take its CSRF token, return its boot data."""
        answer = expect(self.ask("GET", path))
        found = _BOOT.search(answer.content)
        if found is None:
            raise StepFailed("no_page")
        boot: dict[str, Any] = json.loads(found[1])
        self.csrf = str(boot["csrf"])
        return boot

    def _connect(self) -> http.client.HTTPConnection:
        host, _, port = (self._learner.via or f"{self._learner.host}:{self._learner.port}").rpartition(":")
        if self._learner.scheme == "http":
            return http.client.HTTPConnection(host, int(port), timeout=STEP_SECONDS)
        connection = _Named(host, int(port), timeout=STEP_SECONDS, context=ssl.create_default_context())
        connection.server_name = self._learner.host
        return connection

    def _look_at_certificate(self, connection: http.client.HTTPConnection) -> None:
        secured = getattr(connection, "sock", None)
        if isinstance(secured, ssl.SSLSocket) and (found := secured.getpeercert()):
            seconds = ssl.cert_time_to_seconds(str(found["notAfter"]))
            self.certificate_ends_at = datetime.fromtimestamp(seconds, UTC)

    def _keep(self, line: str) -> None:
        try:
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        except CookieError:
            raise StepFailed("bad_cookie") from None


class _Named(http.client.HTTPSConnection):
    """Connects to one address and asks for the certificate of another name."""

    server_name = ""

    def connect(self) -> None:
        http.client.HTTPConnection.connect(self)
        context: ssl.SSLContext = self._context  # type: ignore[attr-defined]
        self.sock = context.wrap_socket(self.sock, server_hostname=self.server_name)


def expect(answer: _Answer, status: int = 200) -> _Answer:
    """Return ``answer`` if it has this status.

    Raises:
        StepFailed: it has another.
    """
    if answer.status != status:
        raise StepFailed(f"status_{answer.status}")
    return answer


class Walk:
    """One walk. Steps leave behind what the next ones need, and in ``kept`` what the next walk does."""

    def __init__(self, learner: Learner, kept: Kept | None = None) -> None:
        self._learner = learner
        self._kept = kept or Kept()
        self._browser = _Browser(learner)
        if self._kept.device:
            self._browser.cookies[_DEVICE] = self._kept.device
        self._base = self._item = self._manifest = self._query = ""
        self._lesson: dict[str, Any] = {}

    def page(self) -> None:
        """The sign-in page comes, with what the application starts from."""
        boot = self._browser.open("/login")
        if not boot.get("organization"):
            raise StepFailed("no_organization")

    def sign_in(self) -> None:
        """The password is taken, and the page knows who is there."""
        body = {"email": self._learner.email, "password": self._learner.password}
        expect(self._browser.ask("POST", "/_allauth/browser/v1/auth/login", body))
        if not self._browser.open("/").get("me"):
            raise StepFailed("not_signed_in")

    def courses(self) -> None:
        """The learner's courses are listed."""
        found = expect(self._browser.ask("GET", "/api/v1/enrollments/")).json()["items"]
        if not found:
            raise StepFailed("no_course")
        self._base = f"/api/v1/enrollments/{found[0]['id']}/"

    def lesson(self) -> None:
        """The course has a lesson with a film, and it opens."""
        outline = expect(self._browser.ask("GET", f"{self._base}outline/")).json()
        for line in (line for module in outline["modules"] for line in module["lessons"]):
            opened = expect(self._browser.ask("GET", f"{self._base}items/{line['item']}/")).json()
            if opened.get("video"):
                self._item, self._lesson = str(line["item"]), opened
                return
        raise StepFailed("no_film")

    def grant(self) -> None:
        """Leave to play the film is given."""
        given = expect(self._browser.ask("POST", f"{self._base}items/{self._item}/grant/")).json()
        self._manifest, self._query = str(given["manifest_url"]), str(given.get("query") or "")

    def manifest(self) -> None:
        """The film's playlists come from the edge, signed for."""
        path = _path(self._manifest)
        playlist = self._playlist(path)
        variants = [line for line in playlist.splitlines() if line and not line.startswith("#")]
        if not variants:
            raise StepFailed("empty_playlist")
        self._manifest = _path(urljoin(path, variants[0])) if ".m3u8" in variants[0] else path

    def segment(self) -> None:
        """The first bytes of the film come from the edge."""
        playlist = self._playlist(self._manifest)
        names = re.findall(r'^#EXT-X-MAP:.*URI="([^"]+)"', playlist, re.M)
        names += [line for line in playlist.splitlines() if line and not line.startswith("#")]
        if not names:
            raise StepFailed("no_segment")
        answer = self._media(_path(urljoin(self._manifest, names[0])), {"Range": "bytes=0-65535"})
        if answer.status not in (200, 206) or not answer.content:
            raise StepFailed(f"status_{answer.status}")

    def progress(self) -> None:
        """A few seconds are reported as watched, and are there when the lesson is opened again.

        What was watched only grows, and would be there from the walks before. So the place is drawn anew each time, and
        it is this walk's that the lesson has to open at: never the one where it stands already.
        """
        video = self._lesson["video"]
        places = max(1, video["duration_ms"] - _WATCHED_MS)
        begin_ms = secrets.randbelow(places)
        if begin_ms + _WATCHED_MS == round(video["position_seconds"] * 1000):
            begin_ms = (begin_ms + 1) % places
        begin, end = begin_ms / 1000, (begin_ms + _WATCHED_MS) / 1000
        play_session, seq = self._kept.next_report(self._base, self._item, str(video["timeline_id"]))
        report = {
            "play_session": play_session,
            "seq": seq,
            "item": self._item,
            "timeline": video["timeline_id"],
            "spans": [[begin, end, 1]],
            "position": end,
            "placement_no": self._lesson["placement_no"],
        }
        expect(self._browser.ask("POST", f"{self._base}play-beacons/", report))
        again = expect(self._browser.ask("GET", f"{self._base}items/{self._item}/")).json()
        if again["video"]["position_seconds"] != end or not again["video"]["seconds"]:
            raise StepFailed("not_kept")

    def _playlist(self, path: str) -> str:
        text = expect(self._media(path, {})).content.decode(errors="replace")
        if not text.startswith("#EXTM3U"):
            raise StepFailed("no_playlist")
        return text

    def _media(self, path: str, headers: Mapping[str, str]) -> _Answer:
        signed = f"{path}{'&' if '?' in path else '?'}{self._query}" if self._query else path
        return self._browser.ask("GET", signed, headers=headers)

    def go(self) -> Walked:
        """Take every step until one fails."""
        walked = Walked()
        for name in STEPS:
            began = time.perf_counter()
            why = ""
            try:
                getattr(self, name)()
            except StepFailed as failed:
                why = str(failed)
            except (OSError, http.client.HTTPException) as failed:
                why = type(failed).__name__
            except (KeyError, IndexError, TypeError, ValueError):
                why = "other_shape"
            walked.steps.append(Step(name, not why, time.perf_counter() - began, why))
            if why:
                break
        walked.certificate_ends_at = self._browser.certificate_ends_at
        self._kept.device = self._browser.cookies.get(_DEVICE, "")
        self._leave()
        return walked

    def _leave(self) -> None:
        """Sign out: a session for each minute would live for weeks. One that cannot be ended is no step that failed."""
        if self._browser.csrf:
            with contextlib.suppress(StepFailed, OSError, http.client.HTTPException):
                self._browser.ask("DELETE", "/_allauth/browser/v1/auth/session")


STEPS = ("page", "sign_in", "courses", "lesson", "grant", "manifest", "segment", "progress")


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
