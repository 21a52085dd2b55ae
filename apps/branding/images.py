"""Pictures of the brand: drawn from an upload, stored for everybody to see, swept away when no look has them."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from apps.branding.imaging.limits import USES
from apps.branding.imaging.render import render
from apps.branding.models import Brand, BrandImage
from core.clock import now
from media.api import drop_images, keep_image

ORPHAN_AGE = timedelta(hours=24)  # an editor left open may still put what it uploaded into a draft


def add_image(content: bytes, use: str) -> BrandImage:
    """Draw and store an uploaded picture. It is in no look until a draft names it.

    Raises:
        PictureRefused: it can't be used.
        media.errors.StorageUnavailable: the object store does not answer.
    """
    picture = render(content, use)
    with transaction.atomic():
        # One at a time: the sweep must not remove an object that an upload of the same content is about to name.
        Brand.objects.select_for_update().get(state=Brand.State.PUBLISHED)
        _sweep()
        files = {}
        for file in picture.files:
            stored = keep_image(file.content, file.extension)
            files[file.name] = {"url": stored.url, "key": stored.key, "width": file.width, "height": file.height}
        return BrandImage.objects.create(use=use, width=picture.width, height=picture.height, files=files)


def _sweep() -> None:
    """Forget pictures that no look has had for a day, and remove the objects that nothing names any more."""
    used = {pk for row in Brand.objects.values_list(*(f"{use}_id" for use in USES)) for pk in row}
    old = BrandImage.objects.filter(created_at__lt=now() - ORPHAN_AGE)
    orphans = [image for image in old if image.pk not in used]
    if not orphans:
        return
    BrandImage.objects.filter(pk__in=[orphan.pk for orphan in orphans]).delete()
    gone = {file["key"] for orphan in orphans for file in orphan.files.values()}
    for files in BrandImage.objects.values_list("files", flat=True):
        gone -= {file["key"] for file in files.values()}
    drop_images(gone)
