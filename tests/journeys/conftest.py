"""A real Chromium against the whole running product: every server, every worker, the front door, on free ports."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from devstack import embedded
from devstack.demo.browser import Browser as Caller
from tests.architecture.tree import ROOT
from tests.support.names import Zone, name_server

PASSWORD = "correct-horse-battery-9"
PATIENCE_SECONDS = 60.0
expect.set_options(timeout=PATIENCE_SECONDS * 1000)  # of its own accord it waits five seconds
# In every frame, before its own scripts: what its policy refuses is said on the console, where a test hears it.
_TELL_VIOLATIONS = """
addEventListener('securitypolicyviolation', (found) => console.error(
  'Content Security Policy: ' + found.effectiveDirective + ' refused ' + found.blockedURI + ' ' + found.sample));
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here is a journey."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.journey)


@dataclass
class Product:
    """The running product: addresses of its hosts, its mailbox, and callers of its API."""

    environment: embedded.StackEnvironment
    owners: dict[str, str] = field(default_factory=dict)
    # What the archivist reads when it starts: the logins of other cells' databases, as JSON.
    cell_databases: Path = Path(os.devnull)

    @property
    def port(self) -> int:
        return self.environment.settings.ports["front"]

    def host(self, slug: str = "") -> str:
        """Return the host of an organization, or of the site."""
        site = self.environment.settings.site_host
        return f"{slug}.{site}" if slug else site

    def url(self, path: str = "/", slug: str = "") -> str:
        """Return the address that a browser uses."""
        return f"http://{self.host(slug)}:{self.port}{path}"

    def mail_to(self, address: str, pattern: str) -> str:
        """Return what ``pattern`` finds in the newest mail to ``address``, waiting for the mail to arrive."""
        mailbox = Caller(self.environment.settings.mail_host, self.port)

        def look() -> str | None:
            for message in mailbox.call("GET", f"/api/messages?to={address}")["items"]:
                if found := re.search(pattern, message["text"]):
                    return "".join(found.groups())
            return None

        return until(look, f"a mail to {address}")


def until(look: Callable[[], Any], what: str, *, seconds: float = PATIENCE_SECONDS) -> Any:
    """Return the first true answer of ``look``, asking until ``seconds`` are over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError(f"waited {seconds:.0f} s for {what}")


@pytest.fixture(scope="package")
def names() -> Iterator[Zone]:
    """The DNS that the product asks whose a domain is; what it says is up to the journeys."""
    with name_server() as (_, zone):
        yield zone


@pytest.fixture(scope="package")
def product(names: Zone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """Start everything, on ports that nobody has."""
    assert (ROOT / "frontend/dist/.vite/manifest.json").exists(), "there is no built frontend: run make frontend"
    cells = tmp_path_factory.mktemp("cells") / "databases.json"
    cells.write_text("{}")
    given = {"LMS_DNS_SERVER": names.address, "LMS_CELL_DATABASES_FILE": str(cells)}
    with embedded.running(extra_env=given) as environment:
        yield Product(environment, cell_databases=cells)


def _chromium() -> str:
    """Return the path of a Chromium, installing it where the project's script can."""
    found = subprocess.run([ROOT / "scripts/install_browser.sh"], capture_output=True, text=True, timeout=600)
    if found.returncode:
        pytest.skip(f"JOURNEYS NOT RUN: there is no Chromium.\n{found.stdout}{found.stderr}")
    return found.stdout.split()[-1]


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for all journeys; each has contexts of its own."""
    # Playwright's event loop lives in this thread as long as the browser does; Django would take tests for its tasks.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    path = _chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path,
            # Sounds are decoded as on any machine, heard on none. A film may start without a click of its own.
            args=["--no-sandbox", "--mute-audio", "--autoplay-policy=no-user-gesture-required"],
        )
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def person(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open browsers of different people: each call is another person with cookies of their own.

    A page's errors and refusals of its security policy fail the test at its end.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def open_browser(**options: Any) -> Page:
        # Days and amounts are written as on any machine, wherever it stands.
        here: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "timezone_id": "UTC", "locale": "en-US"}
        context = chromium.new_context(reduced_motion="reduce", **{**here, **options})
        contexts.append(context)
        context.add_init_script(_TELL_VIOLATIONS)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_SECONDS * 1000)
        page.on("pageerror", lambda error: complaints.append(f"error on {page.url}: {error}"))
        page.on("console", lambda said: _note(said, page, complaints))
        return page

    yield open_browser
    for context in contexts:
        context.close()
    assert complaints == []


def _note(said: Any, page: Page, complaints: list[str]) -> None:
    # A refused request is the product's answer, not a fault of the page; a refused style or script is.
    if said.type == "error" and "Content Security Policy" in said.text:
        complaints.append(f"policy on {page.url}: {said.text}")
