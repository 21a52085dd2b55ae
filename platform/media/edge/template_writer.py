"""A template and its distribution tenants, made to hold what the rows say, and the store that the function looks up.

As :mod:`media.edge.shared_writer`: a look changes what it finds different; a writer that dies leaves nothing to repair.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from core.clock import now
from core.sealing import SealBroken
from media.edge import behaviours, keyring, naming, quotas, token
from media.edge.account_keys import TRIES, AccountKeys
from media.edge.behaviours import Misconfigured
from media.edge.plane import (
    AlreadyThere,
    Conflict,
    ControlPlane,
    Distribution,
    DistributionTenant,
    KeyGroup,
    Refused,
    Unreachable,
)
from media.models.keys import EdgeBinding, EdgePool, EdgeSecret, RevokedGrant, SigningKey

_log = logging.getLogger("media.edge")
_TENANT = EdgeBinding.Strategy.DISTRIBUTION_TENANT
_REVOKED = EdgeBinding.State.REVOKED
# The store is "eventually consistent", within seconds (the guide's page of key-value stores). Nothing says when: a
# secret signs a minute after it was written.
STORE_SETTLES = timedelta(seconds=60)


@dataclass(slots=True)
class _Look:
    bindings: list[EdgeBinding]
    shard: KeyGroup
    groups: dict[UUID, KeyGroup] = field(default_factory=dict)
    problems: dict[UUID, str] = field(default_factory=dict)
    # Own domains that are not served, and why. They are their owners' to mend, so nothing else waits for them.
    waiting: dict[UUID, dict[str, str]] = field(default_factory=dict)

    def words(self, organization_id: UUID) -> str:
        """Return in words which of an organization's own domains are not served; empty where all are."""
        found = sorted(self.waiting.get(organization_id, {}).items())
        return "; ".join(f"{host} is not served: {why}" for host, why in found)


