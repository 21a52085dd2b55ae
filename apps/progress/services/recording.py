"""Record what a learner does: play, and mark as done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.courses import api as courses
from apps.courses.dto import OutlineItem, VersionOutline
from apps.enrollments import api as enrollments
from apps.enrollments.errors import EnrollmentClosed, EnrollmentNotFound
from apps.library import api as library
from apps.progress import store, watch
from apps.progress.dto import Beacon, ItemState, ProgressSummary, Standpoint
from apps.progress.errors import ItemNotFound, RuleNotMet, SessionBelongsElsewhere, UnknownTimeline
from apps.progress.models import ItemFact, LearningEvent
from apps.progress.reducer import REDUCER, Fact, Watched, meets_any_rule, unfinished_permille
from apps.progress.rows import Fold, Sitting
from apps.progress.selectors import OPEN_STATE
from apps.progress.services.recalculation import recalculate
from core.clock import now
from tenancy import flags

# What the player offers is what its reports are believed up to.
FAST_SPEEDS = "player.fast_speeds"
COMPLETED = ItemState("completed", watch.FULL_PERMILLE)


def record_beacon(*, enrollment_id: UUID, member_id: UUID, beacon: Beacon) -> Standpoint:
    """Fold one report of the player into the session and the watch map, and complete the lesson where its rule is met.

    Each (session, seq) counts once; a repetition answers where the learner stands. More than can have been played is
    cut off. What was folded and what follows from it commit together.

    Raises:
        EnrollmentNotFound: it is not this member's.
        EnrollmentClosed: it was withdrawn or has run out.
        ItemNotFound, UnknownTimeline, SessionBelongsElsewhere: the report does not fit the course.
    """
    at = now()
    sitting = store.read_sitting(
        enrollment_id=enrollment_id,
        member_id=member_id,
        item=beacon.item,
        timeline_id=beacon.timeline,
        session_id=beacon.play_session,
        seq=beacon.seq,
    )
    if sitting is None:
        raise EnrollmentNotFound
    if sitting.state != OPEN_STATE:
        raise EnrollmentClosed
    if sitting.session_is_foreign:
        raise SessionBelongsElsewhere
    placements = [courses.outline(version) for version in sitting.placements]
    definition = _latest(placements, beacon.item)
    asset_id, required = _measure(sitting, beacon.timeline)
    if not any(_shows(outline, beacon.item, asset_id) for outline in placements):
        raise UnknownTimeline
    if sitting.is_duplicate:
        return Standpoint(sitting.item, sitting.standing.summary, sitting.map_seconds)
    credited = watch.credit(
        beacon.spans,
        required=required,
        since_last_seconds=(at - sitting.since).total_seconds(),
        speed_limit=watch.MAX_SPEED if flags.enabled(FAST_SPEEDS) else watch.USUAL_SPEED,
    )
    placement_no = min(max(beacon.placement_no, 1), len(placements))
    entry = placements[placement_no - 1].by_item.get(beacon.item, definition)
    with transaction.atomic():
        folded = store.fold(
            Fold(
                session_id=beacon.play_session,
                seq=beacon.seq,
                enrollment_id=enrollment_id,
                item_id=beacon.item,
                timeline_id=beacon.timeline,
                asset_id=asset_id,
                epoch=entry.epoch,
                placement_no=placement_no,
                required=required,
                spans=credited.spans,
                seconds=watch.union(credited.spans),
                played=credited.played_seconds,
                clipped=credited.clipped,
                position=min(max(beacon.position, 0.0), required + 1.0),
                at=at,
            )
        )
        if folded is None:
            # The same report arrived twice at once, and the other one was first.
            return Standpoint(sitting.item, sitting.standing.summary, sitting.map_seconds)
        seconds, covered, is_newest = folded
        if sitting.item.state == "open":
            _tell_started(enrollment_id, beacon, placement_no, at)
        watched = Watched(asset_id, entry.epoch, covered, required, at.timestamp() if is_newest else 0.0)
        item, summary = _follow(enrollment_id, definition, placements, sitting, watched, at)
        if sitting.started_at is None:
            enrollments.mark_started(enrollment_id, at)  # last: the enrollment's row comes after its progress
    return Standpoint(item, summary, seconds)


def complete_by_hand(*, enrollment_id: UUID, member_id: UUID, item: UUID) -> Standpoint:
    """Complete a lesson whose rule is to be opened or to be marked as done. Repeating changes nothing.

    Raises:
        EnrollmentNotFound, EnrollmentClosed, ItemNotFound
        RuleNotMet: the lesson is completed by watching, and that is not done.
    """
    at = now()
    found = enrollments.own(enrollment_id, member_id)
    if not found.is_open:
        raise EnrollmentClosed
    entry = courses.outline(found.version_id).by_item.get(item)
    if entry is None or entry.kind == "module":
        raise ItemNotFound
    by_hand = entry.rule.kind != "watched"
    fact = Fact(item, entry.epoch, "completed")
    via = ItemFact.Via.MANUAL if entry.rule.kind == "manual" else ItemFact.Via.EVENT
    with transaction.atomic():
        outcome = recalculate(
            enrollment_id, at=at, add=[fact] if by_hand else [], via=via, actor_id=member_id if by_hand else None
        )
        state = outcome.items[item]
        if state != COMPLETED:
            raise RuleNotMet(entry.rule.words, percent_permille=state.percent_permille)
    return Standpoint(state, outcome.summary)


def _follow(
    enrollment_id: UUID,
    definition: OutlineItem,
    placements: Sequence[VersionOutline],
    sitting: Sitting,
    watched: Watched,
    at: datetime,
) -> tuple[ItemState, ProgressSummary]:
    """Bring stored progress up to what was just folded, with as little as that needs."""
    is_current = sitting.standing.is_of(sitting.version_id, REDUCER)
    if is_current and sitting.item.state == "completed":
        return sitting.item, sitting.standing.summary
    if is_current and not meets_any_rule(definition.item, definition.epoch, placements, watched):
        if definition.asset_id != watched.asset_id or watched.epoch < definition.epoch:
            return sitting.item, sitting.standing.summary  # kept in the map, and counts for nothing now
        share = max(unfinished_permille(watched.covered, watched.required), sitting.item.percent_permille)
        is_next = watched.heard_at > 0 and definition.item in placements[-1].by_item
        unchanged = ItemState("started", share) == sitting.item
        if unchanged and (not is_next or sitting.standing.summary.next_item == definition.item):
            return sitting.item, sitting.standing.summary
        next_item = definition.item if is_next else None
        if (raised := store.raise_percent(enrollment_id, definition.item, share, next_item, at)) is not None:
            summary, stored = raised
            return (COMPLETED if stored is None else ItemState("started", stored)), summary
    outcome = recalculate(enrollment_id, at=at)
    return outcome.items[definition.item], outcome.summary


def _latest(placements: Sequence[VersionOutline], item: UUID) -> OutlineItem:
    for outline in reversed(placements):
        entry = outline.by_item.get(item)
        if entry is not None and entry.kind != "module":
            return entry
    raise ItemNotFound


def _measure(sitting: Sitting, timeline_id: UUID) -> tuple[UUID, int]:
    """Return the asset that the timeline is a cut of and how many seconds there are to watch.

    A map that exists knows both; only its first beacon asks the library.
    """
    if sitting.map_asset_id is not None and sitting.map_required is not None:
        return sitting.map_asset_id, sitting.map_required
    timeline = library.timeline_of(timeline_id)
    if timeline is None:
        raise UnknownTimeline
    return timeline.asset_id, watch.required_seconds(timeline.duration_ms)


def _shows(outline: VersionOutline, item: UUID, asset_id: UUID) -> bool:
    entry = outline.by_item.get(item)
    return entry is not None and entry.asset_id == asset_id


def _tell_started(enrollment_id: UUID, beacon: Beacon, placement_no: int, at: datetime) -> None:
    LearningEvent.objects.bulk_create(
        [
            LearningEvent(
                id=beacon.play_session,
                enrollment_id=enrollment_id,
                item_id=beacon.item,
                verb=LearningEvent.Verb.INITIALIZED,
                placement_no=placement_no,
                occurred_at=at,
                received_at=at,
                payload={"v": 1},
            )
        ],
        ignore_conflicts=True,
    )
