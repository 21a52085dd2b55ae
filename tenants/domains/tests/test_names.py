"""Which names can be a custom domain."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenancy.hosts import BadHost, canonical
from tenants.domains import names
from tenants.domains.errors import DomainRefused


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("learn.acme.com", "learn.acme.com"),
        ("  Learn.ACME.com. ", "learn.acme.com"),
        ("https://learn.acme.com/courses?x=1", "learn.acme.com"),
        ("lernen.bücher.de", "lernen.xn--bcher-kva.de"),
        ("lernen.xn--bcher-kva.de", "lernen.xn--bcher-kva.de"),
        ("школа.рф", "xn--80atdl2c.xn--p1ai"),
        ("acme.co.uk", "acme.co.uk"),
        ("me.github.io", "me.github.io"),
        ("learn.acme.localhost", "learn.acme.localhost"),
    ],
)
def test_names_that_can_be_claimed(typed: str, host: str) -> None:
    assert names.parse(typed).host == host


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ("192.0.2.1", "address"),
        ("127.1", "address"),
        ("[::1]", "address"),
        ("2001:db8::1", "address"),
        ("0x7f.1", "address"),
        ("intranet", "single_label"),
        ("localhost", "single_label"),
        ("", "format"),
        ("learn.acme.com:8443", "format"),
        ("*.acme.com", "format"),
        ("_dmarc.acme.com", "format"),
        ("learn acme.com", "format"),
        ("user@acme.com", "format"),
        ("xn--a.example.com", "format"),
        (f"{'a.' * 120}com", "format"),
        ("co.uk", "public_suffix"),
        ("github.io", "public_suffix"),
        ("lms.localhost", "ours"),
        ("acme.lms.localhost", "ours"),
        ("staff.lms.localhost", "ours"),
        ("x.content.lms.localhost", "ours"),
        ("1ms.localhost", "lookalike"),
        ("learn.1ms.localhost", "lookalike"),
        ("learn.аcme.com", "lookalike"),
        ("lеarn.acme.com", "lookalike"),
    ],
)
def test_names_that_cannot(typed: str, reason: str) -> None:
    with pytest.raises(DomainRefused) as refused:
        names.parse(typed)
    assert refused.value.members["reason"] == reason


def test_endings_that_nobody_registers_are_refused_in_the_world(settings: Any) -> None:
    settings.EMBEDDED = False
    names._suffixes.cache_clear()
    try:
        for typed in ("learn.acme.localhost", "learn.acme.internal", "acme.test"):
            with pytest.raises(DomainRefused) as refused:
                names.parse(typed)
            assert refused.value.members["reason"] == "unknown_ending"
        assert names.parse("learn.acme.com").host == "learn.acme.com"
    finally:
        names._suffixes.cache_clear()


def test_the_bare_domain_is_told_from_a_host_below_it() -> None:
    assert names.parse("acme.co.uk").is_apex
    assert not names.parse("learn.acme.co.uk").is_apex


@given(st.text(max_size=80))
def test_whatever_is_typed_is_refused_or_becomes_a_host(typed: str) -> None:
    try:
        name = names.parse(typed)
    except DomainRefused:
        return
    assert canonical(name.host) == name.host
    assert names.parse(name.host).host == name.host
    assert len(f"{names.CHALLENGE_LABEL}.{name.host}") <= 253


@given(st.text(max_size=80))
def test_canonical_hosts_are_their_own_spelling(raw: str) -> None:
    try:
        host = canonical(raw)
    except BadHost:
        return
    assert canonical(host) == host
    assert canonical(f"{host.upper()}.:443") == host
