"""People protect their accounts: passkey, authenticator app, recovery codes, sessions; and the rule that asks for them.

The passkeys are Chromium's own virtual authenticator: a device with a fingerprint that always fits.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import psycopg2
import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect

from core.clock import now
from tests.journeys import organizations
from tests.journeys.conftest import PASSWORD, Product, until
from tests.journeys.organizations import Organization

Person = Callable[..., Page]


@pytest.fixture(scope="module")
def vault(product: Product) -> Organization:
    """An organization with an owner and a learner."""
    made = organizations.found(product, "vault", "Vault School")
    organizations.join(product, made, "learner", "Leo Learner")
    return made


def plug_in_authenticator(page: Page) -> Any:
    """Give the browser a device that makes and uses passkeys."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return devtools


class App:
    """An authenticator app: shows a code that was not typed yet."""

    def __init__(self, secret: str) -> None:
        self._secret = secret
        self._last = 0

    def code(self) -> str:
        """Return the next code, waiting for it where the last one is still shown."""

        def step() -> int:
            # The next half minute's code is taken too: a phone may be ahead.
            return next((at for at in self._around() if at > self._last), 0)

        self._last = until(step, "the next code", seconds=60)
        return format_hotp_value(hotp_value(self._secret, self._last))

    @staticmethod
    def _around() -> tuple[int, int]:
        current = int(now().timestamp()) // 30
        return current, current + 1


def add_passkey(page: Page, name: str) -> None:
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Add passkey").click()


def confirm_with_password(page: Page) -> None:
    dialog = page.get_by_role("dialog", name="Confirm that it is you")
    dialog.get_by_label("Password", exact=True).fill(PASSWORD)
    dialog.get_by_role("button", name="Confirm").click()


def kept_codes(page: Page) -> list[str]:
    shown = page.get_by_role("list", name="Recovery codes").get_by_role("listitem")
    expect(shown).to_have_count(10)
    return [re.sub(r"\D", "", text) for text in shown.all_inner_texts()]


def set_up_app(page: Page) -> App:
    page.get_by_role("button", name="Set up an authenticator app").click()
    dialog = page.get_by_role("dialog", name="Set up an authenticator app")
    expect(dialog.get_by_alt_text("The code to scan with your app")).to_be_visible()
    secret = re.sub(r"\s", "", dialog.locator("p.mono").inner_text())
    app = App(secret)
    dialog.get_by_label("Code the app shows").fill(app.code())
    dialog.get_by_role("button", name="Turn on").click()
    expect(dialog).to_be_hidden()
    return app


def give_password(page: Page, product: Product, vault: Organization, role: str) -> None:
    page.goto(product.url("/login", vault.slug))
    page.locator("input[type=email]").fill(vault.members[role])
    page.locator("input[type=password]").fill(PASSWORD)
    page.locator("form button[type=submit]").click()


def sign_out(page: Page) -> None:
    item = page.get_by_role("menuitem", name="Sign out")

    def opened() -> bool:
        # The menu's code comes after the page; a press before it is there opens nothing.
        if not item.is_visible():
            page.get_by_role("button", name=re.compile("^Account of")).click()
            page.wait_for_timeout(300)
        return bool(item.is_visible())

    until(opened, "the account's menu")
    item.click()
    page.wait_for_url(lambda url: url.rstrip("/").count("/") == 2)


def test_passkey_app_and_recovery_codes_each_open_the_door(
    product: Product, vault: Organization, person: Person
) -> None:
    page = person()
    plug_in_authenticator(page)
    organizations.sign_in(page, product, vault, "learner")
    page.goto(product.url("/account/security", vault.slug))

    add_passkey(page, "Work laptop")
    codes = kept_codes(page)
    page.get_by_role("button", name="I have kept them").click()
    expect(page.get_by_text("Work laptop")).to_be_visible()
    app = set_up_app(page)
    expect(page.get_by_text("10 codes left")).to_be_visible()

    # The passkey alone knows who it is.
    sign_out(page)
    page.goto(product.url("/login", vault.slug))
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(lambda url: "/login" not in url)

    # Or after the password, as the second step.
    sign_out(page)
    give_password(page, product, vault, "learner")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda url: "/login" not in url)

    # The app.
    sign_out(page)
    give_password(page, product, vault, "learner")
    page.get_by_label("Code of your authenticator app").fill("000000")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("This code is wrong, or was used already.")).to_be_visible()
    page.get_by_label("Code of your authenticator app").fill(app.code())
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(lambda url: "/login" not in url)

    # A recovery code, once.
    for opens in (True, False):
        sign_out(page)
        give_password(page, product, vault, "learner")
        page.get_by_role("button", name="Use a recovery code instead").click()
        page.get_by_label("Recovery code").fill(codes[0])
        page.get_by_role("button", name="Continue").click()
        if opens:
            page.wait_for_url(lambda url: "/login" not in url)
            page.goto(product.url("/account/security", vault.slug))
            expect(page.get_by_text("9 codes left")).to_be_visible()
        else:
            expect(page.get_by_text("This is none of your unused recovery codes.")).to_be_visible()


