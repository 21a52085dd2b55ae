"""Distribution tenants at CloudFront: the template, the tenants, the function's store; and moves to them and back."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

import tenancy
from core.clock import now
from core.ids import new_id
from media.aws import cloudfront
from media.edge import grants, keyring, naming, registry, template_writer, token
from media.edge.interface import CannotMove, NoKeyGroup, NotDeployedYet
from media.edge.token import shard_id
from media.models import EdgeBinding, EdgeSecret, RevokedGrant, SigningKey
from tests.contracts.test_cloudfront import (
    FILM,
    binding,
    bindings,
    come,
    cookies,
    edge,
    host_of,
    plays,
    settle,
    stage,
    until_settled,
)
from tests.support.cloudfront.account import domains_of
from tests.support.cloudfront.stage import SUFFIX, Stage

__all__ = ["stage"]
TENANT, POOLED = EdgeBinding.Strategy.DISTRIBUTION_TENANT, EdgeBinding.Strategy.POOLED


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the store be believed at once."""
    monkeypatch.setattr(template_writer, "STORE_SETTLES", timedelta(0))


def age(organization: UUID) -> None:
    """Let the phase be as old as the longest grant lives."""
    with tenancy.platform():
        EdgeBinding.objects.filter(organization_id=organization).update(phase_since=now() - grants.ALL_ENDED_AFTER)


def moved(stage: Stage, organization: UUID, strategy: str) -> None:
    """Move an organization, all the way."""
    edge().move(organization, strategy)
    for _ in range(4):
        until_settled(stage)
        age(organization)
        edge().tidy()
    until_settled(stage)
    settle()
    settle()
    found = binding(organization)
    assert (found.strategy, found.phase, found.problem) == (strategy, "", "")


def tenant_of(stage: Stage, organization: UUID) -> list[str]:
    """The domains of an organization's distribution tenant."""
    name = naming.tenant("local", organization)
    found = [domains_of(one) for one in stage.account.tenants.values() if one.data["Name"] == name]
    return sorted(found[0]) if found else []


# -- both factors


def test_an_organization_moves_and_needs_both_factors(stage: Stage) -> None:
    acme, globex, pooled = come(), come(), come()
    until_settled(stage)
    for one in (acme, globex):
        moved(stage, one, TENANT)
    assert tenant_of(stage, acme) == sorted([host_of(acme), naming.placeholder(acme, SUFFIX)])
    assert acme not in stage.organizations(stage.pool)
    assert host_of(acme) not in stage.aliases(stage.pool)
    assert {plays(stage, one) for one in (acme, globex, pooled)} == {"served"}
    given = cookies(acme)
    without = {name: value for name, value in given.items() if name != token.COOKIE}
    assert plays(stage, acme, without) == "MissingToken"
    assert plays(stage, acme, {token.COOKIE: given[token.COOKIE]}) == "MissingKey"
    stage.assert_no_orphans()
    assert len(stage.made_groups) == 2, "the shard's, and the one of who stayed"


def test_no_key_of_a_tenant_opens_anything_of_another(stage: Stage) -> None:
    acme, globex = come(), come()
    until_settled(stage)
    for one in (acme, globex):
        moved(stage, one, TENANT)
    with tenancy.platform():
        shared = keyring.signer(shard_id(stage.template), only_trusted=True)
        secret = keyring.secret(globex, only_trusted=True)
    for with_secret, refusal in ((secret, "BadToken"), ("", "MissingToken")):
        forged = grants.sign(shared, acme, host=host_of(acme), item_id=FILM, rev="1", secret=with_secret)
        assert plays(stage, acme, {one.name: one.value for one in forged.cookies}) == refusal
    theirs = cookies(globex)
    assert plays(stage, acme, theirs) == "ResourceMismatch"
    assert plays(stage, acme, {**cookies(acme), token.COOKIE: theirs[token.COOKIE]}) == "BadToken"


@pytest.mark.parametrize("back", [False, True], ids=["there", "and back"])
def test_a_move_refuses_nobody_who_plays(stage: Stage, back: bool) -> None:
    """At every look and every deployment of every phase: whatever was granted and has not ended is served."""
    acme, stranger = come(), come()
    until_settled(stage)
    if back:
        moved(stage, acme, TENANT)
    held = [cookies(acme)]
    phases: list[str] = []

    def all_play() -> None:
        found = binding(acme)
        if found.phase not in phases[-1:]:
            phases.append(found.phase)
        held.append(cookies(acme))
        assert [plays(stage, acme, one) for one in held] == ["served"] * len(held), (found.phase, len(held))
        assert plays(stage, acme, cookies(stranger)) != "served"

    edge().move(acme, POOLED if back else TENANT)
    for _ in range(20):
        all_play()
        settle()
        all_play()
        stage.account.deploy()
        all_play()
        settle()
        all_play()
        if binding(acme).is_settled:
            before = binding(acme).phase
            if before in ("both", "settling"):
                held[:] = held[-1:]  # as old as that they have ended: all but what was granted a moment ago
                age(acme)
                if before == "both":
                    held.clear()
                    held.append(cookies(acme))
            edge().tidy()
            if not binding(acme).phase:
                break
    all_play()
    assert phases == ["preparing", "both", "switching", "settling", ""]
    assert binding(acme).strategy == (POOLED if back else TENANT)
    until_settled(stage)
    settle()
    settle()
    stage.assert_no_orphans()
    assert bool(tenant_of(stage, acme)) != back


