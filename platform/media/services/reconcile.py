"""The ledger of bytes against the bucket, key by key: what is lost, what is nobody's, what has another size.

What an organization pays room for is what the ledger adds up to: its sources, the encodes that are whole, and its
pictures. Encodes under way and those given up lie in the bucket uncounted until they are whole or purged; archives are
never counted. So a listing falls into what is counted and what is known not to be, and nothing may be left over.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django_tenants.utils import get_tenant_model

from billing import api as billing
from core.clock import now
from core.ids import new_id
from media import prefixes
from media.models import Revision, StorageEntry, Upload
from media.services import objects
from media.storage import ObjectGone, StoredObject

_log = logging.getLogger(__name__)

Kind = Literal["lost", "orphan", "size", "ledger", "meter"]

# What was put a moment ago may not have its row yet; what is no row's for so long is nobody's.
GRACE = timedelta(hours=48)
MINUTES_A_DAY = 1440
TOLD = 20
_WHOLE = (Revision.State.PUBLISHED, Revision.State.SUPERSEDED)
_ARRIVING = (Upload.State.OPEN, Upload.State.COMPLETING)
_FOLDER_PARTS = 5  # t/<organization>/v/<asset>/<revision>


@dataclass(frozen=True, slots=True)
class Difference:
    """One key, or one sum, of which ledger and bucket say different things. Bytes; 0 where there is nothing."""

    kind: Kind
    key: str
    expected: int
    found: int
    modified_at: datetime | None = None


@dataclass(slots=True)
class Account:
    """One organization: what the bucket holds of it, and what of that the ledger and the meter count."""

    organization_id: UUID
    listed: int = 0
    counted: int = 0  # of the listing
    under_way: int = 0
    archives: int = 0
    ledger: int = 0
    meter: int | None = None
    differences: list[Difference] = field(default_factory=list)
    # What the listing holds by what the ledger enters it under, and what the ledger says of the same.
    held: Counter[str] = field(default_factory=Counter)
    entered: Counter[str] = field(default_factory=Counter)

    @property
    def agrees(self) -> bool:
        """Whether everything is where it should be, to the byte."""
        return not self.differences


def account_for(organization_id: UUID) -> Account:
    """Compare one organization's ledger with its keys in the bucket. Must run on the platform.

    Raises:
        media.errors.StorageUnavailable: the store does not answer.
    """
    here = Account(organization_id)
    listing = {found.key: found for found in _listing(organization_id)}
    expected, uncounted = _sources(organization_id)
    folders = Revision.objects.filter(organization_id=organization_id).exclude(state=Revision.State.PURGED)
    for revision in folders:
        prefix = prefixes.revision_prefix(organization_id, revision.asset_id, revision.id)
        if revision.state in _WHOLE and not revision.is_growing and revision.bytes:
            expected |= _inventory(revision, prefix, listing)
        else:
            uncounted.add(prefix)
    expected |= _pictures(organization_id, listing)
    for key, found in listing.items():
        here.listed += found.size_bytes
        if key in expected:
            here.counted += found.size_bytes
            here.held[_entered_under(key)] += found.size_bytes
            if expected[key] != found.size_bytes:
                here.differences.append(Difference("size", key, expected[key], found.size_bytes))
        elif key.startswith(f"t/{organization_id}/x/"):
            here.archives += found.size_bytes
        elif _entered_under(key) in uncounted:
            here.under_way += found.size_bytes
        else:
            here.differences.append(Difference("orphan", key, 0, found.size_bytes, found.modified_at))
    here.differences += [Difference("lost", key, size, 0) for key, size in expected.items() if key not in listing]
    _compare_sums(here)
    here.differences.sort(key=lambda one: (one.kind, one.key))
    return here


def due(moment: datetime) -> list[UUID]:
    """Return the organizations here whose minute of the day it is: each has one, so all are compared daily, in turn.

    Must run on the platform.
    """
    minute = moment.hour * 60 + moment.minute
    organizations = get_tenant_model().objects.filter(cell=settings.CELL).exclude(state="deleted")
    return [found for found in organizations.values_list("id", flat=True) if found.int % MINUTES_A_DAY == minute]


def tell(here: Account) -> None:
    """Log what differs, the first keys by name. The command names them all."""
    _log.error(
        "storage.differs",
        extra={
            "organization_id": str(here.organization_id),
            "counted": here.counted,
            "ledger": here.ledger,
            "meter": here.meter,
            "differences": len(here.differences),
            "first": [f"{one.kind} {one.key}" for one in here.differences[:TOLD]],
        },
    )


def strangers(known: Iterable[UUID]) -> Iterator[StoredObject]:
    """Yield what lies in the bucket and belongs to no organization of these."""
    ours = {str(organization_id) for organization_id in known}
    for found in objects.store().list(""):
        top, _, rest = found.key.partition("/")
        if top == "final" or (top in ("t", "p") and rest.partition("/")[0] in ours):
            continue
        yield found


@transaction.atomic
def set_right(here: Account) -> int:
    """Let ledger, rows and meter say what the bucket holds; return by how many bytes the ledger moved. Platform only.

    What is lost stays lost: it is counted no more, and a source that is lost is known to be gone.
    """
    for about in sorted(set(here.held) | set(here.entered)):
        delta = here.held[about] - here.entered[about]
        if delta:
            kind, ref_id = _of_what(here.organization_id, about)
            StorageEntry.objects.create(
                id=new_id(),
                organization_id=here.organization_id,
                object_prefix=about,
                kind=kind,
                delta_bytes=delta,
                ref_id=ref_id,
            )
        if about.endswith("/"):
            # The purge gives back what the row says.
            ours = Revision.objects.filter(organization_id=here.organization_id, state__in=_WHOLE)
            ours.filter(id=_of_what(here.organization_id, about)[1]).update(bytes=here.held[about])
    lost = [one.key for one in here.differences if one.kind == "lost"]
    Upload.objects.filter(key__in=lost, source_deleted_at__isnull=True).update(source_deleted_at=now())
    if here.meter is not None and here.meter != here.counted:
        billing.recount(here.organization_id, billing.STORAGE_BYTES, here.counted)
    return here.counted - here.ledger


def remove_orphans(here: Account) -> int:
    """Remove what has been nobody's for two days, but for pictures; return how many objects."""
    doomed = [
        one.key
        for one in here.differences
        if one.kind == "orphan" and one.modified_at is not None and one.modified_at < now() - GRACE
    ]
    objects.store().delete(doomed)
    return len(doomed)


