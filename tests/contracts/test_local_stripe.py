"""The local Stripe keeps the rules of the API: who may ask, what is refused and how, and what a repeated key does."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import stripe

from devstack.stripe.events import API_VERSION
from tests.support.stripe_server import StripeServer


@pytest.fixture(scope="module")
def server() -> Iterator[StripeServer]:
    with StripeServer() as running:
        yield running


@pytest.fixture
def v1(server: StripeServer) -> Any:
    return server.client().v1


def raw(server: StripeServer, method: str, path: str, body: str = "", **headers: str) -> httpx.Response:
    sent = {
        "Authorization": f"Bearer {server.secret_key}",
        "Content-Type": "application/x-www-form-urlencoded",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    return httpx.request(method, f"{server.url}{path}", content=body, headers=sent, timeout=60, trust_env=False)


def test_only_its_own_key_is_let_in(server: StripeServer, v1: Any) -> None:
    assert v1.customers.list().data == []

    with pytest.raises(stripe.AuthenticationError) as refused:
        server.client("sk_test_another").v1.customers.list()
    assert refused.value.http_status == 401
    assert raw(server, "GET", "/v1/customers", Authorization="").status_code == 401


def test_every_answer_says_its_version_and_its_request(server: StripeServer) -> None:
    answer = raw(server, "GET", "/v1/products", Stripe_Version=API_VERSION)

    assert answer.headers["stripe-version"] == API_VERSION == stripe.api_version
    assert answer.headers["request-id"].startswith("req_")
    assert raw(server, "GET", "/v1/products", Stripe_Version="2019-01-01").status_code == 400


@pytest.mark.parametrize(
    ("call", "code", "param"),
    [
        (lambda v1: v1.customers.create({"nme": "Acme"}), "parameter_unknown", "nme"),
        (lambda v1: v1.customers.create({"address": {"town": "Ghent"}}), "parameter_unknown", "address[town]"),
        (lambda v1: v1.products.create({}), "parameter_missing", "name"),
        (
            lambda v1: v1.checkout.sessions.create({"mode": "subscription", "success_url": "http://x.example"}),
            "parameter_missing",
            "line_items",
        ),
        (lambda v1: v1.customers.list({"limit": 0}), "parameter_invalid_integer", "limit"),
        (lambda v1: v1.customers.list({"limit": 101}), "parameter_invalid_integer", "limit"),
    ],
)
def test_what_it_does_not_know_it_refuses_by_name(v1: Any, call: Any, code: str, param: str) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        call(v1)

    assert (refused.value.http_status, refused.value.code, refused.value.param) == (400, code, param)


def test_what_is_not_there_is_a_404_with_its_code(server: StripeServer, v1: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        v1.customers.retrieve("cus_none")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")

    unknown = raw(server, "GET", "/v1/terminal/readers")
    assert unknown.status_code == 404
    assert "Unrecognized request URL" in unknown.json()["error"]["message"]


def test_lists_are_paged_from_the_newest_on_in_both_directions(v1: Any) -> None:
    made = [v1.products.create({"name": f"Page {number}"}).id for number in range(5)][::-1]

    first = v1.products.list({"limit": 2})
    second = v1.products.list({"limit": 2, "starting_after": made[1]})
    back = v1.products.list({"limit": 2, "ending_before": made[4]})

    assert [one.id for one in first.data] == made[:2]
    assert first.has_more
    assert [one.id for one in second.data] == made[2:4]
    assert [one.id for one in back.data] == made[2:4]
    assert [one.id for one in v1.products.list({"limit": 2}).auto_paging_iter()][:5] == made
    with pytest.raises(stripe.InvalidRequestError):
        v1.products.list({"starting_after": "prod_none"})


def test_what_is_asked_for_is_expanded_and_only_that(v1: Any) -> None:
    product = v1.products.create({"name": "Team"})
    terms = {"unit_amount": 700, "currency_options": {"eur": {"unit_amount": 650}}, "recurring": {"interval": "month"}}
    price = v1.prices.create({"product": product.id, "currency": "usd", **terms})

    assert v1.prices.retrieve(price.id).product == product.id
    assert "currency_options" not in v1.prices.retrieve(price.id)
    asked = v1.prices.retrieve(price.id, {"expand": ["product", "currency_options"]})
    assert asked.product.name == "Team"
    amounts = {code: terms["unit_amount"] for code, terms in asked.currency_options.to_dict().items()}
    assert amounts == {"usd": 700, "eur": 650}
    assert v1.prices.list({"product": product.id, "expand": ["data.product"]}).data[0].product.name == "Team"
    with pytest.raises(stripe.InvalidRequestError):
        v1.prices.retrieve(price.id, {"expand": ["unit_amount"]})


def test_a_repeated_key_gives_the_first_answer_and_does_nothing(server: StripeServer, v1: Any) -> None:
    options = {"idempotency_key": "one-customer"}
    first = v1.customers.create({"name": "Acme"}, options)
    again = v1.customers.create({"name": "Acme"}, options)
    with pytest.raises(stripe.IdempotencyError) as refused:
        v1.customers.create({"name": "Globex"}, options)

    assert again.id == first.id
    assert len([one for one in v1.customers.list({"limit": 100}).data if one.name == "Acme"]) == 1
    assert refused.value.http_status == 400
    replayed = raw(server, "POST", "/v1/customers", "name=Acme", Idempotency_Key="one-customer")
    assert replayed.headers["idempotent-replayed"] == "true"


def test_a_key_remembers_refusals_once_the_deed_had_begun_but_no_bad_parameters(v1: Any) -> None:
    customer = v1.customers.create({"name": "Later"})
    late = {"idempotency_key": "late"}
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            v1.payment_methods.attach("pm_card_visa_chargeDeclined", {"customer": customer.id}, late)
    wrong = {"idempotency_key": "wrong"}
    with pytest.raises(stripe.InvalidRequestError):
        v1.customers.create({"nme": "Acme"}, wrong)

    assert v1.customers.create({"name": "Corrected"}, wrong).name == "Corrected"


def test_a_key_in_flight_is_a_conflict_and_then_one_deed(server: StripeServer, v1: Any) -> None:
    server.fault("hold", "/v1/customers", seconds=4.0)
    seen: list[int] = []

    def send() -> None:
        seen.append(raw(server, "POST", "/v1/customers", "name=Flight", Idempotency_Key="flight").status_code)

    first = threading.Thread(target=send)
    first.start()
    time.sleep(0.4)
    send()
    first.join()

    assert sorted(seen) == [200, 409]
    patient = server.client(max_network_retries=2).v1
    assert patient.customers.create({"name": "Flight"}, {"idempotency_key": "flight"}).name == "Flight"
    assert len([one for one in v1.customers.list({"limit": 100}).data if one.name == "Flight"]) == 1


def test_of_fifty_presses_at_once_one_counts(server: StripeServer, v1: Any) -> None:
    seen: list[str] = []
    patient = server.client(max_network_retries=5).v1

    def press() -> None:
        seen.append(patient.customers.create({"name": "Pressed"}, {"idempotency_key": "pressed"}).id)

    presses = [threading.Thread(target=press) for _ in range(50)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()

    assert (len(seen), len(set(seen))) == (50, 1)
    assert [one.id for one in v1.customers.list({"limit": 100}).data if one.name == "Pressed"] == seen[:1]


def test_an_answer_that_was_lost_is_found_again_under_its_key(server: StripeServer, v1: Any) -> None:
    options = {"idempotency_key": "lost"}
    server.fault("drop", "/v1/customers")
    with pytest.raises(stripe.APIConnectionError):
        v1.customers.create({"name": "Lost"}, options)

    found = v1.customers.create({"name": "Lost"}, options)

    assert [one.id for one in v1.customers.list({"limit": 100}).data if one.name == "Lost"] == [found.id]


def test_a_500_is_remembered_and_an_overload_is_not(server: StripeServer, v1: Any) -> None:
    server.fault("error", "/v1/customers")
    for _ in range(2):
        with pytest.raises(stripe.APIError) as broken:
            v1.customers.create({"name": "Broken"}, {"idempotency_key": "broken"})
        assert broken.value.http_status == 500
    server.fault("rate_limit", "/v1/customers")
    with pytest.raises(stripe.RateLimitError):
        v1.customers.create({"name": "Busy"}, {"idempotency_key": "busy"})

    assert v1.customers.create({"name": "Busy"}, {"idempotency_key": "busy"}).name == "Busy"
    assert not [one for one in v1.customers.list({"limit": 100}).data if one.name == "Broken"]


def test_killed_in_the_middle_of_a_request_it_comes_back_whole(server: StripeServer) -> None:
    with StripeServer(data_dir=server.data_dir / "second") as other:
        v1 = other.client().v1
        customer = v1.customers.create({"name": "Before"})
        other.fault("hold", f"/v1/customers/{customer.id}", seconds=20)

        def send() -> None:
            with pytest.raises(stripe.APIConnectionError):
                v1.customers.update(customer.id, {"name": "After"}, {"idempotency_key": "killed"})

        waiting = threading.Thread(target=send)
        waiting.start()
        time.sleep(0.7)
        other.kill()
        waiting.join()
        other.start()

        assert v1.customers.retrieve(customer.id).name == "Before"
        assert [one.type for one in v1.events.list().data] == ["customer.created"]
        assert v1.customers.update(customer.id, {"name": "After"}, {"idempotency_key": "killed"}).name == "After"


def test_a_page_of_another_site_can_do_nothing(server: StripeServer) -> None:
    foreign = httpx.post(
        f"{server.url}/local/advance", json={"seconds": 5}, headers={"Sec-Fetch-Site": "cross-site"}, timeout=60
    )
    elsewhere = httpx.get(f"{server.url}/v1/customers", headers={"Host": "rebound.example"}, timeout=60)

    assert (foreign.status_code, elsewhere.status_code) == (403, 421)


def test_a_session_is_bought_once_and_then_closed(server: StripeServer, v1: Any) -> None:
    recurring = {"interval": "month"}
    terms = {"product_data": {"name": "Team"}, "currency": "eur", "unit_amount": 700, "recurring": recurring}
    price = v1.prices.create(terms)
    wanted = {
        "mode": "subscription",
        "line_items": [{"price": price.id, "quantity": 10}],
        "success_url": "http://acme.example/done?session={CHECKOUT_SESSION_ID}",
        "automatic_tax": {"enabled": True},
        "client_reference_id": "acme",
        "metadata": {"by": "owner"},
    }
    session = v1.checkout.sessions.create(wanted)
    with pytest.raises(AssertionError, match="declined"):
        server.check_out(session.id, card="4000000000000002")
    assert v1.subscriptions.list().data == []

    assert server.check_out(session.id, country="FR") == f"http://acme.example/done?session={session.id}"

    done = v1.checkout.sessions.retrieve(session.id, {"expand": ["subscription", "customer"]})
    assert (done.status, done.amount_total, done.client_reference_id) == ("complete", 8400, "acme")
    assert done.customer.email == done.customer_details.email == "owner@acme.example"
    assert done.subscription.status == "active"
    with pytest.raises(AssertionError):
        server.check_out(session.id)
    with pytest.raises(stripe.InvalidRequestError):
        v1.checkout.sessions.expire(session.id)
    late = v1.checkout.sessions.create({**wanted, "expires_at": server.now() + 1800})
    server.advance(seconds=1900)
    assert v1.checkout.sessions.retrieve(late.id).status == "expired"


@pytest.mark.parametrize(
    ("changed", "param"),
    [
        ({"automatic_tax": {"enabled": True}}, None),
        ({"tax_id_collection": {"enabled": True}}, "customer_update[name]"),
        ({"customer_email": "a@b.example"}, "customer_email"),
        ({"subscription_data": {"trial_end": 1}}, "subscription_data[trial_end]"),
        ({"line_items": [{"price": "price_none", "quantity": 1}]}, "line_items[0][price]"),
    ],
)
def test_a_session_that_could_not_end_well_is_not_opened(v1: Any, changed: dict[str, Any], param: str | None) -> None:
    recurring = {"interval": "month"}
    price = v1.prices.create(
        {"product_data": {"name": "Team"}, "currency": "eur", "unit_amount": 700, "recurring": recurring}
    )
    customer = v1.customers.create({"name": "Acme"})
    wanted = {
        "mode": "subscription",
        "customer": customer.id,
        "line_items": [{"price": price.id, "quantity": 10}],
        "success_url": "http://acme.example/",
    }
    assert v1.checkout.sessions.create(wanted).status == "open"

    with pytest.raises(stripe.InvalidRequestError) as refused:
        v1.checkout.sessions.create({**wanted, **changed})
    assert refused.value.param == param
