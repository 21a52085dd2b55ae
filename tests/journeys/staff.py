"""People of the platform's staff for journeys: accounts made by the command, with a factor of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from urllib.parse import urlsplit

import pyotp
from playwright.sync_api import Page

from devstack.demo.browser import Browser as Caller
from tests.architecture.tree import ROOT
from tests.journeys.conftest import Product

PASSWORD = "quiet-lantern-above-9-rivers"
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
