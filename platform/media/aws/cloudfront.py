"""CloudFront's control plane over boto3: media.edge.plane.ControlPlane.

Its clients live in us-east-1, where CloudFront's API is, whatever the region of everything else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from core.clock import now
from media.aws.cloudfront_values import Values
from media.edge import plane, quotas
from media.edge.plane import Distribution, DistributionTenant, KeyGroup

if TYPE_CHECKING:
    from mypy_boto3_cloudfront import CloudFrontClient
    from mypy_boto3_service_quotas import ServiceQuotasClient

REGION = "us-east-1"
_PAGE = "100"
_DEPLOYED = "Deployed"
_FORGOTTEN = "Completed"
# Each call is asked again by botocore where it is throttled; none may hang for longer than a duty's turn.
CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "max_attempts": 4})
_CONFLICTS = {"PreconditionFailed", "InvalidIfMatchVersion", "ConflictException", "412"}
_QUOTAS = {
    "TooManyPublicKeys": quotas.PUBLIC_KEYS,
    "TooManyKeyGroups": quotas.KEY_GROUPS,
    "TooManyPublicKeysInKeyGroup": quotas.KEYS_IN_GROUP,
    "TooManyKeyGroupsAssociatedToDistribution": quotas.GROUPS_IN_BEHAVIOUR,
    "TooManyCacheBehaviors": quotas.BEHAVIOURS,
    "TooManyDistributionCNAMEs": quotas.ALIASES,
    "EntityLimitExceeded": quotas.TENANTS,
    "ServiceQuotaExceededException": quotas.STORE_BYTES,
}
_THERE = {"PublicKeyAlreadyExists", "KeyGroupAlreadyExists", "EntityAlreadyExists"}
_GONE = {"NoSuchPublicKey", "NoSuchResource", "NoSuchDistribution", "EntityNotFound", "ResourceNotFoundException"}
_LATER = {"TooManyInvalidationsInProgress"}
_IN_USE = {"PublicKeyInUse", "ResourceInUse", "ResourceNotDisabled"}
# How Service Quotas names them: by words, for its codes are written down nowhere. Both words have to be there.
_QUOTA_WORDS = {
    quotas.PUBLIC_KEYS: ("public keys", "account"),
    quotas.KEY_GROUPS: ("key groups", "account"),
    quotas.KEYS_IN_GROUP: ("public keys", "key group"),
    quotas.GROUPS_IN_BEHAVIOUR: ("key groups", "cache behavior"),
    quotas.BEHAVIOURS: ("cache behaviors", "distribution"),
    quotas.ALIASES: ("alternate domain names", "distribution"),
    quotas.TENANTS: ("distribution tenants", "account"),
}


@contextmanager
def told() -> Iterator[None]:
    """Let what boto3 raises come out as :class:`media.edge.plane.Refused`."""
    try:
        yield
    except ClientError as error:
        code, said = error.response["Error"]["Code"], str(error)
        if code in _CONFLICTS:
            raise plane.Conflict(said) from error
        if code in _QUOTAS:
            raise plane.QuotaReached(_QUOTAS[code], said) from error
        if code in _THERE:
            raise plane.AlreadyThere(said) from error
        if code in _GONE:
            raise plane.NotThere(said) from error
        if code in _IN_USE:
            raise plane.InUse(said) from error
        if code == "CNAMEAlreadyExists":
            raise plane.DomainTaken(said) from error
        busy = code in _LATER or "Throttl" in code or "Denied" in code
        if busy or error.response["ResponseMetadata"]["HTTPStatusCode"] >= 500:
            raise plane.Unreachable(said) from error
        raise plane.Refused(said) from error
    except BotoCoreError as error:
        raise plane.Unreachable(str(error)) from error


class CloudFront:
    """media.edge.plane.ControlPlane over CloudFront, its key-value store and Service Quotas."""

    def __init__(self, client: CloudFrontClient, limits: ServiceQuotasClient, values: Values, *, suffix: str) -> None:
        self._client = client
        self._limits = limits
        self._values = values
        self._suffix = suffix

    # -- keys

    def public_keys(self) -> dict[str, str]:
        """See :class:`media.edge.plane.ControlPlane`."""
        found: dict[str, str] = {}
        for page in _pages(self._client.list_public_keys, "PublicKeyList"):
            found |= {item["Name"]: item["Id"] for item in page.get("Items", ())}
        return found

    def create_public_key(self, name: str, pem: str) -> str:
        """See :class:`media.edge.plane.ControlPlane`. The name is the caller's reference: made once, however often."""
        with told():
            made = self._client.create_public_key(
                PublicKeyConfig={"CallerReference": name, "Name": name, "EncodedKey": pem}
            )
        return made["PublicKey"]["Id"]

    def delete_public_key(self, key_id: str) -> None:
        """See :class:`media.edge.plane.ControlPlane`."""
        try:
            with told():
                etag = self._client.get_public_key(Id=key_id)["ETag"]
                self._client.delete_public_key(Id=key_id, IfMatch=etag)
        except plane.NotThere:
            return

    def key_groups(self) -> dict[str, KeyGroup]:
        """See :class:`media.edge.plane.ControlPlane`."""
        found: dict[str, KeyGroup] = {}
        for page in _pages(self._client.list_key_groups, "KeyGroupList"):
            for item in page.get("Items", ()):
                group = _group(item["KeyGroup"])
                found[group.name] = group
        return found

    def create_key_group(self, name: str, keys: Sequence[str]) -> KeyGroup:
        """See :class:`media.edge.plane.ControlPlane`."""
        with told():
            return _group(self._client.create_key_group(KeyGroupConfig={"Name": name, "Items": list(keys)})["KeyGroup"])

    def update_key_group(self, group: KeyGroup, keys: Sequence[str]) -> KeyGroup:
        """See :class:`media.edge.plane.ControlPlane`."""
        with told():
            etag = self._client.get_key_group(Id=group.id)["ETag"]
            changed = self._client.update_key_group(
                Id=group.id, IfMatch=etag, KeyGroupConfig={"Name": group.name, "Items": list(keys)}
            )
        return _group(changed["KeyGroup"])

    def delete_key_group(self, group_id: str) -> None:
        """See :class:`media.edge.plane.ControlPlane`."""
        try:
            with told():
                etag = self._client.get_key_group(Id=group_id)["ETag"]
                self._client.delete_key_group(Id=group_id, IfMatch=etag)
        except plane.NotThere:
            return

    # -- distributions

    def distribution(self, distribution_id: str) -> Distribution:
        """See :class:`media.edge.plane.ControlPlane`."""
        with told():
            answer: Any = self._client.get_distribution(Id=distribution_id)
        found = answer["Distribution"]
        trusted = (found.get("ActiveTrustedKeyGroups") or {}).get("Items") or ()
        return Distribution(
            id=distribution_id,
            config=found["DistributionConfig"],
            etag=answer["ETag"],
            is_deployed=found["Status"] == _DEPLOYED,
            changed_at=found["LastModifiedTime"],
            trusted={one["KeyGroupId"]: frozenset((one.get("KeyPairIds") or {}).get("Items") or ()) for one in trusted},
        )

    def update_distribution(self, distribution_id: str, config: Mapping[str, Any], etag: str) -> None:
        """See :class:`media.edge.plane.ControlPlane`."""
        wanted: Any = dict(config)
        with told():
            self._client.update_distribution(Id=distribution_id, DistributionConfig=wanted, IfMatch=etag)

    # -- distribution tenants

    def tenant(self, name: str) -> DistributionTenant | None:
        """See :class:`media.edge.plane.ControlPlane`. The API takes a name for an id."""
        try:
            with told():
                answer = self._client.get_distribution_tenant(Identifier=name)
        except plane.NotThere:
            return None
        return _tenant(answer["DistributionTenant"], answer["ETag"])

    def tenants(self, template: str) -> list[DistributionTenant]:
        """See :class:`media.edge.plane.ControlPlane`."""
        found: list[DistributionTenant] = []
        marker = ""
        while True:
            asked: Any = {"AssociationFilter": {"DistributionId": template}, **({"Marker": marker} if marker else {})}
            with told():
                page = self._client.list_distribution_tenants(**asked)
            found += [_tenant(one, one["ETag"]) for one in page.get("DistributionTenantList", ())]
            marker = page.get("NextMarker", "")
            if not marker:
                return found

    def create_tenant(self, name: str, template: str, domain: str) -> DistributionTenant:
        """See :class:`media.edge.plane.ControlPlane`."""
        with told():
            answer = self._client.create_distribution_tenant(
                Name=name, DistributionId=template, Domains=[{"Domain": domain}], Enabled=True
            )
        return _tenant(answer["DistributionTenant"], answer["ETag"])

    def update_tenant(self, tenant: DistributionTenant, domains: Sequence[str], *, enabled: bool = True) -> None:
        """See :class:`media.edge.plane.ControlPlane`."""
        own = [domain for domain in domains if not domain.endswith(f".{self._suffix}") and domain not in tenant.domains]
        certificate: Any = (
            {"ManagedCertificateRequest": {"ValidationTokenHost": "cloudfront", "PrimaryDomainName": own[0]}}
            if own
            else {}
        )
        with told():
            self._client.update_distribution_tenant(
                Id=tenant.id,
                IfMatch=tenant.etag,
                Domains=[{"Domain": domain} for domain in domains],
                Enabled=enabled,
                **certificate,
            )

    def issued_certificate(self, tenant: DistributionTenant) -> str:
        """See :class:`media.edge.plane.ControlPlane`."""
        try:
            with told():
                answer = self._client.get_managed_certificate_details(Identifier=tenant.id)
        except plane.NotThere:
            return ""
        found = answer["ManagedCertificateDetails"]
        return found.get("CertificateArn", "") if found.get("CertificateStatus") == "issued" else ""

    def attach_certificate(self, tenant: DistributionTenant, arn: str) -> None:
        """See :class:`media.edge.plane.ControlPlane`."""
        with told():
            self._client.update_distribution_tenant(
                Id=tenant.id,
                IfMatch=tenant.etag,
                Domains=[{"Domain": domain} for domain in tenant.domains],
                Enabled=tenant.is_enabled,
                Customizations={"Certificate": {"Arn": arn}},
            )

    def delete_tenant(self, tenant: DistributionTenant) -> None:
        """See :class:`media.edge.plane.ControlPlane`."""
        try:
            with told():
                self._client.delete_distribution_tenant(Id=tenant.id, IfMatch=tenant.etag)
        except plane.NotThere:
            return

    def move_domain(self, domain: str, *, tenant: DistributionTenant | None = None, distribution: str = "") -> None:
        """See :class:`media.edge.plane.ControlPlane`."""
        target: Any = {"DistributionTenantId": tenant.id} if tenant else {"DistributionId": distribution}
        with told():
            etag = tenant.etag if tenant else self._client.get_distribution(Id=distribution)["ETag"]
            self._client.update_domain_association(Domain=domain, TargetResource=target, IfMatch=etag)

    # -- what is kept

    def forget(
        self,
        paths: Sequence[str],
        reference: str,
        *,
        distribution: str = "",
        tenant: DistributionTenant | None = None,
    ) -> bool:
        """See :class:`media.edge.plane.ControlPlane`. A wish that was made before is answered as it was then, so how it
        stands is read beside it."""
        batch: Any = {"CallerReference": reference, "Paths": {"Quantity": len(paths), "Items": list(paths)}}
        with told():
            if tenant is None:
                made = self._client.create_invalidation(DistributionId=distribution, InvalidationBatch=batch)
                found = self._client.get_invalidation(DistributionId=distribution, Id=made["Invalidation"]["Id"])
                return found["Invalidation"]["Status"] == _FORGOTTEN
            of_tenant = self._client.create_invalidation_for_distribution_tenant(Id=tenant.id, InvalidationBatch=batch)
            read = self._client.get_invalidation_for_distribution_tenant(
                DistributionTenantId=tenant.id, Id=of_tenant["Invalidation"]["Id"]
            )
            return read["Invalidation"]["Status"] == _FORGOTTEN

    # -- the function's store, and what there may be

    def values(self) -> dict[str, str]:
        """See :class:`media.edge.plane.ControlPlane`."""
        with told():
            return self._values.all()

    def change_values(self, puts: Mapping[str, str], deletes: Sequence[str]) -> None:
        """See :class:`media.edge.plane.ControlPlane`."""
        with told():
            self._values.change(puts, deletes)

    def quotas(self) -> dict[str, int]:
        """See :class:`media.edge.plane.ControlPlane`. What Service Quotas does not list is not in it."""
        found: dict[str, int] = {}
        with told():
            for page in self._limits.get_paginator("list_service_quotas").paginate(ServiceCode="cloudfront"):
                for one in page["Quotas"]:
                    name = one["QuotaName"].lower()
                    fits = [key for key, words in _QUOTA_WORDS.items() if all(word in name for word in words)]
                    found |= {key: int(one["Value"]) for key in fits[:1]}
        return found


