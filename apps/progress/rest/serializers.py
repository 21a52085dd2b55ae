"""The shapes of learning over HTTP."""

from __future__ import annotations

from rest_framework import serializers

STATES = ["open", "started", "completed"]
KINDS = ["video", "text"]


class ProgressOut(serializers.Serializer):
    """The one progress number. Of two answers the one with the higher revision is the newer."""

    revision = serializers.IntegerField()
    percent_permille = serializers.IntegerField()
    done = serializers.IntegerField()
    required = serializers.IntegerField()  # type: ignore[assignment]
    next_item = serializers.UUIDField(allow_null=True)


class SpanField(serializers.ListField):
    """Seconds from (included) and to (not included)."""

    child = serializers.IntegerField()


class EnrollmentOut(serializers.Serializer):
    """An enrollment."""

    id = serializers.UUIDField()
    state = serializers.CharField()
    placement_no = serializers.IntegerField()
    version_number = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)


class LearnerCourseOut(serializers.Serializer):
    """The course of an enrollment."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()


class CatalogLessonOut(serializers.Serializer):
    """A lesson as the catalogue shows it."""

    item = serializers.UUIDField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(KINDS)
    duration_ms = serializers.IntegerField(allow_null=True)
    required = serializers.BooleanField()  # type: ignore[assignment]


class OutlineLessonOut(CatalogLessonOut):
    """A lesson of the learner's course, with their state in it."""

    state = serializers.ChoiceField(STATES)
    percent_permille = serializers.IntegerField()
    spans = serializers.ListField(child=SpanField())


class OutlineModuleOut(serializers.Serializer):
    """A module of the learner's course."""

    item = serializers.UUIDField()
    title = serializers.CharField()
    lessons = OutlineLessonOut(many=True)


class OutlineOut(serializers.Serializer):
    """The outline of a learner's course."""

    enrollment = EnrollmentOut()
    course = LearnerCourseOut()
    progress = ProgressOut()
    modules = OutlineModuleOut(many=True)


class NextLessonOut(serializers.Serializer):
    """Where "Continue" goes."""

    item = serializers.UUIDField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(KINDS)
    duration_ms = serializers.IntegerField(allow_null=True)
    position_seconds = serializers.FloatField(allow_null=True)
    poster_url = serializers.CharField(allow_null=True)


class EnrollmentCourseOut(LearnerCourseOut):
    """The course of an enrollment, with its size."""

    lessons = serializers.IntegerField()
    duration_ms = serializers.IntegerField()


class EnrollmentCardOut(EnrollmentOut):
    """An enrollment on the learner's home."""

    course = EnrollmentCourseOut()
    progress = ProgressOut()
    next = NextLessonOut(allow_null=True)
    last_activity_at = serializers.DateTimeField(allow_null=True)


class EnrollmentListOut(serializers.Serializer):
    """Every enrollment of the learner, newest first."""

    items = EnrollmentCardOut(many=True)
    next = serializers.CharField(allow_null=True)


class EnrollIn(serializers.Serializer):
    """The course to go on."""

    course = serializers.UUIDField()


class RuleOut(serializers.Serializer):
    """What completes a lesson, also in words."""

    kind = serializers.ChoiceField(["watched", "viewed", "manual"])
    permille = serializers.IntegerField()
    words = serializers.CharField()


class LearnerBlockOut(serializers.Serializer):
    """A block of a lesson as it is read."""

    type = serializers.ChoiceField(["video", "text"])
    asset = serializers.UUIDField(required=False)
    html = serializers.CharField(required=False)


class LearnerBodyOut(serializers.Serializer):
    """The body of a lesson as it is read."""

    v = serializers.IntegerField()
    blocks = LearnerBlockOut(many=True)


class NeighbourOut(CatalogLessonOut):
    """The lesson before or after."""


