"""The running product with a fault proxy on each way between it and what it needs.

Two stacks, as in production: PostgreSQL, Valkey, the object store and the mailbox in one; web, workers, dispatcher,
edge, front door and the local Stripe in the other, which knows the first only by the proxy's ports.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import psycopg2
import redis

from devstack import embedded, ports, process
from devstack import logs as logs_of
from devstack.demo.browser import Browser as Caller
from tests.faults.campaign.crowd import FILM_SECONDS, Person
from tests.journeys import organizations
from tests.journeys.conftest import PASSWORD, Product, until
from tests.support.fault_proxy import FaultProxy

SERVICES = frozenset({"postgres", "valkey", "s3", "mailbox"})
PRODUCT = frozenset(
    {"schema", "edge", "stripe", "web", "worker", "provisioner", "archivist", "media", "dispatcher", "front"}
)
UNLIMITED = {f"LMS_RATE_{name}": "1000000/1" for name in ("ORGANIZATION", "PERSON", "VISITOR", "ADDRESS", "SIGN_IN")}
LEARNERS = 5
PATIENCE = "-c statement_timeout=60s -c lock_timeout=30s"
COMPLETED_EACH = 5
"""Lessons that one learner completes in one scenario: each lesson once in a campaign, or its loss would not show."""


class Whole(Product):
    """The product as journeys know it; its mail is read where it arrives, not through the front door."""

    mail_port = 0

    def mail_to(self, address: str, pattern: str) -> str:
        mailbox = Caller(self.environment.settings.mail_host, self.mail_port)

        def look() -> str | None:
            for message in mailbox.call("GET", f"/api/messages?to={address}")["items"]:
                if found := re.search(pattern, message["text"]):
                    return "".join(found.groups())
            return None

        return str(until(look, f"a mail to {address}"))


@dataclass
class School:
    """One organization that is at work: who owns it, who learns, and the film's address."""

    slug: str
    organization: organizations.Organization
    owner: Person
    learners: list[Person]
    course: str = ""
    asset: str = ""
    film_item: str = ""
    schema: str = ""
    _given: int = 0

    def untouched(self) -> dict[str, list[str]]:
        """Return lessons that nobody has completed yet, by enrollment."""
        self._given += COMPLETED_EACH
        found = {one.enrollment: list(one.lessons[self._given - COMPLETED_EACH : self._given]) for one in self.learners}
        if not all(found.values()):
            raise RuntimeError("every lesson was completed by an earlier scenario: furnish with more")
        return found


@dataclass(frozen=True)
class Mail:
    """One mail that arrived, when (seconds since 1970)."""

    to: str
    message_id: str
    received_at: float


