"""The shapes of courses over HTTP."""

from __future__ import annotations

from rest_framework import serializers

from apps.courses.dto import Change
from apps.courses.models import Course, CourseVersion
from apps.courses.services.publishing import Note

VISIBILITIES = Course.Visibility.choices


class VersionBriefOut(serializers.Serializer):
    """A version in one line."""

    id = serializers.UUIDField()
    number = serializers.IntegerField()
    published_at = serializers.DateTimeField()


class CourseOut(serializers.Serializer):
    """A course as the studio sees it."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    state = serializers.ChoiceField(Course.State.choices)
    visibility = serializers.ChoiceField(VISIBILITIES)
    revision = serializers.IntegerField()
    draft_revision = serializers.IntegerField()
    version = VersionBriefOut(source="current_version", allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class CoursePageOut(serializers.Serializer):
    """A page of courses."""

    items = CourseOut(many=True)
    next = serializers.CharField(allow_null=True)


class CourseCreateIn(serializers.Serializer):
    """What a new course needs."""

    title = serializers.CharField(max_length=200)
    summary = serializers.CharField(required=False, allow_blank=True, max_length=4000)
    visibility = serializers.ChoiceField(VISIBILITIES, required=False)


class CoursePatchIn(serializers.Serializer):
    """What of a course can be changed at once, without publishing."""

    title = serializers.CharField(required=False, max_length=200)
    summary = serializers.CharField(required=False, allow_blank=True, max_length=4000)
    visibility = serializers.ChoiceField(VISIBILITIES, required=False)


class CompletionOut(serializers.Serializer):
    """What completes a lesson."""

    rule = serializers.ChoiceField(["watched", "viewed", "manual"])
    permille = serializers.IntegerField(required=False)


class ConfigOut(serializers.Serializer):
    """The settings of a lesson; ``automatic`` where the rule follows from what the lesson holds."""

    completion = CompletionOut()
    automatic = serializers.BooleanField()
    required = serializers.BooleanField()  # type: ignore[assignment]


class ConfigIn(serializers.Serializer):
    """Settings to change; ``completion: null`` gives the rule back to what the lesson holds."""

    completion = CompletionOut(required=False, allow_null=True)
    automatic = serializers.BooleanField(required=False)
    required = serializers.BooleanField(required=False)  # type: ignore[assignment]
    weight = serializers.IntegerField(required=False)


class BlockOut(serializers.Serializer):
    """A block of a lesson: ``video`` has an asset, ``text`` a document and its HTML (made by the server)."""

    type = serializers.ChoiceField(["video", "text"])
    asset = serializers.UUIDField(required=False)
    doc = serializers.JSONField(required=False)
    html = serializers.CharField(required=False)


class BodyOut(serializers.Serializer):
    """The body of a lesson."""

    v = serializers.IntegerField()
    blocks = BlockOut(many=True)


class NodeOut(serializers.Serializer):
    """A module or lesson of a draft."""

    item = serializers.UUIDField()
    parent = serializers.UUIDField(allow_null=True)  # type: ignore[assignment]
    kind = serializers.ChoiceField(["module", "lesson"])
    title = serializers.CharField()
    rank = serializers.CharField()
    config = ConfigOut(allow_null=True)
    revision = serializers.IntegerField()
    asset_id = serializers.UUIDField(allow_null=True)
    is_empty = serializers.BooleanField()


class NodeWithBodyOut(NodeOut):
    """A module or lesson with its body; null where nothing was written yet."""

    body = BodyOut(allow_null=True)


class BinnedNodeOut(serializers.Serializer):
    """An item in the bin."""

    item = serializers.UUIDField()
    parent = serializers.UUIDField(allow_null=True)  # type: ignore[assignment]
    kind = serializers.CharField()
    title = serializers.CharField()
    deleted_at = serializers.DateTimeField()


class DraftOut(serializers.Serializer):
    """A draft: its items in reading order, without bodies."""

    course = CourseOut()
    revision = serializers.IntegerField()
    nodes = NodeOut(many=True)
    bin = BinnedNodeOut(many=True)
    changes_since_version = serializers.IntegerField()


class NodeCreateIn(serializers.Serializer):
    """A new item: behind ``after``, or at the end of ``parent``."""

    kind = serializers.CharField(max_length=32)
    parent = serializers.UUIDField(allow_null=True, required=False, default=None)  # type: ignore[assignment]
    title = serializers.CharField(max_length=200)
    after = serializers.UUIDField(allow_null=True, required=False, default=None)


class NodePatchIn(serializers.Serializer):
    """What of an item to write; what is left out stays."""

    title = serializers.CharField(required=False, max_length=200)
    body = serializers.JSONField(required=False)
    config = ConfigIn(required=False)


class MoveIn(serializers.Serializer):
    """Where an item goes: into ``parent`` (null: the course itself), behind ``after`` (null: first)."""

    item = serializers.UUIDField()
    parent = serializers.UUIDField(allow_null=True, required=False, default=None)  # type: ignore[assignment]
    after = serializers.UUIDField(allow_null=True, required=False, default=None)


class DraftChangeOut(serializers.Serializer):
    """An entry of a draft's history."""

    id = serializers.UUIDField()
    item = serializers.UUIDField(source="item_id")
    what = serializers.CharField()
    title = serializers.SerializerMethodField()
    by = serializers.UUIDField(source="by_id", allow_null=True)
    at = serializers.DateTimeField()

    def get_title(self, row: object) -> str:
        """The item's title after the change."""
        return str(row.after["title"])  # type: ignore[attr-defined]


class DraftChangePageOut(serializers.Serializer):
    """A page of history."""

    items = DraftChangeOut(many=True)
    next = serializers.CharField(allow_null=True)


class ChangeOut(serializers.Serializer):
    """One difference to what learners see, in words."""

    kind = serializers.CharField()
    item = serializers.UUIDField()
    item_kind = serializers.CharField()
    title = serializers.CharField()
    words = serializers.CharField()


class NoteOut(serializers.Serializer):
    """Something to know before publishing; ``item`` null concerns the whole course."""

    item = serializers.UUIDField(allow_null=True)
    title = serializers.CharField()
    words = serializers.CharField()


class PreviewOut(serializers.Serializer):
    """What publishing now would do."""

    draft_revision = serializers.IntegerField()
    number = serializers.IntegerField()
    can_publish = serializers.BooleanField()
    changes = ChangeOut(many=True)
    problems = NoteOut(many=True)
    warnings = NoteOut(many=True)


class PublicationIn(serializers.Serializer):
    """A word to those who look at the list of versions."""

    note = serializers.CharField(required=False, allow_blank=True, max_length=2000)


class VersionOut(serializers.Serializer):
    """A version of a course."""

    id = serializers.UUIDField()
    number = serializers.IntegerField()
    published_at = serializers.DateTimeField()
    published_by = serializers.UUIDField(source="published_by_id", allow_null=True)
    note = serializers.CharField()


class VersionListOut(serializers.Serializer):
    """Every version of a course, newest first."""

    items = VersionOut(many=True)
    next = serializers.CharField(allow_null=True)


def change_json(change: Change) -> dict[str, str]:
    """Return a difference in the form of the API."""
    return {
        "kind": change.kind,
        "item": str(change.item),
        "item_kind": change.item_kind,
        "title": change.title,
        "words": change.words,
    }


def note_json(note: Note) -> dict[str, str | None]:
    """Return a note in the form of the API."""
    return {"item": str(note.item) if note.item else None, "title": note.title, "words": note.words}


def version_json(version: CourseVersion) -> dict[str, object]:
    """Return a version in the form of the API."""
    return dict(VersionOut(version).data)
