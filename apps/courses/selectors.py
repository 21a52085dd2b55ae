"""Reads of courses. Versions never change, so their outlines and bodies are kept in the process."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from apps.courses import configs, diff
from apps.courses.dto import Change, CourseCard, OutlineItem, VersionOutline
from apps.courses.errors import CourseNotFound, NodeNotFound, VersionNotFound
from apps.courses.kept import Kept
from apps.courses.models import Content, ContentAsset, Course, CourseVersion, DraftChange, DraftNode, VersionItem
from apps.courses.trees import assets_of, draft_tree
from core.actor import Actor


@dataclass(frozen=True, slots=True)
class Draft:
    """A draft in the form of the API: its nodes in reading order, what is in the bin, what differs from learners'."""

    nodes: list[dict[str, Any]]
    bin: list[dict[str, Any]]
    changes: list[Change]


_outlines: Kept[VersionOutline] = Kept(max_weight=100_000, weigh=lambda outline: len(outline.items) + 1)
_bodies: Kept[tuple[dict[str, Any], int]] = Kept(max_weight=16 * 1024 * 1024, weigh=lambda kept: kept[1] + 512)


def outline(version_id: UUID) -> VersionOutline:
    """Return the tree of a version. No statement where this process has read it before.

    Raises:
        VersionNotFound: there is no such version.
    """
    return _outlines.get(version_id, lambda: _read_outline(version_id))


def body(sha256: str) -> dict[str, Any]:
    """Return the body under ``sha256``. It is shared: never change what this returns.

    Raises:
        VersionNotFound: nothing has this hash.
    """

    def read() -> tuple[dict[str, Any], int]:
        row = Content.objects.filter(sha256=sha256).values_list("body", "size_bytes").first()
        if row is None:
            raise VersionNotFound
        return row

    return _bodies.get(sha256, read)[0]


def forget() -> None:
    """Drop what this process keeps of versions."""
    _outlines.clear()
    _bodies.clear()


def course(course_id: UUID) -> Course:
    """Return a course that is not in the bin.

    Raises:
        CourseNotFound: there is none.
    """
    found = Course.objects.kept().select_related("current_version").filter(id=course_id).first()
    if found is None:
        raise CourseNotFound
    return found


def search(text: str) -> QuerySet[Course]:
    """Return every course outside the bin whose title has ``text`` in it."""
    rows = Course.objects.kept().select_related("current_version")
    return rows.filter(title__icontains=text.strip()) if text.strip() else rows


def offered(actor: Actor | None) -> QuerySet[Course]:
    """Return the catalogue of ``actor``."""
    return Course.objects.offered_to(actor)


def offered_course(course_id: UUID, actor: Actor | None, *, even_by_invitation: bool = False) -> Course:
    """Return one course of the catalogue; ``even_by_invitation`` where the actor is on it already.

    Raises:
        CourseNotFound: it is not offered to this actor, or does not exist: the two answer alike.
    """
    rows = Course.objects.kept() if even_by_invitation else Course.objects.offered_to(actor)
    found = rows.filter(id=course_id, current_version__isnull=False).first()
    if found is None:
        raise CourseNotFound
    return found


def sizes(version_ids: Iterable[UUID]) -> dict[UUID, tuple[int, int]]:
    """Return for each version how many lessons it has and how long its videos are together, in milliseconds."""
    rows = (
        VersionItem.objects.filter(version_id__in=set(version_ids))
        .values("version_id")
        .annotate(lessons=Count("item_id", filter=~Q(kind="module")), length=Sum("duration_ms"))
    )
    return {row["version_id"]: (row["lessons"], row["length"] or 0) for row in rows}


def card(found: Course) -> CourseCard:
    """Return a course as other apps see it."""
    return CourseCard(
        id=found.id,
        slug=found.slug,
        title=found.title,
        summary=found.summary,
        state=found.state,
        visibility=found.visibility,
        current_version_id=found.current_version_id,
    )


