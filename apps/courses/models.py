"""Courses: an editable draft, and immutable versions of rows over bodies named by their hash.

``Item`` is the lasting identity of a module or lesson: the draft, every version, facts and grades point at it, so an
edit never loses what learners did. ``Content`` is shared by the draft, its history and all versions.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.actor import Actor
from core.clock import now
from tenancy.models import TenantModel


class CourseQuerySet(models.QuerySet["Course"]):
    """Courses in the words of the product."""

    def kept(self) -> CourseQuerySet:
        """Everything that is not in the bin."""
        return self.filter(deleted_at__isnull=True)

    def offered_to(self, actor: Actor | None) -> CourseQuerySet:
        """What ``actor`` (None: a visitor) finds in the catalogue."""
        seen = [Course.Visibility.PUBLIC]
        if actor is not None:
            seen.append(Course.Visibility.MEMBERS)
        return self.kept().filter(state=Course.State.PUBLISHED, visibility__in=seen)


class Course(TenantModel):
    """A sequence of modules that people enrol on. What learners see is ``current_version``, never the draft."""

    pii: ClassVar[str] = "created_by"
    export: ClassVar[str] = "all"
    erase: ClassVar[str] = "keep: it belongs to the organization"

    class State(models.TextChoices):
        """Archived courses take no new learners; those who are on them go on."""

        DRAFT = "draft"
        PUBLISHED = "published"
        ARCHIVED = "archived"

    class Visibility(models.TextChoices):
        """Who finds the course: everybody, the organization's members, or only who is enrolled by staff."""

        PUBLIC = "public"
        MEMBERS = "members"
        INVITATION = "invitation"

    slug = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True, default="")
    state = models.CharField(max_length=16, choices=State, default=State.DRAFT)
    visibility = models.CharField(max_length=16, choices=Visibility, default=Visibility.MEMBERS)
    current_version = models.ForeignKey(
        "courses.CourseVersion", null=True, on_delete=models.RESTRICT, related_name="+", db_index=False
    )
    revision = models.PositiveIntegerField(default=1, help_text="Of title, summary and visibility.")
    draft_revision = models.PositiveBigIntegerField(default=0, help_text="Rises with every change of the draft.")
    created_by = models.ForeignKey("accounts.Member", null=True, on_delete=models.RESTRICT, related_name="+")
    created_at = models.DateTimeField(default=now)
    updated_at = models.DateTimeField(default=now)
    deleted_at = models.DateTimeField(null=True)

    objects = CourseQuerySet.as_manager()

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="courses_course_state", condition=Q(state__in=["draft", "published", "archived"])
            ),
            models.CheckConstraint(
                name="courses_course_visibility", condition=Q(visibility__in=["public", "members", "invitation"])
            ),
            models.CheckConstraint(
                name="courses_course_published_has_version",
                condition=~Q(state="published") | Q(current_version__isnull=False),
            ),
            # The bin is for courses that nobody can have taken; what was published is archived instead.
            models.CheckConstraint(
                name="courses_course_only_drafts_in_bin",
                condition=Q(deleted_at__isnull=True) | Q(current_version__isnull=True),
            ),
        )
        indexes = (models.Index(fields=["-created_at", "-id"], name="courses_course_list"),)

    def __str__(self) -> str:
        return self.title


class Item(TenantModel):
    """The identity of a module or lesson, and nothing else: everything that may change is elsewhere."""

    pii: ClassVar[str] = "none"
    export: ClassVar[str] = "all"
    erase: ClassVar[str] = "keep"
    immutable: ClassVar[bool] = True

    course = models.ForeignKey(Course, on_delete=models.RESTRICT, related_name="+")
    kind = models.CharField(max_length=32)
    created_at = models.DateTimeField(default=now)


class Content(TenantModel):
    """A body under the sha256 of its canonical JSON. It can be read for ever by who holds the hash."""

    pii: ClassVar[str] = "may hold names in free text"
    export: ClassVar[str] = "all"
    erase: ClassVar[str] = "keep: it belongs to the organization"
    immutable: ClassVar[bool] = True

    id = None  # type: ignore[assignment]  # the hash is the identity
    sha256 = models.CharField(max_length=64, primary_key=True)
    body = models.JSONField()
    plain_text = models.TextField(blank=True, default="")
    size_bytes = models.PositiveIntegerField()
    created_at = models.DateTimeField(default=now)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="courses_content_is_named_by_hash", condition=Q(sha256__regex=r"^[0-9a-f]{64}$")
            ),
        )


class ContentAsset(TenantModel):
    """Where an asset is used: the database refuses to delete one that any kept body shows."""

    pii: ClassVar[str] = "none"
    export: ClassVar[str] = "all"
    erase: ClassVar[str] = "keep"
    immutable: ClassVar[bool] = True

    id = None  # type: ignore[assignment]
    pk = models.CompositePrimaryKey("content_id", "asset_id")
    content = models.ForeignKey(Content, on_delete=models.RESTRICT, related_name="+", db_index=False)
    asset = models.ForeignKey("library.Asset", on_delete=models.RESTRICT, related_name="+")


