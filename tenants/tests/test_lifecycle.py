"""An organization's life: every state with every event, what moves along, and what repeating does."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from django.db import DatabaseError, connection, transaction

import tenancy
from core import acting
from core.acting import Acting
from core.ids import new_id
from tenancy import TenantRecord
from tenants.errors import EffectsChanged, NotYours, ReasonMissing, TooEarly, WrongState
from tenants.lifecycle import door, effects, rules
from tenants.lifecycle.machine import transition
from tenants.lifecycle.rules import RULES, Event, State, Who
from tenants.models import LifecycleTransition, Organization

STAFF = Acting(kind="staff", id=new_id(), name="Sam Staff")
OPERATIONS = frozenset({Who.OPERATIONS})


@pytest.fixture
def home(globex: TenantRecord) -> TenantRecord:
    """An organization that is active, and bound by nobody."""
    return globex


@pytest.fixture(autouse=True)
def _staff_acts() -> Iterator[None]:
    with acting.acting(STAFF):
        yield


def do(record: TenantRecord, event: Event, **more: Any) -> Any:
    """Do what the console does: look at the effects, then go on with their token."""
    shown = effects.preview(record.id, event)
    return transition(record.id, event, who=OPERATIONS, reason="Invoice 7 is open", token=shown.token, **more)


def row(record: TenantRecord) -> Organization:
    with tenancy.platform():
        return Organization.objects.get(id=record.id)


def put(record: TenantRecord, state: State) -> None:
    """Put the organization into a state as if it had come there, door and all."""
    with tenancy.platform():
        pending = state == State.PENDING_DELETION
        Organization.objects.filter(id=record.id).update(
            state=state,
            returns_to="active" if pending else "",
            delete_after="2020-01-01T00:00:00Z" if pending else None,
        )
        if state in rules.OPEN | rules.CLOSED:
            door.follow_state(record.id)


def is_refused(record: TenantRecord) -> bool:
    """Whether PostgreSQL itself refuses the organization's role to the application's login, whatever a record says."""
    with tenancy.platform(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_has_role('lms_app', %s, 'SET')", [record.db_role])
        return not cursor.fetchone()[0]


def history(record: TenantRecord) -> list[tuple[str, str, str]]:
    with tenancy.platform():
        rows = LifecycleTransition.objects.filter(organization_id=record.id).order_by("state_version")
        return list(rows.values_list("event", "from_state", "to_state"))


@pytest.mark.parametrize("event", list(Event))
@pytest.mark.parametrize("state", list(State))
def test_every_state_with_every_event(home: TenantRecord, state: State, event: Event) -> None:
    rule = RULES[event]
    put(home, state)
    before = len(history(home))
    leads_to = rule.to or State.ACTIVE
    who = sorted(rule.who)[:1]
    shown = effects.preview(home.id, event).token

    def happen() -> Any:
        return transition(home.id, event, who=who, reason="because", token=shown)

    if state == leads_to and rule.to is not None:
        outcome = happen()
        assert outcome.transition is None
        assert len(history(home)) == before
    elif state in rule.sources:
        outcome = happen()
        assert outcome.organization.state == row(home).state == leads_to
        assert history(home)[-1] == (event.value, state.value, leads_to.value)
    else:
        with pytest.raises(WrongState) as refused:
            happen()
        assert refused.value.members["state"] == state
        assert refused.value.members["expected"] == sorted(rule.sources)
        assert row(home).state == state
        assert len(history(home)) == before


def test_only_who_may(home: TenantRecord) -> None:
    for event, rule in RULES.items():
        for who in Who:
            if who not in rule.who:
                with pytest.raises(NotYours):
                    transition(home.id, event, who=[who], reason="because")


def test_suspension_closes_the_door_and_ends_what_is_signed_in(home: TenantRecord, mallory: Any) -> None:
    mallory.client()
    with tenancy.bind(home), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_session")
        assert cursor.fetchone()[0] > 0
    outcome = do(home, Event.SUSPEND)
    assert outcome.transition is not None
    assert row(home).generation == home.generation + 1
    assert is_refused(home)
    do(home, Event.REACTIVATE)
    assert row(home).generation == home.generation + 2
    with tenancy.bind(home.id), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM accounts_member")
        assert cursor.fetchone()[0] > 0
        cursor.execute("SELECT count(*) FROM django_session")
        assert cursor.fetchone()[0] == 0


def test_the_door_follows_the_state_and_nothing_that_is_asked(home: TenantRecord, world: Any) -> None:
    """What somebody could try who may call the function: no role or organization of their choice."""
    other = world.organizations["acme"]
    with tenancy.platform():
        for attack in (
            "SELECT public.tenants_set_door('00000000-0000-0000-0000-000000000000')",
            "UPDATE tenants_organization SET db_role = 'lms_owner' WHERE id = %(home)s",
            "UPDATE tenants_organization SET db_role = %(role)s WHERE id = %(home)s",
            "UPDATE tenants_organization SET schema_name = 'public' WHERE id = %(home)s",
            "UPDATE tenants_organization SET state = 'provisioning' WHERE id = %(home)s;"
            " SELECT public.tenants_set_door(%(home)s)",
            "UPDATE tenants_organization SET state = 'anything' WHERE id = %(home)s",
        ):
            values = {"home": str(home.id), "role": other.db_role}
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(attack, values)
        assert door.follow_state(home.id) == "open"
    with tenancy.bind(home), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT public.tenants_set_door(%s)", [home.id])


def test_repeating_has_no_effect(home: TenantRecord) -> None:
    shown = effects.preview(home.id, Event.SUSPEND).token
    first = transition(home.id, Event.SUSPEND, who=OPERATIONS, reason="one", token=shown)
    second = transition(home.id, Event.SUSPEND, who=OPERATIONS, reason="two", token=shown)
    assert first.transition is not None
    assert second.transition is None
    assert [event for event, *_ in history(home)].count("suspend") == 1
    assert row(home).generation == home.generation + 1


def test_a_person_presents_what_they_were_shown(home: TenantRecord, world: Any) -> None:
    for token in ("", "forged", effects.preview(home.id, Event.LIMIT).token):
        with pytest.raises(EffectsChanged) as refused:
            transition(home.id, Event.SUSPEND, who=OPERATIONS, reason="because", token=token)
        fresh = refused.value.members["preview"]
        assert fresh["token"]
        assert fresh["to"] == "suspended"
    other = effects.preview(world.organizations["acme"].id, Event.SUSPEND).token
    with pytest.raises(EffectsChanged):
        transition(home.id, Event.SUSPEND, who=OPERATIONS, reason="because", token=other)
    stale = effects.preview(home.id, Event.SUSPEND).token
    do(home, Event.LIMIT)
    with pytest.raises(EffectsChanged) as refused:
        transition(home.id, Event.SUSPEND, who=OPERATIONS, reason="because", token=stale)
    fresh = refused.value.members["preview"]
    done = transition(home.id, Event.SUSPEND, who=OPERATIONS, reason="because", token=fresh["token"])
    assert done.transition.effects_shown == fresh["effects"]


def test_staff_say_why(home: TenantRecord) -> None:
    shown = effects.preview(home.id, Event.SUSPEND).token
    with pytest.raises(ReasonMissing):
        transition(home.id, Event.SUSPEND, who=OPERATIONS, reason="  ", token=shown)


def test_effects_are_numbers(home: TenantRecord) -> None:
    found = {effect.code: effect for effect in effects.preview(home.id, Event.SUSPEND).effects}
    assert found["members_signed_out"].count == 2
    assert found["owners_told"].count == 1
    assert "2 members can't sign in" in found["members_signed_out"].words
    ending = {effect.code: effect for effect in effects.preview(home.id, Event.ASK_DELETION).effects}
    assert "2 members, 0 courses" in ending["deleted_on"].words


def test_a_deletion_can_be_called_off_to_where_it_came_from(home: TenantRecord) -> None:
    for state in (State.ACTIVE, State.READ_ONLY, State.SUSPENDED):
        put(home, state)
        do(home, Event.ASK_DELETION)
        found = row(home)
        assert found.state == State.PENDING_DELETION
        assert found.delete_after is not None
        assert (found.delete_after - found.state_since).days == 30
        with pytest.raises(TooEarly):
            transition(home.id, Event.BEGIN_DELETION)
        do(home, Event.CANCEL_DELETION)
        again = transition(home.id, Event.CANCEL_DELETION, who=OPERATIONS, reason="again")
        assert again.transition is None
        assert row(home).state == state
        assert row(home).delete_after is None
        if state == State.SUSPENDED:
            assert is_refused(home)


def test_what_happened_is_never_changed(home: TenantRecord) -> None:
    done = do(home, Event.LIMIT).transition
    assert (done.actor_kind, done.actor_id, done.actor_name) == ("staff", STAFF.id, "Sam Staff")
    with tenancy.platform():
        for statement in (
            "UPDATE tenants_lifecycletransition SET reason = 'another'",
            "DELETE FROM tenants_lifecycletransition",
            "TRUNCATE tenants_lifecycletransition CASCADE",
        ):
            with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)


def test_the_platform_and_the_organization_both_keep_it(home: TenantRecord) -> None:
    from events.models import OutboxDelivery, OutboxMessage

    done = do(home, Event.SUSPEND, ticket="T-7").transition
    with tenancy.platform():
        with connection.cursor() as cursor:  # a table of the layer above
            cursor.execute(
                "SELECT actor_name, reason, ticket FROM staff_platformauditentry"
                " WHERE action = 'organization.suspend' AND organization_id = %s",
                [home.id],
            )
            assert cursor.fetchall() == [("Sam Staff", "Invoice 7 is open", "T-7")]
        changed = OutboxMessage.objects.filter(type="lms.tenants.organization.state_changed.v1")
        message = changed.get(organization_id=home.id, payload__event="suspend")
        assert message.generation == home.generation + 1
        assert message.payload["transition_id"] == str(done.id)
        waiting = OutboxDelivery.objects.get(organization_id=home.id, type="lms.tenants.organization.acted.v1")
        assert waiting.state == "pending"
        assert waiting.payload["action"] == "organization.state.suspended"


def test_no_such_organization() -> None:
    from tenants.errors import UnknownOrganization

    with pytest.raises(UnknownOrganization):
        transition(UUID(int=7), Event.SUSPEND)


@pytest.fixture(autouse=True)
def _database(db: None) -> None:
    """Every test here uses it."""
