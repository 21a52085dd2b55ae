"""Looks at every distribution in turn and lets each hold what the rows say. A duty asks for it; no request ever waits.

One writer a distribution: who does not get its lock leaves it to whoever has it. The lock is the session's, so a writer
that dies leaves none behind; a writer elsewhere that has no part in it is noticed by the version each change names.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from core.clock import now
from media.edge import quotas, template_writer
from media.edge.account_keys import AccountKeys
from media.edge.control import EdgeControl
from media.edge.interface import CannotMove, NoKeyGroup
from media.edge.plane import ControlPlane, Refused
from media.edge.rows import RowsEdge
from media.edge.shared_writer import Names, SharedWriter, owners_with_keys
from media.edge.template_writer import TemplateWriter
from media.edge.token import shard_id
from media.models.keys import EdgeBinding, EdgePool

_log = logging.getLogger("media.edge")
_Strategy = EdgeBinding.Strategy
# Without anything to do, each distribution is looked at all the same: somebody may have changed it by hand.
LOOK_EVERY = timedelta(minutes=10)
_QUOTAS_EVERY = timedelta(hours=1)
_SWEEP = "edge-keys"


@dataclass(frozen=True, slots=True)
class Plan:
    """What of CloudFront is this cell's."""

    pools: tuple[str, ...]
    template: str
    front: str
    """The distribution of the site and of organizations without a pool; empty where it is not told."""
    media_origin: str
    cell: str
    names: Names


@dataclass(slots=True)
class Settled:
    """What came of a look: distributions that hold everything, those under way, and those that were refused."""

    settled: list[str] = field(default_factory=list)
    under_way: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    swept: int = 0


class Settling:
    """Makes CloudFront hold what the rows say, for one cell. Platform only, outside any transaction."""

    def __init__(self, plane: ControlPlane, edge: RowsEdge, control: EdgeControl, plan: Plan) -> None:
        self._plane = plane
        self._edge = edge
        self._control = control
        self._plan = plan

    def settle(self, *, all_of_them: bool = False) -> Settled:
        """Look at what is due, or at everything. Safe to run any number of times at once, and to kill."""
        outcome = Settled()
        self._place()
        self._move_own_domains()
        due = [one for one in (*self._plan.pools, self._plan.template) if one and (all_of_them or self._is_due(one))]
        if not due:
            return outcome
        keys: AccountKeys | None = None
        for distribution in due:
            with only_one(distribution) as mine:
                if not mine:
                    continue
                try:
                    limits, read_at = self._limits()
                    keys = keys or AccountKeys(self._plane, self._plan.cell, limits)
                    done = self._writer(distribution, keys, limits).settle(distribution)
                    EdgePool.objects.filter(distribution_id=distribution).update(quotas_read_at=read_at)
                except Refused as refused:
                    _log.warning("edge.refused", extra={"distribution": distribution, "said": str(refused)[:500]})
                    outcome.refused[distribution] = str(refused)
                    _note_problem(distribution, str(refused))
                    continue
                (outcome.settled if done else outcome.under_way).append(distribution)
        if keys is not None:
            # Whatever was refused: what a quota is short of, only this makes free.
            try:
                outcome.swept = self._sweep(keys)
            except Refused as refused:
                _log.warning("edge.not_swept", extra={"said": str(refused)[:500]})
        return outcome

    def tell_ended(self) -> int:
        """Tell the function's store of ended grants; return how many."""
        if not self._plan.template:
            return 0
        with only_one(f"{self._plan.template}:ended") as mine:
            return template_writer.tell_ended(self._plane) if mine else 0

    def _writer(self, distribution: str, keys: AccountKeys, limits: dict[str, int]) -> SharedWriter | TemplateWriter:
        plan = self._plan
        if distribution == plan.template:
            return TemplateWriter(self._plane, keys, plan.cell, plan.names.suffix, plan.media_origin, limits)
        return SharedWriter(self._plane, keys, plan.names, plan.media_origin, limits)

    def _is_due(self, distribution: str) -> bool:
        row = EdgePool.objects.filter(distribution_id=distribution).first()
        if row is None or not row.is_deployed or now() - row.looked_at >= LOOK_EVERY:
            return True
        for one in EdgeBinding.objects.all():
            pooled = one.side(_Strategy.POOLED) == distribution and one.pooled_settled != one.wanted_at
            tenant = one.side(_Strategy.DISTRIBUTION_TENANT) == distribution and one.tenant_settled != one.wanted_at
            if pooled or tenant:
                return True
        return False

    def _limits(self) -> tuple[dict[str, int], datetime | None]:
        """Return the account's quotas as of the last hour, and when they were read. Where AWS does not say, as before.

        Raises:
            Refused: AWS does not say, and never has.
        """
        last = EdgePool.objects.exclude(quotas={}).order_by(F("quotas_read_at").desc(nulls_last=True)).first()
        if last is not None and last.quotas_read_at is not None and now() - last.quotas_read_at < _QUOTAS_EVERY:
            return dict(last.quotas), last.quotas_read_at
        moment = now()
        try:
            return {**quotas.DEFAULTS, **self._plane.quotas()}, moment
        except Refused as refused:
            if last is None:
                raise
            _log.warning("edge.quotas_refused", extra={"said": str(refused)[:500]})
            return dict(last.quotas), last.quotas_read_at

    def _place(self) -> None:
        """Find a place for those who came when there was none."""
        for organization_id in list(EdgeBinding.objects.filter(pool="").values_list("organization_id", flat=True)):
            with transaction.atomic():
                binding = EdgeBinding.objects.select_for_update().filter(organization_id=organization_id).first()
                if binding is None or binding.pool:
                    continue
                binding.pool = self._control.place(binding, binding.strategy)
                if not binding.pool:
                    binding.problem = "No shared distribution has room: add one to LMS_CLOUDFRONT_POOLS."
                binding.wanted_at = now()
                binding.save(update_fields=["pool", "problem", "wanted_at"])

    def _move_own_domains(self) -> None:
        """A shared distribution has one certificate: who has a domain of their own becomes a distribution tenant."""
        if not self._plan.template:
            return
        served = EdgeBinding.objects.filter(
            strategy=_Strategy.POOLED, state=EdgeBinding.State.DEPLOYED, phase="", pool__in=self._plan.pools
        )
        for binding in served:
            if all(self._plan.names.is_ours(host) for host in binding.hosts):
                continue
            try:
                self._edge.move(binding.organization_id, _Strategy.DISTRIBUTION_TENANT)
            except (CannotMove, NoKeyGroup):
                continue

    def _sweep(self, keys: AccountKeys) -> int:
        with only_one(_SWEEP) as mine:
            return keys.sweep(self._owners) if mine else 0

    def _owners(self) -> set[UUID]:
        template = self._plan.template
        return owners_with_keys() | ({shard_id(template)} if template else set())


@contextmanager
def only_one(what: str) -> Iterator[bool]:
    """Hold a distribution's lock for the session, if nobody has it: a crash frees it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [f"edge:{what}"])
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [f"edge:{what}"])


def _note_problem(distribution: str, said: str) -> None:
    EdgePool.objects.filter(distribution_id=distribution).update(problem=said[:300], looked_at=now())
