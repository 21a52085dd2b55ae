"""The platform's own side of the demo: somebody of the staff, and organizations in more than one state.

The account is made as any first one is: the command prints a link, a browser sets the password and makes the factor.
"""

from __future__ import annotations

import secrets
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp

from core.clock import iso, now
from devstack.demo.browser import Browser, Refused

EMAIL, NAME, ROLES = "dana@staff.example", "Dana Osei", "operations,support,finance"
STEP_SECONDS = 30
API = "/api/v1"


@dataclass(frozen=True)
class Chapter:
    """An organization that the console has something to say about: what happens to it, and why."""

    slug: str
    name: str
    owner: str
    plan: str
    seats: int
    event: str
    reason: str
    note: str


CHAPTERS = (
    Chapter(
        "harbour-health", "Harbour City Health", "Hana Mori", "growth", 60, "suspend",
        "Phishing pages among its courses, reported twice.", "Called the owner on Monday: she cleans up.",
    ),
    Chapter(
        "nordlys-rail", "Nordlys Rail", "Nils Berg", "scale", 250, "limit",
        "Invoice 60 days past due.", "Purchase order is on its way, says their finance.",
    ),
    Chapter(
        "casa-verde", "Casa Verde", "Carla Rossi", "team", 12, "ask_deletion",
        "Asked for by the owner in writing.", "They merge with another school and take their export along.",
    ),
)  # fmt: skip


class Console:
    """Somebody of the staff at work in a running stack."""

    def __init__(self, host: str, port: int, environ: Mapping[str, str], say: Callable[[str], None]) -> None:
        self._host, self._port, self._environ, self._say = host, port, environ, say
        self._browser = Browser(host, port)

    def enter(self, known: dict[str, Any] | None, keep: Callable[[dict[str, Any]], None]) -> None:
        """Sign in with the account that ``known`` describes, or make it; ``keep`` is given it before it is used."""
        self._browser.open("/sign-in")
        if known is not None and self._sign_in(known):
            self._say(f"{known['name']} of the staff is there already")
            return
        self._say(f"staff: making {NAME}'s account")
        password = f"demo-{secrets.token_urlsafe(12)}"
        token = self._link().rsplit("/", 1)[1]
        self._browser.open(f"/set-up/{token}")
        self._browser.call("POST", f"{API}/set-up-links/{token}/", {"password": password})
        seed = self._browser.call("POST", f"{API}/factors/totp/")["secret"]
        keep({"name": NAME, "email": EMAIL, "password": password, "totp_secret": seed})
        codes = self._browser.call("POST", f"{API}/factors/totp/confirmation/", {"code": pyotp.TOTP(seed).now()})
        keep({
            "name": NAME,
            "email": EMAIL,
            "password": password,
            "totp_secret": seed,
            "recovery_codes": codes["recovery_codes"],
        })  # fmt: skip

    def act(self, chapter: Chapter, organization_id: str) -> None:
        """Give the chapter's organization its plan, write its note and let its event happen."""
        path = f"{API}/organizations/{organization_id}"
        page = self._browser.call("GET", f"{path}/")
        if page["plan"] != chapter.plan:
            until = iso(now() + timedelta(days=365))
            plan = {"plan": chapter.plan, "seats": chapter.seats, "until": until, "reason": "A pilot of a year."}
            self._browser.call("POST", f"{path}/given-plans/", plan)
            self._browser.call("POST", f"{path}/notes/", {"body": chapter.note})
        effects = self._browser.call("GET", f"{path}/transition-effects/?event={chapter.event}")
        if effects["from"] == effects["to"]:
            return
        self._say(f"{chapter.name}: {chapter.event.replace('_', ' ')}")
        asked = {"event": chapter.event, "reason": chapter.reason, "ticket": "", "token": effects["token"]}
        self._browser.call("POST", f"{path}/transitions/", asked)

    def find(self, slug: str) -> dict[str, Any] | None:
        """Return the organization with this slug as the list shows it, or None."""
        items = self._browser.call("GET", f"{API}/organizations/?q={slug}.")["items"]
        return next((item for item in items if item["slug"] == slug), None)

    def end_trial(self, organization_id: str) -> None:
        """Let a trial be over within the hour, for who chooses a plan today."""
        asked = {"until": iso(now() + timedelta(hours=1)), "reason": "They start today, and pay from today on."}
        self._browser.call("POST", f"{API}/organizations/{organization_id}/trial-extensions/", asked)

    def open_feature(self, organization_id: str) -> None:
        """Give one organization the faster player."""
        flags = {flag["key"] for flag in self._browser.call("GET", f"{API}/feature-flags/")["items"]}
        key = "player.fast_speeds"
        if key in flags:
            return
        until = (now() + timedelta(days=60)).date().isoformat()
        about = "2.5 and 3 times in the player; reports are believed up to that."
        flag = {"key": key, "description": about, "owner": NAME, "expires_on": until}
        self._browser.call("POST", f"{API}/feature-flags/", flag)
        rules = {"rules": [{"kind": "organization", "value": organization_id}]}
        self._browser.call("PUT", f"{API}/feature-flags/{key}/rules/", rules)

    def _sign_in(self, known: dict[str, Any]) -> bool:
        try:
            self._browser.call("POST", f"{API}/session/", {"email": known["email"], "password": known["password"]})
        except Refused:
            return False
        for last in (False, True):
            try:
                code = pyotp.TOTP(known["totp_secret"]).now()
                self._browser.call("POST", f"{API}/session/totp/", {"code": code})
            except Refused:
                if last:
                    return False
                time.sleep(STEP_SECONDS - time.time() % STEP_SECONDS)  # this step's code was taken: the next opens
            else:
                return True
        return False

    def _link(self) -> str:
        """Ask for the account by the command. One whose password is lost, with the file that held it, starts over."""
        made = self._command("--name", NAME, "--roles", ROLES)
        if made.returncode:
            made = self._command("--start-over", "the demo's file with its password is gone")
        if made.returncode:
            raise Refused(f"create_staff: {made.stderr.strip()}")
        return made.stdout.strip()

    def _command(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "manage.py", "create_staff", "--email", EMAIL, *arguments],
            env=dict(self._environ),
            cwd=Path(__file__).parents[3],
            capture_output=True,
            text=True,
            check=False,
        )
