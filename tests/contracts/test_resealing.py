"""Another key-encryption key: what the one before it sealed goes on opening, and is sealed anew, everywhere."""

from __future__ import annotations

import base64
import os
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import models
from django.utils.module_loading import import_string

import tenancy
from apps.accounts.factors.adapter import seal_for, unseal_for
from conftest import Person
from core.resealing import BATCH
from core.sealing import SealBroken
from media import keys
from media.models.keys import SigningKey
from staff.accounts import seals
from staff.console import addresses
from staff.models import StaffAccount
from tenants.archive.seal import SealBroken as ArchiveSealBroken
from tenants.archive.seal import Seals
from tenants.cells.keys import keys_sha256
from tenants.models import Cell, Organization

SEED = "JBSWY3DPEHPK3PXP"
PLACE = {"table": "mfa_authenticator", "place": 0}


def kek() -> str:
    return base64.b64encode(os.urandom(32)).decode()


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("reseal", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def refused(*arguments: str) -> str:
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("reseal", *arguments, stdout=out, stderr=out)
    return out.getvalue()


def only(*organizations: Any) -> None:
    """Leave out what other tests have left, closed ones among them: the first of those would end a transaction."""
    with tenancy.platform():
        others = Organization.objects.exclude(id__in=[one.id for one in organizations]).filter(frozen_at=None)
        others.update(state=Organization.State.FAILED)


@pytest.fixture
def sealed(acme: Any, leo: Person, settings: Any) -> Authenticator:
    """One thing of each kind, sealed by the key that is the previous one from then on."""
    row = Authenticator.objects.create(user_id=leo.id, type="totp", data={"secret": seal_for(leo.id, SEED)})
    codes = {"seed": seal_for(leo.id, SEED), "used_mask": 5}
    Authenticator.objects.create(user_id=leo.id, type="recovery_codes", data=codes)
    Authenticator.objects.create(user_id=leo.id, type="webauthn", data={"name": "Key", "credential": {}})
    with tenancy.platform():
        sam = StaffAccount.objects.create(email=f"{uuid4()}@staff.example", name="Sam", roles=["support"])
        sam.totp_sealed, sam.totp_pending = seals.seal(SEED, sam.id), seals.seal(SEED[::-1], sam.id)
        sam.save()
    only(acme)
    addresses.follow_owners()
    settings.KEK, settings.KEK_PREVIOUS = kek(), (settings.KEK,)
    return row


def everything_opens(acme: Any, leo: Person) -> None:
    for row in Authenticator.objects.filter(user_id=leo.id).exclude(type="webauthn"):
        assert unseal_for(leo.id, row.data.get("secret") or row.data["seed"]) == SEED
    with tenancy.platform():
        sam = StaffAccount.objects.get(name="Sam")
        assert seals.unseal(sam.totp_sealed, sam.id) == SEED
        assert seals.unseal(sam.totp_pending, sam.id) == SEED[::-1]
        for key in SigningKey.objects.filter(organization_id=acme.id):
            keys.signer(key.sealed_private_key, acme.id, key.kid).sign(b"x")
        assert addresses.organizations_owned_by("olga@acme.example") == [acme.id]


def test_what_the_key_before_sealed_opens_until_that_key_is_given_up(
    acme: Any, leo: Person, sealed: Any, settings: Any
) -> None:
    everything_opens(acme, leo)
    settings.KEK_PREVIOUS = ()
    with pytest.raises(SealBroken):
        unseal_for(leo.id, sealed.data["secret"])
    with tenancy.platform():
        assert addresses.organizations_owned_by("olga@acme.example") == []


def test_after_a_run_nothing_needs_the_key_before(acme: Any, leo: Person, sealed: Any, settings: Any) -> None:
    said = run()
    assert "seeds of members: 2 sealed anew, 0 by the present one" in said
    assert "seeds of staff: 1 sealed anew" in said
    assert "hashes of owners' addresses: " in said
    settings.KEK_PREVIOUS = ()
    everything_opens(acme, leo)
    codes = Authenticator.objects.get(user_id=leo.id, type="recovery_codes")
    assert codes.data["used_mask"] == 5
    assert Authenticator.objects.get(user_id=leo.id, type="webauthn").data == {"name": "Key", "credential": {}}
    assert "signing keys: 0 sealed by an older key" in run("--check")


def test_a_second_run_changes_nothing(acme: Any, leo: Person, sealed: Any) -> None:
    run("--batch=1")
    before = dict(Authenticator.objects.filter(user_id=leo.id).values_list("type", "data"))
    assert "seeds of members: 0 sealed anew, 2 by the present one" in run()
    assert dict(Authenticator.objects.filter(user_id=leo.id).values_list("type", "data")) == before


def test_a_check_counts_and_changes_nothing(acme: Any, leo: Person, sealed: Any) -> None:
    said = refused("--check")
    assert "seeds of members: 2 sealed by an older key" in said
    assert "are sealed by an older key: run reseal" in said
    sealed.refresh_from_db()
    assert "seeds of members: 2 sealed by an older key" in refused("--check")


def test_what_no_key_opens_is_named_and_keeps_the_command_from_ending_well(
    acme: Any, leo: Person, sealed: Any, settings: Any
) -> None:
    with tenancy.platform():
        before = Cell.objects.filter(is_here=True).values_list("keys_sha256", flat=True).first()
    sealed.data = dict.fromkeys(sealed.data, "s1." + base64.urlsafe_b64encode(os.urandom(40)).decode())
    sealed.save()
    said = refused()
    assert f"seeds of members: {sealed.pk} of {acme.id} does not open with any key" in said
    assert "seeds of members: 1 sealed anew" in said  # the others are done all the same
    with tenancy.platform():
        assert Cell.objects.filter(is_here=True).values_list("keys_sha256", flat=True).first() == before


def test_an_organization_on_its_way_elsewhere_is_left_for_another_run(
    acme: Any, sealed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenancy, "is_frozen", lambda: tenancy.current().id == acme.id)
    said = refused()
    assert f"{acme.id} was left out: it is on its way to another cell" in said
    sealed.refresh_from_db()
    monkeypatch.undo()
    assert "seeds of members: 2 sealed anew" in run()


def test_the_fingerprint_of_the_cell_follows(acme: Any, sealed: Any, settings: Any) -> None:
    def written() -> str:
        with tenancy.platform():
            return str(Cell.objects.get(is_here=True).keys_sha256)

    with tenancy.platform():
        Cell.objects.update_or_create(name=settings.CELL, defaults={"is_here": True, "keys_sha256": "of before"})
    assert refused("--check")
    assert written() == "of before"
    run()
    assert written() == keys_sha256()
    with_the_old = written()
    settings.KEK_PREVIOUS = ()
    # Over there the old key has to open too, for as long as it may be needed here.
    assert keys_sha256() != with_the_old
    run()
    assert written() == keys_sha256()


def test_an_archive_of_the_key_before_can_be_restored_and_another_platforms_cannot(settings: Any) -> None:
    whose = (uuid4(), uuid4())
    old = Seals(*whose)
    box, seal, digest = old.close(b"row", **PLACE), old.sign("ab" * 32), old.digest()
    digest.update(b"row")
    before, settings.KEK = settings.KEK, kek()
    for previous, opens in (((before,), True), ((kek(),), False), ((), False)):
        settings.KEK_PREVIOUS = previous
        now = Seals(*whose)
        again = now.digest()
        again.update(b"row")
        assert (now.is_ours("ab" * 32, seal), again.fits(digest.hexdigest())) == (opens, opens)
        if opens:
            assert now.open(box, **PLACE) == b"row"
        else:
            with pytest.raises(ArchiveSealBroken):
                now.open(box, **PLACE)
        # What is made from now on is made with the present key alone.
        assert not old.is_ours("ab" * 32, now.sign("ab" * 32))


def test_every_column_that_holds_something_sealed_is_gone_over() -> None:
    """A column is told by its name: ``sealed`` or ``…_sealed``. A new one has to be listed in the settings."""
    from django.conf import settings

    listed = [import_string(path) for path in (*settings.SEALED_SHARED, *settings.SEALED_ORGANIZATIONS)]
    columns = {(one.rows().model._meta.db_table, column) for one in listed for column in one.columns}
    found = {
        (model._meta.db_table, field.name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.BinaryField) and ("sealed" in field.name or field.name == "totp_pending")
    }
    assert found == {one for one in columns if one[0] != "mfa_authenticator"}
    assert ("mfa_authenticator", "data") in columns


def test_more_rows_than_a_batch_are_all_gone_over(acme: Any, globex: Any, settings: Any) -> None:
    only(acme, globex)
    with tenancy.platform():
        here = SigningKey.objects.count()
        assert 2 <= here <= BATCH
        assert Organization.objects.filter(cell=settings.CELL).count() >= 2
    settings.KEK, settings.KEK_PREVIOUS = kek(), (settings.KEK,)
    assert f"signing keys: {here} sealed anew, 0 by the present one" in run("--batch=1")
