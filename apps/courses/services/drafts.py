"""Edit a draft: add, write, move, bin and restore. Every change is one transaction under the course's lock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.courses import configs, ranks
from apps.courses.bodies import Body
from apps.courses.errors import BodyRefused, NodeChanged, NodeNotFound, WrongPlace
from apps.courses.kinds import kinds
from apps.courses.models import Content, ContentAsset, DraftChange, DraftNode, Item
from apps.courses.selectors import node as read_node
from apps.courses.selectors import node_with_body
from apps.courses.services.courses import clean_title, touch_draft
from apps.courses.services.locking import lock_course
from apps.library import api as library
from core.clock import now

ONE_SITTING = timedelta(minutes=10)  # autosaves of one author within it are one entry of the history


@transaction.atomic
def add_node(
    *, course_id: UUID, member_id: UUID, kind: str, title: str, parent: UUID | None, after: UUID | None
) -> DraftNode:
    """Add an empty item behind ``after`` (None: at the end of its parent).

    Raises:
        CourseNotFound, CourseArchived
        WrongPlace: an unknown kind, or ``parent`` cannot hold it.
        NodeNotFound: ``parent`` or ``after`` is not in this draft.
    """
    found = lock_course(course_id)
    if kind not in kinds():
        raise WrongPlace("A course is made of modules and lessons.")
    _check_parent(course_id, kind, parent)
    siblings = _places(course_id, parent)
    if after is None:
        rank = ranks.between(siblings[-1][1] if siblings else None, None)
    else:
        rank = _rank_behind(siblings, after)
    item = Item.objects.create(course_id=course_id, kind=kind)
    row = DraftNode(
        item=item,
        course_id=course_id,
        parent_item_id=parent,
        rank=rank,
        title=clean_title(title),
        config=configs.ItemConfig().stored(),
        updated_by_id=member_id,
    )
    row.save(force_insert=True)
    touch_draft(found)
    _remember(row, "created", None, member_id)
    return row


@transaction.atomic
def edit_node(
    *,
    course_id: UUID,
    item: UUID,
    member_id: UUID,
    revision: int,
    title: str | None = None,
    body: Any = None,
    config: Any = None,
) -> DraftNode:
    """Write what is given, if the item still has the ``revision`` that was seen.

    Sending again what is already stored changes nothing and is no conflict, whatever revision it names: an autosave
    whose answer was lost may be repeated.

    Raises:
        NodeNotFound, CourseNotFound, CourseArchived
        NodeChanged: somebody else saved; ``current`` and ``yours`` are both versions.
        BodyRefused: the body or the settings cannot be.
    """
    found = lock_course(course_id)
    row = read_node(course_id, item)
    kind = kinds()[row.item.kind]
    before = _snapshot(row)
    if title is not None:
        row.title = clean_title(title)
    stored: Body | None = None
    if body is not None:
        if kind.body is None:
            raise BodyRefused(errors={"body": f"A {kind.label.lower()} has a title only."})
        stored = kind.body(body)
        _check_assets(stored)
        row.content_id = stored.sha256
    if config is not None:
        row.config = configs.merge(configs.load(row.config), config).stored()
    if _snapshot(row) == before:
        return row
    if row.revision != revision:
        current = read_node(course_id, item)
        raise NodeChanged(
            current=node_with_body(current),
            yours={"title": title, "body": body, "config": config},
            revision=current.revision,
        )
    if stored is not None:
        store_content(stored)
    row.revision += 1
    row.updated_at = now()
    row.updated_by_id = member_id
    row.save(update_fields=["title", "content", "config", "revision", "updated_at", "updated_by"])
    touch_draft(found)
    _remember(row, "edited", before, member_id)
    return read_node(course_id, item)


@transaction.atomic
def move_node(*, course_id: UUID, item: UUID, member_id: UUID, parent: UUID | None, after: UUID | None) -> DraftNode:
    """Put an item into ``parent`` behind ``after`` (None: first). Its revision stays: a move is no edit of its text.

    Raises:
        NodeNotFound, CourseNotFound, CourseArchived
        WrongPlace: ``parent`` cannot hold it, or it would stand behind itself.
    """
    found = lock_course(course_id)
    row = read_node(course_id, item)
    if after == item:
        raise WrongPlace("An item cannot stand behind itself.")
    _check_parent(course_id, row.item.kind, parent)
    before = _snapshot(row)
    siblings = [place for place in _places(course_id, parent) if place[0] != item]
    row.rank = _rank_behind(siblings, after) if after else ranks.between(None, siblings[0][1] if siblings else None)
    row.parent_item_id = parent
    row.updated_at = now()
    row.updated_by_id = member_id
    row.save(update_fields=["rank", "parent_item", "updated_at", "updated_by"])
    touch_draft(found)
    _remember(row, "moved", before, member_id)
    return row


@transaction.atomic
def delete_node(*, course_id: UUID, item: UUID, member_id: UUID) -> None:
    """Put an item into the bin, with everything in it. What learners did with it stays.

    Raises:
        NodeNotFound, CourseNotFound, CourseArchived
    """
    found = lock_course(course_id)
    row = read_node(course_id, item)
    at = now()
    before = _snapshot(row)
    DraftNode.objects.filter(course_id=course_id, parent_item_id=item, deleted_at__isnull=True).update(deleted_at=at)
    row.deleted_at = at
    row.updated_by_id = member_id
    row.save(update_fields=["deleted_at", "updated_by"])
    touch_draft(found)
    _remember(row, "deleted", before, member_id)


@transaction.atomic
def restore_node(*, course_id: UUID, item: UUID, member_id: UUID) -> DraftNode:
    """Take an item out of the bin, with everything that went there with it, to the place it had.

    Raises:
        NodeNotFound, CourseNotFound, CourseArchived
        WrongPlace: the module it stood in is in the bin itself.
    """
    found = lock_course(course_id)
    row = read_node(course_id, item, deleted=True)
    if row.deleted_at is None:
        return row
    parent_gone = (
        row.parent_item_id is not None
        and DraftNode.objects.filter(item_id=row.parent_item_id, deleted_at__isnull=False).exists()
    )
    if parent_gone:
        raise WrongPlace("The module it stood in is in the bin. Restore the module first.")
    before = _snapshot(row)
    DraftNode.objects.filter(course_id=course_id, parent_item_id=item, deleted_at=row.deleted_at).update(
        deleted_at=None
    )
    row.deleted_at = None
    row.updated_by_id = member_id
    row.save(update_fields=["deleted_at", "updated_by"])
    touch_draft(found)
    _remember(row, "restored", before, member_id)
    return row


def store_content(body: Body) -> None:
    """Keep a body under its hash, once, with the assets it shows."""
    Content.objects.bulk_create(
        [Content(sha256=body.sha256, body=body.value, plain_text=body.plain_text, size_bytes=body.size_bytes)],
        ignore_conflicts=True,
    )
    ContentAsset.objects.bulk_create(
        [ContentAsset(content_id=body.sha256, asset_id=asset) for asset in body.assets], ignore_conflicts=True
    )


def _check_assets(body: Body) -> None:
    known = library.video_of(body.assets) if body.assets else {}
    if any(asset not in known for asset in body.assets):
        raise BodyRefused(errors={"body": "That video is not in the library."})


def _check_parent(course_id: UUID, kind: str, parent: UUID | None) -> None:
    holder = None
    if parent is not None:
        row = DraftNode.objects.select_related("item").filter(course_id=course_id, item_id=parent).first()
        if row is None or row.deleted_at is not None:
            raise NodeNotFound
        holder = row.item.kind
    if holder not in kinds()[kind].parents:
        label = kinds()[kind].label
        raise WrongPlace(
            f"A {label.lower()} stands in a module."
            if holder is None
            else f"A {label.lower()} cannot stand in a {holder}."
        )


def _places(course_id: UUID, parent: UUID | None) -> list[tuple[UUID, str]]:
    """Return (item, rank) of every sibling in order, those in the bin too: their places stay taken."""
    rows = DraftNode.objects.filter(course_id=course_id, parent_item_id=parent).order_by("rank")
    return list(rows.values_list("item_id", "rank"))


def _rank_behind(siblings: list[tuple[UUID, str]], after: UUID) -> str:
    for place, (item, rank) in enumerate(siblings):
        if item == after:
            return ranks.between(rank, siblings[place + 1][1] if place + 1 < len(siblings) else None)
    raise NodeNotFound


def _snapshot(row: DraftNode) -> dict[str, Any]:
    return {
        "v": 1,
        "title": row.title,
        "content": row.content_id,
        "config": row.config,
        "parent": str(row.parent_item_id) if row.parent_item_id else None,
        "rank": row.rank,
        "deleted": row.deleted_at is not None,
    }


def _remember(row: DraftNode, what: str, before: dict[str, Any] | None, member_id: UUID) -> None:
    """Write the history. Saves of one author that follow each other quickly extend the entry they began."""
    at = now()
    if what == "edited":
        last = DraftChange.objects.filter(item_id=row.item_id).order_by("-at", "-id").first()
        if last is not None and last.what == what and last.by_id == member_id and last.at > at - ONE_SITTING:
            DraftChange.objects.filter(id=last.id).update(after=_snapshot(row), revision=row.revision)
            return
    DraftChange.objects.create(
        course_id=row.course_id,
        item_id=row.item_id,
        what=what,
        revision=row.revision,
        before=before,
        after=_snapshot(row),
        by_id=member_id,
        at=at,
    )