class TemplateWriter:
    """The one who writes a template. The caller holds its lock."""

    def __init__(
        self, plane: ControlPlane, keys: AccountKeys, cell: str, suffix: str, media_origin: str, limits: dict[str, int]
    ) -> None:
        self._plane = plane
        self._keys = keys
        self._cell = cell
        self._suffix = suffix
        self._media_origin = media_origin
        self._limits = limits
        self._has_written = False

    def settle(self, template: str) -> bool:
        """Bring the template and its tenants a step further; return whether they hold everything.

        Raises:
            Refused: CloudFront does not answer, or refuses what is no organization's.
        """
        bindings = [one for one in EdgeBinding.objects.all() if one.side(_TENANT) == template]
        shard = token.shard_id(template)
        found = self._plane.distribution(template)
        if not keyring.group(shard).exists():
            self._seen(found, "")
            return True  # nobody has been here yet
        look = _Look(bindings, self._keys.sync(shard))
        try:
            behaviours.check(found.config, self._media_origin, template=True)
        except Misconfigured as wrong:
            self._note(found, look, str(wrong))
            return False
        stored = self._store(look)
        self._movers(look)
        if self._trust(look, found):
            found = self._plane.distribution(template)
        tenants = self._tenants(look, template)
        settled = self._confirm(look, found, tenants, stored) if found.is_deployed else False
        self._note(found, look, "", tenants=len(tenants))
        return settled

    # -- the template: whose signatures it asks for

    def _movers(self, look: _Look) -> None:
        """Look up the groups of organizations on a move; a behaviour has room for a few beside the shard's own."""
        room = quotas.limit(self._limits, quotas.GROUPS_IN_BEHAVIOUR) - 1
        moving = [one for one in look.bindings if one.phase and one.state != _REVOKED]
        for binding in sorted(moving, key=lambda one: (one.phase == one.Phase.PREPARING, str(one.phase_since))):
            if len(look.groups) >= room:
                look.problems[binding.organization_id] = f"Its move waits: {room} others are on theirs."
                continue
            try:
                look.groups[binding.organization_id] = self._keys.sync(binding.organization_id)
            except Refused as refused:
                look.problems[binding.organization_id] = str(refused)

    def _trust(self, look: _Look, found: Distribution) -> bool:
        for _ in range(TRIES):
            groups = [look.shard.id, *sorted(group.id for group in look.groups.values())]
            wanted = behaviours.with_shared_groups(found.config, groups, self._media_origin)
            if wanted == found.config or not found.is_deployed:
                return False
            try:
                self._plane.update_distribution(found.id, wanted, found.etag)
            except Conflict:
                found = self._plane.distribution(found.id)
            else:
                self._has_written = True
                return True
        raise Conflict(f"The template {found.id} is changed by somebody else all the time.")

    # -- the store: secrets, and grants that were ended

    def _store(self, look: _Look) -> set[UUID]:
        """Let the store hold exactly what it has to; return whose secrets it held before this look."""
        actual = self._plane.values()
        # Which secrets are written is asked before they are read: what comes in between is not known yet.
        fresh = EdgeSecret.objects.filter(
            organization_id__in=[one.organization_id for one in look.bindings], trusted_at=None
        )
        written = dict(fresh.values_list("id", "organization_id"))
        wanted, broken = self._secrets(look, actual)
        grants = _ended_grants()
        wanted |= ended(grants)
        size = sum(len(key) + len(value) for key, value in wanted.items())
        if size > quotas.limit(self._limits, quotas.STORE_BYTES):
            said = quotas.short(self._limits, {quotas.STORE_BYTES: size}, quotas.STORE_BYTES)
            look.problems |= {one.organization_id: said for one in look.bindings}
            return set()
        puts = {key: value for key, value in wanted.items() if actual.get(key) != value}
        self._plane.change_values(puts, sorted(actual.keys() - wanted.keys()))
        RevokedGrant.objects.filter(told_at=None, policy_hash__in=list(grants)).update(told_at=now())
        known = [secret for secret, owner in written.items() if owner not in broken]
        EdgeSecret.objects.filter(id__in=known, trusted_at=None).update(trusted_at=now() + STORE_SETTLES)
        held = {one.organization_id for one in look.bindings if str(one.organization_id) not in puts}
        return held - broken

    def _secrets(self, look: _Look, actual: Mapping[str, str]) -> tuple[dict[str, str], set[UUID]]:
        """Return what the store has to hold of organizations, and whose can't be read: theirs stay as they are."""
        wanted: dict[str, str] = {}
        broken: set[UUID] = set()
        for one in EdgeBinding.objects.exclude(state=_REVOKED):
            if not one.has_side(_TENANT):
                continue
            key = str(one.organization_id)
            try:
                wanted[key] = keyring.known_secrets(one.organization_id)
            except SealBroken as error:
                _log.error("edge.secret_unreadable", extra={"organization": key, "said": str(error)[:200]})
                broken.add(one.organization_id)
                look.problems[one.organization_id] = "Its secrets can't be opened with this installation's key."
                if key in actual:
                    wanted[key] = actual[key]
        return wanted, broken

    # -- distribution tenants

    def _tenants(self, look: _Look, template: str) -> dict[UUID, DistributionTenant]:
        there = {one.name: one for one in self._plane.tenants(template)}
        found: dict[UUID, DistributionTenant] = {}
        for binding in look.bindings:
            name = naming.tenant(self._cell, binding.organization_id)
            try:
                found[binding.organization_id] = self._tenant(look, binding, name, template, there.get(name))
            except Refused as refused:
                look.problems[binding.organization_id] = str(refused)
        known = {naming.tenant(self._cell, binding.organization_id) for binding in look.bindings}
        for name, one in there.items():
            if naming.owner_of(self._cell, name) and name not in known:
                self._remove(one)
        return found

    def _tenant(
        self, look: _Look, binding: EdgeBinding, name: str, template: str, found: DistributionTenant | None
    ) -> DistributionTenant:
        placeholder = naming.placeholder(binding.organization_id, self._suffix)
        if found is None:
            self._require_room()
            try:
                found = self._plane.create_tenant(name, template, placeholder)
            except AlreadyThere:
                found = self._read(name)
        # A host that is to go elsewhere is taken from there, not let go here: there is no moment in between.
        hosts = binding.hosts if binding.hosts_at == _TENANT else [one for one in binding.hosts if one in found.domains]
        wanted = [placeholder, *hosts]
        refused: dict[str, str] = {}
        if set(wanted) != set(found.domains) or not found.is_enabled:
            found = self._with_domains(found, wanted, refused)
        found = self._certified(found)
        for host in hosts:
            if not self._is_ours(host) and not found.domains.get(host, False):
                why = refused.pop(host, "its name has to lead to CloudFront, which then gets its certificate")
                look.waiting.setdefault(binding.organization_id, {})[host] = why
        if refused:
            raise Refused("; ".join(refused.values()))
        return found

    def _with_domains(
        self, tenant: DistributionTenant, wanted: list[str], refused: dict[str, str]
    ) -> DistributionTenant:
        """Let a tenant have these domains in one update; where CloudFront refuses that, one by one.

        So one that can't be had keeps none of the others: what CloudFront said of it is left in ``refused``.
        """
        self._has_written = True
        try:
            self._plane.update_tenant(tenant, wanted)
            return self._read(tenant.name)
        except (Conflict, Unreachable):
            raise
        except Refused:
            kept = [domain for domain in wanted if domain in tenant.domains]
        if len(kept) < len(tenant.domains) or not tenant.is_enabled:
            self._plane.update_tenant(tenant, kept)
            tenant = self._read(tenant.name)
        for domain in wanted:
            if domain not in tenant.domains:
                try:
                    self._add(tenant, domain)
                except (Conflict, Unreachable):
                    raise
                except Refused as said:
                    refused[domain] = str(said)
                tenant = self._read(tenant.name)
        return tenant

    def _add(self, tenant: DistributionTenant, domain: str) -> None:
        """Give a tenant one more domain, from wherever it is."""
        try:
            self._plane.move_domain(domain, tenant=tenant)
        except (Conflict, Unreachable):
            raise
        except Refused:
            self._plane.update_tenant(tenant, [*tenant.domains, domain])  # it was nowhere, or is another account's

    def _certified(self, tenant: DistributionTenant) -> DistributionTenant:
        """Have own domains served with the certificate that CloudFront got for them, as soon as there is one."""
        if all(served or self._is_ours(domain) for domain, served in tenant.domains.items()):
            return tenant
        arn = self._plane.issued_certificate(tenant)
        if not arn or arn == tenant.certificate:
            return tenant
        self._plane.attach_certificate(tenant, arn)
        return self._read(tenant.name)

    def _is_ours(self, domain: str) -> bool:
        """Whether the template's own certificate covers a domain."""
        return domain.partition(".")[2] == self._suffix

    def _read(self, name: str) -> DistributionTenant:
        found = self._plane.tenant(name)
        if found is None:
            raise Refused(f"The distribution tenant {name} is gone.")
        return found

    def _require_room(self) -> None:
        used = {quotas.TENANTS: EdgeBinding.objects.filter(strategy=_TENANT).count()}
        if quotas.room(self._limits, used, quotas.TENANTS) < 0:
            raise Refused(quotas.short(self._limits, used, quotas.TENANTS))

    def _remove(self, tenant: DistributionTenant) -> None:
        """Disable what nobody has any more; at a later look, delete it. One that can't be holds up nobody else."""
        try:
            if tenant.is_enabled:
                self._plane.update_tenant(tenant, list(tenant.domains), enabled=False)
            elif tenant.is_deployed:
                self._plane.delete_tenant(tenant)
        except Refused as refused:
            _log.warning("edge.not_removed", extra={"tenant": tenant.name, "said": str(refused)[:500]})

    # -- what has come of it

    def _confirm(
        self, look: _Look, found: Distribution, tenants: dict[UUID, DistributionTenant], stored: set[UUID]
    ) -> bool:
        shard_stands = self._keys.is_trusted(look.shard, found)
        if shard_stands:
            _trust_keys(look.shard)
        all_settled = True
        for binding in look.bindings:
            stands = shard_stands and self._stands(binding, look, found, tenants, stored)
            all_settled &= stands
            if stands and binding.organization_id not in look.problems:
                same = EdgeBinding.objects.filter(organization_id=binding.organization_id, wanted_at=binding.wanted_at)
                same.update(tenant_settled=binding.wanted_at, problem=look.words(binding.organization_id)[:300])
                same.filter(strategy=_TENANT, state=EdgeBinding.State.PENDING).update(state=EdgeBinding.State.DEPLOYED)
        return all_settled

    def _stands(
        self,
        binding: EdgeBinding,
        look: _Look,
        found: Distribution,
        tenants: dict[UUID, DistributionTenant],
        stored: set[UUID],
    ) -> bool:
        tenant = tenants.get(binding.organization_id)
        if tenant is None or not tenant.is_enabled or not tenant.is_deployed:
            return False
        # Own domains whose certificate is missing are their owners' business: they come when they come.
        ours = [host for host in binding.hosts if self._is_ours(host)]
        if binding.hosts_at == _TENANT and not all(tenant.domains.get(host, False) for host in ours):
            return False
        if binding.state == _REVOKED:
            return True
        if binding.organization_id not in stored or not keyring.are_known(binding.organization_id):
            return False
        if not binding.phase:
            return True
        group = look.groups.get(binding.organization_id)
        trusted = group is not None and self._keys.is_trusted(group, found)
        if trusted and group is not None:
            _trust_keys(group)
        return trusted

    def _note(self, found: Distribution, look: _Look, problem: str, *, tenants: int = 0) -> None:
        for binding in look.bindings:
            said = look.problems.get(binding.organization_id, problem) or look.words(binding.organization_id)
            if said and said != binding.problem:
                EdgeBinding.objects.filter(organization_id=binding.organization_id).update(problem=said[:300])
        self._seen(found, problem, tenants=tenants)

    def _seen(self, found: Distribution, problem: str, *, tenants: int = 0) -> None:
        EdgePool.objects.update_or_create(
            distribution_id=found.id,
            defaults={
                "kind": EdgePool.Kind.TEMPLATE,
                "is_deployed": found.is_deployed,
                "used": {**self._keys.used(), quotas.TENANTS: tenants},
                "quotas": self._limits,
                "problem": problem[:300],
                "looked_at": now(),
                **({"written_at": now(), "written_by": naming.this_writer()} if self._has_written else {}),
            },
        )