def test_who_has_a_domain_of_their_own_becomes_a_tenant(stage: Stage) -> None:
    acme = come("learn.acme.example")
    until_settled(stage)
    assert binding(acme).state == "deployed"
    assert plays(stage, acme) == "served"
    assert "learn.acme.example" not in stage.aliases(stage.pool), "a shared distribution has one certificate"
    settle()
    assert binding(acme).phase == "preparing"
    for _ in range(4):
        until_settled(stage)
        age(acme)
        edge().tidy()
    until_settled(stage)
    assert "learn.acme.example" in tenant_of(stage, acme)
    asked = [one for one in stage.account.tenants.values() if "learn.acme.example" in domains_of(one)]
    assert asked[0].data["ManagedCertificateRequest"]["PrimaryDomainName"] == "learn.acme.example"
    assert plays(stage, acme) == "served"


def with_domains(stage: Stage, *domains: str) -> UUID:
    """An organization at a distribution tenant that has just got domains of its own."""
    acme = come()
    until_settled(stage)
    moved(stage, acme, TENANT)
    edge().follow_hosts(acme, [host_of(acme), *domains])
    return acme


def served_at(stage: Stage, organization: UUID) -> set[str]:
    """The domains at which CloudFront serves an organization, but for the one it is made with."""
    plane = cloudfront.control_plane()
    found = plane.tenant(naming.tenant("local", organization))
    assert found is not None
    return {name for name, served in found.domains.items() if served} - {naming.placeholder(organization, SUFFIX)}


def test_several_own_domains_come_in_one_update(stage: Stage) -> None:
    domains = ["learn.acme.example", "kurse.acme.example", "acme-school.example"]
    acme = with_domains(stage, *domains)
    before = stage.account.calls.count("UpdateDistributionTenant")
    settle()
    calls = stage.account.calls.count("UpdateDistributionTenant") - before
    assert calls == 2, "all the domains at once, and their certificate"
    until_settled(stage)
    assert served_at(stage, acme) == {host_of(acme), *domains}
    assert binding(acme).problem == ""
    assert plays(stage, acme) == "served"
    # And go together.
    edge().follow_hosts(acme, [host_of(acme), domains[0]])
    until_settled(stage)
    assert served_at(stage, acme) == {host_of(acme), domains[0]}


def test_a_domain_without_a_certificate_holds_up_neither_the_others_nor_a_move(stage: Stage) -> None:
    good, late = "learn.acme.example", "late.acme.example"
    stage.account.without_certificate.add(late)
    acme, stranger = come(good, late), come()
    until_settled(stage)
    for _ in range(5):
        settle()
        until_settled(stage)
        age(acme)
        edge().tidy()
    until_settled(stage)
    found = binding(acme)
    assert (found.strategy, found.phase, found.state) == (TENANT, "", "deployed")
    assert served_at(stage, acme) == {host_of(acme), good}
    assert found.problem == f"{late} is not served: its name has to lead to CloudFront, which then gets its certificate"
    assert plays(stage, acme) == plays(stage, stranger) == "served"
    # Its certificate comes: the next look has it served.
    stage.account.without_certificate.clear()
    settle()
    until_settled(stage)
    settle()
    assert served_at(stage, acme) == {host_of(acme), good, late}
    assert binding(acme).problem == ""


def test_a_domain_that_cloudfront_refuses_keeps_none_of_the_others_out(stage: Stage) -> None:
    good, lost, also = "learn.acme.example", "lost.acme.example", "kurse.acme.example"
    stage.account.leads_elsewhere.add(lost)
    acme = with_domains(stage, good, lost, also)
    until_settled(stage)
    assert served_at(stage, acme) == {host_of(acme), good, also}
    problem = binding(acme).problem
    assert problem.startswith(f"{lost} is not served: ")
    assert "Could not verify Domain Name ownership" in problem
    assert binding(acme).is_settled
    assert plays(stage, acme) == "served"
    stage.account.leads_elsewhere.clear()
    settle()
    until_settled(stage)
    settle()
    assert served_at(stage, acme) == {host_of(acme), good, lost, also}
    assert binding(acme).problem == ""


# -- rights that end


def test_an_ended_grant_is_told_to_the_function_and_forgotten_after_its_time(stage: Stage) -> None:
    acme = come()
    until_settled(stage)
    moved(stage, acme, TENANT)
    granted = edge().grant(acme, host=host_of(acme), item_id=FILM, rev="1")
    given = {one.name: one.value for one in granted.cookies}
    assert plays(stage, acme, given) == "served"
    edge().revoke_grant(acme, granted.policy_hash, granted.expires_at)
    found = registry.settling()
    assert found is not None
    with tenancy.platform():
        assert found.tell_ended() == 1
        assert found.tell_ended() == 0
    assert plays(stage, acme, given) == "GrantRevoked"
    assert plays(stage, acme) == "served"
    with tenancy.platform():
        RevokedGrant.objects.filter(organization_id=acme).update(expires_at=now() - timedelta(seconds=1))
    settle()
    assert [key for key in stage.account.values if key.startswith("r:")] == []


