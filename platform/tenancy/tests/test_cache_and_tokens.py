"""Cache keys and signed tokens name their organization; without one there are none."""

from __future__ import annotations

from dataclasses import replace

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache

import tenancy
from core.clock import now
from tenancy import TenantRecord, signing
from tenancy.cache import make_key


def test_settings_use_our_key_function() -> None:
    assert settings.CACHES["default"]["KEY_FUNCTION"] == "tenancy.cache.make_key"


def test_a_key_names_its_organization_and_generation(acme: TenantRecord) -> None:
    assert make_key("k", "p", 1) == f"t:{acme.id}:{acme.generation}:p:1:k"
    with tenancy.bind(replace(acme, generation=acme.generation + 1)):
        assert make_key("k", "p", 1) == f"t:{acme.id}:{acme.generation + 1}:p:1:k"


def test_the_platforms_keys_say_so(db: None) -> None:
    with tenancy.platform():
        assert make_key("k", "p", 1) == "g:p:1:k"


def test_unbound_code_has_no_keys(db: None) -> None:
    for use in (lambda: cache.get("k"), lambda: cache.set("k", 1), lambda: cache.incr("k"), lambda: cache.delete("k")):
        with pytest.raises(tenancy.NoTenantBound):
            use()


def test_attack_04_what_one_organization_keeps_no_other_reads(acme: TenantRecord, globex: TenantRecord) -> None:
    cache.set("greeting", "of acme", 30)
    with tenancy.bind(globex):
        assert cache.get("greeting") is None
        assert cache.add("greeting", "of globex", 30)
        assert cache.get_many(["greeting"]) == {"greeting": "of globex"}
    with tenancy.platform():
        assert cache.get("greeting") is None
    with tenancy.bind(replace(acme, generation=acme.generation + 1)):
        assert cache.get("greeting") is None
    assert cache.get("greeting") == "of acme"


def test_a_token_is_read_where_it_was_made(acme: TenantRecord) -> None:
    token = signing.dumps({"seat": 7}, purpose="test")
    assert signing.loads(token, purpose="test", max_age_seconds=60) == {"seat": 7}


def test_a_token_of_one_organization_is_refused_by_every_other(acme: TenantRecord, globex: TenantRecord) -> None:
    token = signing.dumps({"seat": 7}, purpose="test")
    with tenancy.bind(globex), pytest.raises(signing.BadToken):
        signing.loads(token, purpose="test", max_age_seconds=60)
    with tenancy.platform(), pytest.raises(signing.BadToken):
        signing.loads(token, purpose="test", max_age_seconds=60)


def test_a_token_of_the_platform_is_refused_by_organizations(acme: TenantRecord) -> None:
    with tenancy.platform():
        token = signing.dumps(1, purpose="test")
    with pytest.raises(signing.BadToken):
        signing.loads(token, purpose="test", max_age_seconds=60)


@pytest.mark.parametrize(
    "change", [lambda token: token[:-1], lambda token: f"x{token}", lambda token: "", str.swapcase]
)
def test_a_changed_token_is_refused(acme: TenantRecord, change: object) -> None:
    token = signing.dumps({"seat": 7}, purpose="test")
    with pytest.raises(signing.BadToken):
        signing.loads(change(token), purpose="test", max_age_seconds=60)  # type: ignore[operator]


def test_a_token_serves_one_purpose_for_a_time(acme: TenantRecord) -> None:
    token = signing.dumps(1, purpose="test")
    with pytest.raises(signing.BadToken):
        signing.loads(token, purpose="another", max_age_seconds=60)
    with time_machine.travel(now().timestamp() + 61, tick=False), pytest.raises(signing.BadToken):
        signing.loads(token, purpose="test", max_age_seconds=60)


def test_unbound_code_makes_no_tokens(db: None) -> None:
    with pytest.raises(tenancy.NoTenantBound):
        signing.dumps(1, purpose="test")
