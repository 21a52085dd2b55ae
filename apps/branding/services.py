"""Changes of the brand: a draft is edited, published, thrown away; an earlier look comes back as a draft."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from apps.audit.api import record
from apps.branding import theme
from apps.branding.errors import ImageNotFound, NothingToPublish, VersionNotFound
from apps.branding.events import BrandPublished
from apps.branding.imaging.limits import USES
from apps.branding.models import CONTENT, Brand, BrandImage
from apps.branding.selectors import default_brand
from apps.branding.solver import brand_theme
from core.clock import now
from core.errors import RevisionConflict
from events.api import publish

KEPT_VERSIONS = 20  # earlier looks; what is older is forgotten with its pictures


@transaction.atomic
def ensure_brand() -> Brand:
    """Return the published brand, publishing the default where there is none. Safe to repeat."""
    brand = default_brand()
    brand.published_at = now()
    # Two at once: the unique index lets one in, and both read that one.
    Brand.objects.bulk_create([brand], ignore_conflicts=True)
    return Brand.objects.get(state=Brand.State.PUBLISHED)


@transaction.atomic
def save_draft(content: dict[str, Any], *, expected_revision: int) -> None:
    """Save the whole of a draft. ``content`` has every field of :data:`~apps.branding.models.CONTENT` but ``solved``.

    A draft that is what is published is no draft: it goes away.

    Raises:
        RevisionConflict: somebody changed the brand since ``expected_revision``.
        ImageNotFound: a picture is gone, or was drawn for another use.
    """
    published = _locked(expected_revision)
    _check_images(content)
    draft = Brand.objects.filter(state=Brand.State.DRAFT).first() or Brand(state=Brand.State.DRAFT)
    for name, value in content.items():
        setattr(draft, name, value)
    draft.solved = theme.to_json(brand_theme(draft.color))
    if _content(draft) == _content(published):
        Brand.objects.filter(state=Brand.State.DRAFT).delete()
    else:
        draft.updated_at = now()
        draft.save()
    _count(published)


@transaction.atomic
def discard_draft(*, expected_revision: int) -> None:
    """Throw the draft away; no error where there is none.

    Raises:
        RevisionConflict: somebody changed the brand since ``expected_revision``.
    """
    published = _locked(expected_revision)
    Brand.objects.filter(state=Brand.State.DRAFT).delete()
    _count(published)


@transaction.atomic
def publish_draft(*, expected_revision: int, actor_id: UUID | None = None) -> None:
    """Make the draft what everybody sees; what it replaces stays, archived.

    Raises:
        RevisionConflict: somebody changed the brand since ``expected_revision``.
        NothingToPublish: there is no draft.
    """
    published = _locked(expected_revision)
    draft = Brand.objects.filter(state=Brand.State.DRAFT).first()
    if draft is None:
        raise NothingToPublish
    before, after = _content(published), _content(draft)
    # The published row keeps its id, so that writers wait for one another on it; its past is a copy.
    Brand.objects.create(
        state=Brand.State.ARCHIVED,
        revision=published.revision,
        published_at=published.published_at,
        created_at=published.created_at,
        updated_at=now(),
        **before,
    )
    draft.delete()
    for name, value in after.items():
        setattr(published, name, value)
    published.published_at = published.updated_at = now()
    published.revision += 1
    published.save()
    record(
        "branding.brand.published",
        object_type="brand",
        object_id=published.id,
        label=None,
        changes={
            name: [_plain(before[name]), _plain(after[name])]
            for name in after
            if name != "solved" and before[name] != after[name]
        },
    )
    publish(BrandPublished(revision=published.revision), actor_id=actor_id)
    _forget_old()


@transaction.atomic
def restore_version(version_id: UUID, *, expected_revision: int) -> None:
    """Make an earlier look the draft: it is seen before it is published again.

    Raises:
        RevisionConflict: somebody changed the brand since ``expected_revision``.
        VersionNotFound: no earlier look has this id.
    """
    published = _locked(expected_revision)
    earlier = Brand.objects.filter(state=Brand.State.ARCHIVED, pk=version_id).first()
    if earlier is None:
        raise VersionNotFound
    Brand.objects.filter(state=Brand.State.DRAFT).delete()
    # Solved again: the rules may have become better since.
    content = _content(earlier) | {"solved": theme.to_json(brand_theme(earlier.color))}
    if content != _content(published):
        Brand.objects.create(state=Brand.State.DRAFT, **content)
    _count(published)


def _locked(expected_revision: int) -> Brand:
    ensure_brand()
    published = Brand.objects.select_for_update().get(state=Brand.State.PUBLISHED)
    if published.revision != expected_revision:
        raise RevisionConflict(current={"revision": published.revision})
    return published


def _count(published: Brand) -> None:
    published.revision += 1
    published.save(update_fields=["revision"])


def _content(brand: Brand) -> dict[str, Any]:
    return {name: getattr(brand, name) for name in CONTENT}


def _check_images(content: dict[str, Any]) -> None:
    named = {use: content[f"{use}_id"] for use in USES if content[f"{use}_id"] is not None}
    # Held until the commit: the sweep must not take a picture that is being put into a draft.
    found = dict(BrandImage.objects.select_for_update().filter(pk__in=named.values()).values_list("pk", "use"))
    for use, image_id in named.items():
        made_for = found.get(image_id)
        if made_for is None or made_for.split("_")[0] != use.split("_")[0]:
            raise ImageNotFound(use=use)


def _forget_old() -> None:
    archived = Brand.objects.filter(state=Brand.State.ARCHIVED)
    kept = list(archived.order_by("-published_at", "-id").values_list("pk", flat=True)[:KEPT_VERSIONS])
    archived.exclude(pk__in=kept).delete()


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value
