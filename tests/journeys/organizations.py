"""Organizations, courses and films for journeys: made through the front door, by the calls that pages make."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from devstack.demo.browser import Browser as Caller
from tests.journeys.conftest import PASSWORD, Product, until

WORDS = {
    "type": "doc",
    "content": [{"type": "paragraph", "content": [{"type": "text", "text": "North is up on most maps."}]}],
}


@dataclass
class Organization:
    """One organization and its people: ``owner`` calls its API as the one who signed it up."""

    slug: str
    host: str
    owner: Caller
    members: dict[str, str] = field(default_factory=dict)


def found(product: Product, slug: str, name: str) -> Organization:
    """Sign an organization up, wait until it is there, and take the hand-over."""
    email = f"olga@{slug}.example"
    site = Caller(product.host(), product.port)
    form = {"organization_name": name, "slug": slug, "name": "Olga Owner", "email": email, "password": PASSWORD}
    terms = site.call("GET", "/api/v1/terms/")["version"]
    token = site.call("POST", "/api/v1/sign-ups/", {**form, "terms_version": terms})["token"]
    path = f"/api/v1/sign-ups/{token}/"
    site.call("POST", f"{path}code/", {"code": product.mail_to(email, r"\b(\d{3}) ?(\d{3})\b")})
    until(lambda: site.call("GET", path)["state"] == "ready", f"{slug} to be made")
    owner = Caller(product.host(slug), product.port)
    owner.visit("/hand-over/start/")
    nonce_hash = hashlib.sha256(owner.cookies["__Host-handover"].encode()).hexdigest()
    code = site.call("POST", f"{path}hand-over/", {"nonce_hash": nonce_hash})["code"]
    owner.open("/hand-over/")
    owner.call("POST", "/api/v1/hand-over/", {"code": code})
    owner.open("/studio")
    return Organization(slug, product.host(slug), owner, {"owner": email})


def join(product: Product, organization: Organization, role: str, name: str) -> str:
    """Invite somebody and accept in their stead; return their address."""
    email = f"{name.split()[0].lower()}@{organization.slug}.example"
    organization.owner.call("POST", "/api/v1/invitations/", {"email": email, "role": role})
    token = product.mail_to(email, r"/invitation/([A-Za-z0-9_-]{43})")
    browser = Caller(organization.host, product.port)
    browser.open(f"/invitation/{token}")
    browser.call("POST", f"/api/v1/invitation-links/{token}/acceptance/", {"name": name, "password": PASSWORD})
    organization.members[role] = email
    return email


def sign_in(page: Page, product: Product, organization: Organization, role: str) -> None:
    """Sign in on the organization's own page."""
    page.goto(product.url("/login", organization.slug))
    page.locator("input[type=email]").fill(organization.members[role])
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("form button[type=submit]").click()
    page.wait_for_url(lambda url: "/login" not in url)


def write_course(
    organization: Organization, title: str, lessons: dict[str, str | None], *, words: str = "viewed"
) -> tuple[str, dict[str, str]]:
    """Write and publish a course of one module: each lesson shows its film, or words where it has none.

    ``words`` is the rule that completes a lesson of words. Returns the course's id and each lesson's item.
    """
    owner = organization.owner
    course = owner.call("POST", "/api/v1/courses/", {"title": title})["id"]
    path = f"/api/v1/courses/{course}"
    owner.call("PATCH", f"{path}/", {"summary": "What a film needs.", "visibility": "members"})
    nodes = f"{path}/draft/nodes/"
    module = owner.call("POST", nodes, {"kind": "module", "parent": None, "title": "Films", "after": None})["item"]
    items: dict[str, str] = {}
    after: str | None = None
    for name, asset in lessons.items():
        node = owner.call("POST", nodes, {"kind": "lesson", "parent": module, "title": name, "after": after})
        after = items[name] = node["item"]
        block = {"type": "video", "asset": asset} if asset else {"type": "text", "doc": WORDS}
        rule = {"rule": "watched", "permille": 900} if asset else {"rule": words}
        body, config = {"v": 1, "blocks": [block]}, {"completion": rule, "required": True}
        revision = {"If-Match": f'"{node["revision"]}"'}
        owner.call("PATCH", f"{nodes}{node['item']}/", {"body": body, "config": config}, **revision)
    owner.call("POST", f"{path}/publication/", {"note": "First"})
    return course, items


def film(ffmpeg: str, target: Path, *, seconds: int, codec: str) -> Path:
    """Make a film with moving pictures and a tone: ``h264`` plays as it is, ``vp9`` has to be converted first."""
    coding = {
        "h264": ["-c:v", "libx264", "-preset", "ultrafast", "-g", "50", "-c:a", "aac", "-movflags", "+faststart"],
        "vp9": ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-c:a", "libopus"],
    }[codec]
    picture = f"testsrc2=size=1280x720:rate=25:duration={seconds}"
    tone = f"sine=frequency=330:duration={seconds}"
    argv = [ffmpeg, "-v", "error", "-y", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone, *coding]
    subprocess.run([*argv, "-pix_fmt", "yuv420p", target], check=True, timeout=180)
    return target


def stages(organization: Organization, asset: str) -> dict[str, str]:
    """Return the state of each stage of an asset's conversion."""
    found: Any = organization.owner.call("GET", f"/api/v1/assets/{asset}/")
    assert found["state"] != "failed", found["error"]
    return {stage["name"]: stage["state"] for stage in found["stages"]}


def caller(product: Product, organization: Organization, role: str) -> Caller:
    """Return a caller of the API who signed in with a password."""
    found = Caller(organization.host, product.port)
    found.sign_in(organization.members[role], PASSWORD)
    return found
