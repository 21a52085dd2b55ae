"""The one way from state to state: row, door, what runs, record, event and mails, all or nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

import tenancy
from core import acting
from core.clock import iso, now
from events.api import publish_for
from tenancy import catalog
from tenants import acts
from tenants.catalog import record_of
from tenants.errors import EffectsChanged, NotYours, ReasonMissing, TooEarly, UnknownOrganization, WrongState
from tenants.events import OrganizationStateChanged
from tenants.lifecycle import door, effects, notices, rules
from tenants.lifecycle.parts import parts
from tenants.lifecycle.rules import DELETION_DELAY, REQUEST, RULES, Event, Rule, State, Who
from tenants.models import LifecycleTransition, Organization

MAX_REASON = 2000

# Where there is, or will be again, somebody to hear of it: elsewhere the schema is not made yet, or going.
_LISTENING = rules.OPEN | {State.SUSPENDED}
# What the organization's own audit calls it.
_ACTS = {
    Event.LIMIT: "organization.state.limited",
    Event.SUSPEND: "organization.state.suspended",
    Event.REACTIVATE: "organization.state.reactivated",
    Event.ASK_DELETION: "organization.deletion.asked",
    Event.CANCEL_DELETION: "organization.deletion.cancelled",
}
_SYSTEM = frozenset({Who.SYSTEM})
_STAFF = frozenset({Who.OPERATIONS, Who.FINANCE})


@dataclass(frozen=True, slots=True)
class Outcome:
    """Where the organization is now. ``transition`` is None where it was there already: repeating has no effect."""

    organization: Organization
    transition: LifecycleTransition | None


class _NotShown(Exception):
    """The token is missing or of another moment."""


def begin(organization: Organization) -> LifecycleTransition:
    """Record that ``organization`` was asked for, in the transaction that makes its row."""
    return _record(organization, event=REQUEST, before="", reason="", ticket="", shown=[])


def transition(
    organization_id: UUID,
    event: Event,
    *,
    who: Iterable[Who] = _SYSTEM,
    reason: str = "",
    ticket: str = "",
    token: str = "",
) -> Outcome:
    """Let ``event`` happen to an organization; whoever acts (:mod:`core.acting`) is written beside it.

    ``who`` is what they may act as. People present the ``token`` of the effects they were shown. One transaction holds
    the state, the database door, what runs in other packages, the record, the event and the mails: a crash leaves all
    of it or nothing. What has happened already happens again without effect. No transaction may be open: the owners
    are read before theirs begins.

    Raises:
        UnknownOrganization: there is none.
        NotYours: nobody of ``who`` may cause the event.
        WrongState: the organization is not where it may happen.
        EffectsChanged: the token is missing, too old, or from before another transition; a new preview comes along.
        ReasonMissing: staff gave no reason.
        TooEarly: the event waits for a day that has not come.
    """
    rule, roles, reason = RULES[event], frozenset(who), reason.strip()[:MAX_REASON]
    if not roles & rule.who:
        raise NotYours
    with tenancy.platform():
        known = _know(organization_id, rule)
        try:
            with transaction.atomic():
                return _move(organization_id, rule, roles & rule.who, known, reason=reason, ticket=ticket, token=token)
        except _NotShown:
            fresh = effects.preview(organization_id, event)
            raise EffectsChanged(preview=fresh.as_json()) from None


def _know(organization_id: UUID, rule: Rule) -> notices.Known | None:
    if not rule.tells_owners:
        return None
    organization = Organization.objects.filter(id=organization_id).first()
    if organization is None:
        raise UnknownOrganization
    return notices.know(record_of(organization)) if organization.state in rule.sources else None


def _move(
    organization_id: UUID,
    rule: Rule,
    roles: frozenset[Who],
    known: notices.Known | None,
    *,
    reason: str,
    ticket: str,
    token: str,
) -> Outcome:
    organization = Organization.objects.select_for_update().filter(id=organization_id).first()
    if organization is None:
        raise UnknownOrganization
    before, after = State(organization.state), rules.destination(rule, organization)
    if _is_done(rule, organization):
        return Outcome(organization, None)
    if before not in rule.sources:
        expected = sorted(rule.sources)
        raise WrongState(
            f"It is {_words(before)}. This needs it to be {' or '.join(_words(state) for state in expected)}.",
            state=before,
            expected=expected,
        )
    if rule.waits and (organization.delete_after is None or organization.delete_after > now()):
        raise TooEarly(due_at=iso(organization.delete_after) if organization.delete_after else None)
    shown: list[dict[str, object]] = []
    if Who.SYSTEM not in roles:
        if roles & _STAFF and not reason:
            raise ReasonMissing
        found = effects.shown_by(token, organization, rule.event)
        if found is None:
            raise _NotShown
        shown = found
    _change(organization, rule, before, after)
    if rules.closes(before, after) or rules.opens(before, after):
        door.follow_state(organization.id)
    for part in parts():
        if rules.ends_serving(before, after):
            part.pause(organization.id)
        elif rules.resumes_serving(before, after):
            part.resume(organization.id)
        part.moved(organization.id, rule.event)
    done = _record(organization, event=rule.event, before=before, reason=reason, ticket=ticket, shown=shown)
    _tell(organization, done, rule, known)
    return Outcome(organization, done)


def _is_done(rule: Rule, organization: Organization) -> bool:
    """Whether the event has happened and the organization is still where it led."""
    if rule.to is not None:
        return organization.state == rule.to
    last = organization.transitions.order_by("-state_version").first()
    return last is not None and last.event == rule.event and last.to_state == organization.state


def _change(organization: Organization, rule: Rule, before: State, after: State) -> None:
    moment = now()
    organization.state = after
    organization.state_version += 1
    organization.state_since = organization.updated_at = moment
    if rules.raises_generation(before, after):
        organization.generation += 1
    asked = rule.event == Event.ASK_DELETION
    organization.returns_to = before if asked else ""
    organization.delete_after = moment + DELETION_DELAY if asked else None
    organization.save(
        update_fields=[
            *("state", "state_version", "state_since", "updated_at", "generation", "returns_to", "delete_after"),
        ]
    )


def _record(
    organization: Organization, *, event: str, before: str, reason: str, ticket: str, shown: list[dict[str, object]]
) -> LifecycleTransition:
    actor = acting.current()
    return LifecycleTransition.objects.create(
        organization=organization,
        event=event,
        from_state=before,
        to_state=organization.state,
        state_version=organization.state_version,
        generation=organization.generation,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name if actor.kind == "staff" else "",
        reason=reason,
        ticket=ticket,
        effects_shown=shown,
    )


def _tell(organization: Organization, done: LifecycleTransition, rule: Rule, known: notices.Known | None) -> None:
    """Write the event, both audits and the mails; everybody learns of it after the commit."""
    if done.to_state in _LISTENING:
        publish_for(
            organization.id,
            organization.generation,
            OrganizationStateChanged(
                organization_id=organization.id,
                transition_id=done.id,
                event=rule.event.value,
                from_state=done.from_state,
                to_state=done.to_state,
                reason=done.reason,
            ),
        )
    if rule.event in _ACTS:
        changes = {"state": [done.from_state, done.to_state]}
        if organization.delete_after:
            changes["delete_after"] = ["", iso(organization.delete_after)]
        if done.reason:
            changes["reason"] = ["", done.reason]
        acts.note(organization.id, _ACTS[rule.event], changes=changes, generation=organization.generation)
    import_string(settings.PLATFORM_AUDIT)(
        f"organization.{rule.event.value}",
        organization_id=organization.id,
        object_type="organization",
        object_id=organization.id,
        changes={"state": [done.from_state, done.to_state]},
        reason=done.reason,
        ticket=done.ticket,
    )
    if rule.tells_owners:
        notices.write(done, organization, record_of(organization).host, known)
    transaction.on_commit(lambda: catalog.announce_change(organization.id), robust=True)


def _words(state: str) -> str:
    return state.replace("_", " ")