@dataclass
class Stage:
    """Everything that runs, and ways to hurt it."""

    services: embedded.StackEnvironment
    product: embedded.StackEnvironment
    whole: Whole
    proxy: FaultProxy
    folder: Path
    schools: dict[str, School] = field(default_factory=dict)
    _read: dict[str, Mail] = field(default_factory=dict)

    @property
    def port(self) -> int:
        return self.product.settings.ports["front"]

    # -- processes --------------------------------------------------------------------------------------------------

    def report(self, part: str) -> dict[str, Any]:
        stack = self.services if part in SERVICES else self.product
        found: dict[str, Any] = stack.state()["parts"][part]
        return found

    def pid(self, part: str, *, within: float = 60.0) -> int:
        """The process of a part, waiting while it is being started again."""
        deadline = time.monotonic() + within
        while (pid := self.report(part)["pid"]) is None or self.report(part)["phase"] != "ready":
            if time.monotonic() > deadline:
                raise RuntimeError(f"{part} does not run")
            time.sleep(0.05)
        return int(pid)

    def family(self, part: str) -> list[int]:
        """The process of a part and its children: PostgreSQL's and gunicorn's have sessions of their own."""
        pid = self.pid(part)
        return [pid, *process.children_of(pid)]

    def kill(self, part: str) -> float:
        """kill -9 of a part's process; returns when (monotonic)."""
        os.kill(self.pid(part), signal.SIGKILL)
        return time.monotonic()

    def signal_family(self, part: str, number: signal.Signals, family: list[int] | None = None) -> list[int]:
        found = family or self.family(part)
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        return found

    @contextlib.contextmanager
    def stopped(self, *parts: str) -> Iterator[None]:
        """Parts that hang: their processes are stopped, and go on at the end."""
        held = [pid for part in parts for pid in self.signal_family(part, signal.SIGSTOP)]
        try:
            yield
        finally:
            self.signal_family("", signal.SIGCONT, held)

    def web_parts(self) -> tuple[str, ...]:
        return self.product.settings.web_names

    def serving(self, slug: str, *, within: float = 20.0) -> str:
        """The group of web processes that answers a school's people, who are at work: the first that writes so down.

        The front door leads a host to one group always: what happens to another one happens to nobody here.
        """
        host = self.schools[slug].organization.host
        ((found,),) = self.ask("SELECT organization_id::text FROM tenants_domain WHERE host = %s", host)
        logs = {part: logs_of.path(self.product.settings.log_dir, part) for part in self.web_parts()}
        begins = {part: log.stat().st_size for part, log in logs.items()}
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            time.sleep(0.1)
            for part, log in logs.items():
                with log.open("rb") as lines:
                    lines.seek(begins[part])
                    if any(b'"http.request"' in line and found.encode() in line for line in lines):
                        return part
        raise RuntimeError(f"no group has answered anybody of {slug}")

    # -- rows -------------------------------------------------------------------------------------------------------

    def connect(self) -> Any:
        """A connection past the proxy and past all roles."""
        database = self.services.superuser_url.rpartition("/")[0] + "/lms"
        link = psycopg2.connect(database, connect_timeout=5, options=PATIENCE)
        link.autocommit = True
        return link

    def ask(self, statement: str, *values: Any, schema: str = "public") -> list[tuple[Any, ...]]:
        link = self.connect()
        try:
            with link.cursor() as cursor:
                cursor.execute(f'SET search_path TO "{schema}", public, ext')
                cursor.execute(statement, values or None)
                return list(cursor.fetchall()) if cursor.description else []
        finally:
            link.close()

    def mails(self, word: str) -> list[Mail]:
        """Every mail to an address with this word in it, read where the mailbox keeps them: it may be dead."""
        found = []
        for file in sorted((self.services.data_dir / "mail").glob("*.eml")):
            if file.name not in self._read:
                content = file.read_text(errors="replace")
                to = re.search(r"^X-Mailbox-To: (.*?)\r?$", content, re.M)
                message_id = re.search(r"^Message-ID:\s*(\S+)", content, re.M | re.I)
                self._read[file.name] = Mail(
                    to[1].lower() if to else "", message_id[1] if message_id else "", int(file.name[:13]) / 1000
                )
            if word in self._read[file.name].to:
                found.append(self._read[file.name])
        return found

    # -- people -----------------------------------------------------------------------------------------------------

    def person(self, caller: Caller, **more: Any) -> Person:
        return Person(caller.host, dict(caller.cookies), caller._csrf, **more)

    def invite_anew(self) -> None:
        """Let an hour pass for whoever invites: all scenarios together invite more than an organization may in one."""
        with redis.Redis.from_url(self.services["LMS_REDIS_URL"]) as link:
            for key in link.scan_iter("*count:invitations:*"):
                link.delete(key)

    def found(self, slug: str, *, learners: int, lessons: int, ffmpeg: str = "") -> School:
        """Sign an organization up; with a film where ``ffmpeg`` is given. Its learners are on one course."""
        made = organizations.found(self.whole, slug, f"{slug.title()} School")
        asset = ""
        if ffmpeg:
            asset = self.upload(made.owner, film(ffmpeg, self.folder / "film.mp4").read_bytes(), "film")
        written: dict[str, str | None] = {"The film": asset or None}
        written |= {f"Lesson {number}": None for number in range(1, lessons + 1)}
        course, items = organizations.write_course(made, "Ropes", written)
        people = []
        for number in range(learners):
            role = f"learner{number}"
            email = f"learner{number}@{slug}.example"
            made.owner.call("POST", "/api/v1/invitations/", {"email": email, "role": "learner"})
            token = self.whole.mail_to(email, r"/invitation/([A-Za-z0-9_-]{43})")
            browser = Caller(made.host, self.port)
            browser.open(f"/invitation/{token}")
            acceptance = {"name": f"Learner {number}", "password": PASSWORD}
            browser.call("POST", f"/api/v1/invitation-links/{token}/acceptance/", acceptance)
            made.members[role] = email
            caller = organizations.caller(self.whole, made, role)
            enrollment = caller.call("POST", "/api/v1/enrollments/", {"course": course})["id"]
            timeline = ""
            if asset:
                lesson = caller.call("GET", f"/api/v1/enrollments/{enrollment}/items/{items['The film']}/")
                timeline = str(_find(lesson, "timeline_id") or _find(lesson, "timeline"))
            texts = tuple(item for title, item in items.items() if title != "The film")
            people.append(
                self.person(caller, enrollment=enrollment, film=items["The film"], timeline=timeline, lessons=texts)
            )
        ((schema,),) = self.ask(
            "SELECT o.schema_name FROM tenants_organization o JOIN tenants_domain d ON d.organization_id = o.id"
            " WHERE d.host = %s",
            made.host,
        )
        school = School(slug, made, self.person(made.owner), people, course, asset, items["The film"], schema)
        self.schools[slug] = school
        return school

    def begin_upload(self, owner: Caller, content: bytes, name: str) -> dict[str, Any]:
        form = {
            "name": f"{name}.mp4",
            "size_bytes": len(content),
            "content_type": "video/mp4",
            "fingerprint": f"{name}:{len(content)}",
        }
        upload: dict[str, Any] = owner.call("POST", "/api/v1/uploads/", form)
        return upload

    def send_part(self, owner: Caller, upload: dict[str, Any], content: bytes, number: int) -> httpx.Response:
        size = upload["part_bytes"]
        part = content[(number - 1) * size : number * size]
        digest = base64.b64encode(hashlib.sha256(part).digest()).decode()
        asked = {"parts": [{"number": number, "sha256": digest}]}
        signed = owner.call("POST", f"/api/v1/uploads/{upload['id']}/parts/", asked)["items"][0]
        address = urlsplit(signed["url"])
        place = f"{address.scheme}://127.0.0.1:{address.port}{address.path}?{address.query}"
        return httpx.put(place, content=part, headers={**signed["headers"], "Host": address.netloc}, timeout=10)

    def upload(self, owner: Caller, content: bytes, name: str) -> str:
        """Upload in parts and wait until it plays; return the asset's id."""
        upload = self.begin_upload(owner, content, name)
        for number in range(1, upload["parts"] + 1):
            self.send_part(owner, upload, content, number).raise_for_status()
        owner.call("POST", f"/api/v1/uploads/{upload['id']}/completion/")
        asset = str(upload["asset_id"])
        self.playable(owner, asset)
        return asset

    def playable(self, owner: Caller, asset: str, *, seconds: float = 180) -> None:
        def look() -> bool:
            found = owner.call("GET", f"/api/v1/assets/{asset}/")
            if found["state"] == "failed":
                raise RuntimeError(f"the film failed: {found['error']}")
            return found["state"] in ("playable", "ready")

        until(look, "the film to be playable", seconds=seconds)

    def heal(self) -> None:
        """Let every way pass again, whatever the last scenario left."""
        for name in self.proxy.ports:
            self.proxy.set(name, "pass")

    def settled(self, *, seconds: float = 60.0) -> None:
        """Wait until every part runs."""
        parts = (*SERVICES, *(PRODUCT - {"schema", "web"}), *self.web_parts())
        until(lambda: all(self.report(part)["phase"] == "ready" for part in parts), "all parts to run", seconds=seconds)


