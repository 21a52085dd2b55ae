"""Seal entries in batches, as the one database role that may, and verify what was sealed.

Writing never waits for sealing: an entry carries its own digest at once, and within seconds a seal covers it. Entries
that commit late land in the next seal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Max

import tenancy
from apps.audit import digests
from apps.audit.models import AuditEntry, AuditPersonal, AuditSeal
from core.clock import now
from tenancy import TenantRecord

BATCH = 1000


def seal(organization: TenantRecord) -> int:
    """Seal everything of ``organization`` that is unsealed; return how many entries were. No transaction may be open.

    The unique number of a seal decides between two sealers: the second one's transaction fails and nothing is lost.
    """
    sealed = 0
    with tenancy.bind_as_sealer(organization):
        while count := _seal_batch():
            sealed += count
            if count < BATCH:
                break
    return sealed


@transaction.atomic
def _seal_batch() -> int:
    waiting = AuditEntry.objects.filter(seal_no=None).order_by("id")[:BATCH]
    entries = list(waiting.values_list("id", "digest"))
    if not entries:
        return 0
    last = AuditSeal.objects.order_by("-no").first()
    row = AuditSeal(
        no=last.no + 1 if last else 1,
        entries=len(entries),
        first_id=entries[0][0],
        last_id=entries[-1][0],
        merkle_root=digests.merkle_root([digest for _, digest in entries]),
        previous_hash=last.hash if last else digests.GENESIS,
        sealed_at=now(),
    )
    row.hash = digests.of_seal(row)
    AuditSeal.objects.bulk_create([row])
    AuditEntry.objects.filter(id__in=[entry_id for entry_id, _ in entries], seal_no=None).update(seal_no=row.no)
    return len(entries)


@dataclass
class Verdict:
    """What verifying found. ``faults`` are sentences; none means that everything is as it was written."""

    entries: int = 0
    sealed: int = 0
    seals: int = 0
    erased: int = 0
    last_hash: str = digests.GENESIS
    faults: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        """Whether nothing was changed, removed or slipped in."""
        return not self.faults


def verify(*, anchors: dict[int, str] | None = None) -> Verdict:
    """Hold every entry, every personal word and every seal of the bound organization against its digest.

    ``anchors`` are hashes of seals by number that were kept elsewhere: they show a tail that was cut off.
    """
    verdict = Verdict()
    seals = list(AuditSeal.objects.order_by("no"))
    _verify_chain(seals, verdict)
    for seal_row in seals:
        _verify_batch(seal_row, verdict)
    numbers = {row.no for row in seals}
    beyond = AuditEntry.objects.exclude(seal_no=None).aggregate(most=Max("seal_no"))["most"] or 0
    if beyond > max(numbers, default=0):
        verdict.faults.append(f"Entries name seal {beyond}, which is not there.")
    _verify_entries(AuditEntry.objects.filter(seal_no=None).order_by("id").iterator(chunk_size=BATCH), verdict)
    hashes = {row.no: row.hash for row in seals}
    for number, kept in (anchors or {}).items():
        if hashes.get(number) != kept:
            verdict.faults.append(f"Seal {number} is not the one that was anchored.")
    return verdict


def _verify_chain(seals: list[AuditSeal], verdict: Verdict) -> None:
    previous: AuditSeal | None = None
    for row in seals:
        if row.no != (previous.no + 1 if previous else 1):
            verdict.faults.append(f"A seal is missing before seal {row.no}.")
        if row.previous_hash != (previous.hash if previous else digests.GENESIS):
            verdict.faults.append(f"Seal {row.no} does not follow the seal before it.")
        if row.hash != digests.of_seal(row):
            verdict.faults.append(f"Seal {row.no} was changed.")
        previous = row
        verdict.last_hash = row.hash
    verdict.seals = len(seals)


def _verify_batch(row: AuditSeal, verdict: Verdict) -> None:
    found = _verify_entries(AuditEntry.objects.filter(seal_no=row.no).order_by("id"), verdict)
    verdict.sealed += len(found)
    if len(found) != row.entries:
        verdict.faults.append(f"Seal {row.no} covers {row.entries} entries, {len(found)} are here.")
    elif found and digests.merkle_root(found) != row.merkle_root:
        verdict.faults.append(f"The entries under seal {row.no} are not the ones that were sealed.")


def _verify_entries(entries: Iterable[AuditEntry], verdict: Verdict) -> list[str]:
    """Verify entries and their personal words in batches; return the digests in order."""
    found: list[str] = []
    for batch in _batched(entries):
        words: dict[object, list[AuditPersonal]] = {}
        for row in AuditPersonal.objects.filter(entry_id__in=[entry.id for entry in batch]):
            words.setdefault(row.entry_id, []).append(row)
        for entry in batch:
            verdict.entries += 1
            found.append(entry.digest)
            if digests.of_entry(entry) != entry.digest:
                verdict.faults.append(f"Entry {entry.id} was changed.")
            here = {str(row.id): digests.of_personal(row) for row in words.get(entry.id, [])}
            for row_id, digest in here.items():
                if entry.personal.get(row_id) != digest:
                    verdict.faults.append(f"A name beside entry {entry.id} was changed.")
            verdict.erased += len(set(entry.personal) - set(here))
    return found


def _batched(entries: Iterable[AuditEntry]) -> Iterator[list[AuditEntry]]:
    batch: list[AuditEntry] = []
    for entry in entries:
        batch.append(entry)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
