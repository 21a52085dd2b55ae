"""Which names can be a custom domain: a host below a registrable domain that is not ours and fools nobody."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import ip_address
from typing import NoReturn

import idna
from django.conf import settings
from publicsuffixlist import PublicSuffixList

from tenancy import hosts
from tenants import slugs
from tenants.domains.errors import DomainRefused

CHALLENGE_LABEL = "_lms-challenge"
MAX_LENGTH = 253 - len(CHALLENGE_LABEL) - 1

# What a hurried reader takes for a Latin letter: the Cyrillic and Greek part of Unicode's confusables (UTS 39).
_LATIN_TWINS = str.maketrans(
    "авеикмнорстухѕіјԁԛԝһӏӀɑαβεικνορτυχωϲ",
    "abeukmhopctyxsijdqwhllaabeikvoptuxwc",
)
_ZERO_WIDTH = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))


@dataclass(frozen=True, slots=True)
class CustomName:
    """A name that can be claimed. ``host`` is in A-labels; ``shown`` is how people write it."""

    host: str
    shown: str
    registrable: str

    @property
    def is_apex(self) -> bool:
        """Whether it is the registrable domain itself, where DNS allows no CNAME."""
        return self.host == self.registrable


def parse(typed: str) -> CustomName:
    """Return the name that a person typed or pasted, an address of a page included.

    Raises:
        DomainRefused: with ``reason`` address, format, single_label, ours, public_suffix, unknown_ending or lookalike.
    """
    text = _without_url(typed)
    if _is_address(text):
        _refuse("address", "Use a name, not an IP address.")
    try:
        host = hosts.canonical(text)
    except hosts.BadHost:
        _refuse("format", "Write a name such as learn.example.com: letters, digits and hyphens between dots.")
    labels = host.split(".")
    if len(labels) < 2:
        _refuse("single_label", "Write the whole name, such as learn.example.com.")
    if len(host) > MAX_LENGTH or any(label.startswith("_") for label in labels) or ":" in text:
        _refuse("format", "Write a name such as learn.example.com, without a port.")
    shown = _shown(labels)
    if _is_ours(host):
        _refuse("ours", "This name belongs to the platform. Change your address above instead.")
    if _looks_like_ours(shown) or any(_mixes_scripts(label) for label in shown.split(".")):
        _refuse("lookalike", "This name mixes letters that look like others. People could take it for another one.")
    suffix = _suffixes().publicsuffix(host)
    if suffix is None:
        _refuse("unknown_ending", f"No domain can be registered under “{labels[-1]}”.")
    if host == suffix:
        _refuse("public_suffix", f"“{shown}” is an ending that many share. Use a name of your own below it.")
    return CustomName(host, shown, _suffixes().privatesuffix(host) or host)


def of_host(host: str) -> CustomName:
    """Return the name of a host that was accepted before."""
    return CustomName(host, _decoded(host), _suffixes().privatesuffix(host) or host)


def skeleton_of(shown: str) -> str:
    """Return what a name in Unicode looks like to a hurried reader."""
    plain = unicodedata.normalize("NFKD", shown.lower()).translate(_LATIN_TWINS)
    return ".".join(
        slugs.skeleton("".join(c for c in label if not unicodedata.combining(c))) for label in plain.split(".")
    )


def _without_url(typed: str) -> str:
    text = typed.strip().translate(_ZERO_WIDTH)
    for scheme in ("https://", "http://"):
        if text.lower().startswith(scheme):
            text = text[len(scheme) :].split("/", 1)[0]
    return text.removesuffix("/").removesuffix(".")


def _is_address(text: str) -> bool:
    try:
        ip_address(text.strip("[]").split("%")[0])
    except ValueError:
        # 127.1 and 0x7f000001 are addresses to some resolvers.
        return text.rsplit(".", 1)[-1].removeprefix("0x").isdigit()
    return True


def _shown(labels: list[str]) -> str:
    try:
        return ".".join(idna.decode(label) if label.startswith("xn--") else label for label in labels)
    except idna.IDNAError:
        _refuse("format", "A part of this name is no valid international name.")


def _decoded(host: str) -> str:
    try:
        return ".".join(idna.decode(label) if label.startswith("xn--") else label for label in host.split("."))
    except idna.IDNAError:
        return host


def _ours() -> list[str]:
    return [settings.SITE_HOST, settings.TENANT_SUFFIX, settings.STAFF_HOST, settings.CONTENT_SUFFIX]


def _is_ours(host: str) -> bool:
    """Ours, below one of ours, or above one."""
    return any(f".{host}".endswith(f".{own}") or own.endswith(f".{host}") for own in _ours())


def _looks_like_ours(shown: str) -> bool:
    seen = f".{skeleton_of(shown)}"
    return any(seen.endswith(f".{skeleton_of(own)}") for own in _ours())


def _mixes_scripts(label: str) -> bool:
    """Whether Latin letters stand among letters of an alphabet that has their twins."""
    scripts = {unicodedata.name(c, "?").split(" ")[0] for c in label if c.isalpha()}
    return "LATIN" in scripts and bool(scripts & {"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"})


@lru_cache(maxsize=1)
def _suffixes() -> PublicSuffixList:
    """The list of public suffixes as its package ships it. Locally there are endings (``.localhost``) that it lacks."""
    return PublicSuffixList(accept_unknown=settings.EMBEDDED)


def _refuse(reason: str, words: str) -> NoReturn:
    raise DomainRefused(words, reason=reason)
