"""The gateway against another's reading of the same API: moto, as far as it goes.

moto checks no version (any ``IfMatch`` will do), knows no distribution tenants, no updates of key groups and no keys in
key-value stores: those are asked of tests.support.cloudfront, which does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto import mock_aws
from pytest_django.fixtures import Settings

from core.ids import new_id
from media import keys
from media.aws import cloudfront
from media.edge import behaviours, naming, plane
from tests.support.cloudfront import stage


@pytest.fixture
def front(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[cloudfront.CloudFront]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    settings.AWS_ENDPOINT_URL = ""
    settings.CLOUDFRONT_FUNCTION_KEYS = ""
    cloudfront.control_plane.cache_clear()
    with mock_aws():
        yield cloudfront.control_plane()
    cloudfront.control_plane.cache_clear()


def test_keys_and_groups_are_made_listed_and_found_by_name(front: cloudfront.CloudFront) -> None:
    organization = new_id()
    made = {}
    for _ in range(2):
        key = keys.new_key(organization)
        made[naming.public_key("local", key.kid)] = front.create_public_key(
            naming.public_key("local", key.kid), key.public_pem
        )
    assert made.items() <= front.public_keys().items()
    group = front.create_key_group(naming.key_group("local", organization), list(made.values()))
    found = front.key_groups()[naming.key_group("local", organization)]
    assert (found.id, set(found.keys)) == (group.id, set(made.values()))
    front.delete_public_key(next(iter(made.values())))
    assert len(made.keys() & front.public_keys().keys()) == 1


def test_a_distribution_comes_back_as_it_was_written(front: cloudfront.CloudFront) -> None:
    config: Any = stage.config("moto", ("*.lms.example",))
    made = cloudfront.client("cloudfront").create_distribution(DistributionConfig=config)["Distribution"]["Id"]
    found = front.distribution(made)
    assert behaviours.aliases(found.config) == ["*.lms.example"]
    organization = new_id()
    wanted = behaviours.with_organizations(found.config, {organization: "group-1"}, (), "media")
    wanted = behaviours.with_aliases(wanted, ["acme.lms.example"], ())
    front.update_distribution(made, wanted, found.etag)
    after = front.distribution(made)
    assert behaviours.organizations(after.config) == {organization: ["group-1"]}
    assert behaviours.aliases(after.config) == ["*.lms.example", "acme.lms.example"]
    again = behaviours.with_organizations(after.config, {organization: "group-1"}, (), "media")
    assert behaviours.organizations(again) == behaviours.organizations(after.config)
    with pytest.raises(plane.NotThere):
        front.distribution("ENOTHERE")
