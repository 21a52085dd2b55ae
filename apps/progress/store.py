"""The SQL of progress. Each function is one statement; nothing else in this app writes SQL by hand.

Two reasons for it here: the watch map is folded by PostgreSQL itself (a union under the row's lock, so that devices
need not know of each other), and what a page needs is read in one round trip.
The statements read rows that progress rows point at (``enrollments_enrollment``, ``enrollments_placement``,
``courses_course``, ``courses_versionitem``) and, for a lesson, the film beside it (``library_asset``,
``library_timeline``, ``library_captiontrack``); they write only tables of this app. Tables are
found through the bound organization's search path.

Locks are taken in the order PlaySession, WatchMap, CourseProgress, ItemProgress, Enrollment and never back.
CourseProgress is the one lock of an enrollment: ItemProgress and ItemFact are only written by who holds it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from apps.progress.dto import ItemState, ProgressSummary
from apps.progress.reducer import Fact
from apps.progress.rows import (
    Fold,
    Inputs,
    Learning,
    Sitting,
    Standing,
    items_of,
    maps_of,
    played_of,
    standing_of,
)
from apps.progress.watch import Seconds, dump, load

MAX_SPANS_A_MAP = 300
MAX_SPANS_A_SESSION = 1_000

_SUMMARY = "p.revision, p.percent_permille, p.done, p.required, p.next_item_id, p.version_id, p.reducer"
_HEARD = "w.asset_id, w.timeline_id, extract(epoch FROM w.position_at)"
_MAPS = f"""SELECT json_agg(json_build_array({_HEARD}, w.epoch, w.covered, w.required_seconds, w.seconds::text))::text
    FROM progress_watchmap w WHERE w.enrollment_id = e.id"""  # noqa: S608 - only constants of this module
# {[0,5),[7,9)} is read as [[0,5],[7,9]].
_PLAYED = f"""SELECT json_agg(json_build_array({_HEARD}, w.position_seconds,
    translate(w.seconds::text, '{{}})', '[]]')::json))::text
    FROM progress_watchmap w WHERE w.enrollment_id = e.id"""  # noqa: S608 - as above
_ITEMS = """SELECT json_object_agg(i.item_id, json_build_array(i.state, i.percent_permille))::text
    FROM progress_itemprogress i WHERE i.enrollment_id = e.id"""
_VIDEO = """SELECT json_build_object('asset', a.id, 'rev', a.current_rev, 'has_poster', a.has_poster,
    'timeline', t.id, 'duration_ms', t.duration_ms, 'chapters', t.chapters, 'captions', (
      SELECT json_agg(json_build_object('id', ct.id, 'language', ct.language, 'label', ct.label, 'kind', ct.kind,
        'is_default', ct.is_default) ORDER BY ct.is_default DESC, ct.language)
      FROM library_captiontrack ct WHERE ct.timeline_id = t.id))::text
    FROM library_asset a JOIN library_timeline t ON t.asset_id = a.id
    WHERE a.id = vi.asset_id AND a.deleted_at IS NULL ORDER BY t.number DESC LIMIT 1"""
_LAST_HEARD = "SELECT max(x.position_at) FROM progress_watchmap x WHERE x.enrollment_id = e.id"
_PLACEMENTS = """SELECT array_agg(pl.version_id ORDER BY pl.number)
    FROM enrollments_placement pl WHERE pl.enrollment_id = e.id"""


def read_learning(enrollment_id: UUID, member_id: UUID) -> Learning | None:
    """Return the member's own enrollment with every item and map, or None."""
    rows = _learnings(f"({_ITEMS}), ({_PLAYED})", "", "e.id = %s AND e.member_id = %s", [enrollment_id, member_id])
    return rows[0] if rows else None


def read_lesson(enrollment_id: UUID, member_id: UUID, item: UUID) -> Learning | None:
    """Return the member's own enrollment with one item of its version: state, maps and present video, or None.

    The video is what ``apps.library.api.video_of`` says of an asset, without the links that the library signs.
    """
    rows = _learnings(
        f"({_ITEMS} AND i.item_id = %s), ({_PLAYED} AND w.asset_id = vi.asset_id), ({_VIDEO})",
        "LEFT JOIN courses_versionitem vi ON vi.version_id = e.version_id AND vi.item_id = %s",
        "e.id = %s AND e.member_id = %s",
        [item, item, enrollment_id, member_id],
    )
    return rows[0] if rows else None


