"""The delivery edge over its rows: who may sign for an organization, by which strategy, with which keys.

The rows are the truth; an :class:`EdgeControl` makes an edge hold them. Two strategies, chosen per organization:

pooled
    a path of its own on a shared edge, and a key group of its own for that path;
distribution tenant
    a signature of a key that all of a template share, and a token under a secret that only this organization has.
    Both are asked for, so neither key opens anything alone.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce

import tenancy
from core.clock import now
from media import keys
from media.edge import grants, keyring, moving
from media.edge.control import EdgeControl
from media.edge.interface import Grant, GrantKind, NoKeyGroup, NotDeployedYet, Scope
from media.edge.token import shard_id
from media.keys import Signer
from media.models.keys import (
    EdgeBinding,
    EdgePool,
    EdgeSecret,
    EdgeValue,
    Namespace,
    RevokedGrant,
    SigningKey,
)

_State = SigningKey.State
_Strategy = EdgeBinding.Strategy
_SIGNER_SECONDS = 30.0
ROTATE_EVERY = timedelta(days=90)
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class _Credentials:
    """What signs for an organization: a key, and where tokens are asked for a secret."""

    signer: Signer
    secret: str


class RowsEdge:
    """MediaEdge over rows. One object serves all organizations and threads."""

    def __init__(self, control: EdgeControl, *, algorithm: str = keys.P_256) -> None:
        self._control = control
        self._algorithm = algorithm
        self._known: dict[UUID, tuple[_Credentials, float]] = {}
        self._lock = threading.Lock()

    # -- an organization comes, changes and goes

    def ensure_tenant(self, organization_id: UUID, hosts: Sequence[str]) -> None:
        """See :class:`media.edge.interface.MediaEdge`."""
        with tenancy.platform(), transaction.atomic():
            Namespace.objects.get_or_create(
                organization_id=organization_id, defaults={"prefix": f"t/{organization_id}/"}
            )
            EdgeBinding.objects.get_or_create(organization_id=organization_id)
            binding = EdgeBinding.objects.select_for_update().get(organization_id=organization_id)
            keyring.fill(organization_id, self._algorithm)
            binding.hosts = _names(hosts)
            if binding.state == EdgeBinding.State.REVOKED:
                binding.state = EdgeBinding.State.PENDING
            self._commit(binding)

    def follow_hosts(self, organization_id: UUID, hosts: Sequence[str]) -> None:
        """See :class:`media.edge.interface.MediaEdge`."""
        names = _names(hosts)
        with tenancy.platform(), transaction.atomic():
            binding = EdgeBinding.objects.select_for_update().filter(organization_id=organization_id).first()
            if binding is None or binding.hosts == names:
                return
            binding.hosts = names
            self._commit(binding)

    def revoke(self, organization_id: UUID) -> None:
        """See :class:`media.edge.interface.MediaEdge`."""
        with self._locked(organization_id) as binding:
            binding.state = EdgeBinding.State.REVOKED
            self._commit(binding)

    def revoke_grant(self, organization_id: UUID, policy_hash: str, expires_at: datetime) -> None:
        """See :class:`media.edge.interface.MediaEdge`."""
        with tenancy.platform():
            RevokedGrant.objects.bulk_create(
                [RevokedGrant(policy_hash=policy_hash, organization_id=organization_id, expires_at=expires_at)],
                ignore_conflicts=True,
            )
            self._control.revoked(organization_id, policy_hash)

    # -- grants

    def grant(
        self,
        organization_id: UUID,
        *,
        host: str,
        item_id: UUID,
        rev: UUID | str,
        kind: GrantKind = "cookie",
        scope: Scope = "v",
    ) -> Grant:
        """See :class:`media.edge.interface.MediaEdge`. Costs no query while the key is at hand (30 s)."""
        by = self._credentials(organization_id)
        return grants.sign(
            by.signer, organization_id, host=host, item_id=item_id, rev=rev, kind=kind, scope=scope, secret=by.secret
        )

    def signed_url(
        self,
        organization_id: UUID,
        *,
        host: str,
        item_id: UUID,
        rev: UUID | str,
        name: str,
        expires_at: datetime,
        scope: Scope = "v",
    ) -> str:
        """See :class:`media.edge.interface.MediaEdge`."""
        by = self._credentials(organization_id)
        return grants.sign_url(
            by.signer,
            organization_id,
            host=host,
            item_id=item_id,
            rev=rev,
            name=name,
            expires_at=expires_at,
            scope=scope,
            secret=by.secret,
        )

    # -- keys

    def rotate(self, organization_id: UUID, *, at_once: bool = False) -> None:
        """See :class:`media.edge.interface.MediaEdge`."""
        with self._locked(organization_id) as binding:
            # At a distribution tenant the organization's own keys sign nothing: nothing of theirs is waited for.
            idle = not binding.has_side(_Strategy.POOLED) and not binding.phase
            trusted = self._control.at_once or idle
            keyring.rotate(organization_id, self._algorithm, at_once=at_once or idle, trusted=trusted)
            if binding.has_side(_Strategy.DISTRIBUTION_TENANT):
                keyring.rotate_secret(organization_id, at_once=at_once, trusted=self._control.at_once)
            self._commit(binding)

    def rotate_shard(self, template: str, *, at_once: bool = False) -> None:
        """Let the next key of a template's distribution tenants sign, as :meth:`rotate` does for an organization's.

        Raises:
            NoKeyGroup: nobody is there. NotDeployedYet: the edge does not trust it yet.
        """
        with tenancy.platform(), transaction.atomic():
            if not keyring.group(shard_id(template)).exists():
                raise NoKeyGroup(f"The template {template} has no key group.")
            keyring.rotate(shard_id(template), self._algorithm, at_once=at_once, trusted=self._control.at_once)
            self._touch(template)
        with self._lock:
            self._known.clear()

    def move(self, organization_id: UUID, strategy: str, *, pool: str = "") -> None:
        """See :class:`media.edge.interface.MediaEdge`."""
        with self._locked(organization_id) as binding:
            moving.begin(binding, strategy, self._control, pool=pool)
            self._make_ready(binding)
            self._commit(binding)

    def take_in(self) -> int:
        """Give a place here to organizations whose rows another edge has left; return how many. Platform only.

        They begin anew: what that edge trusts says nothing of this one. Nothing is granted to them until this edge
        holds them, which takes the embedded one no time and CloudFront some minutes.
        """
        with tenancy.platform():
            found = list(
                EdgeBinding.objects.filter(self._control.strangers()).values_list("organization_id", flat=True)
            )
        return sum(self._take_in(organization_id) for organization_id in found)

    def _take_in(self, organization_id: UUID) -> bool:
        with self._locked(organization_id) as binding:
            if not EdgeBinding.objects.filter(self._control.strangers(), organization_id=organization_id).exists():
                return False  # somebody else just did
            keyring.begin_anew(organization_id, self._algorithm)
            EdgeValue.objects.filter(organization_id=organization_id).delete()
            binding.pool = binding.other_pool = binding.key_group_id = binding.phase = binding.problem = ""
            binding.phase_since = binding.pooled_settled = binding.tenant_settled = None
            if binding.state == EdgeBinding.State.DEPLOYED:
                binding.state = EdgeBinding.State.PENDING
            if not self._control.place(binding, binding.strategy):
                binding.strategy = _Strategy.POOLED
            self._commit(binding)
        return True

    def tidy(self) -> None:
        """Drop keys whose grants have ended and revocations nobody needs; rotate keys that have signed for 90 days.

        Moves go on by a step where they can.
        """
        moment = now()
        with tenancy.platform():
            RevokedGrant.objects.filter(expires_at__lt=moment).delete()
            retired = SigningKey.objects.filter(state=_State.RETIRING, retires_at__lt=moment)
            old_secrets = EdgeSecret.objects.filter(state=EdgeSecret.State.RETIRING, retires_at__lt=moment)
            touched = {*retired.values_list("organization_id", flat=True)}
            touched |= {*old_secrets.values_list("organization_id", flat=True)}
            shards = {shard_id(template): template for template in _templates()}
            to_rotate = _due_for_rotation(moment, shards)
            moves = list(EdgeBinding.objects.exclude(phase="").values_list("organization_id", flat=True))
        for owner in touched:
            self._drop_retired(owner, moment, shards.get(owner, ""))
        for owner in to_rotate:
            self._rotate_for_age(owner, shards.get(owner, ""))
        for organization_id in moves:
            self._go_on(organization_id)

    def _touch(self, template: str) -> None:
        """Have a template told of its shared key: all who are there, or on a move there or away, wait for it."""
        bindings = EdgeBinding.objects.select_for_update().filter(Q(pool=template) | Q(other_pool=template))
        for binding in bindings.order_by("organization_id"):
            if binding.side(_Strategy.DISTRIBUTION_TENANT) == template:
                binding.wanted_at = now()
                self._control.changed(binding)
                binding.save()

    def _drop_retired(self, owner: UUID, moment: datetime, template: str) -> None:
        """Drop what has run out. ``template`` is whose the owner is, where it is a shard."""
        with tenancy.platform(), transaction.atomic():
            # The binding is locked before its keys, as a rotation does: two that wait for each other end in one error.
            binding = EdgeBinding.objects.select_for_update().filter(organization_id=owner).first()
            group = SigningKey.objects.filter(organization_id=owner, state=_State.RETIRING, retires_at__lt=moment)
            group.update(state=_State.REVOKED)
            EdgeSecret.objects.filter(
                organization_id=owner, state=EdgeSecret.State.RETIRING, retires_at__lt=moment
            ).delete()
            if template:
                self._touch(template)
            if binding is not None and binding.state != EdgeBinding.State.REVOKED:
                self._commit(binding)

    def _rotate_for_age(self, owner: UUID, template: str) -> None:
        try:
            if template:
                self.rotate_shard(template)
            else:
                self.rotate(owner)
        except NoKeyGroup:
            return  # its media are gone, or its next key is not trusted yet: another time

    def _go_on(self, organization_id: UUID) -> None:
        with self._locked(organization_id) as binding:
            if moving.advance(binding, self._control):
                self._make_ready(binding)
                self._commit(binding)

    # -- within

    def _commit(self, binding: EdgeBinding) -> None:
        """Write the binding, and have the edge hold it. What signs is looked up anew."""
        moment = now()
        binding.changed_at = binding.wanted_at = moment
        if not binding.pool:
            binding.pool = self._control.place(binding, binding.strategy)
        self._make_ready(binding)
        self._control.changed(binding)
        binding.save()
        transaction.on_commit(lambda: self._forget(binding.organization_id))

    def _make_ready(self, binding: EdgeBinding) -> None:
        """Make what the strategy signs with, where it is missing."""
        if binding.has_side(_Strategy.DISTRIBUTION_TENANT):
            keyring.fill_secrets(binding.organization_id)
            template = binding.side(_Strategy.DISTRIBUTION_TENANT)
            if not keyring.group(shard_id(template)).exists():
                # Whoever else makes them just now is waited for: an owner has one current key.
                EdgePool.objects.get_or_create(distribution_id=template, defaults={"kind": EdgePool.Kind.TEMPLATE})
                EdgePool.objects.select_for_update().get(distribution_id=template)
            keyring.fill(shard_id(template), self._algorithm)

    @contextmanager
    def _locked(self, organization_id: UUID) -> Iterator[EdgeBinding]:
        with tenancy.platform(), transaction.atomic():
            try:
                yield EdgeBinding.objects.select_for_update().get(organization_id=organization_id)
            except EdgeBinding.DoesNotExist as error:
                raise NoKeyGroup(f"The organization {organization_id} has no key group.") from error

    def _credentials(self, organization_id: UUID) -> _Credentials:
        with self._lock:
            found = self._known.get(organization_id)
        if found is not None and found[1] > time.monotonic():
            return found[0]
        with tenancy.platform():
            made = self._read(organization_id)
        with self._lock:
            self._known[organization_id] = (made, time.monotonic() + _SIGNER_SECONDS)
        return made

    def _read(self, organization_id: UUID) -> _Credentials:
        binding = EdgeBinding.objects.filter(organization_id=organization_id).first()
        if binding is None or binding.state == EdgeBinding.State.REVOKED:
            raise NoKeyGroup(f"The organization {organization_id} has no key that may sign.")
        if binding.state == EdgeBinding.State.PENDING:
            raise NotDeployedYet(f"The edge does not serve the organization {organization_id} yet.")
        trusted = not self._control.at_once
        owner = organization_id
        if binding.strategy == _Strategy.DISTRIBUTION_TENANT and not moving.both_hold(binding):
            owner = shard_id(binding.pool)
        signer = keyring.signer(owner, only_trusted=trusted)
        needs_secret = binding.strategy == _Strategy.DISTRIBUTION_TENANT or moving.both_hold(binding)
        secret = keyring.secret(organization_id, only_trusted=trusted) if needs_secret else ""
        return _Credentials(signer, secret)

    def _forget(self, organization_id: UUID) -> None:
        with self._lock:
            self._known.pop(organization_id, None)


def _due_for_rotation(moment: datetime, shards: Collection[UUID]) -> list[UUID]:
    """Return a hundred owners whose key has signed for its time, the longest first: those that can rotate.

    Who waits for the edge, or is switched off, stays due for as long as that lasts, and must not be in others' way.
    """
    served = EdgeBinding.objects.exclude(state=EdgeBinding.State.REVOKED)
    tenants = served.filter(strategy=_Strategy.DISTRIBUTION_TENANT)
    with_keys = served.exclude(strategy=_Strategy.DISTRIBUTION_TENANT, phase="")
    with_secrets = tenants | served.exclude(phase="")
    untrusted = SigningKey.objects.filter(state=_State.NEXT, trusted_at=None)
    unknown = EdgeSecret.objects.filter(state=EdgeSecret.State.NEXT).exclude(trusted_at__lte=moment)
    waiting = Q(organization_id__in=untrusted.values("organization_id")) & (
        Q(organization_id__in=with_keys.values("organization_id")) | Q(organization_id__in=shards)
    )
    waiting |= Q(organization_id__in=unknown.values("organization_id")) & Q(
        organization_id__in=with_secrets.values("organization_id")
    )
    ours = Q(organization_id__in=served.values("organization_id")) | Q(organization_id__in=shards)
    # Keys of before this was written down count from when they were made: one rotation too many, once.
    signing = SigningKey.objects.filter(ours, state=_State.CURRENT).annotate(
        since=Coalesce("signs_since", "created_at")
    )
    due = signing.filter(since__lt=moment - ROTATE_EVERY).exclude(waiting).order_by("since", "id")
    return list(due.values_list("organization_id", flat=True)[:AT_ONCE])


def _templates() -> set[str]:
    strategy = _Strategy.DISTRIBUTION_TENANT
    pools = EdgeBinding.objects.filter(strategy=strategy).values_list("pool", flat=True)
    others = EdgeBinding.objects.exclude(phase="").values_list("other_pool", flat=True)
    return {*pools, *others}


def _names(hosts: Sequence[str]) -> list[str]:
    return sorted({host.lower().rstrip(".") for host in hosts})
