"""The pooled strategy: each organization has its own path on a shared edge, and a key group of its own for that path.

The rows are the truth; an :class:`EdgeControl` makes the edge hold them. The local edge reads the rows by itself.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

import tenancy
from core.clock import now
from media import keys
from media.edge import grants
from media.edge.interface import EdgeControl, Grant, GrantKind, NoKeyGroup, Scope
from media.keys import Signer
from media.models.keys import EdgeBinding, Namespace, RevokedGrant, SigningKey

_State = SigningKey.State
_TRUSTED = (_State.NEXT, _State.CURRENT, _State.RETIRING)
# A retiring key outlives the longest thing it signed, a URL to one file, and processes that still sign with it for
# want of fresh news.
_SIGNER_SECONDS = 30.0
_RETIRE_AFTER = grants.MAX_URL_LIFE + timedelta(minutes=10)
ROTATE_EVERY = timedelta(days=90)


class RowsAreEnough:
    """Control of the embedded edge: it reads the tables itself, so a commit is a deployment."""

    def deploy(self, organization_id: UUID, hosts: Sequence[str], public_keys: Mapping[str, str]) -> str:
        """Return the key group's name."""
        return f"local-{organization_id}"

    def withdraw(self, organization_id: UUID) -> None:
        """The binding's state says it."""


