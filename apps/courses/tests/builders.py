"""Courses as authors make them, for tests of this app and of those above it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.courses.services import courses, drafts, publishing
from apps.library.models import Asset
from apps.library.services import conversion
from core.ids import new_id


def film(*, duration_ms: int = 100_000, owner: UUID | None = None, title: str = "Film", stage: str = "ladder") -> UUID:
    """A film that was uploaded and converted, told to the library as the media service tells it."""
    with transaction.atomic():
        return _film(duration_ms, owner, title, stage)


def _film(duration_ms: int, owner: UUID | None, title: str, stage: str) -> UUID:
    upload, rev = new_id(), new_id()
    asset = Asset.objects.create(title=title, owner_id=owner, upload_id=upload, state=Asset.State.PROCESSING)
    conversion.describe(
        asset_id=asset.id,
        upload_id=upload,
        duration_ms=duration_ms,
        width=1280,
        height=720,
        has_audio=True,
        language=None,
    )
    conversion.record_revision(
        asset_id=asset.id,
        upload_id=upload,
        rev=rev,
        stage=stage,
        duration_ms=duration_ms,
        bytes=1000,
        growing=False,
        has_poster=False,
        renditions=[],
    )
    return asset.id


def text_block(words: str) -> dict[str, Any]:
    """A paragraph as the editor sends it."""
    content = [{"type": "paragraph", "content": [{"type": "text", "text": words}]}]
    return {"type": "text", "doc": {"type": "doc", "content": content}}


def body(words: str = "Hello", *, video: UUID | None = None) -> dict[str, Any]:
    """The body of a lesson with a text, and a film above it where one is given."""
    blocks: list[dict[str, Any]] = [{"type": "video", "asset": str(video)}] if video else []
    return {"v": 1, "blocks": [*blocks, text_block(words)]}


@dataclass
class Builder:
    """A course under construction, and the ids of what is in it."""

    author: UUID
    title: str = "Knots"
    visibility: str = "members"
    course: UUID = field(init=False)
    module: UUID = field(init=False)
    lessons: list[UUID] = field(default_factory=list)

    def __post_init__(self) -> None:
        made = courses.create_course(title=self.title, member_id=self.author, visibility=self.visibility)
        self.course = made.id
        self.module = self.add("module", "Basics", None)

    def add(self, kind: str, title: str, parent: UUID | None) -> UUID:
        row = drafts.add_node(
            course_id=self.course, member_id=self.author, kind=kind, title=title, parent=parent, after=None
        )
        return row.item_id

    def lesson(
        self,
        title: str = "Lesson",
        *,
        video: UUID | None = None,
        config: dict[str, Any] | None = None,
        words: str = "Hello",
    ) -> UUID:
        item = self.add("lesson", title, self.module)
        self.edit(item, body=body(words, video=video), config=config)
        self.lessons.append(item)
        return item

    def edit(self, item: UUID, **changes: Any) -> None:
        from apps.courses.models import DraftNode

        revision = DraftNode.objects.get(item_id=item).revision
        drafts.edit_node(course_id=self.course, item=item, member_id=self.author, revision=revision, **changes)

    def publish(self) -> UUID:
        return publishing.publish_course(course_id=self.course, member_id=self.author).id
