"""From the front page to one's own studio; and what the hand-over and the cookies refuse on the way."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Product, until
from tests.journeys.signing_up import enter_code, land_in_studio, sign_up

Person = Callable[..., Page]

REDEEM = """async ([code]) => {
  const boot = JSON.parse(document.getElementById('boot').textContent);
  const answer = await fetch('/api/v1/hand-over/', {
    method: 'POST', body: JSON.stringify({ code }),
    headers: { 'Content-Type': 'application/json', 'X-CSRFToken': boot.csrf },
  });
  return [answer.status, (await answer.json()).code ?? ''];
}"""
WRITE_TO_SIBLING = """async ([url, method]) => {
  const attempt = async (options) => {
    try {
      const answer = await fetch(url, { method, credentials: 'include', body: '{"name": "x"}', ...options });
      return answer.status || answer.type;
    } catch { return 'refused'; }
  };
  return [
    await attempt({ mode: 'cors', headers: { 'Content-Type': 'application/json' } }),
    await attempt({ mode: 'no-cors', headers: { 'Content-Type': 'text/plain' } }),
  ];
}"""


def test_somebody_signs_their_organization_up_and_lands_in_their_studio(product: Product, person: Person) -> None:
    page = person()
    answers: list[Any] = []
    page.on("response", lambda answer: answers.append(answer) if "/api/v1/hand-over/" in answer.url else None)
    email = sign_up(page, product, slug="harbour", organization="Harbour School")
    enter_code(page, product, email)
    land_in_studio(page, product, "harbour")

    me = page.evaluate("() => fetch('/api/v1/me/').then((answer) => answer.json())")
    assert (me["member"]["email"], me["roles"]) == (email, ["owner"])
    cookies = {cookie["name"]: cookie for cookie in page.context.cookies()}
    session = cookies["__Host-session"]
    assert session["domain"] == product.host("harbour")
    assert (session["httpOnly"], session["secure"], session["sameSite"], session["path"]) == (True, True, "Lax", "/")
    assert not any(cookie["domain"].startswith(".") for cookie in cookies.values())
    assert "#" not in page.url

    # Spent: neither again in this browser nor in another one that saw the code.
    (spent,) = [answer.request.post_data_json["code"] for answer in answers]
    assert page.evaluate(REDEEM, [spent]) == [403, "hand_over_refused"]
    page.reload()
    land_in_studio(page, product, "harbour")


def test_a_code_opens_nothing_in_another_browser_or_on_another_host(product: Product, person: Person) -> None:
    page, other, elsewhere = person(), person(), person()
    codes: list[str] = []

    def hold(route: Any) -> None:
        codes.append(route.request.post_data_json["code"])
        route.abort()

    page.context.route("**/api/v1/hand-over/", hold)  # the code is made and not yet spent
    email = sign_up(page, product, slug="lagoon", organization="Lagoon School")
    enter_code(page, product, email)
    page.wait_for_url("**/hand-over/**")
    until(lambda: (page.wait_for_timeout(50), codes)[1], "the code to be sent")

    other.goto(product.url("/hand-over/start/", "lagoon"))  # a nonce of its own
    other.goto(product.url("/login", "lagoon"))
    assert other.evaluate(REDEEM, codes[:1]) == [403, "hand_over_refused"]
    assert other.evaluate("() => fetch('/api/v1/me/').then((answer) => answer.status)") == 401

    elsewhere.context.add_cookies(
        [
            {**cookie, "domain": product.host("harbour")}
            for cookie in page.context.cookies()
            if cookie["name"] == "__Host-handover"
        ]
    )
    elsewhere.goto(product.url("/login", "harbour"))
    assert elsewhere.evaluate(REDEEM, codes[:1]) == [403, "hand_over_refused"]

    page.context.unroute("**/api/v1/hand-over/")
    page.goto(product.url("/login", "lagoon"))
    assert page.evaluate(REDEEM, codes[:1])[0] == 200  # in the browser that it was made for


def test_a_page_of_a_sibling_subdomain_writes_nothing(product: Product, person: Person) -> None:
    page = person()
    email = sign_up(page, product, slug="marina", organization="Marina School")
    enter_code(page, product, email)
    land_in_studio(page, product, "marina")
    victim = product.url("/api/v1/brand/", "marina")
    before = page.evaluate("() => fetch('/api/v1/brand/').then((answer) => answer.json())")

    # The same browser, with marina's cookies in its jar, is lured to a page of another organization.
    lured = page.context.new_page()
    seen: list[Any] = []
    lured.context.on("response", lambda answer: seen.append(answer) if answer.url == victim else None)
    lured.goto(product.url("/login", "harbour"))
    for method in ("PUT", "POST", "DELETE"):
        for outcome in lured.evaluate(WRITE_TO_SIBLING, [victim, method]):
            assert outcome in ("refused", "opaque", 403), (method, outcome)
    assert all(answer.status in (401, 403, 405) or answer.request.method == "OPTIONS" for answer in seen), seen

    # Past the browser's own rules, with the cookies and the token that it would send: the origin still tells.
    token = page.evaluate("() => fetch('/api/v1/me/').then((answer) => answer.json())")["csrf"]
    jar = page.context.cookies(product.url("/", "marina"))
    cookies = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in jar)
    headers = {"Host": f"{product.host('marina')}:{product.port}", "Cookie": cookies, "X-CSRFToken": token}
    headers["If-Match"] = f'"{before["revision"]}"'
    brand = {"color": "#123456", "heading_font": "onest"}
    for origin, expected in (("harbour", (403, "cross_origin")), ("", (403, "cross_origin")), ("marina", (200, ""))):
        assert page.evaluate("() => fetch('/api/v1/brand/').then((answer) => answer.json())") == before
        answer = httpx.put(
            f"http://127.0.0.1:{product.port}/api/v1/brand/",
            json=brand,
            headers={**headers, "Origin": product.url("", origin)},
            timeout=60,
        )
        assert (answer.status_code, answer.json().get("code", "")) == expected, origin


def test_an_address_is_refused_with_its_reason_and_a_suggestion(product: Product, person: Person) -> None:
    page = person()
    page.goto(product.url("/sign-up/organization"))
    page.get_by_label("Organization name").fill("Admin")
    page.locator("input[name=slug]").fill("admin")
    expect(page.get_by_role("main")).to_contain_text("admin")
    expect(page.locator("input[name=slug]")).to_have_attribute("aria-invalid", "true")
