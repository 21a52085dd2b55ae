"""What we look for in DNS, what we found, and what that means: one record each, in words a person can act on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

from django.conf import settings

from tenants.domains import dns
from tenants.domains.names import CHALLENGE_LABEL, CustomName, of_host

State = Literal["found", "missing", "wrong", "no_answer"]
TEXT_BEGINS = "lms-verify="


@dataclass(frozen=True, slots=True)
class Record:
    """One record: what must be at which name, what is there, and what to do about it."""

    purpose: Literal["proof", "route"]
    type: str
    name: str
    expected: tuple[str, ...]
    found: tuple[str, ...]
    state: State
    words: str

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {**asdict(self), "expected": list(self.expected), "found": list(self.found)}


@dataclass(frozen=True, slots=True)
class Look:
    """One look at DNS. ``None`` where it did not answer: no reason to change anything."""

    records: tuple[Record, ...]
    proves: bool | None
    routes: bool | None


def expected_text(token: str) -> str:
    """Return the text that proves a claim."""
    return f"{TEXT_BEGINS}{token}"


def challenge_name(host: str) -> str:
    """Return where the proof stands."""
    return f"{CHALLENGE_LABEL}.{host}"


def expected(host: str, token: str) -> list[Record]:
    """Return the records to make, before anybody looked."""
    name = of_host(host)
    words = "We have not looked yet."
    return [
        Record("proof", "TXT", challenge_name(host), (expected_text(token),), (), "missing", words),
        Record("route", _route_type(name), host, _route_values(name), (), "missing", words),
    ]


def look(host: str, token: str) -> Look:
    """Ask DNS now. Takes a few seconds where servers are slow; never call it inside a transaction."""
    proof = prove(host, token)
    route = _route(of_host(host))
    return Look((proof, route), _verdict(proof), _verdict(route))


def prove(host: str, token: str) -> Record:
    """Look for the proof of one claim."""
    name, text = challenge_name(host), expected_text(token)
    answer = dns.txt(name)
    common: dict[str, Any] = {"purpose": "proof", "type": "TXT", "name": name, "expected": (text,)}
    if not answer.is_definite:
        return Record(**common, found=(), state="no_answer", words=_silence(answer, name))
    if text in (value.strip() for value in answer.values):
        return Record(**common, found=(text,), state="found", words="It is there.")
    if answer.values:
        words = "There is a TXT record with another text. Add ours beside it, or correct it."
        return Record(**common, found=answer.values, state="wrong", words=words)
    if answer.status == "nxdomain" and dns.txt(f"{name}.{host}").values:
        words = f"The record is at {name}.{host}: your provider adds the domain by itself. Name it {CHALLENGE_LABEL}."
        return Record(**common, found=(), state="missing", words=words)
    return Record(**common, found=(), state="missing", words=f"There is no TXT record at {name} yet.")


def holds(host: str, token: str) -> bool | None:
    """Return whether the proof of a claim is in DNS right now; None where DNS does not answer."""
    return _verdict(prove(host, token))


def _route(name: CustomName) -> Record:
    target = settings.DOMAIN_TARGET
    common: dict[str, Any] = {
        "purpose": "route",
        "type": _route_type(name),
        "name": name.host,
        "expected": _route_values(name),
    }
    chain = dns.chain(name.host)
    if target in chain.values:
        return Record(**common, found=chain.values, state="found", words="It leads here.")
    answer = dns.addresses(name.host)
    ours = set(_target_addresses())
    if answer.values and ours and set(answer.values) <= ours:
        return Record(**common, found=answer.values, state="found", words="Its addresses are ours.")
    # An alias whose end does not resolve is still an alias to somewhere else.
    if chain.values:
        words = f"{name.host} is an alias of {chain.values[-1]}. Point it to {target}."
        return Record(**common, found=chain.values, state="wrong", words=words)
    if not answer.is_definite:
        return Record(**common, found=(), state="no_answer", words=_silence(answer, name.host))
    if answer.values:
        return Record(**common, found=answer.values, state="wrong", words=_wrong_addresses(name, answer.values))
    kind = "A or ALIAS" if name.is_apex else "CNAME"
    return Record(**common, found=(), state="missing", words=f"There is no {kind} record at {name.host} yet.")


def _wrong_addresses(name: CustomName, found: tuple[str, ...]) -> str:
    if set(found) & set(_target_addresses()):
        return f"{name.host} has other addresses beside ours. Remove those, or some visitors end up elsewhere."
    if name.is_apex:
        return f"{name.host} has addresses that are not ours. Replace them."
    return f"{name.host} has addresses of its own. Remove those records and make the CNAME."


def _route_type(name: CustomName) -> str:
    if not name.is_apex:
        return "CNAME"
    return "A" if settings.DOMAIN_ADDRESSES else "ALIAS"


def _route_values(name: CustomName) -> tuple[str, ...]:
    if name.is_apex and settings.DOMAIN_ADDRESSES:
        return tuple(settings.DOMAIN_ADDRESSES)
    return (settings.DOMAIN_TARGET,)


def _target_addresses() -> tuple[str, ...]:
    return tuple(settings.DOMAIN_ADDRESSES) or dns.addresses(settings.DOMAIN_TARGET).values


def _verdict(record: Record) -> bool | None:
    return None if record.state == "no_answer" else record.state == "found"


def _silence(answer: dns.Answer, name: str) -> str:
    if answer.status == "timeout":
        return f"The name servers of {name} did not answer in time. This says nothing about your record; look again."
    return f"The name servers of {name} answered with an error. Ask your DNS provider, then look again."