class DraftNode(TenantModel):
    """An item as the draft has it now. ``revision`` is what a write must name; the bin is ``deleted_at``."""

    pii: ClassVar[str] = "updated_by"
    export: ClassVar[str] = "all"
    erase: ClassVar[str] = "keep: it belongs to the organization"

    id = None  # type: ignore[assignment]
    item = models.OneToOneField(Item, primary_key=True, on_delete=models.RESTRICT, related_name="+")
    course = models.ForeignKey(Course, on_delete=models.RESTRICT, related_name="+", db_index=False)
    parent_item = models.ForeignKey(Item, null=True, on_delete=models.RESTRICT, related_name="+", db_index=False)
    # Ranks compare by bytes (apps.courses.ranks), not by the rules of a language.
    rank = models.TextField(db_collation="C")
    title = models.CharField(max_length=200)
    content = models.ForeignKey(Content, null=True, on_delete=models.RESTRICT, related_name="+", db_index=False)
    config = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=1)
    deleted_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField(default=now)
    updated_by = models.ForeignKey(
        "accounts.Member", null=True, on_delete=models.RESTRICT, related_name="+", db_index=False
    )

    class Meta:
        constraints = (
            # Items in the bin keep their place, so that they return to it.
            models.UniqueConstraint(
                name="courses_draftnode_place", fields=["course", "parent_item", "rank"], nulls_distinct=False
            ),
        )


class DraftChange(TenantModel):
    """One change of a draft item, for history and restore. Quick successive saves of one author are one row."""

    pii: ClassVar[str] = "by"
    export: ClassVar[str] = "all"
    erase: ClassVar[str] = "keep: it belongs to the organization"

    course = models.ForeignKey(Course, on_delete=models.RESTRICT, related_name="+", db_index=False)
    item = models.ForeignKey(Item, on_delete=models.RESTRICT, related_name="+", db_index=False)
    what = models.CharField(max_length=16)
    revision = models.PositiveIntegerField()
    before = models.JSONField(null=True)
    after = models.JSONField()
    by = models.ForeignKey("accounts.Member", null=True, on_delete=models.RESTRICT, related_name="+", db_index=False)
    at = models.DateTimeField(default=now)

    class Meta:
        constraints = (
            models.CheckConstraint(
                name="courses_draftchange_what",
                condition=Q(what__in=["created", "edited", "moved", "deleted", "restored"]),
            ),
        )
        indexes = (
            models.Index(fields=["item", "-at"], name="courses_draftchange_item"),
            models.Index(fields=["course", "-at", "-id"], name="courses_draftchange_list"),
        )


class CourseVersion(TenantModel):
    """One publication: an immutable tree. ``digest`` names what learners see, so equal drafts make no second one."""

    pii: ClassVar[str] = "published_by"
    export: ClassVar[str] = "all"
    erase: ClassVar[str] = "keep: learners are on it"
    immutable: ClassVar[bool] = True

    course = models.ForeignKey(Course, on_delete=models.RESTRICT, related_name="+", db_index=False)
    number = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    previous = models.ForeignKey("self", null=True, on_delete=models.RESTRICT, related_name="+", db_index=False)
    published_by = models.ForeignKey(
        "accounts.Member", null=True, on_delete=models.RESTRICT, related_name="+", db_index=False
    )
    published_at = models.DateTimeField(default=now)
    note = models.CharField(max_length=2000, blank=True, default="")
    policy = models.CharField(max_length=8, default="stay", help_text="What happens to who is in the middle.")

    class Meta:
        constraints = (
            models.UniqueConstraint(name="courses_courseversion_number", fields=["course", "number"]),
            models.CheckConstraint(
                name="courses_courseversion_policy", condition=Q(policy__in=["stay", "safe", "all"])
            ),
        )


class VersionItem(TenantModel):
    """One item of one version, with everything decided: the rule that holds, the length of its video."""

    pii: ClassVar[str] = "none"
    export: ClassVar[str] = "all"
    erase: ClassVar[str] = "keep: learners are on it"
    immutable: ClassVar[bool] = True

    id = None  # type: ignore[assignment]
    pk = models.CompositePrimaryKey("version_id", "item_id")
    version = models.ForeignKey(CourseVersion, on_delete=models.RESTRICT, related_name="+", db_index=False)
    item = models.ForeignKey(Item, on_delete=models.RESTRICT, related_name="+", db_index=False)
    parent_item = models.ForeignKey(Item, null=True, on_delete=models.RESTRICT, related_name="+", db_index=False)
    position = models.PositiveIntegerField(help_text="In reading order over the whole tree.")
    kind = models.CharField(max_length=32)
    title = models.CharField(max_length=200)
    content = models.ForeignKey(Content, null=True, on_delete=models.RESTRICT, related_name="+", db_index=False)
    asset = models.ForeignKey("library.Asset", null=True, on_delete=models.RESTRICT, related_name="+", db_index=False)
    duration_ms = models.PositiveIntegerField(null=True)
    rule = models.JSONField()
    required = models.BooleanField()
    weight = models.PositiveSmallIntegerField(default=1)
    epoch = models.PositiveSmallIntegerField(default=0)
    credits = models.JSONField(default=list)

    class Meta:
        constraints = (models.UniqueConstraint(name="courses_versionitem_position", fields=["version", "position"]),)
        indexes = (models.Index(fields=["item", "version"], name="courses_versionitem_item"),)
