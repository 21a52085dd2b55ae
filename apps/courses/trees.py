"""The tree of a draft as it would be published: the same form as a version, so that the two can be compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from apps.courses import configs
from apps.courses.dto import OutlineItem
from apps.courses.models import ContentAsset, DraftNode


@dataclass(frozen=True, slots=True)
class DraftTree:
    """The nodes of a draft in reading order, each with its row."""

    items: tuple[OutlineItem, ...]
    nodes: Mapping[UUID, DraftNode]


def draft_tree(course_id: UUID) -> DraftTree:
    """Return what is in the draft now, the bin left out. Two statements."""
    rows = list(
        DraftNode.objects.filter(course_id=course_id, deleted_at__isnull=True).select_related("item").order_by("rank")
    )
    assets = assets_of(row.content_id for row in rows if row.content_id)
    ordered = _reading_order(rows)
    return DraftTree(
        items=tuple(outline_item(row, assets.get(row.content_id or "")) for row in ordered),
        nodes={row.item_id: row for row in ordered},
    )


def assets_of(contents: Iterable[str]) -> dict[str, UUID]:
    """Return the video of each body that has one."""
    return dict(ContentAsset.objects.filter(content_id__in=set(contents)).values_list("content_id", "asset_id"))


def outline_item(row: DraftNode, asset_id: UUID | None) -> OutlineItem:
    """Return a draft node in the form of a version's item, with the rule that holds for it."""
    config = configs.load(row.config)
    counts = row.item.kind != "module"
    return OutlineItem(
        item=row.item_id,
        parent=row.parent_item_id,
        kind=row.item.kind,
        title=row.title,
        rule=config.rule_for(has_video=asset_id is not None),
        required=config.required and counts,
        weight=config.weight,
        content_sha256=row.content_id,
        asset_id=asset_id,
    )


def _reading_order(rows: list[DraftNode]) -> list[DraftNode]:
    """Order rows (sorted by rank) as they are read. A row whose parent is in the bin is not part of the tree."""
    children: dict[UUID | None, list[DraftNode]] = {}
    for row in rows:
        children.setdefault(row.parent_item_id, []).append(row)
    ordered: list[DraftNode] = []
    waiting = list(reversed(children.get(None, [])))
    while waiting:
        row = waiting.pop()
        ordered.append(row)
        waiting.extend(reversed(children.get(row.item_id, [])))
    return ordered
