"""What all pages share: templates, forms, and how money and moments are written."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response

from devstack.stripe import cards
from devstack.stripe.deliveries import Courier
from devstack.stripe.errors import StripeError
from devstack.stripe.store import Ledger, Store

HERE = Path(__file__).parent
_TOKENS = HERE.parents[1] / "mailbox" / "static" / "tokens.css"
_SIGNS = {"usd": "$", "eur": "€", "gbp": "£"}
# A form may lead on to the product, which has hosts of its own: so ``form-action`` names schemes.
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self' http: https:; base-uri 'none'; frame-ancestors 'none'"
)


class Frame:
    """Renders pages over the store."""

    def __init__(self, store: Store, courier: Courier, site_url: str) -> None:
        self.store = store
        self._courier = courier
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
        )
        self._templates.filters |= {"money": money, "day": day, "moment": moment, "card": grouped}
        self._templates.globals |= {"site_url": site_url, "test_cards": cards.CARDS, "countries": COUNTRIES}

    async def work(self, act: Callable[[Ledger], Any]) -> Any:
        """Run this in one transaction, beside the event loop."""

        def run() -> Any:
            with self.store.transaction() as ledger:
                return act(ledger)

        try:
            return await run_in_threadpool(run)
        finally:
            self._courier.wake()

    def page(self, template: str, *, status: int = 200, **context: Any) -> Response:
        headers = {
            "Content-Security-Policy": POLICY,
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        }
        return HTMLResponse(self._templates.get_template(template).render(**context), status, headers)

    def message(self, title: str, text: str, *, status: int = 200, link: str = "", link_text: str = "") -> Response:
        """A page that says one thing."""
        return self.page("message.html", status=status, title=title, text=text, link=link, link_text=link_text)

    def missing(self, error: StripeError) -> Response:
        words = "This page is not here (any more). Its address may belong to another data dir."
        return self.message("Not here", words, status=error.status, link="/", link_text="To the clock")

    def partial(self, template: str, **context: Any) -> Response:
        return self.page(template, **context)


def onward(url: str) -> Response:
    """To another page, by GET."""
    return RedirectResponse(url, 303, headers={"Cache-Control": "no-store"})


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form."""
    body = (await request.body()).decode("utf-8", "replace")
    return {name: value.strip() for name, value in parse_qsl(body, keep_blank_values=True)}


async def tokens(request: Request) -> Response:
    """The colours and fonts of the product, as the mailbox has them."""
    return FileResponse(_TOKENS, media_type="text/css")


def money(minor: int, currency: str) -> str:
    """An amount as a person reads it."""
    sign = _SIGNS.get(currency, f"{currency.upper()} ")
    return f"{'-' if minor < 0 else ''}{sign}{abs(minor) // 100:,}.{abs(minor) % 100:02d}"


def day(at: int | None) -> str:
    return time.strftime("%-d %B %Y", time.gmtime(at)) if at else "-"


def moment(at: int | None) -> str:
    return time.strftime("%-d %b %Y, %H:%M:%S", time.gmtime(at)) if at else "-"


def grouped(number: str) -> str:
    """A card number in groups of four."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def card_of(given: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """What the card's fields say, and what is wrong with each of them in words."""
    wrong: dict[str, str] = {}
    digits = "".join(letter for letter in given.get("number", "") if letter.isdigit())
    if not digits:
        wrong["number"] = "Enter the number of a card."
    parts = given.get("expiry", "").replace(" ", "").split("/")
    month, year = 0, 0
    if len(parts) == 2 and all(part.isascii() and part.isdigit() for part in parts):
        month, year = int(parts[0]), int(parts[1]) + (2000 if len(parts[1]) <= 2 else 0)
    today = time.gmtime()
    if not 1 <= month <= 12 or year > today.tm_year + 50:
        wrong["expiry"] = "Enter the month and year as on the card: MM / YY."
    elif (year, month) < (today.tm_year, today.tm_mon):
        wrong["expiry"] = "The card has expired."
    code = given.get("cvc", "")
    if not (code.isascii() and code.isdigit() and len(code) in (3, 4)):
        wrong["cvc"] = "Enter the three or four digits."
    return {"card": digits, "exp_month": month, "exp_year": year}, wrong


COUNTRIES = (
    ("AT", "Austria"), ("AU", "Australia"), ("BE", "Belgium"), ("BG", "Bulgaria"), ("CA", "Canada"), ("HR", "Croatia"),
    ("CY", "Cyprus"), ("CZ", "Czechia"), ("DK", "Denmark"), ("EE", "Estonia"), ("FI", "Finland"), ("FR", "France"),
    ("DE", "Germany"), ("GR", "Greece"), ("HU", "Hungary"), ("IN", "India"), ("IE", "Ireland"), ("IT", "Italy"),
    ("JP", "Japan"), ("LV", "Latvia"), ("LT", "Lithuania"), ("LU", "Luxembourg"), ("MT", "Malta"),
    ("NL", "Netherlands"), ("NZ", "New Zealand"), ("NO", "Norway"), ("PL", "Poland"), ("PT", "Portugal"),
    ("RO", "Romania"), ("SK", "Slovakia"), ("SI", "Slovenia"), ("ES", "Spain"), ("SE", "Sweden"),
    ("CH", "Switzerland"), ("GB", "United Kingdom"), ("US", "United States"),
)  # fmt: skip
