"""A distribution's configuration, edited: organizations' behaviours and names in it, everything else as it was. Pure.

A distribution is made by hand or by Terraform, with the behaviour ``/media/t/*`` that leads to the application:
whatever has no behaviour of its own is a 404 there. That behaviour is the pattern of organizations' ones: they differ
from it in path, origin and key group only. They share its cache as well, which outlives a behaviour: in a shared
distribution the pattern asks for a signature that nobody can make, and CloudFront judges that before the cache.
"""

from __future__ import annotations

import copy
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from media.edge import policy
from media.edge.naming import behaviour, organization_of

PATTERN = f"{policy.MEDIA_PREFIX}t/*"
# What only programs ask for, which says a password or a token before a redirect could lead it over to TLS.
PROGRAMS = ("/_allauth/x", "/api/x")
Config = dict[str, Any]
# Any path below it stands for all: nothing but an organization's own behaviour may lead it to the bucket.
_SAMPLE = f"{policy.tenant_path('00000000-0000-0000-0000-000000000000')}v/x"


class Misconfigured(Exception):
    """The distribution is not made as it has to be; the message says what is wrong."""


def items(part: Mapping[str, Any] | None) -> list[Any]:
    """Return a list as CloudFront writes it: it leaves out an empty one."""
    return list((part or {}).get("Items") or [])


def listed(found: Iterable[Any]) -> dict[str, Any]:
    """Undo :func:`items`."""
    made = list(found)
    return {"Quantity": len(made), "Items": made} if made else {"Quantity": 0}


def check(config: Config, media_origin: str, *, template: bool = False) -> None:
    """Look at what isolation rests on.

    Raises:
        Misconfigured: it does not hold.
    """
    origins = {origin["Id"] for origin in items(config["Origins"])}
    if media_origin not in origins:
        raise Misconfigured(f"There is no origin {media_origin}: it has {', '.join(sorted(origins))}.")
    pattern = _pattern(config)
    if not template and pattern["TargetOriginId"] == media_origin:
        raise Misconfigured(f"{PATTERN} leads to the bucket: organizations without a behaviour would be open to all.")
    if not template and not trusted_groups(pattern):
        raise Misconfigured(
            f"{PATTERN} asks for no signature: what the cache holds of who has left would be open to all."
        )
    if template and not items(pattern.get("FunctionAssociations")):
        raise Misconfigured(f"{PATTERN} has no function: nobody would ask for tokens.")
    for found in [config["DefaultCacheBehavior"], *items(config.get("CacheBehaviors"))]:
        open_to_all = found["TargetOriginId"] == media_origin and not trusted_groups(found)
        if open_to_all and _matches(found, _SAMPLE):
            path = found.get("PathPattern", "*")
            raise Misconfigured(f"{path} opens films to all: it leads to the bucket and asks for no key.")


def in_the_clear(config: Config) -> list[str]:
    """Return which of :data:`PROGRAMS` are not refused without TLS. The first behaviour that matches serves."""
    listed_ones = items(config.get("CacheBehaviors"))
    found = []
    for path in PROGRAMS:
        serves = next((one for one in listed_ones if _matches(one, path)), config["DefaultCacheBehavior"])
        if serves["ViewerProtocolPolicy"] != "https-only":
            found.append(path.removesuffix("x") + "*")
    return found


def organizations(config: Config) -> dict[UUID, list[str]]:
    """Return whose behaviours there are, with the key groups that each trusts."""
    found = ((organization_of(one["PathPattern"]), one) for one in items(config.get("CacheBehaviors")))
    return {organization: trusted_groups(one) for organization, one in found if organization is not None}


def trusted_groups(one: Mapping[str, Any]) -> list[str]:
    """Return the key groups a behaviour asks for a signature of."""
    groups = one.get("TrustedKeyGroups") or {}
    return items(groups) if groups.get("Enabled") else []


def with_organizations(config: Config, wanted: Mapping[UUID, str], gone: Collection[UUID], media_origin: str) -> Config:
    """Return the configuration with the behaviours of ``wanted`` (key group by organization) and without ``gone``.

    Organizations' behaviours stand before all others, so that none of those takes their paths.
    """
    made = copy.deepcopy(config)
    pattern = _pattern(made)
    ours: dict[UUID, Config] = {}
    others: list[Config] = []
    for one in items(made.get("CacheBehaviors")):
        organization = organization_of(one["PathPattern"])
        if organization is None:
            others.append(one)
        elif organization not in gone:
            ours[organization] = one
    for organization, group in wanted.items():
        ours[organization] = {
            **copy.deepcopy(pattern),
            "PathPattern": behaviour(organization),
            "TargetOriginId": media_origin,
            "TrustedKeyGroups": {"Enabled": True, **listed([group])},
        }
    made["CacheBehaviors"] = listed([*ours.values(), *others])
    return made


def with_shared_groups(config: Config, groups: Iterable[str], media_origin: str) -> Config:
    """Return a template's configuration whose ``/media/t/*`` leads to the bucket, by these groups' signatures only."""
    made = copy.deepcopy(config)
    one = _pattern(made)
    one["TargetOriginId"] = media_origin
    one["TrustedKeyGroups"] = {"Enabled": True, **listed(groups)}
    return made


def aliases(config: Config) -> list[str]:
    """Return the names a distribution answers for."""
    return items(config.get("Aliases"))


def with_aliases(config: Config, added: Iterable[str], dropped: Collection[str]) -> Config:
    """Return the configuration with names added and dropped, the others in their order."""
    made = copy.deepcopy(config)
    kept = [name for name in aliases(config) if name not in dropped]
    made["Aliases"] = listed([*kept, *sorted(set(added) - set(kept))])
    return made


def _matches(one: Mapping[str, Any], path: str) -> bool:
    pattern = one.get("PathPattern", "*")
    return policy.matches(pattern if pattern.startswith("/") else f"/{pattern}", path)


def _pattern(config: Config) -> Config:
    for one in items(config.get("CacheBehaviors")):
        if one["PathPattern"] == PATTERN:
            found: Config = one
            return found
    raise Misconfigured(f"There is no behaviour {PATTERN} to make organizations' ones of.")
