"""A shared distribution, made to hold what the rows say: one behaviour, key group and name for each organization.

A look does all that is due at once: one update for any number of organizations, none while an earlier one is still on
its way to CloudFront's places. It changes what it finds different, so a writer that dies leaves nothing to repair.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from core.clock import now
from media.edge import behaviours, quotas
from media.edge.account_keys import TRIES, AccountKeys
from media.edge.behaviours import Config, Misconfigured
from media.edge.naming import this_writer
from media.edge.plane import Conflict, ControlPlane, Distribution, DomainTaken, KeyGroup, QuotaReached, Refused
from media.models.keys import EdgeBinding, EdgePool, SigningKey

_POOLED = EdgeBinding.Strategy.POOLED
_REVOKED = EdgeBinding.State.REVOKED


@dataclass(frozen=True, slots=True)
class Names:
    """Which host names are this installation's to give away: ``<label>.<suffix>`` but for the reserved ones."""

    suffix: str
    reserved: frozenset[str]

    def is_ours(self, host: str) -> bool:
        """Return whether the wildcard certificate covers the host, and it can be an organization's."""
        label, _, rest = host.partition(".")
        return rest == self.suffix and label != "*" and host not in self.reserved


@dataclass(slots=True)
class _Look:
    """What one look found and intends."""

    bindings: list[EdgeBinding]
    groups: dict[UUID, KeyGroup] = field(default_factory=dict)
    problems: dict[UUID, str] = field(default_factory=dict)
    untaken: set[str] = field(default_factory=set)
    is_full: bool = False
    """Whether CloudFront has refused newcomers: what has to go goes all the same, and they come another time."""


