"""Everything a plan can bring: one registry, asked by the code that enforces and by the pages that show.

A switch is there or not. A limit is a gauge: taken and given back, never passed. A meter only adds within a month, with
an amount included and a price for what is over.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["switch", "limit", "meter"]
Unit = Literal["none", "count", "bytes", "seconds"]

SEATS = "seats"
STORAGE_BYTES = "storage_bytes"
DOMAINS = "domains"
TRANSCODE_SECONDS = "transcode_seconds"
DELIVERED_BYTES = "delivered_bytes"
SSO = "sso"
MFA = "mfa"
AUDIT = "audit"
EXPORT = "export"
PRIORITY_SUPPORT = "priority_support"


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing that plans bring. ``words`` say to a buyer what it is; ``unit`` is what its amounts are counted in.

    Of a meter, ``priced_units`` of the unit are what one price is for: a GB, a minute.
    """

    key: str
    kind: Kind
    unit: Unit
    name: str
    words: str
    priced_units: int = 0


FEATURES: dict[str, Feature] = {
    feature.key: feature
    for feature in (
        Feature(SEATS, "limit", "count", "Seats", "A seat is a member who may sign in. Suspending somebody frees it."),
        Feature(STORAGE_BYTES, "limit", "bytes", "Storage", "Everything you upload and every version made of it."),
        Feature(DOMAINS, "limit", "count", "Custom domains", "Domains of your own, beside your address with us."),
        Feature(
            TRANSCODE_SECONDS,
            "meter",
            "seconds",
            "Encoding",
            "Minutes of film made ready for every screen, in a month.",
            priced_units=60,
        ),
        Feature(
            DELIVERED_BYTES,
            "meter",
            "bytes",
            "Delivery",
            "What learners' players and browsers load of your media, in a month.",
            priced_units=10**9,
        ),
        # Sold before it is built would be a lie: the words say so until the directory's sign-in is there.
        Feature(SSO, "switch", "none", "Single sign-on", "In preparation, and on every plan when it comes."),
        Feature(MFA, "switch", "none", "Second step", "Sign-in with an app or a passkey, asked of whom you choose."),
        Feature(AUDIT, "switch", "none", "Audit log", "Who did what and when, sealed against changes."),
        Feature(EXPORT, "switch", "none", "Full export", "All your content, people and results, whenever you want."),
        Feature(PRIORITY_SUPPORT, "switch", "none", "Priority support", "Your questions are answered first."),
    )
}
SWITCHES = tuple(key for key, feature in FEATURES.items() if feature.kind == "switch")
LIMITS = tuple(key for key, feature in FEATURES.items() if feature.kind == "limit")
METERS = tuple(key for key, feature in FEATURES.items() if feature.kind == "meter")
# What every plan brings, the trial too: nobody pays extra for being safe, or for leaving.
ALWAYS = (SSO, MFA, AUDIT, EXPORT)
