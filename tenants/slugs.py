"""Slugs: the first label of an organization's host. Each refusal has a reason and a suggestion."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MIN_LENGTH = 3
MAX_LENGTH = 40

_SHAPE = re.compile(r"^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$")

# Hosts that mean something to people, to mail and browsers, or to us.
RESERVED = frozenset(
    """
    about account accounts acme-challenge admin administrator api app apps assets auth autoconfig autodiscover
    backup beta billing blog broadcasthost cdn ceo checkout cloud cname com config console contact content control
    cpanel dashboard data db demo-admin dev developer developers dns doc docs domains download edu email
    feedback files
    finance ftp git google grafana health help home host hostmaster imap info internal intranet invoice isatap
    learn legal localdomain localhost log login logout logs mail mailer mailer-daemon media metrics microsoft
    mobile monitor mx mysql net network news noc no-reply noreply ns ns1 ns2 oauth official operations ops org
    owner password pay payment payments ping platform pop pop3 portal postgres postmaster pricing privacy
    private prod production prometheus public redis register report reports root s3 sales sandbox secure
    security sentry service services settings shop sign-in sign-up signin signup site sites smtp spam ssl sso
    staff stage staging static stats status storage store stripe studio sub support sys sysadmin system team
    tech telnet template tenant tenants terms test testing tls tools trust upload uploads usenet user users uucp
    video web webhook webhooks webmail webmaster wpad www www1 www2 emerging-tech emergingtech lms information-
    schema pg-catalog
    """.split()  # noqa: SIM905 - a list of words reads better than a list of strings
)

# What a hurried reader takes for the same: Unicode's confusables (UTS 39), cut down to what a slug may hold.
_CONFUSABLE = (("rn", "m"), ("vv", "w"), ("cl", "d"), ("0", "o"), ("1", "l"), ("i", "l"), ("5", "s"), ("-", ""))


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a slug can't be had, in a word for code and a sentence for people."""

    reason: str
    message: str


def skeleton(slug: str) -> str:
    """Return what ``slug`` looks like: two slugs with one skeleton are taken for each other."""
    for seen, meant in _CONFUSABLE:
        slug = slug.replace(seen, meant)
    return slug


_RESERVED_SKELETONS = frozenset(skeleton(word) for word in RESERVED)


def refusal_of(slug: str) -> Refusal | None:
    """Return why ``slug`` can never be had, or None where only another organization could be in the way."""
    if slug.startswith("xn--") or not slug.isascii() or slug[2:4] == "--":
        return Refusal(
            "idn", "Use the letters a to z. Letters of other alphabets can look like someone else's address."
        )
    if len(slug) < MIN_LENGTH:
        return Refusal("too_short", f"Use at least {MIN_LENGTH} characters.")
    if len(slug) > MAX_LENGTH:
        return Refusal("too_long", f"Use at most {MAX_LENGTH} characters.")
    if not _SHAPE.match(slug) or "--" in slug:
        return Refusal("format", "Use a to z, 0 to 9 and single hyphens, with a letter or digit at both ends.")
    if slug in RESERVED:
        return Refusal("reserved", f"“{slug}” is reserved.")
    if skeleton(slug) in _RESERVED_SKELETONS:
        return Refusal("lookalike", f"“{slug}” looks like a reserved address.")
    return None


def normalise(text: str) -> str:
    """Return the nearest well-formed slug of a name that a person typed; may be empty."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii").lower()
    return re.sub(r"-{2,}", "-", re.sub(r"[^a-z0-9]+", "-", plain)).strip("-")[:MAX_LENGTH].strip("-")


def candidates(slug: str) -> list[str]:
    """Return slugs near ``slug`` that no rule refuses, best first."""
    base = normalise(slug) or "our"
    tails = ("-academy", "-learning", "-training", "-school", "-team", "-courses")
    near = [base, *(f"{base[: MAX_LENGTH - len(tail)]}{tail}" for tail in tails)]
    return [found for found in near if refusal_of(found) is None]