class SharedWriter:
    """The one who writes a shared distribution. The caller holds its lock."""

    def __init__(self, plane: ControlPlane, keys: AccountKeys, names: Names, media_origin: str, limits: dict[str, int]):
        self._plane = plane
        self._keys = keys
        self._names = names
        self._media_origin = media_origin
        self._limits = limits
        self._has_written = False

    def settle(self, distribution_id: str) -> bool:
        """Bring the distribution a step further; return whether it holds everything.

        Raises:
            Refused: CloudFront does not answer, or refuses what is no organization's.
        """
        look = _Look([one for one in EdgeBinding.objects.all() if one.side(_POOLED) == distribution_id])
        found = self._plane.distribution(distribution_id)
        # Key groups are the account's: a key that got out leaves its group whatever is wrong with the distribution.
        self._sync_keys(look, found)
        try:
            behaviours.check(found.config, self._media_origin)
        except Misconfigured as wrong:
            self._note(found, look, str(wrong))
            return False
        if found.is_deployed and self._write(look, found):
            found = self._plane.distribution(distribution_id)
        settled = self._confirm(look, found) if found.is_deployed else False
        self._note(found, look, "")
        return settled

    # -- keys

    def _sync_keys(self, look: _Look, found: Distribution) -> None:
        there = behaviours.organizations(found.config)
        # Who is served already goes first: a quota that is used up must not keep a key from being changed.
        for binding in sorted(look.bindings, key=lambda one: (one.organization_id not in there, one.organization_id)):
            if binding.state == _REVOKED:
                continue
            try:
                look.groups[binding.organization_id] = self._keys.sync(binding.organization_id)
            except Refused as refused:
                look.problems[binding.organization_id] = str(refused)

    # -- the configuration

    def _write(self, look: _Look, found: Distribution) -> bool:
        """Update the distribution where it differs; return whether it was."""
        for _ in range(TRIES):
            wanted = self._wanted(look, found.config)
            if wanted == found.config:
                return False
            try:
                self._plane.update_distribution(found.id, wanted, found.etag)
            except Conflict:
                found = self._plane.distribution(found.id)
            except DomainTaken:
                self._has_written = True
                self._take_names(look, found)
                found = self._plane.distribution(found.id)
            except QuotaReached as reached:
                self._blame(look, found.config, str(reached))
                if look.is_full:
                    return False
                look.is_full = True
            else:
                self._has_written = True
                return True
        raise Conflict(f"The distribution {found.id} is changed by somebody else all the time.")

    def _wanted(self, look: _Look, config: Config) -> Config:
        """Return the configuration as it has to be, as far as there is room."""
        there = behaviours.organizations(config)
        ours = self._keys.names_by_id()
        known = {binding.organization_id for binding in look.bindings}
        gone = {one for one, groups in there.items() if one not in known and any(group in ours for group in groups)}
        gone |= {one.organization_id for one in look.bindings if one.state == _REVOKED}
        wanted = {one: group.id for one, group in look.groups.items() if one in there or not look.is_full}
        after = len(behaviours.items(config.get("CacheBehaviors"))) - len(gone & there.keys())
        for one in sorted(wanted.keys() - there.keys()):
            if not quotas.room(self._limits, {quotas.BEHAVIOURS: after}, quotas.BEHAVIOURS) > quotas.KEPT_FREE:
                look.problems[one] = quotas.short(self._limits, {quotas.BEHAVIOURS: after}, quotas.BEHAVIOURS)
                del wanted[one]
            else:
                after += 1
        made = behaviours.with_organizations(config, wanted, gone, self._media_origin)
        mine = self._hosts(look.bindings)
        everyones = {host for hosts in EdgeBinding.objects.values_list("hosts", flat=True) for host in hosts}
        dropped = {name for name in behaviours.aliases(config) if self._names.is_ours(name) and name not in everyones}
        added = set() if look.is_full else self._with_room(look, config, mine, dropped)
        return behaviours.with_aliases(made, added, dropped)

    def _hosts(self, bindings: Iterable[EdgeBinding]) -> dict[str, UUID]:
        """Return the names the distribution has to answer for; those of nobody's certificate are served elsewhere."""
        return {
            host: one.organization_id
            for one in bindings
            if one.hosts_at == _POOLED
            for host in one.hosts
            if self._names.is_ours(host)
        }

    def _with_room(self, look: _Look, config: Config, mine: dict[str, UUID], dropped: set[str]) -> set[str]:
        there = set(behaviours.aliases(config)) - dropped
        added = sorted(mine.keys() - there - look.untaken)
        room = quotas.room(self._limits, {quotas.ALIASES: len(there)}, quotas.ALIASES) - quotas.KEPT_FREE
        for host in added[max(0, room) :]:
            look.problems[mine[host]] = quotas.short(self._limits, {quotas.ALIASES: len(there)}, quotas.ALIASES)
        return set(added[: max(0, room)])

    def _take_names(self, look: _Look, found: Distribution) -> None:
        """Take each name that is missing from wherever it is; what can't be had is left out and said."""
        mine = self._hosts(look.bindings)
        for host in sorted(mine.keys() - set(behaviours.aliases(found.config)) - look.untaken):
            try:
                self._plane.move_domain(host, distribution=found.id)
            except Conflict:
                continue
            except Refused as refused:
                # Those that are nowhere can't be moved: they are added. What is somebody else's can't be had.
                if not self._add_name(host, found):
                    look.untaken.add(host)
                    look.problems[mine[host]] = f"The name {host} is taken at CloudFront: {refused}"

    def _add_name(self, host: str, found: Distribution) -> bool:
        fresh = self._plane.distribution(found.id)
        try:
            self._plane.update_distribution(found.id, behaviours.with_aliases(fresh.config, [host], ()), fresh.etag)
        except DomainTaken:
            return False
        return True

    def _blame(self, look: _Look, config: Config, said: str) -> None:
        there = behaviours.organizations(config)
        for one in look.groups.keys() - there.keys():
            look.problems[one] = said

    # -- what has come of it

    def _confirm(self, look: _Look, found: Distribution) -> bool:
        there, names = behaviours.organizations(found.config), set(behaviours.aliases(found.config))
        all_settled = True
        for binding in look.bindings:
            group = look.groups.get(binding.organization_id)
            if binding.state == _REVOKED:
                stands = binding.organization_id not in there
            else:
                stands = (
                    group is not None
                    and there.get(binding.organization_id) == [group.id]
                    and self._keys.is_trusted(group, found)
                )
            if stands and group is not None:
                SigningKey.objects.filter(
                    organization_id=binding.organization_id, public_key_id__in=group.keys, trusted_at=None
                ).update(trusted_at=now())
            has_names = names >= self._hosts([binding]).keys()
            all_settled &= stands and has_names
            if stands and has_names and binding.organization_id not in look.problems:
                self._settled(binding, group)
        return all_settled

    @staticmethod
    def _settled(binding: EdgeBinding, group: KeyGroup | None) -> None:
        """Write that this is held, unless the rows have changed since they were read."""
        same = EdgeBinding.objects.filter(organization_id=binding.organization_id, wanted_at=binding.wanted_at)
        same.update(
            pooled_settled=binding.wanted_at, problem="", **({"key_group_id": group.id} if group is not None else {})
        )
        same.filter(strategy=_POOLED, state=EdgeBinding.State.PENDING).update(state=EdgeBinding.State.DEPLOYED)

    def _note(self, found: Distribution, look: _Look, problem: str) -> None:
        """Write down what was seen, for placement and for staff."""
        for binding in look.bindings:
            said = look.problems.get(binding.organization_id, problem)
            if said != binding.problem and (said or binding.organization_id in look.problems):
                EdgeBinding.objects.filter(organization_id=binding.organization_id).update(problem=said[:300])
        there, names = behaviours.organizations(found.config), behaviours.aliases(found.config)
        all_behaviours = behaviours.items(found.config.get("CacheBehaviors"))
        used = {
            **self._keys.used(),
            quotas.BEHAVIOURS: len(all_behaviours),
            quotas.ALIASES: len(names),
            "other_behaviours": len(all_behaviours) - len(there),
            "other_aliases": len([name for name in names if not self._names.is_ours(name)]),
        }
        EdgePool.objects.update_or_create(
            distribution_id=found.id,
            defaults={
                "kind": EdgePool.Kind.SHARED,
                "is_deployed": found.is_deployed,
                "used": used,
                "quotas": self._limits,
                "problem": problem[:300],
                "looked_at": now(),
                **({"written_at": now(), "written_by": this_writer()} if self._has_written else {}),
            },
        )


def owners_with_keys() -> set[UUID]:
    """Return every organization whose key group CloudFront has to have: on a shared distribution, or on a move."""
    return {
        one.organization_id
        for one in EdgeBinding.objects.all()
        if one.side(_POOLED) or (one.phase and one.state != _REVOKED)
    }
