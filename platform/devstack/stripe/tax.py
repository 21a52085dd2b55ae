"""What tax a sale carries. The seller is in Ireland and registered in the EU (one-stop shop) and in Great Britain.

The rates are the standard ones, for arithmetic to have something true to work with; they are not tax advice.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from devstack.stripe.prices import rounded
from devstack.stripe.store import Ledger, Object

SELLER = "IE"
EU = {
    "AT": "20", "BE": "21", "BG": "20", "CY": "19", "CZ": "21", "DE": "19", "DK": "25", "EE": "24", "ES": "21",
    "FI": "25.5", "FR": "20", "GR": "24", "HR": "25", "HU": "27", "IE": "23", "IT": "22", "LT": "21", "LU": "17",
    "LV": "21", "MT": "18", "NL": "21", "PL": "23", "PT": "23", "RO": "21", "SE": "25", "SI": "22", "SK": "23",
}  # fmt: skip
RATES = {**EU, "GB": "20"}


@dataclass(frozen=True)
class Rule:
    """What applies to a customer: a rate in per cent, and the word Stripe has for why."""

    percent: Decimal
    reason: str
    country: str

    def lines(self, amount: int) -> list[Object]:
        """``taxes`` of a line of so much, tax not included."""
        return [
            {
                "amount": rounded(Decimal(amount) * self.percent / 100),
                "tax_behavior": "exclusive",
                "tax_rate_details": {"tax_rate": f"txr_local_{self.country.lower()}"},
                "taxability_reason": self.reason,
                "taxable_amount": amount if self.percent else 0,
                "type": "tax_rate_details",
            }
        ]


def is_located(customer: Object) -> bool:
    """Is there enough of an address to know whose tax it is?"""
    address = customer.get("address")
    return bool(address and address["country"])


def collects_in(country: str) -> bool:
    """Is the seller registered there?"""
    return country in RATES


def rule_of(ledger: Ledger, customer: Object) -> Rule | None:
    """The rule for a customer; None without an address."""
    if not is_located(customer):
        return None
    country = customer["address"]["country"]
    if customer["tax_exempt"] == "exempt":
        return Rule(Decimal(0), "customer_exempt", country)
    if customer["tax_exempt"] == "reverse" or (country in EU and country != SELLER and _has_verified(ledger, customer)):
        return Rule(Decimal(0), "reverse_charge", country)
    if country not in RATES:
        return Rule(Decimal(0), "not_collecting", country)
    return Rule(Decimal(RATES[country]), "standard_rated", country)


def _has_verified(ledger: Ledger, customer: Object) -> bool:
    owned = ledger.all("tax_id", customer=customer["id"])
    return any(
        one["type"] == "eu_vat" and one["verification"]["status"] == "verified" and one["country"] != SELLER
        for one in owned
    )
