"""What staff see of a release on its way, and the three things they may do: pause it, let it go on, try again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, QuerySet

from core.clock import now
from core.errors import DomainError, NotFound
from tenancy.tasks import named
from tenants.fleet import ledger, rings, runner
from tenants.models import DataStepRun, DriftCheck, SchemaDrift, SchemaLedger, SchemaRelease
from tenants.schema.template import current

State = SchemaRelease.State
# A runner says every second that it lives; one that has not for so long does not.
ALIVE_SECONDS = 15.0
# More than this are taken along by the runner itself.
_ONE_BY_ONE = 50


class NothingToDo(DomainError):
    """The release is not in a state from which this leads anywhere."""

    code = "nothing_to_do"
    title = "There is nothing to do for this release"
    status = 409


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """A release and how far it is. ``counts`` has (ring, state, organizations); ``on_it`` how many have it now."""

    number: int
    name: str
    state: str
    ring: str
    reason: str
    is_current: bool
    min_code: int
    sql_sha256: str
    template_sha256: str
    recorded_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    seen_at: datetime | None
    is_running: bool
    counts: list[tuple[str, str, int]]
    on_it: int
    behind: int
    data_steps: list[tuple[str, str, int]]

    def total(self, state: str) -> int:
        """Return how many organizations are in ``state``, whatever their ring."""
        return sum(n for _, found, n in self.counts if found == state)


@dataclass(frozen=True, slots=True)
class OrganizationLine:
    """One organization on its way to a release."""

    organization_id: UUID
    name: str
    state: str
    ring: str
    attempt: int
    error: str
    run_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class DriftLine:
    """An organization whose schema is not what it should be."""

    organization_id: UUID
    name: str
    release: int
    differences: list[str]
    first_seen_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class DriftReport:
    """The last look at every schema; None where nobody has looked yet."""

    last: DriftCheck | None
    lines: list[DriftLine]


def release_lines() -> list[ReleaseLine]:
    """Return every release that the database knows, newest first. Platform only."""
    on_it = dict(ledger.release_counts())
    return [_line(row, on_it) for row in SchemaRelease.objects.order_by("-number")]


def release_line(number: int) -> ReleaseLine:
    """Return one release. Platform only.

    Raises:
        NotFound: there is none.
    """
    return _line(_found(number), dict(ledger.release_counts()))


def organization_rows(number: int, *, state: str = "", organization_id: UUID | None = None) -> QuerySet[SchemaLedger]:
    """Return the rows of organizations on their way to a release, by state where one is given. Platform only.

    Raises:
        NotFound: there is no such release.
    """
    _found(number)
    rows = SchemaLedger.objects.filter(release_id=number).select_related("organization")
    if organization_id is not None:
        rows = rows.filter(organization_id=organization_id)
    return rows.filter(state=state) if state else rows


def organization_line(row: SchemaLedger) -> OrganizationLine:
    """Return a row as staff see it."""
    return OrganizationLine(
        row.organization_id, row.organization.name, row.state, row.ring, row.attempt, row.error,
        row.run_at, row.started_at, row.finished_at,
    )  # fmt: skip


def drift() -> DriftReport:
    """Return the last look at every schema, and who differed then. Platform only."""
    rows = SchemaDrift.objects.select_related("organization").order_by("first_seen_at", "organization_id")
    return DriftReport(
        DriftCheck.objects.order_by("-at").first(),
        [
            DriftLine(
                row.organization_id, row.organization.name, row.release, row.differences, row.first_seen_at, row.seen_at
            )
            for row in rows
        ],
    )


def pause(number: int, *, reason: str) -> ReleaseLine:
    """Let the runner end after those that it is at, and none begin before somebody says so. In a transaction.

    Raises:
        NotFound: there is no such release. NothingToDo: it is not on its way.
    """
    row = _found(number, locked=True)
    if row.state not in (State.RUNNING, State.WAITING):
        raise NothingToDo(f"Release {number} is {row.state}; only one that is waiting or running can be paused.")
    SchemaRelease.objects.filter(number=number).update(state=State.PAUSED, reason=reason)
    return release_line(number)


def resume(number: int) -> ReleaseLine:
    """Let a release that is paused or stopped go on; those that failed are tried again. In a transaction.

    Raises:
        NotFound: there is no such release. NothingToDo: it is neither, or not this code's newest.
    """
    row = _found(number, locked=True)
    if row.state not in (State.PAUSED, State.STOPPED) or number != current().release:
        raise NothingToDo(f"Release {number} is {row.state}; only a paused or stopped one can go on.")
    runner.retry(SchemaLedger.objects.filter(release_id=number))
    SchemaRelease.objects.filter(number=number).update(
        state=State.RUNNING, reason="", started_at=row.started_at or now(), finished_at=None
    )
    named("tenants.tasks.continue_fleet").delay_on_commit()
    return release_line(number)


def retry(number: int, *, organization_id: UUID | None = None) -> int:
    """Try those that failed once more, or one of them; return how many. In a transaction. A stop stays a stop.

    Raises:
        NotFound: there is no such release. NothingToDo: none failed, or it is not this code's newest.
    """
    _found(number, locked=True)
    rows = SchemaLedger.objects.filter(release_id=number, state=SchemaLedger.State.FAILED)
    if organization_id is not None:
        rows = rows.filter(organization_id=organization_id)
    failed = list(rows.values_list("organization_id", flat=True))
    if not failed or number != current().release:
        raise NothingToDo("Nothing failed that could be tried again.")
    runner.retry(SchemaLedger.objects.filter(release_id=number, organization_id__in=failed))
    for found in failed[:_ONE_BY_ONE]:
        named("tenants.tasks.bring_along").delay_on_commit(str(found))
    if len(failed) > _ONE_BY_ONE:
        named("tenants.tasks.continue_fleet").delay_on_commit()
    return len(failed)


def has_work() -> bool:
    """Return whether the release of this code is on its way without a runner, or was out when somebody came behind."""
    row = SchemaRelease.objects.filter(number=current().release, state__in=(State.RUNNING, State.DONE)).first()
    if row is None or _is_alive(row):
        return False
    failed = SchemaLedger.objects.filter(release_id=row.number, state=SchemaLedger.State.FAILED)
    return bool(set(rings.behind(row.number)) - set(failed.values_list("organization_id", flat=True)))


def _is_alive(row: SchemaRelease) -> bool:
    return bool(row.seen_at and row.seen_at > now() - timedelta(seconds=ALIVE_SECONDS))


def _found(number: int, *, locked: bool = False) -> SchemaRelease:
    rows = SchemaRelease.objects.select_for_update() if locked else SchemaRelease.objects
    found = rows.filter(number=number).first()
    if found is None:
        raise NotFound
    return found


def _line(row: SchemaRelease, on_it: dict[int, int]) -> ReleaseLine:
    counted = sorted(rings.counts(row.number).items())
    steps = DataStepRun.objects.filter(release=row).values_list("name", "state").annotate(n=Count("id"))
    return ReleaseLine(
        number=row.number,
        name=row.name,
        state=row.state,
        ring=row.ring,
        reason=row.reason,
        is_current=row.number == current().release,
        min_code=row.min_code,
        sql_sha256=row.sql_sha256,
        template_sha256=row.template_sha256,
        recorded_at=row.recorded_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        seen_at=row.seen_at,
        is_running=row.state == State.RUNNING and _is_alive(row),
        counts=[(ring, state, n) for (ring, state), n in counted],
        on_it=on_it.get(row.number, 0),
        behind=sum(n for number, n in on_it.items() if number < row.number),
        data_steps=sorted(steps),
    )