def tell_ended(plane: ControlPlane) -> int:
    """Tell the function's store of grants that were ended since it was last told; return how many."""
    waiting = [policy_hash for policy_hash, told_at in _ended_grants().items() if told_at is None]
    if waiting:
        plane.change_values(ended(waiting), [])
        RevokedGrant.objects.filter(policy_hash__in=waiting).update(told_at=now())
    return len(waiting)


def has_untold() -> bool:
    """Return whether grants were ended that the function's store has to be told of."""
    return any(told_at is None for told_at in _ended_grants().values())


def ended(policy_hashes: Iterable[str]) -> dict[str, str]:
    """Return what the store says of ended grants."""
    return {f"{token.REVOKED_PREFIX}{token.sid_of(one)}": "1" for one in policy_hashes}


def _ended_grants() -> dict[str, datetime | None]:
    """Return the grants that were ended before their time, of organizations whose tokens the function judges."""
    asked = [one.organization_id for one in EdgeBinding.objects.all() if one.has_side(_TENANT)]
    rows = RevokedGrant.objects.filter(organization_id__in=asked, expires_at__gt=now())
    return dict(rows.values_list("policy_hash", "told_at"))


def _trust_keys(group: KeyGroup) -> None:
    SigningKey.objects.filter(public_key_id__in=group.keys, trusted_at=None).update(trusted_at=now())