def node(course_id: UUID, item: UUID, *, deleted: bool = False) -> DraftNode:
    """Return one node of a draft.

    Raises:
        NodeNotFound: it is not in this draft, or it is in the bin and ``deleted`` is not asked for.
    """
    rows = DraftNode.objects.select_related("item", "content").filter(course_id=course_id, item_id=item)
    found = rows.first() if deleted else rows.filter(deleted_at__isnull=True).first()
    if found is None:
        raise NodeNotFound
    return found


def node_json(row: DraftNode, asset_id: UUID | None, *, with_body: bool) -> dict[str, Any]:
    """Return a draft node in the form of the API."""
    out: dict[str, Any] = {
        "item": str(row.item_id),
        "parent": str(row.parent_item_id) if row.parent_item_id else None,
        "kind": row.item.kind,
        "title": row.title,
        "rank": row.rank,
        "config": configs.load(row.config).shown(has_video=asset_id is not None) if row.item.kind != "module" else None,
        "revision": row.revision,
        "asset_id": str(asset_id) if asset_id else None,
        "is_empty": row.content_id is None,
    }
    if with_body:
        out["body"] = row.content.body if row.content else None
    return out


def node_with_body(row: DraftNode) -> dict[str, Any]:
    """Return one draft node with its body in the form of the API."""
    asset = assets_of([row.content_id]).get(row.content_id) if row.content_id else None
    return node_json(row, asset, with_body=True)


def draft(found: Course) -> Draft:
    """Return the whole draft of a course without bodies."""
    tree = draft_tree(found.id)
    gone = DraftNode.objects.filter(course_id=found.id, deleted_at__isnull=False).select_related("item")
    return Draft(
        nodes=[node_json(tree.nodes[entry.item], entry.asset_id, with_body=False) for entry in tree.items],
        bin=[
            {
                "item": row.item_id,
                "parent": row.parent_item_id,
                "kind": row.item.kind,
                "title": row.title,
                "deleted_at": row.deleted_at,
            }
            for row in gone.order_by("-deleted_at", "rank")
        ],
        changes=changes_since_version(found, tree.items),
    )


def history(course_id: UUID) -> QuerySet[DraftChange]:
    """Return what was changed in a draft."""
    return DraftChange.objects.filter(course_id=course_id)


def changes_since_version(found: Course, items: tuple[OutlineItem, ...]) -> list[Change]:
    """Return what the draft changes of the current version: everything, where there is none yet."""
    published = outline(found.current_version_id).items if found.current_version_id else ()
    return diff.compare(published, items)


def version_items(found: Course) -> tuple[OutlineItem, ...]:
    """Return the draft in the form of a version."""
    return draft_tree(found.id).items


def versions(course_id: UUID) -> list[CourseVersion]:
    """Return every version of a course, newest first."""
    return list(CourseVersion.objects.filter(course_id=course_id).order_by("-number"))


def asset_uses(asset_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Return how many kept bodies show each asset; one that no body shows is left out."""
    rows = (
        ContentAsset.objects.filter(asset_id__in=set(asset_ids)).values_list("asset_id").annotate(Count("content_id"))
    )
    return dict(rows)


def _read_outline(version_id: UUID) -> VersionOutline:
    version = CourseVersion.objects.filter(id=version_id).values_list("course_id", "number").first()
    if version is None:
        raise VersionNotFound
    rows = VersionItem.objects.filter(version_id=version_id).order_by("position")
    return VersionOutline(
        version_id=version_id,
        course_id=version[0],
        number=version[1],
        items=tuple(
            OutlineItem(
                item=row.item_id,
                parent=row.parent_item_id,
                kind=row.kind,
                title=row.title,
                rule=configs.load_rule(row.rule),
                required=row.required,
                weight=row.weight,
                epoch=row.epoch,
                content_sha256=row.content_id,
                asset_id=row.asset_id,
                duration_ms=row.duration_ms,
                credits=tuple(tuple(UUID(item) for item in group) for group in row.credits),
            )
            for row in rows
        ),
    )


def count_courses() -> int:
    """Return how many courses the bound organization has that are not in the bin."""
    return Course.objects.kept().count()