def film(ffmpeg: str, target: Path) -> Path:
    """A small film that is long enough: five minutes and more, ten pictures a second."""
    if not target.exists():
        seconds = FILM_SECONDS + 60
        picture = f"testsrc2=size=320x180:rate=10:duration={seconds}"
        tone = f"sine=frequency=330:duration={seconds}"
        coding = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "38", "-g", "20", "-c:a", "aac", "-b:a", "32k"]
        argv = [ffmpeg, "-v", "error", "-y", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone, *coding]
        subprocess.run([*argv, "-pix_fmt", "yuv420p", "-movflags", "+faststart", target], check=True, timeout=180)
    return target


def _find(body: Any, name: str) -> Any:
    """The first value under this name, however deep."""
    if isinstance(body, dict):
        if body.get(name):
            return body[name]
        body = list(body.values())
    for one in body if isinstance(body, list) else []:
        if (found := _find(one, name)) is not None:
            return found
    return None


@contextlib.contextmanager
def running() -> Iterator[Stage]:
    """Start both stacks and the proxy between them."""
    folder = Path(tempfile.mkdtemp(prefix="lms-campaign-"))
    folder.chmod(0o711)
    try:
        with contextlib.ExitStack() as cleanup:
            services = cleanup.enter_context(embedded.running(SERVICES, data_dir=folder / "services", fsync=True))
            numbers = {name: services.settings.ports[name] for name in ("postgres", "redis", "s3", "smtp")}
            base = ports.free_base()
            proxy = FaultProxy({name: (base + at, port) for at, (name, port) in enumerate(numbers.items())})
            cleanup.callback(proxy.close)
            # The same passwords: the server gives its logins those of its own data dir whenever it starts.
            (folder / "product").mkdir(mode=0o755)
            shutil.copytree(folder / "services" / "secrets", folder / "product" / "secrets")
            given = {
                "LMS_DATABASE_URL": services.owner["LMS_OWNER_DATABASE_URL"],
                "LMS_REDIS_URL": services["LMS_REDIS_URL"],
                "LMS_S3_URL": services["LMS_S3_URL"],
                "LMS_SMTP_URL": services["LMS_SMTP_URL"],
            }
            names = dict(zip(given, numbers, strict=True))
            for variable, name in names.items():
                given[variable] = given[variable].replace(f":{numbers[name]}", f":{proxy.ports[name]}")
            more = {**given, **UNLIMITED, "LMS_SIGN_UPS_PER_IP": "100000"}
            product = cleanup.enter_context(
                embedded.running(PRODUCT, data_dir=folder / "product", fsync=True, extra_env=more)
            )
            whole = Whole(product)
            whole.mail_port = services.settings.ports["mail"]
            yield Stage(services, product, whole, proxy, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def furnish(stage: Stage, *, scenarios: int) -> None:
    """Make the two organizations that so many scenarios are about: ``reef`` with a film, ``dune`` beside it."""
    import imageio_ffmpeg

    lessons = COMPLETED_EACH * scenarios
    stage.found("reef", learners=LEARNERS, lessons=lessons, ffmpeg=imageio_ffmpeg.get_ffmpeg_exe())
    stage.found("dune", learners=1, lessons=2)