def test_a_switched_off_tenant_loses_its_secret_and_keeps_its_host(stage: Stage) -> None:
    acme = come()
    until_settled(stage)
    moved(stage, acme, TENANT)
    given = cookies(acme)
    edge().revoke(acme)
    with pytest.raises(NoKeyGroup):
        cookies(acme)
    settle()
    assert plays(stage, acme, given) == "UnknownKey"
    assert host_of(acme) in tenant_of(stage, acme)
    edge().ensure_tenant(acme, [host_of(acme)])
    until_settled(stage)
    assert plays(stage, acme) == "served"


def test_secrets_and_the_shared_key_change_and_refuse_nobody(stage: Stage) -> None:
    acme = come()
    until_settled(stage)
    moved(stage, acme, TENANT)
    held = [cookies(acme)]
    edge().rotate(acme)
    edge().rotate_shard(stage.template)
    held.append(cookies(acme))
    assert [plays(stage, acme, one) for one in held] == ["served"] * 2
    assert held[0][token.COOKIE] != held[1][token.COOKIE]
    with pytest.raises(NotDeployedYet):
        edge().rotate_shard(stage.template)
    until_settled(stage)
    with pytest.raises(NotDeployedYet):
        edge().rotate(acme)  # what the last secret signed has not ended
    with tenancy.platform():
        for rows in (SigningKey, EdgeSecret):
            rows.objects.filter(state="retiring").update(retires_at=now())
    edge().tidy()
    until_settled(stage)
    assert plays(stage, acme, held[0]) != "served"
    assert plays(stage, acme, cookies(acme)) == "served"


def test_no_token_is_made_before_the_store_is_everywhere(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(template_writer, "STORE_SETTLES", timedelta(minutes=1))
    acme = come()
    until_settled(stage)
    edge().move(acme, TENANT)
    for _ in range(4):
        settle()
        stage.account.deploy()
        edge().tidy()
    assert binding(acme).phase == "preparing"
    assert plays(stage, acme) == "served"
    with tenancy.platform():
        EdgeSecret.objects.filter(organization_id=acme).update(trusted_at=now())
    until_settled(stage)
    edge().tidy()
    assert binding(acme).phase == "both"
    assert plays(stage, acme) == "served"


def test_a_tenants_secret_changes_as_often_as_it_has_to(stage: Stage) -> None:
    """Its own keys sign nothing at a distribution tenant, so nobody waits for them to be trusted."""
    acme = come()
    until_settled(stage)
    moved(stage, acme, TENANT)
    for _ in range(4):
        held = cookies(acme)
        edge().rotate(acme)
        assert plays(stage, acme, held) == plays(stage, acme) == "served"
        until_settled(stage)
        with tenancy.platform():
            EdgeSecret.objects.filter(organization_id=acme, state="retiring").update(retires_at=now())
        edge().tidy()
        until_settled(stage)
    stage.assert_no_orphans()
    moved(stage, acme, POOLED)
    assert plays(stage, acme) == "served"


# -- limits


def test_no_more_move_at_once_than_a_behaviour_has_room_for(stage: Stage) -> None:
    for name in stage.account.limits:
        if "behavior" not in name or "Cache behaviors" in name:
            stage.account.limits[name] = 100
    organizations = [come() for _ in range(4)]
    until_settled(stage)
    for one in organizations:
        edge().move(one, TENANT)
    for _ in range(4):
        settle()
        stage.account.deploy()
    edge().tidy()
    assert sorted(one.phase for one in bindings()) == ["both", "both", "both", "preparing"]
    waits = next(one for one in bindings() if one.phase == "preparing")
    assert waits.problem == "Its move waits: 3 others are on theirs."
    assert [plays(stage, one) for one in organizations] == ["served"] * 4
    with pytest.raises(CannotMove):
        edge().move(organizations[0], TENANT)


def test_a_template_without_its_function_gets_nobody(stage: Stage) -> None:
    acme = come()
    until_settled(stage)
    items = stage.account.distributions[stage.template].data["CacheBehaviors"]["Items"]
    items[1]["FunctionAssociations"] = {"Quantity": 0}
    edge().move(acme, TENANT)
    settle()
    assert "nobody would ask for tokens" in binding(acme).problem
    assert items[1]["TargetOriginId"] == "app"
    assert plays(stage, acme) == "served"


def test_nobody_moves_where_there_is_no_template(stage: Stage, settings: object) -> None:
    acme = come()
    until_settled(stage)
    settings.CLOUDFRONT_TEMPLATE = ""  # type: ignore[attr-defined]
    registry.forget()
    with pytest.raises(CannotMove, match="room"):
        edge().move(acme, TENANT)
    assert new_id()