def _listing(organization_id: UUID) -> Iterator[StoredObject]:
    for prefix in (f"t/{organization_id}/", f"p/{organization_id}/"):
        yield from objects.store().list(prefix)


def _sources(organization_id: UUID) -> tuple[dict[str, int], set[str]]:
    """Return the sources that count, and the keys of those that are just arriving."""
    rows = Upload.objects.filter(organization_id=organization_id)
    kept = rows.filter(state=Upload.State.RECEIVED, source_deleted_at__isnull=True)
    return dict(kept.values_list("key", "size_bytes")), set(
        rows.filter(state__in=_ARRIVING).values_list("key", flat=True)
    )


def _pictures(organization_id: UUID, listing: dict[str, StoredObject]) -> dict[str, int]:
    """Return the public pictures. One that is there without an entry is counted from now on: a brand may show it."""
    rows = StorageEntry.objects.filter(organization_id=organization_id, kind=StorageEntry.Kind.IMAGE)
    sums = rows.values_list("object_prefix").annotate(sum=Sum("delta_bytes")).order_by()
    found = {key: one.size_bytes for key, one in listing.items() if key.startswith(f"p/{organization_id}/")}
    return found | {key: int(size) for key, size in sums if size}


def _inventory(revision: Revision, prefix: str, listing: dict[str, StoredObject]) -> dict[str, int]:
    """Return keys and sizes of an encode as it was closed.

    Without its inventory what lies there is taken as it is, and the sum says whether anything is missing.
    """
    try:
        body = objects.store().read(prefix + prefixes.INVENTORY)
    except ObjectGone:
        held = {key: found.size_bytes for key, found in listing.items() if key.startswith(prefix)}
        missing = revision.bytes - sum(held.values())
        return held | ({prefix + prefixes.INVENTORY: missing} if missing > 0 else {})
    said = json.loads(body)["objects"]
    return {prefix + name: int(size) for name, size in said.items()} | {prefix + prefixes.INVENTORY: len(body)}


def _compare_sums(here: Account) -> None:
    """The ledger against the listing, by what it is about where the sums part; the meter against the ledger."""
    entries = StorageEntry.objects.filter(organization_id=here.organization_id)
    for about, delta in entries.values_list("object_prefix").annotate(sum=Sum("delta_bytes")).order_by():
        here.entered[about] += int(delta)
    here.ledger = sum(here.entered.values())
    if here.ledger != here.counted:
        for about in sorted(set(here.held) | set(here.entered)):
            if here.held[about] != here.entered[about]:
                here.differences.append(Difference("ledger", about, here.entered[about], here.held[about]))
    quota = billing.quotas_of([here.organization_id], billing.STORAGE_BYTES).get(here.organization_id)
    if quota is not None:
        here.meter = quota[0]
        if here.meter != here.ledger:
            here.differences.append(Difference("meter", billing.STORAGE_BYTES, here.meter, here.ledger))


def _entered_under(key: str) -> str:
    """Return what the ledger knows a key under: encodes by their folder, everything else by the key itself."""
    parts = key.split("/")
    if len(parts) > _FOLDER_PARTS and parts[2] == "v":
        return "/".join(parts[:_FOLDER_PARTS]) + "/"
    return key


def _of_what(organization_id: UUID, about: str) -> tuple[str, UUID]:
    """Return kind and id of what an entry is about."""
    parts = about.strip("/").split("/")
    if about.startswith("p/"):
        return StorageEntry.Kind.IMAGE, organization_id
    if len(parts) == _FOLDER_PARTS and parts[2] == "v":
        return StorageEntry.Kind.RENDITION, UUID(parts[4])
    if len(parts) == _FOLDER_PARTS - 1 and parts[2] == "in":
        return StorageEntry.Kind.SOURCE, UUID(parts[3])
    return StorageEntry.Kind.SOURCE, organization_id