class CaptionOut(serializers.Serializer):
    """A caption track."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    language = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    is_default = serializers.BooleanField()
    url = serializers.CharField()


class ChapterOut(serializers.Serializer):
    """A chapter of a video."""

    start_ms = serializers.IntegerField()
    title = serializers.CharField()


class LessonVideoOut(serializers.Serializer):
    """The video of a lesson and what was watched of it."""

    asset_id = serializers.UUIDField()
    timeline_id = serializers.UUIDField()
    duration_ms = serializers.IntegerField()
    position_seconds = serializers.FloatField()
    seconds = serializers.ListField(child=SpanField())
    captions = CaptionOut(many=True)
    poster_url = serializers.CharField(allow_null=True)
    chapters = ChapterOut(many=True, allow_null=True)


class LessonOut(serializers.Serializer):
    """One lesson."""

    item = serializers.UUIDField()
    title = serializers.CharField()
    kind = serializers.ChoiceField(KINDS)
    body = LearnerBodyOut()
    rule = RuleOut()
    required = serializers.BooleanField()  # type: ignore[assignment]
    state = serializers.ChoiceField(STATES)
    percent_permille = serializers.IntegerField()
    previous = NeighbourOut(allow_null=True)
    next = NeighbourOut(allow_null=True)
    video = LessonVideoOut(allow_null=True)
    progress = ProgressOut()
    placement_no = serializers.IntegerField()


class PlayedSpanField(serializers.ListField):
    """From, to (seconds of the video) and speed."""

    child = serializers.FloatField()
    min_length = 2
    max_length = 3


class BeaconIn(serializers.Serializer):
    """One numbered report of the player. ``csrf`` only where headers cannot be sent."""

    play_session = serializers.UUIDField()
    seq = serializers.IntegerField()
    item = serializers.UUIDField()
    timeline = serializers.UUIDField()
    spans = serializers.ListField(child=PlayedSpanField())
    position = serializers.FloatField()
    placement_no = serializers.IntegerField()
    csrf = serializers.CharField(required=False)


class StandpointOut(serializers.Serializer):
    """Where the learner stands now."""

    item_state = serializers.ChoiceField(STATES)
    percent_permille = serializers.IntegerField()
    watched = serializers.ListField(child=SpanField())
    progress = ProgressOut()


class GrantOut(serializers.Serializer):
    """Permission to play for some minutes; the answer sets the signed cookies, or ``query`` carries the signature."""

    sid = serializers.UUIDField()
    manifest_url = serializers.CharField()
    poster_url = serializers.CharField(allow_null=True)
    expires_at = serializers.DateTimeField()
    renew_at = serializers.DateTimeField()
    kind = serializers.ChoiceField(["cookie", "query"])
    query = serializers.CharField(allow_null=True)


class CatalogEnrollmentOut(serializers.Serializer):
    """The reader's own open enrollment."""

    id = serializers.UUIDField()
    progress = ProgressOut()


class CatalogCourseOut(serializers.Serializer):
    """A course of the catalogue."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    title = serializers.CharField()
    summary = serializers.CharField()
    visibility = serializers.CharField()
    lessons = serializers.IntegerField()
    duration_ms = serializers.IntegerField()
    enrollment = CatalogEnrollmentOut(allow_null=True)


class CatalogPageOut(serializers.Serializer):
    """A page of the catalogue."""

    items = CatalogCourseOut(many=True)
    next = serializers.CharField(allow_null=True)


class CatalogModuleOut(serializers.Serializer):
    """A module of a course of the catalogue."""

    item = serializers.UUIDField()
    title = serializers.CharField()
    lessons = CatalogLessonOut(many=True)


class CatalogVersionOut(serializers.Serializer):
    """The version that a new learner gets."""

    number = serializers.IntegerField()


class CatalogDetailOut(CatalogCourseOut):
    """A course of the catalogue with its outline."""

    version = CatalogVersionOut()
    modules = CatalogModuleOut(many=True)


class RosterMemberOut(serializers.Serializer):
    """A member on a roster."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    email = serializers.CharField(allow_null=True)


class RosterEntryOut(serializers.Serializer):
    """Somebody who is or was on a course, and how far they are."""

    id = serializers.UUIDField()
    member = RosterMemberOut()
    state = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)
    progress = ProgressOut()


class RosterPageOut(serializers.Serializer):
    """A page of a roster."""

    items = RosterEntryOut(many=True)
    next = serializers.CharField(allow_null=True)


class RosterIn(serializers.Serializer):
    """Whom to put on the course: by id or by address."""

    member = serializers.UUIDField(required=False)
    email = serializers.EmailField(required=False)

    def validate(self, attrs: dict[str, object]) -> dict[str, object]:
        """One of the two."""
        if bool(attrs.get("member")) == bool(attrs.get("email")):
            raise serializers.ValidationError("Name a member by id or by e-mail address.")
        return attrs