def test_a_session_ends_from_another_browser_at_once(product: Product, vault: Organization, person: Person) -> None:
    organizations.join(product, vault, "learner", "Mia Learner")
    vault.members["learner"] = f"mia@{vault.slug}.example"
    laptop, phone = person(), person()
    for page in (laptop, phone):
        organizations.sign_in(page, product, vault, "learner")
    laptop.goto(product.url("/account/security", vault.slug))

    laptop.get_by_role("button", name="Sign out everywhere else").click()

    expect(laptop.get_by_text(re.compile(r"Signed out in \d other places?"))).to_be_visible()
    phone.goto(product.url("/account", vault.slug))
    expect(phone).to_have_url(re.compile(r"/login\?next="))


def test_a_new_address_is_proved_by_its_code(product: Product, vault: Organization, person: Person) -> None:
    organizations.join(product, vault, "learner", "Noa Learner")
    vault.members["learner"] = f"noa@{vault.slug}.example"
    page, new = person(), f"noa.new@{vault.slug}.example"
    organizations.sign_in(page, product, vault, "learner")
    page.goto(product.url("/account", vault.slug))

    page.get_by_role("button", name="Change address").click()
    page.get_by_label("New e-mail address").fill(new)
    page.get_by_role("button", name="Send the code").click()
    code = product.mail_to(new, r"\b(\d{4}) (\d{4})\b")
    page.get_by_label("Code from the mail").fill(code)
    page.get_by_role("button", name="Confirm", exact=True).click()

    expect(page.locator("main").get_by_text(new)).to_be_visible()
    assert product.mail_to(f"noa@{vault.slug}.example", r"(From now on you sign in)")


def test_whoever_must_have_a_second_step_is_led_to_it(product: Product, vault: Organization, person: Person) -> None:
    organizations.join(product, vault, "admin", "Ada Admin")
    page = person()
    plug_in_authenticator(page)
    organizations.sign_in(page, product, vault, "admin")
    page.goto(product.url("/studio/people", vault.slug))
    expect(page.get_by_text("Your role needs a second step for signing in by")).to_be_visible()
    _let_the_grace_pass(product, vault)

    page.goto(product.url("/studio/people", vault.slug))
    page.wait_for_url(lambda url: "/account/second-step" in url)
    page.get_by_role("button", name="Add a passkey").click()
    page.get_by_label("Name", exact=True).fill("Office key")
    page.get_by_role("button", name="Add passkey").click()
    kept_codes(page)
    page.get_by_role("link", name="I have kept them, go on").click()

    page.wait_for_url(lambda url: "/studio/people" in url)
    expect(page.get_by_role("table", name="Members")).to_be_visible()


def test_an_owner_suspends_and_takes_it_back(product: Product, vault: Organization, person: Person) -> None:
    organizations.join(product, vault, "learner", "Ola Learner")
    vault.members["learner"] = f"ola@{vault.slug}.example"
    owner, learner = person(), person()
    organizations.sign_in(owner, product, vault, "owner")
    organizations.sign_in(learner, product, vault, "learner")
    owner.goto(product.url("/studio/people?q=Ola%20Learner", vault.slug))

    owner.get_by_role("button", name="Actions on Ola Learner").click()
    owner.get_by_role("menuitem", name="Suspend…").click()
    owner.get_by_label("Reason").fill("On parental leave")
    owner.get_by_role("button", name="Suspend", exact=True).click()
    expect(owner.get_by_text("Ola Learner is suspended")).to_be_visible()

    learner.goto(product.url("/home", vault.slug))
    expect(learner).to_have_url(re.compile(r"/login"))
    give_password(learner, product, vault, "learner")
    expect(learner.get_by_text("Your account here is suspended.")).to_be_visible()
    owner.get_by_role("button", name="Undo").click()
    expect(owner.get_by_text("Ola Learner is back")).to_be_visible()
    give_password(learner, product, vault, "learner")
    learner.wait_for_url(lambda url: "/login" not in url)


def _let_the_grace_pass(product: Product, vault: Organization) -> None:
    """Bring the day of the admin's role eight days back, where the database keeps it."""
    link = psycopg2.connect(product.environment["LMS_DATABASE_URL"])
    with link, link.cursor() as cursor:
        cursor.execute("SET ROLE r_platform")
        cursor.execute(
            "SELECT o.schema_name, o.db_role FROM public.tenants_organization o"
            " JOIN public.tenants_domain d ON d.organization_id = o.id WHERE d.host = %s",
            [vault.host],
        )
        schema, role = cursor.fetchone()
        cursor.execute(f"SET ROLE {role}")
        cursor.execute(
            f"UPDATE {schema}.accounts_roleassignment SET granted_at = granted_at - interval '8 days'"
            " WHERE role = 'admin'"
        )
    link.close()
