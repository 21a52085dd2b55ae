"""What the writers of an edge ask of CloudFront's API. :mod:`media.aws.cloudfront` answers; nothing here calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol


class Refused(Exception):
    """CloudFront did not do it. The message is what it said."""


class Conflict(Refused):
    """Somebody else changed it since it was read: read it again."""


class AlreadyThere(Refused):
    """Something of this name exists."""


class NotThere(Refused):
    """It does not exist, or no longer."""


class InUse(Refused):
    """It can't be deleted: something refers to it."""


class DomainTaken(Refused):
    """The domain belongs to another distribution."""


class QuotaReached(Refused):
    """The account may have no more. ``quota`` is a name of :mod:`media.edge.quotas`."""

    def __init__(self, quota: str, said: str) -> None:
        super().__init__(said)
        self.quota = quota


class Unreachable(Refused):
    """There was no answer, no permission, or too much of it is under way. Another time."""


@dataclass(frozen=True, slots=True)
class KeyGroup:
    """Public keys that are trusted together."""

    id: str
    name: str
    keys: tuple[str, ...]
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution as it was read. ``trusted`` is what it can verify with now: keys by key group."""

    id: str
    config: dict[str, Any]
    etag: str
    is_deployed: bool
    changed_at: datetime
    trusted: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DistributionTenant:
    """A distribution tenant as it was read: its domains, and whether each is served.

    ``certificate`` is the ARN of the one for domains that the template's certificate does not cover, where it has one.
    """

    id: str
    name: str
    template: str
    etag: str
    domains: Mapping[str, bool]
    is_enabled: bool
    is_deployed: bool
    certificate: str = ""


class ControlPlane(Protocol):
    """CloudFront's API as far as we use it. Every method raises :class:`Refused` where it is refused."""

    def public_keys(self) -> dict[str, str]:
        """Return the ids of all the account's public keys by name."""

    def create_public_key(self, name: str, pem: str) -> str:
        """Make one; return its id."""

    def delete_public_key(self, key_id: str) -> None:
        """Delete one. InUse while a key group has it; gone already is fine."""

    def key_groups(self) -> dict[str, KeyGroup]:
        """Return all the account's key groups by name."""

    def create_key_group(self, name: str, keys: Sequence[str]) -> KeyGroup:
        """Make one."""

    def update_key_group(self, group: KeyGroup, keys: Sequence[str]) -> KeyGroup:
        """Let it have exactly these keys."""

    def delete_key_group(self, group_id: str) -> None:
        """Delete one. InUse while a distribution trusts it; gone already is fine."""

    def distribution(self, distribution_id: str) -> Distribution:
        """Read one."""

    def update_distribution(self, distribution_id: str, config: Mapping[str, Any], etag: str) -> None:
        """Replace its configuration. Conflict where ``etag`` is not the last one."""

    def tenant(self, name: str) -> DistributionTenant | None:
        """Read a distribution tenant by name."""

    def tenants(self, template: str) -> list[DistributionTenant]:
        """Return all distribution tenants of a template, without their parameters."""

    def create_tenant(self, name: str, template: str, domain: str) -> DistributionTenant:
        """Make a distribution tenant with one domain."""

    def update_tenant(self, tenant: DistributionTenant, domains: Sequence[str], *, enabled: bool = True) -> None:
        """Let it have exactly these domains. For one that the template's certificate does not cover CloudFront is asked
        to get a certificate. DomainTaken where one is somewhere else: :meth:`move_domain`; Refused where the name of
        one does not lead to CloudFront yet. One that is refused keeps all of them from being changed."""

    def issued_certificate(self, tenant: DistributionTenant) -> str:
        """Return the ARN of the certificate that CloudFront got for a tenant's domains; empty while there is none."""

    def attach_certificate(self, tenant: DistributionTenant, arn: str) -> None:
        """Serve the tenant's domains with this certificate."""

    def delete_tenant(self, tenant: DistributionTenant) -> None:
        """Delete a disabled one."""

    def move_domain(self, domain: str, *, tenant: DistributionTenant | None = None, distribution: str = "") -> None:
        """Take a domain of this account from wherever it is, without a moment in between."""

    def forget(
        self,
        paths: Sequence[str],
        reference: str,
        *,
        distribution: str = "",
        tenant: DistributionTenant | None = None,
    ) -> bool:
        """Have what is kept of these paths forgotten, by a shared distribution or by a distribution tenant.

        Returns whether it is by now, everywhere. Under one reference it is asked for once, however often it is wished.
        """

    def values(self) -> dict[str, str]:
        """Return all that the function's key-value store holds."""

    def change_values(self, puts: Mapping[str, str], deletes: Sequence[str]) -> None:
        """Write and delete keys, fifty a call."""

    def quotas(self) -> dict[str, int]:
        """Return what the account may have, by the names of :mod:`media.edge.quotas`, as far as AWS says."""
