"""The test cards, and how each behaves. No real card is taken: a number that is not in the table is refused."""

from __future__ import annotations

from dataclasses import dataclass

from devstack.stripe.errors import StripeError, declined
from devstack.stripe.store import Object


@dataclass(frozen=True)
class Card:
    """A test card. ``attach`` and ``charge`` are what it says then: "" is yes, else a decline code."""

    number: str
    token: str
    brand: str
    says: str
    attach: str = ""
    charge: str = ""
    authenticates: str = ""
    """"once": the person confirms when it is set up. "always": at every charge, so that none without them works."""
    disputes: bool = False


CARDS = (
    Card("4242424242424242", "pm_card_visa", "visa", "pays"),
    Card("5555555555554444", "pm_card_mastercard", "mastercard", "pays"),
    Card("378282246310005", "pm_card_amex", "amex", "pays"),
    Card("4000000000000341", "pm_card_chargeCustomerFail", "visa", "can be kept, then fails", charge="generic_decline"),
    Card(
        "4000000000009995",
        "pm_card_visa_chargeDeclinedInsufficientFunds",
        "visa",
        "declined: insufficient funds",
        attach="insufficient_funds",
        charge="insufficient_funds",
    ),
    Card(
        "4000000000000002",
        "pm_card_visa_chargeDeclined",
        "visa",
        "declined",
        attach="generic_decline",
        charge="generic_decline",
    ),
    Card(
        "4000000000000069",
        "pm_card_chargeDeclinedExpiredCard",
        "visa",
        "declined: expired",
        attach="expired_card",
        charge="expired_card",
    ),
    Card("4000002500003155", "pm_card_authenticationRequiredOnSetup", "visa", "asks once", authenticates="once"),
    Card("4000002760003184", "pm_card_authenticationRequired", "visa", "asks at every payment", authenticates="always"),
    Card("4000000000000259", "pm_card_createDispute", "visa", "pays, then disputes", disputes=True),
)
BY_NUMBER = {card.number: card for card in CARDS}
BY_TOKEN = {card.token: card for card in CARDS}

_WORDS = {
    "insufficient_funds": ("card_declined", "Your card has insufficient funds."),
    "expired_card": ("expired_card", "Your card has expired."),
    "generic_decline": ("card_declined", "Your card was declined."),
    "authentication_required": (
        "authentication_required",
        "Your card was declined. This transaction requires authentication.",
    ),
}


def of(payment_method: Object) -> Card:
    """The card behind a payment method."""
    return BY_NUMBER[payment_method["_number"]]


def words(decline_code: str) -> tuple[str, str]:
    """(code, sentence) of a decline."""
    return _WORDS[decline_code]


def decline(decline_code: str, *, keeps: bool = True, **more: object) -> StripeError:
    """The refusal of a card."""
    code, sentence = words(decline_code)
    return declined(sentence, code=code, decline_code=decline_code, keeps=keeps, **more)


def numbered(number: str) -> Card:
    """The test card of this number.

    Raises:
        StripeError: it is none.
    """
    digits = "".join(letter for letter in number if letter.isdigit())
    card = BY_NUMBER.get(digits)
    if card is None:
        valid = 12 <= len(digits) <= 19 and _luhn(digits)
        sentence = "Only test cards are taken here." if valid else "Your card number is incorrect."
        raise declined(sentence, code="incorrect_number" if not valid else "card_declined", keeps=False, param="number")
    return card


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (2 if position % 2 else 1) for position, digit in enumerate(reversed(digits))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0