def read_all_learning(member_id: UUID) -> list[Learning]:
    """Return every enrollment of a member that was not withdrawn, newest first, each with the map that was played
    last and the states of what is begun: what a home page needs."""
    return _learnings(
        f"({_ITEMS} AND i.state = 'started'), ({_PLAYED} AND w.position_at = ({_LAST_HEARD}))",
        "",
        "e.member_id = %s AND e.state <> 'withdrawn' ORDER BY e.created_at DESC, e.id DESC",
        [member_id],
    )


def read_standings(enrollment_ids: Sequence[UUID]) -> dict[UUID, Standing]:
    """Return the stored progress of each of these enrollments that has any."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT p.enrollment_id, {_SUMMARY} FROM progress_courseprogress p WHERE p.enrollment_id = ANY(%s)",  # noqa: S608
            [list(enrollment_ids)],
        )
        return {row[0]: standing_of(row[1:8]) for row in cursor.fetchall()}


def read_sitting(
    *, enrollment_id: UUID, member_id: UUID, item: UUID, timeline_id: UUID, session_id: UUID, seq: int
) -> Sitting | None:
    """Return what a beacon of this session is judged by, or None where the enrollment is not the member's."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT e.version_id, e.state, e.started_at, ({_PLACEMENTS}),
              coalesce((s.enrollment_id, s.item_id, s.timeline_id) <> (e.id, %(item)s, %(timeline)s), false),
              coalesce(s.seqs @> %(seq)s::int4, false),
              coalesce(s.last_at, ({_LAST_HEARD}),
                       e.created_at),
              i.state, i.percent_permille, w.asset_id, w.required_seconds, w.covered, w.seconds::text, {_SUMMARY}
            FROM enrollments_enrollment e
            LEFT JOIN progress_playsession s ON s.id = %(session)s
            LEFT JOIN progress_itemprogress i ON i.enrollment_id = e.id AND i.item_id = %(item)s
            LEFT JOIN progress_courseprogress p ON p.enrollment_id = e.id
            LEFT JOIN LATERAL (SELECT * FROM progress_watchmap m WHERE m.enrollment_id = e.id
              AND m.timeline_id = %(timeline)s ORDER BY m.epoch DESC LIMIT 1) w ON true
            WHERE e.id = %(enrollment)s AND e.member_id = %(member)s
            """,  # noqa: S608 - only constants of this module are interpolated
            {
                "enrollment": enrollment_id,
                "member": member_id,
                "item": item,
                "timeline": timeline_id,
                "session": session_id,
                "seq": seq,
            },
        )
        row = cursor.fetchone()
    if row is None:
        return None
    return Sitting(
        version_id=row[0],
        state=row[1],
        started_at=row[2],
        placements=tuple(row[3] or ()),
        session_is_foreign=bool(row[4]),
        is_duplicate=row[5],
        since=row[6],
        item=ItemState(row[7], row[8]) if row[7] else ItemState(),
        map_asset_id=row[9],
        map_required=row[10],
        map_covered=row[11] or 0,
        map_seconds=load(row[12]) if row[12] else (),
        standing=standing_of(row[13:20]),
    )


def fold(beacon: Fold) -> tuple[Seconds, int, bool] | None:
    """Apply a beacon exactly once: session and map in one statement.

    Returns the map's seconds, how many of them, and whether this report is now the newest that was heard of the film;
    or None where this session's ``seq`` was applied before (or the session is another enrollment's).

    The map is a union, so it cannot shrink. Beyond 300 spans, new ones that touch nothing and are shorter than three
    seconds are left out: only a script makes them. The position moves only by a report that is the session's newest;
    between sessions the one the server hears last wins.
    """
    first, rest = (beacon.spans[0], beacon.spans[1:]) if beacon.spans else (None, ())
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH session AS (
              INSERT INTO progress_playsession AS s (id, enrollment_id, item_id, timeline_id, epoch, placement_no, seqs,
                spans, seconds_played, clipped, position_seconds, started_at, last_at)
              VALUES (%(session)s, %(enrollment)s, %(item)s, %(timeline)s, %(epoch)s, %(placement)s,
                %(seqs)s::int4multirange, %(spans)s::jsonb, %(played)s, %(clipped)s, %(position)s, %(at)s, %(at)s)
              ON CONFLICT (id) DO UPDATE SET
                seqs = s.seqs + excluded.seqs,
                spans = CASE
                  WHEN jsonb_array_length(s.spans) >= {MAX_SPANS_A_SESSION} THEN s.spans
                  WHEN (s.spans->-1->>1)::int - %(first)s::int BETWEEN 0 AND 1
                    THEN jsonb_set(s.spans, '{{-1,1}}', to_jsonb(%(first_end)s::int)) || %(rest)s::jsonb
                  ELSE s.spans || excluded.spans END,
                seconds_played = s.seconds_played + excluded.seconds_played,
                clipped = s.clipped + excluded.clipped,
                position_seconds = CASE WHEN excluded.seqs >> s.seqs THEN excluded.position_seconds
                                        ELSE s.position_seconds END,
                last_at = excluded.last_at
              WHERE NOT s.seqs && excluded.seqs AND s.enrollment_id = excluded.enrollment_id
                AND s.timeline_id = excluded.timeline_id AND s.item_id = excluded.item_id
              RETURNING upper(s.seqs) = %(seq)s + 1 AS is_newest
            ), map AS (
              INSERT INTO progress_watchmap AS w (enrollment_id, timeline_id, epoch, asset_id, required_seconds,
                seconds, covered, position_seconds, position_at)
              SELECT %(enrollment)s, %(timeline)s, %(epoch)s, %(asset)s, %(required)s, %(seconds)s::int4multirange,
                %(length)s, %(position)s, CASE WHEN is_newest THEN %(at)s ELSE 'epoch'::timestamptz END
              FROM session
              ON CONFLICT (enrollment_id, timeline_id, epoch) DO UPDATE SET
                (seconds, covered) = (
                  SELECT merged.seconds, coalesce((SELECT sum(upper(r) - lower(r)) FROM unnest(merged.seconds) r), 0)
                  FROM (SELECT CASE
                    WHEN (SELECT count(*) FROM unnest(w.seconds + excluded.seconds)) <= {MAX_SPANS_A_MAP}
                      THEN w.seconds + excluded.seconds
                    ELSE w.seconds + coalesce((SELECT range_agg(r) FROM unnest(excluded.seconds) r
                      WHERE upper(r) - lower(r) >= 3 OR r && w.seconds OR r -|- w.seconds), '{{}}'::int4multirange)
                    END AS seconds) merged),
                position_seconds = CASE WHEN excluded.position_at >= w.position_at THEN excluded.position_seconds
                                        ELSE w.position_seconds END,
                position_at = greatest(w.position_at, excluded.position_at)
              RETURNING w.seconds::text, w.covered, w.position_at = %(at)s
            )
            SELECT * FROM map
            """,  # noqa: S608 - only constants of this module are interpolated
            {
                "session": beacon.session_id,
                "seq": beacon.seq,
                "seqs": dump([(beacon.seq, beacon.seq + 1)]),
                "enrollment": beacon.enrollment_id,
                "item": beacon.item_id,
                "timeline": beacon.timeline_id,
                "asset": beacon.asset_id,
                "epoch": beacon.epoch,
                "placement": beacon.placement_no,
                "required": beacon.required,
                "spans": json.dumps(beacon.spans),
                "first": first[0] if first else None,
                "first_end": first[1] if first else None,
                "rest": json.dumps(rest),
                "seconds": dump(beacon.seconds),
                "length": sum(end - start for start, end in beacon.seconds),
                "played": beacon.played,
                "clipped": int(beacon.clipped),
                "position": beacon.position,
                "at": beacon.at,
            },
        )
        row = cursor.fetchone()
    return (load(row[0]), row[1], row[2]) if row else None


