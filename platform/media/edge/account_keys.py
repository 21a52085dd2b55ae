"""The account's public keys and key groups, made to hold what the rows say. Names find what a crash left behind."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

from core.clock import now
from media.edge import keyring, naming, quotas
from media.edge.plane import AlreadyThere, Conflict, ControlPlane, Distribution, InUse, KeyGroup, NotThere, QuotaReached
from media.models.keys import SigningKey

T = TypeVar("T")
TRIES = 5
# CloudFront says of a distribution when it is deployed everywhere, of a changed key group nothing. A distribution took
# three to five minutes in 2025, and a group goes the same way.
GROUP_SETTLES = timedelta(minutes=5)


class AccountKeys:
    """Public keys and key groups as they were looked up at the beginning, kept up to date with what is done here."""

    def __init__(self, plane: ControlPlane, cell: str, limits: dict[str, int]) -> None:
        self._plane = plane
        self._cell = cell
        self._limits = limits
        self._keys = plane.public_keys()
        self._groups = plane.key_groups()

    def used(self) -> dict[str, int]:
        """Return how much of the account's quotas is in use, by anybody."""
        return {quotas.PUBLIC_KEYS: len(self._keys), quotas.KEY_GROUPS: len(self._groups)}

    def names_by_id(self) -> dict[str, str]:
        """Return the names of our key groups by CloudFront's id."""
        return {group.id: name for name, group in self._groups.items() if naming.owner_of(self._cell, name)}

    def sync(self, owner: UUID) -> KeyGroup:
        """Let the owner's group have exactly its trusted keys; return it. Makes what is missing.

        Raises:
            QuotaReached: there may be no more. Refused: CloudFront did not do it.
        """
        rows = list(keyring.group(owner).order_by("created_at", "id"))
        name = naming.key_group(self._cell, owner)
        for _ in range(TRIES):
            group = self._groups.get(name)
            try:
                if group is not None:
                    group = self._groups[name] = self._without_strangers(group, rows)
                ids = tuple(self._public_key(key) for key in rows)
                if group is None:
                    self._require(quotas.KEY_GROUPS)
                    self._groups[name] = self._plane.create_key_group(name, ids)
                elif set(group.keys) != set(ids):
                    self._groups[name] = self._plane.update_key_group(group, ids)
                return self._groups[name]
            except (AlreadyThere, Conflict, NotThere):
                self._groups = self._plane.key_groups()
        raise Conflict(f"The key group {name} is changed by somebody else all the time.")

    def _without_strangers(self, group: KeyGroup, rows: Sequence[SigningKey]) -> KeyGroup:
        """Where there is no room for what is missing, take what is no longer trusted out of a group.

        A quota that is used up must not keep a key trusted that got out; once a sweep has deleted it, there is room.
        """
        there = tuple(
            self._keys[name] for key in rows if (name := naming.public_key(self._cell, key.kid)) in self._keys
        )
        if len(rows) - len(there) <= quotas.room(self._limits, self.used(), quotas.PUBLIC_KEYS):
            return group
        # A group can't be empty: of one that has nothing but strangers one stays, and the first new key replaces it.
        kept = there or group.keys[:1]
        return group if set(kept) == set(group.keys) else self._plane.update_key_group(group, kept)

    def _public_key(self, key: SigningKey) -> str:
        name = naming.public_key(self._cell, key.kid)
        if name not in self._keys:
            self._require(quotas.PUBLIC_KEYS)
            try:
                self._keys[name] = self._plane.create_public_key(name, key.public_pem)
            except AlreadyThere:
                self._keys = self._plane.public_keys()
        found = self._keys[name]
        if key.public_key_id != found:
            SigningKey.objects.filter(id=key.id).update(public_key_id=found, trusted_at=None)
        return found

    def _require(self, quota: str) -> None:
        if quotas.room(self._limits, self.used(), quota) <= 0:
            raise QuotaReached(quota, quotas.short(self._limits, self.used(), quota))

    def is_trusted(self, group: KeyGroup, distribution: Distribution) -> bool:
        """Return whether every place of a deployed distribution verifies with all of a group's keys, and no others."""
        if distribution.trusted.get(group.id) != frozenset(group.keys):
            return False
        return distribution.changed_at >= group.changed_at or now() - group.changed_at >= GROUP_SETTLES

    def sweep(self, owners: Callable[[], Collection[UUID]]) -> int:
        """Delete groups of ours but those of ``owners``, and keys of ours but theirs; return how many.

        What there is was listed before the rows are asked for, so nothing is deleted that a row was just made for.
        """
        groups, ids = self._plane.key_groups(), self._plane.public_keys()
        keeping = owners()
        wanted = {str(owner) for owner in keeping}
        trusted = SigningKey.objects.filter(state__in=keyring.TRUSTED, organization_id__in=list(keeping))
        kids = set(trusted.values_list("kid", flat=True))
        gone: list[tuple[Callable[[str], None], str]] = [
            (self._plane.delete_key_group, group.id)
            for name, group in groups.items()
            if (owner := naming.owner_of(self._cell, name)) and owner not in wanted
        ]
        gone += [
            (self._plane.delete_public_key, key_id)
            for name, key_id in ids.items()
            if (kid := naming.owner_of(self._cell, name)) and kid not in kids
        ]
        return sum(_deleted(delete, resource) for delete, resource in gone)


def _deleted(delete: Callable[[str], None], resource: str) -> bool:
    try:
        delete(resource)
    except (InUse, Conflict):
        return False  # another time: a distribution or a group still has it
    return True