def _pages(list_: Any, name: str) -> Iterator[Any]:
    marker = ""
    while True:
        with told():
            page = list_(MaxItems=_PAGE, **({"Marker": marker} if marker else {}))[name]
        yield page
        marker = page.get("NextMarker", "")
        if not marker:
            return


def _group(item: Any) -> KeyGroup:
    config = item["KeyGroupConfig"]
    # A group that does not say when it changed counts as changed just now: it is waited for.
    changed_at = item.get("LastModifiedTime") or now()
    return KeyGroup(item["Id"], config["Name"], tuple(config.get("Items") or ()), changed_at)


def _tenant(item: Any, etag: str) -> DistributionTenant:
    return DistributionTenant(
        id=item["Id"],
        name=item["Name"],
        template=item["DistributionId"],
        etag=etag,
        domains={one["Domain"]: one.get("Status", "active") == "active" for one in item.get("Domains") or ()},
        is_enabled=item.get("Enabled", False),
        is_deployed=item.get("Status") == _DEPLOYED,
        certificate=((item.get("Customizations") or {}).get("Certificate") or {}).get("Arn", ""),
    )


def client(service: str) -> Any:
    """Return a client of one of the services of CloudFront; with the machine's own role where nothing else is set."""
    return boto3.client(service, region_name=REGION, endpoint_url=settings.AWS_ENDPOINT_URL or None, config=CONFIG)  # type: ignore[call-overload]


@lru_cache(maxsize=1)
def control_plane() -> CloudFront:
    """Return the control plane of this installation."""
    values = Values(client("cloudfront-keyvaluestore"), settings.CLOUDFRONT_FUNCTION_KEYS, settings.AWS_ENDPOINT_URL)
    return CloudFront(client("cloudfront"), client("service-quotas"), values, suffix=settings.TENANT_SUFFIX)
