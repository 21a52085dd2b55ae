"""The platform's record of acts can be added to, and to nothing else."""

from __future__ import annotations

import psycopg2
import pytest
from django.db import ProgrammingError, connection, transaction

import tenancy
from core.acting import Acting, acting
from staff import audit
from staff.models import PlatformAuditEntry
from tests.support import plugin


def test_an_act_is_recorded_with_whoever_acts(db: None) -> None:
    with tenancy.platform(), transaction.atomic(), acting(Acting()):
        entry_id = audit.record("organization.suspended", object_type="organization", object_id=7, reason="Abuse")
        entry = PlatformAuditEntry.objects.get(id=entry_id)
    assert (entry.action, entry.object_id, entry.reason, entry.actor_kind) == (
        "organization.suspended",
        "7",
        "Abuse",
        "system",
    )


@pytest.mark.parametrize(
    "act", ["UPDATE staff_platformauditentry SET reason = ''", "DELETE FROM staff_platformauditentry"]
)
def test_the_platforms_role_may_change_nothing(db: None, act: str) -> None:
    with (
        tenancy.platform(),
        pytest.raises(ProgrammingError, match="permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(act)


@pytest.mark.parametrize(
    "act",
    [
        "UPDATE public.staff_platformauditentry SET reason = ''",
        "DELETE FROM public.staff_platformauditentry",
        "TRUNCATE public.staff_platformauditentry",
    ],
)
def test_the_owning_login_may_not_either(world: object, act: str) -> None:
    link = psycopg2.connect(plugin.owner["LMS_OWNER_DATABASE_URL"])
    try:
        with link.cursor() as cursor:
            cursor.execute(
                "INSERT INTO public.staff_platformauditentry (id, at, action, actor_kind, actor_name, object_type,"
                " object_id, changes, reason, ticket, request_id, ip)"
                " VALUES (gen_random_uuid(), now(), 'a.b', 'system', '', '', '', '{}', '', '', '', '')"
            )
            with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="gives none back"):
                cursor.execute(act)
    finally:
        link.rollback()
        link.close()