def raise_percent(
    enrollment_id: UUID, item: UUID, percent: int, next_item: UUID | None, at: datetime
) -> tuple[ProgressSummary, int | None] | None:
    """Write a started item's share and where to go on (None: as it is), under the enrollment's lock.

    Returns the progress and the share that is stored now: None for an item that is completed (by another device,
    meanwhile) and stays so. None altogether where there is no stored progress to count in: then it must be computed.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH p AS (
              UPDATE progress_courseprogress
              SET revision = revision + 1, next_item_id = coalesce(%(next)s, next_item_id), updated_at = %(at)s
              WHERE enrollment_id = %(enrollment)s
              RETURNING revision, percent_permille, done, required, next_item_id
            ), i AS (
              INSERT INTO progress_itemprogress AS i (enrollment_id, item_id, state, percent_permille, updated_at)
              SELECT %(enrollment)s, %(item)s, 'started', %(percent)s, %(at)s FROM p
              ON CONFLICT (enrollment_id, item_id) DO UPDATE SET state = 'started',
                percent_permille = greatest(i.percent_permille, excluded.percent_permille),
                updated_at = excluded.updated_at
              WHERE i.state <> 'completed'
              RETURNING i.percent_permille
            )
            SELECT p.*, i.percent_permille FROM p LEFT JOIN i ON true
            """,
            {"enrollment": enrollment_id, "item": item, "percent": percent, "next": next_item, "at": at},
        )
        row = cursor.fetchone()
    return (ProgressSummary(*row[:5]), row[5]) if row else None