class PooledEdge:
    """MediaEdge over rows. One object serves all organizations and threads."""

    def __init__(self, control: EdgeControl, *, algorithm: str = keys.P_256) -> None:
        self._control = control
        self._algorithm = algorithm
        self._signers: dict[UUID, tuple[Signer, float]] = {}
        self._lock = threading.Lock()

    def ensure_tenant(self, organization_id: UUID, hosts: Sequence[str]) -> None:
        """See :class:`media.edge.interface.MediaEdge`."""
        names = _names(hosts)
        with tenancy.platform(), transaction.atomic():
            Namespace.objects.get_or_create(
                organization_id=organization_id, defaults={"prefix": f"t/{organization_id}/"}
            )
            EdgeBinding.objects.get_or_create(organization_id=organization_id)
            binding = EdgeBinding.objects.select_for_update().get(organization_id=organization_id)
            for state in (_State.CURRENT, _State.NEXT):
                if not SigningKey.objects.filter(organization_id=organization_id, state=state).exists():
                    self._add_key(organization_id, state)
            binding.hosts = names
            self._deploy(binding)

    def follow_hosts(self, organization_id: UUID, hosts: Sequence[str]) -> None:
        """See :class:`media.edge.interface.MediaEdge`."""
        names = _names(hosts)
        with tenancy.platform(), transaction.atomic():
            binding = EdgeBinding.objects.select_for_update().filter(organization_id=organization_id).first()
            if binding is None or binding.hosts == names:
                return
            binding.hosts = names
            if binding.state == EdgeBinding.State.DEPLOYED:
                self._deploy(binding)
            else:
                binding.save(update_fields=["hosts"])

    def rotate(self, organization_id: UUID, *, at_once: bool = False) -> None:
        """See :class:`media.edge.interface.MediaEdge`."""
        with self._locked(organization_id) as binding:
            group = SigningKey.objects.filter(organization_id=organization_id)
            if at_once:
                group.filter(state__in=(_State.CURRENT, _State.RETIRING)).update(state=_State.REVOKED)
            else:
                group.filter(state=_State.CURRENT).update(state=_State.RETIRING, retires_at=now() + _RETIRE_AFTER)
            if not group.filter(state=_State.NEXT).update(state=_State.CURRENT):
                self._add_key(organization_id, _State.CURRENT)
            self._add_key(organization_id, _State.NEXT)
            if binding.state != EdgeBinding.State.REVOKED:
                self._deploy(binding)
        self._forget(organization_id)

    def revoke(self, organization_id: UUID) -> None:
        """See :class:`media.edge.interface.MediaEdge`."""
        with self._locked(organization_id) as binding:
            self._control.withdraw(organization_id)
            binding.state = EdgeBinding.State.REVOKED
            binding.changed_at = now()
            binding.save()
        self._forget(organization_id)

    def revoke_grant(self, organization_id: UUID, policy_hash: str, expires_at: datetime) -> None:
        """See :class:`media.edge.interface.MediaEdge`."""
        with tenancy.platform():
            RevokedGrant.objects.bulk_create(
                [RevokedGrant(policy_hash=policy_hash, organization_id=organization_id, expires_at=expires_at)],
                ignore_conflicts=True,
            )

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
        signer = self._signer(organization_id)
        return grants.sign(signer, organization_id, host=host, item_id=item_id, rev=rev, kind=kind, scope=scope)

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
        signer = self._signer(organization_id)
        return grants.sign_url(
            signer, organization_id, host=host, item_id=item_id, rev=rev, name=name, expires_at=expires_at, scope=scope
        )

    def tidy(self) -> None:
        """Drop keys whose grants have ended and revocations nobody needs; rotate keys that have signed for 90 days."""
        moment = now()
        with tenancy.platform():
            RevokedGrant.objects.filter(expires_at__lt=moment).delete()
            retired = SigningKey.objects.filter(state=_State.RETIRING, retires_at__lt=moment)
            touched = set(retired.values_list("organization_id", flat=True))
            due = SigningKey.objects.filter(state=_State.CURRENT, created_at__lt=moment - ROTATE_EVERY)
            to_rotate = list(due.values_list("organization_id", flat=True)[:100])
        for organization_id in touched:
            with self._locked(organization_id) as binding:
                retired.filter(organization_id=organization_id).update(state=_State.REVOKED)
                if binding.state == EdgeBinding.State.DEPLOYED:
                    self._deploy(binding)
        for organization_id in to_rotate:
            self.rotate(organization_id)

    @contextmanager
    def _locked(self, organization_id: UUID) -> Iterator[EdgeBinding]:
        with tenancy.platform(), transaction.atomic():
            try:
                yield EdgeBinding.objects.select_for_update().get(organization_id=organization_id)
            except EdgeBinding.DoesNotExist as error:
                raise NoKeyGroup(f"The organization {organization_id} has no key group.") from error

    def _add_key(self, organization_id: UUID, state: str) -> None:
        made = keys.new_key(organization_id, self._algorithm)
        SigningKey.objects.create(
            organization_id=organization_id,
            kid=made.kid,
            algorithm=made.algorithm,
            public_pem=made.public_pem,
            sealed_private_key=made.sealed,
            state=state,
        )

    def _deploy(self, binding: EdgeBinding) -> None:
        trusted = SigningKey.objects.filter(organization_id=binding.organization_id, state__in=_TRUSTED)
        public_keys = dict(trusted.values_list("kid", "public_pem"))
        binding.key_group_id = self._control.deploy(binding.organization_id, binding.hosts, public_keys)
        binding.state = EdgeBinding.State.DEPLOYED
        binding.changed_at = now()
        binding.save()

    def _signer(self, organization_id: UUID) -> Signer:
        with self._lock:
            found = self._signers.get(organization_id)
        if found is not None and found[1] > time.monotonic():
            return found[0]
        with tenancy.platform():
            on = EdgeBinding.objects.filter(organization_id=organization_id, state=EdgeBinding.State.DEPLOYED).exists()
            key = (
                SigningKey.objects.filter(organization_id=organization_id, state=_State.CURRENT).first() if on else None
            )
        if key is None:
            raise NoKeyGroup(f"The organization {organization_id} has no key that may sign.")
        signer = keys.signer(bytes(key.sealed_private_key), organization_id, key.kid)
        with self._lock:
            self._signers[organization_id] = (signer, time.monotonic() + _SIGNER_SECONDS)
        return signer

    def _forget(self, organization_id: UUID) -> None:
        with self._lock:
            self._signers.pop(organization_id, None)


def _names(hosts: Sequence[str]) -> list[str]:
    return sorted({host.lower().rstrip(".") for host in hosts})
