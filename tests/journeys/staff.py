"""People of the platform's staff for journeys: accounts made by the command, with a factor of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from urllib.parse import urlsplit

import pyotp
from playwright.sync_api import Page, expect

from devstack.demo.browser import Browser as Caller
from tests.architecture.tree import ROOT
from tests.journeys.conftest import Product

PASSWORD = "quiet-lantern-above-9-rivers"
AXE = ROOT / "frontend/node_modules/axe-core/axe.min.js"
PHONE_HEIGHT = 844
COOKIE = "__Host-staff"


def staff_host(product: Product) -> str:
    """Return the host of the console."""
    return f"staff.{product.environment.settings.site_host}"


def staff_person(product: Product, name: str, roles: str) -> Caller:
    """Make an account, set it up through its link, and return a caller of the console's API who is signed in."""
    email = f"{name.split()[0].lower()}@staff.example"
    made = subprocess.run(
        [sys.executable, "manage.py", "create_staff", f"--email={email}", f"--name={name}", f"--roles={roles}"],
        cwd=ROOT,
        env={**os.environ, **product.environment, "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    token = urlsplit(made.stdout.strip().splitlines()[-1]).path.rstrip("/").rpartition("/")[2]
    caller = Caller(staff_host(product), product.port)
    caller.open("/")
    caller.call("POST", f"/api/v1/set-up-links/{token}/", {"password": PASSWORD})
    caller.open("/")
    seed = caller.call("POST", "/api/v1/factors/totp/")["secret"]
    caller.call("POST", "/api/v1/factors/totp/confirmation/", {"code": pyotp.TOTP(seed).now()})
    caller.open("/")
    return caller


def give_session(page: Page, product: Product, caller: Caller) -> None:
    """Let the browser of ``page`` be where ``caller`` signed in."""
    page.context.add_cookies(
        [
            {
                "name": COOKIE,
                "value": caller.cookies[COOKIE],
                # A host's own cookie is only taken for a secure address; this one counts as secure all the same.
                "url": f"https://{staff_host(product)}:{product.port}/",
                "secure": True,
                "httpOnly": True,
                "sameSite": "Strict",
            }
        ]
    )


def violations(page: Page) -> list[str]:
    """Return what axe finds on the page as it is."""
    page.evaluate(AXE.read_text() + "; null")
    found = page.evaluate("() => axe.run(document, { resultTypes: ['violations'] })")
    return [
        f"{one['id']}: {[' '.join(map(str, node['target'])) for node in one['nodes'][:3]]}"
        for one in found["violations"]
    ]


def looked_at(page: Page, address: str) -> list[str]:
    """Open a page of the console on a desk and on phones; return what axe finds, and where it is too wide."""
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(address)
    expect(page.locator("main h1").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    found = [f"{address}: {one}" for one in violations(page)]
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": PHONE_HEIGHT})
        page.wait_for_timeout(100)
        if page.evaluate("() => document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append(f"{address}: wider than {width} px")
    return found + [f"{address} on a phone: {one}" for one in violations(page)]
