"""What CloudFront's places keep of an organization is forgotten when it is deleted for good, and of nobody else."""

from __future__ import annotations

from uuid import UUID

import pytest
from pytest_django.fixtures import Settings

from media.edge import naming, plane, registry
from media.services.forgetting import forget
from tests.contracts.test_cloudfront import come, edge, plays, settle, stage, until_settled
from tests.contracts.test_cloudfront_tenants import TENANT, moved, soon
from tests.support.cloudfront.invalidations import WILDCARDS
from tests.support.cloudfront.stage import Stage
from tests.support.cloudfront.wire import ApiError

__all__ = ["soon", "stage"]


def kept(stage: Stage, organization: UUID) -> set[str]:
    """Which distributions keep something of an organization."""
    return {distribution for distribution, path in stage.kept if str(organization) in path}


def forgets(organization: UUID, round_: int = 0) -> str:
    """What is still waited for, as a deletion asks."""
    return forget(organization, f"deleted-{organization}-{round_}")


def asked(stage: Stage) -> int:
    return sum(len(batches) for batches in stage.account.batches.values())


def test_a_pool_forgets_what_it_keeps_and_the_deletion_waits_for_it(stage: Stage) -> None:
    acme, globex = come(), come()
    until_settled(stage)
    assert plays(stage, acme) == plays(stage, globex) == "served"
    edge().revoke(acme)
    until_settled(stage)
    assert kept(stage, acme) == {stage.pool}, "nobody is served it, and there it is"
    assert "still forgetting" in forgets(acme)
    assert kept(stage, acme), "not before CloudFront has done it"
    assert "still forgetting" in forgets(acme)
    stage.account.deploy()
    assert forgets(acme) == ""
    assert not kept(stage, acme)
    assert kept(stage, globex) == {stage.pool}
    assert plays(stage, globex) == "served"


def test_it_is_wished_once_in_each_pool_and_anew_in_another_round(stage: Stage) -> None:
    acme = come()
    for _ in range(3):
        forgets(acme)
        stage.account.deploy()
    assert forgets(acme) == ""
    assert {place: len(batches) for place, batches in stage.account.batches.items()} == {
        stage.pool: 1, stage.second: 1, stage.front: 1,
    }  # fmt: skip
    assert "still forgetting" in forgets(acme, 1)
    assert asked(stage) == 6


def test_the_front_distribution_forgets_the_images_it_had_before_there_was_a_pool(
    stage: Stage, settings: Settings
) -> None:
    acme, globex = come(), come()
    for one in (acme, globex):
        stage.kept.add((stage.front, f"/p/{one}/{'0' * 64}.png"))
    settings.CLOUDFRONT_FRONT = ""
    registry.forget()
    forgets(acme)
    stage.account.deploy()
    assert forgets(acme) == ""
    assert kept(stage, acme) == {stage.front}, "nobody has told which distribution that is"
    settings.CLOUDFRONT_FRONT = stage.front
    assert "still forgetting" in forgets(acme, 1)
    stage.account.deploy()
    assert forgets(acme, 1) == ""
    assert not kept(stage, acme)
    assert kept(stage, globex) == {stage.front}
    [batch] = stage.account.batches[stage.front]
    assert batch["InvalidationBatch"]["Paths"]["Items"] == [f"/media/p/{acme}/*", f"/p/{acme}/*"]


def test_both_kinds_of_path_are_named_of_films_and_of_images() -> None:
    acme = UUID(int=1)
    assert set(naming.kept(acme)) == {
        f"/media/t/{acme}/*", f"/t/{acme}/*", f"/media/p/{acme}/*", f"/p/{acme}/*",
    }  # fmt: skip


def test_a_distribution_tenant_forgets_as_well(stage: Stage) -> None:
    acme, globex = come(), come()
    until_settled(stage)
    for one in (acme, globex):
        moved(stage, one, TENANT)
        assert plays(stage, one) == "served"
    edge().revoke(acme)
    settle()
    stage.account.deploy()
    forgets(acme)
    stage.account.deploy()
    assert forgets(acme) == ""
    assert not kept(stage, acme)
    assert stage.template in kept(stage, globex)


def test_more_than_a_distribution_takes_at_once_waits_for_its_turn(stage: Stage) -> None:
    many = [come() for _ in range(WILDCARDS // 4 + 1)]
    said = [forgets(one) for one in many]
    assert ["still forgetting" in one for one in said] == [True] * (len(many) - 1) + [False]
    assert "TooManyInvalidationsInProgress" in said[-1]
    stage.account.deploy()
    forgets(many[-1])
    stage.account.deploy()
    assert [forgets(one) for one in many] == [""] * len(many)


def test_a_refusal_is_said_and_the_next_look_goes_on(stage: Stage) -> None:
    acme = come()

    def refuse(moment: str, operation: str) -> None:
        if operation == "CreateInvalidation":
            raise ApiError("AccessDenied", "not authorized to perform cloudfront:CreateInvalidation", 403)

    stage.account.called = refuse
    assert "not authorized" in forgets(acme)
    stage.account.called = lambda moment, operation: None
    forgets(acme)
    stage.account.deploy()
    assert forgets(acme) == ""


def test_one_reference_is_one_wish_and_not_another(stage: Stage) -> None:
    """The stand-in holds to the API's page: the same again is the same batch, other paths under it are refused."""
    found = registry.plane()
    assert found is not None
    assert not found.forget(["/t/1/*"], "once", distribution=stage.pool)
    assert not found.forget(["/t/1/*"], "once", distribution=stage.pool)
    assert asked(stage) == 1
    with pytest.raises(plane.Refused, match="InvalidationBatchAlreadyExists"):
        found.forget(["/t/2/*"], "once", distribution=stage.pool)
    with pytest.raises(plane.Refused, match="invalid invalidation paths"):
        found.forget(["/t/*/1"], "twice", distribution=stage.pool)


def test_the_embedded_edge_keeps_nothing(settings: Settings) -> None:
    settings.MEDIA_EDGE = "local"
    assert forgets(UUID(int=2)) == ""
