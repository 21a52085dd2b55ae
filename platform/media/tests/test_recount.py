"""The gauge of bytes is made equal to the ledger of bytes."""

from __future__ import annotations

import tenancy
from billing.api import STORAGE_BYTES, quotas_of
from billing.gauges import recount_fleet
from core.ids import new_id
from media.models import StorageEntry
from media.services.stored import totals


def test_what_the_ledger_says_is_what_is_in_use(db: None, world: object) -> None:
    acme, globex = (world.organizations[slug].id for slug in ("acme", "globex"))  # type: ignore[attr-defined]
    with tenancy.platform():
        recount_fleet()  # whatever other tests of this run left behind
        before = {found: used for found, (used, _) in quotas_of([acme, globex], STORAGE_BYTES).items()}
        StorageEntry.objects.create(
            organization_id=acme, object_prefix="t/", kind="source", delta_bytes=500, ref_id=new_id()
        )
        assert totals([acme])[acme] == before[acme] + 500
        assert recount_fleet() == 1
        after = {found: used for found, (used, _) in quotas_of([acme, globex], STORAGE_BYTES).items()}
        assert after == {acme: before[acme] + 500, globex: before[globex]}
