"""Make the demo organizations: sign up, invite, brand, write, upload, publish, enrol. Repeating it adds nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import secrets
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx

from devstack.demo import brand, buying, films, watching
from devstack.demo.browser import Browser, Refused
from devstack.demo.console import CHAPTERS, Chapter, Console
from devstack.demo.story import STORIES, Lesson, Person, Story, document
from devstack.settings import Settings

Say = Callable[[str], None]
Found = TypeVar("Found")

PATIENCE_SECONDS = 120.0


class Seed:
    """One run against a running stack."""

    def __init__(self, settings: Settings, *, ffmpeg: str, say: Say, environ: Mapping[str, str]) -> None:
        self._settings = settings
        self._port = settings.ports["front"]
        self._site = settings.site_host
        self._ffmpeg = ffmpeg
        self._say = say
        self._environ = environ
        self._mail = Browser(settings.mail_host, self._port)
        self._file = settings.data_dir / "demo.json"

    def run(self) -> Path:
        """Make what is missing; return the path of ``demo.json``."""
        known: dict[str, Any] = json.loads(self._file.read_text()) if self._file.exists() else {"organizations": {}}
        for story in STORIES:
            before = known["organizations"].get(story.slug)
            if before and self._is_complete(before):
                self._say(f"{story.name} is there already")
                continue
            known["organizations"][story.slug] = self._organization(story)
            self._keep(known)
        self._console(known)
        return self._file

    def _keep(self, known: dict[str, Any]) -> None:
        self._file.touch(mode=0o600)
        self._file.write_text(json.dumps(known, indent=2, ensure_ascii=False) + "\n")
        self._file.chmod(0o600)

    def _console(self, known: dict[str, Any]) -> None:
        """Somebody of the staff, who puts three more organizations into states of their own."""
        console = Console(self._settings.staff_host, self._port, self._environ, self._say)

        def keep(account: dict[str, Any]) -> None:
            known["staff"] = {"url": self._settings.url(self._settings.staff_host), **account}
            self._keep(known)

        console.enter(known.get("staff"), keep)
        for chapter in CHAPTERS:
            found = console.find(chapter.slug)
            if found is None:
                self._say(f"{chapter.name}: signing up")
                owner = Person(chapter.owner, chapter.owner.split()[0].lower(), "owner")
                self._sign_up(chapter, owner, self._password(chapter))
                found = console.find(chapter.slug)
            if found is None:
                raise Refused(f"{chapter.name} is not in the console's list")
            if found["state"] == "active":
                console.act(chapter, found["id"])
        for story in STORIES:
            self._buy(story, console)
        first = console.find(STORIES[0].slug)
        if first is not None:
            console.open_feature(first["id"])

    def _buy(self, story: Story, console: Console) -> None:
        """What the organization pays for. Only the local Stripe takes test cards from a script."""
        found = console.find(story.slug)
        owner = self._signed_in(f"{story.slug}.{self._settings.tenant_suffix}", *self._owner(story))
        if found is None or owner is None or self._settings.external.get("LMS_STRIPE_SECRET_KEY") is not None:
            return
        purchase = buying.PURCHASES[story.slug]
        if buying.buy(purchase, owner, end_trial=lambda: console.end_trial(found["id"]), until=self._until):
            self._say(f"{story.name}: bought {purchase.plan}, paid by {purchase.collection}")

    def _owner(self, story: Story) -> tuple[str, str]:
        return _email(story, story.people[0]), self._password(story)

    def _is_complete(self, before: dict[str, Any]) -> bool:
        learner = before["accounts"]["learner"]
        there = self._signed_in(before["host"], learner["email"], learner["password"])
        return there is not None and bool(before.get("course_id"))

    # -- people ---------------------------------------------------------------------------------------------------

    def _organization(self, story: Story) -> dict[str, Any]:
        password = self._password(story)
        owner, *others = story.people
        host = f"{story.slug}.{self._settings.tenant_suffix}"
        studio = self._signed_in(host, _email(story, owner), password)
        if studio is None:
            self._say(f"{story.name}: signing up at {host}")
            studio = self._sign_up(story, owner, password)
        accounts = {owner.role: {"name": owner.name, "email": _email(story, owner), "password": password}}
        for person in others:
            if self._signed_in(host, _email(story, person), password) is None:
                self._say(f"{story.name}: inviting {person.name} ({person.role})")
                self._join(story, studio, person, password)
            accounts[person.role] = {"name": person.name, "email": _email(story, person), "password": password}
        brand.publish(story, studio)
        course = self._course(story, studio)
        learner = Browser(host, self._port)
        learner.sign_in(accounts["learner"]["email"], password)
        enrollment = learner.call("POST", "/api/v1/enrollments/", {"course": course["course_id"]})
        school = {
            "name": story.name,
            "host": host,
            "url": self._settings.url(host),
            "accounts": accounts,
            "enrollment_id": enrollment["id"],
            **course,
        }
        self._say(f"{story.name}: {accounts['learner']['name']} watched {watching.watch(learner, school):,} bytes")
        return school

    def _password(self, story: Story | Chapter) -> str:
        """Return the password of the organization's people, kept before the first of them exists: a run may be cut."""
        file = self._settings.data_dir / "demo-passwords.json"
        known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
        if story.slug not in known:
            known[story.slug] = f"demo-{secrets.token_urlsafe(9)}"
            file.touch(mode=0o600)
            file.write_text(json.dumps(known))
        return known[story.slug]

    def _signed_in(self, host: str, email: str, password: str) -> Browser | None:
        """Return this person's browser, or None where they are not there yet."""
        browser = Browser(host, self._port)
        try:
            browser.sign_in(email, password)
        except Refused:
            return None
        return browser

    def _sign_up(self, story: Story | Chapter, owner: Person, password: str) -> Browser:
        site = Browser(self._site, self._port)
        site.open("/sign-up")
        email = _email(story, owner)
        started = site.call(
            "POST",
            "/api/v1/sign-ups/",
            {
                "organization_name": story.name,
                "slug": story.slug,
                "name": owner.name,
                "email": email,
                "password": password,
                "terms_version": site.call("GET", "/api/v1/terms/")["version"],
            },
        )
        path = f"/api/v1/sign-ups/{started['token']}/"
        code = self._in_mail(email, r"\b(\d{3}) ?(\d{3})\b")
        site.call("POST", f"{path}code/", {"code": "".join(code)})
        status = self._until(lambda: site.call("GET", path), lambda found: found["state"] != "provisioning")
        if status["state"] != "ready":
            raise Refused(f"{story.slug}: {status['detail']}")
        tenant = Browser(status["organization"]["host"], self._port)
        tenant.visit("/hand-over/start/")  # sets the nonce cookie
        nonce = tenant.cookies["__Host-handover"]
        made = site.call("POST", f"{path}hand-over/", {"nonce_hash": hashlib.sha256(nonce.encode()).hexdigest()})
        tenant.open("/hand-over/")
        tenant.call("POST", "/api/v1/hand-over/", {"code": made["code"]})
        tenant.open("/studio")
        return tenant

    def _join(self, story: Story, studio: Browser, person: Person, password: str) -> None:
        email = _email(story, person)
        try:
            studio.call("POST", "/api/v1/invitations/", {"email": email, "role": person.role})
        except Refused as refused:
            if refused.code != "already_invited":  # by a run that was cut; its mail is still there
                raise
        (token,) = self._in_mail(email, r"/invitation/([A-Za-z0-9_-]{43})")
        browser = Browser(studio.host, self._port)
        browser.open(f"/invitation/{token}")
        browser.call(
            "POST", f"/api/v1/invitation-links/{token}/acceptance/", {"name": person.name, "password": password}
        )

    def _in_mail(self, email: str, pattern: str) -> tuple[str, ...]:
        """Return what ``pattern`` finds in the newest mail to ``email``."""

        def look() -> tuple[str, ...] | None:
            for summary in self._mail.call("GET", f"/api/messages?to={email}")["items"]:
                text = json.dumps(self._mail.call("GET", f"/api/messages/{summary['id']}"))
                if found := re.search(pattern, text):
                    return found.groups()
            return None

        found = self._until(look, lambda groups: groups is not None)
        assert found is not None
        return found

    # -- courses --------------------------------------------------------------------------------------------------

    def _course(self, story: Story, studio: Browser) -> dict[str, Any]:
        self._say(f"{story.name}: writing “{story.course}”")
        course = studio.call("POST", "/api/v1/courses/", {"title": story.course})
        path = f"/api/v1/courses/{course['id']}"
        studio.call("PATCH", f"{path}/", {"summary": story.summary, "visibility": "members"})
        lessons: dict[str, str] = {}
        assets: dict[str, str] = {}
        last_module: str | None = None
        for module in story.modules:
            made = studio.call(
                "POST",
                f"{path}/draft/nodes/",
                {"kind": "module", "parent": None, "title": module.title, "after": last_module},
            )
            last_module = made["item"]
            previous: str | None = None
            for lesson in module.lessons:
                node = studio.call(
                    "POST",
                    f"{path}/draft/nodes/",
                    {"kind": "lesson", "parent": made["item"], "title": lesson.title, "after": previous},
                )
                previous = node["item"]
                lessons[lesson.title] = node["item"]
                blocks = self._blocks(story, studio, lesson, assets)
                config = {
                    "completion": {"rule": "watched", "permille": 900} if lesson.film else {"rule": "viewed"},
                    "required": True,
                }
                studio.call(
                    "PATCH",
                    f"{path}/draft/nodes/{node['item']}/",
                    {"body": {"v": 1, "blocks": blocks}, "config": config},
                    **{"If-Match": f'"{node["revision"]}"'},
                )
        studio.call("POST", f"{path}/publication/", {"note": "First version"})
        return {"course_id": course["id"], "course": story.course, "lessons": lessons, "assets": assets}

    def _blocks(self, story: Story, studio: Browser, lesson: Lesson, assets: dict[str, str]) -> list[dict[str, Any]]:
        blocks: list[dict[str, Any]] = []
        if lesson.film:
            self._say(f"{story.name}: filming and uploading “{lesson.title}” ({lesson.film.seconds} s)")
            asset = self._film(story, studio, lesson.film)
            assets[lesson.title] = asset
            blocks.append({"type": "video", "asset": asset})
        if lesson.words:
            blocks.append({"type": "text", "doc": document(lesson.words)})
        return blocks

    def _film(self, story: Story, studio: Browser, film: films.Film) -> str:
        """Make, upload in parts, wait until it plays, add captions; return the asset's id."""
        folder = self._settings.data_dir / "demo-films" / story.slug
        content = films.make(film, folder / f"{film.name}.mp4", ffmpeg=self._ffmpeg).read_bytes()
        upload = studio.call(
            "POST",
            "/api/v1/uploads/",
            {
                "name": f"{film.name}.mp4",
                "size_bytes": len(content),
                "content_type": "video/mp4",
                "fingerprint": f"demo:{film.name}:{len(content)}",
            },
        )
        path, size = f"/api/v1/uploads/{upload['id']}/", upload["part_bytes"]
        for number in range(1, upload["parts"] + 1):
            part = content[(number - 1) * size : number * size]
            digest = base64.b64encode(hashlib.sha256(part).digest()).decode()
            signed = studio.call("POST", f"{path}parts/", {"parts": [{"number": number, "sha256": digest}]})["items"][0]
            _put(signed["url"], signed["headers"], part, self._settings)
        studio.call("POST", f"{path}completion/")
        asset = f"/api/v1/assets/{upload['asset_id']}/"
        done = self._until(lambda: studio.call("GET", asset), lambda found: found["state"] in ("ready", "failed"))
        if done["state"] == "failed":
            raise Refused(f"{film.name}: {done['error']}")
        studio.call(
            "POST",
            f"{asset}captions/",
            {"language": "en", "label": "English", "text": films.captions(film), "is_default": True},
        )
        return str(upload["asset_id"])

    @staticmethod
    def _until(look: Callable[[], Found], good: Callable[[Found], bool]) -> Found:
        """Look again until it is good, at most two minutes."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not good(found := look()):
            if time.monotonic() > deadline:
                raise Refused("It takes longer than two minutes; look into the logs.")
            time.sleep(0.2)
        return found


def _put(url: str, headers: dict[str, str], content: bytes, settings: Settings) -> None:
    """Send one part to the object store by its signed address, whose host only a browser resolves."""
    parts = urlsplit(url)
    address = f"{parts.scheme}://127.0.0.1:{parts.port}{parts.path}?{parts.query}"
    local = parts.hostname is not None and parts.hostname.endswith(settings.site_host)
    answer = httpx.put(
        address if local else url,
        content=content,
        headers={**headers, "Host": parts.netloc},
        timeout=120,
    )
    if not answer.is_success:
        raise Refused(f"The object store refused a part: {answer.status_code} {answer.text[:300]}")


def _email(story: Story | Chapter, person: Person) -> str:
    return f"{person.mailbox}@{story.slug}.example"