def lock(enrollment_id: UUID, at: datetime) -> bool:
    """Hold the enrollment's progress until the transaction ends, making its row where there is none.

    Returns False where there is no such enrollment.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO progress_courseprogress AS p
              (enrollment_id, version_id, required, done, percent_permille, revision, reducer, updated_at)
            SELECT e.id, e.version_id, 0, 0, 0, 0, 0, %s FROM enrollments_enrollment e WHERE e.id = %s
            ON CONFLICT (enrollment_id) DO UPDATE SET updated_at = p.updated_at
            """,
            [at, enrollment_id],
        )
        return bool(cursor.rowcount)


def read_inputs(enrollment_id: UUID) -> Inputs | None:
    """Return what the reducer needs of an enrollment, or None where there is no such enrollment."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT e.version_id, e.member_id, e.course_id, e.completed_at, ({_PLACEMENTS}),
              (SELECT json_agg(json_build_array(f.item_id, f.epoch, f.kind))::text
               FROM progress_itemfact f WHERE f.enrollment_id = e.id), ({_MAPS}), ({_ITEMS}), {_SUMMARY}
            FROM enrollments_enrollment e
            LEFT JOIN progress_courseprogress p ON p.enrollment_id = e.id
            WHERE e.id = %s
            """,  # noqa: S608 - only constants of this module are interpolated
            [enrollment_id],
        )
        row = cursor.fetchone()
    if row is None:
        return None
    return Inputs(
        version_id=row[0],
        member_id=row[1],
        course_id=row[2],
        completed_at=row[3],
        placements=tuple(row[4] or ()),
        facts=tuple(Fact(UUID(item), epoch, kind) for item, epoch, kind in json.loads(row[5] or "[]")),
        maps=maps_of(row[6]),
        items={UUID(item): state for item, state in items_of(row[7]).items()},
        standing=standing_of(row[8:15]),
    )


def write_items(enrollment_id: UUID, states: Iterable[tuple[UUID, ItemState]], at: datetime) -> None:
    """Write the states of items. The caller holds the enrollment's lock."""
    rows = list(states)
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO progress_itemprogress (enrollment_id, item_id, state, percent_permille, updated_at)
            SELECT %s, x.item, x.state, x.percent, %s
            FROM unnest(%s::uuid[], %s::text[], %s::int[]) AS x (item, state, percent)
            ON CONFLICT (enrollment_id, item_id) DO UPDATE
            SET state = excluded.state, percent_permille = excluded.percent_permille, updated_at = excluded.updated_at
            """,
            [
                enrollment_id,
                at,
                [item for item, _ in rows],
                [state.state for _, state in rows],
                [state.percent_permille for _, state in rows],
            ],
        )


def write_standing(enrollment_id: UUID, standing: Standing, at: datetime) -> None:
    """Write the progress of an enrollment. The caller holds its lock and has counted the revision."""
    summary = standing.summary
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE progress_courseprogress SET version_id = %s, required = %s, done = %s, percent_permille = %s,
              next_item_id = %s, revision = %s, reducer = %s, updated_at = %s
            WHERE enrollment_id = %s
            """,
            [
                standing.version_id,
                summary.required,
                summary.done,
                summary.percent_permille,
                summary.next_item,
                summary.revision,
                standing.reducer,
                at,
                enrollment_id,
            ],
        )


def _learnings(columns: str, join: str, where: str, params: list[Any]) -> list[Learning]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT e.id, e.course_id, e.version_id, e.state, e.created_at, e.started_at, e.completed_at,
              c.title, c.slug, c.summary,
              (SELECT count(*) FROM enrollments_placement pl WHERE pl.enrollment_id = e.id), {_SUMMARY}, {columns}
            FROM enrollments_enrollment e
            JOIN courses_course c ON c.id = e.course_id
            LEFT JOIN progress_courseprogress p ON p.enrollment_id = e.id
            {join}
            WHERE {where}
            """,  # noqa: S608 - only constants of this module are interpolated
            params,
        )
        return [
            Learning(
                *row[:11],  # type: ignore[call-arg]
                standing_of(row[11:18]),
                items_of(row[18]),
                played_of(row[19]),
                json.loads(row[20]) if len(row) > 20 and row[20] else None,
            )
            for row in cursor.fetchall()
        ]
