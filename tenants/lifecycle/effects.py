"""What a transition will do, in numbers, before it happens; and the token that proves that somebody was told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

import tenancy
from core.clock import day, now
from events.api import waiting_for
from tenancy import TenantRecord, signing
from tenancy.errors import TenantUnavailable
from tenants.catalog import record_of
from tenants.errors import UnknownOrganization
from tenants.lifecycle import rules
from tenants.lifecycle.parts import Effect, parts
from tenants.lifecycle.rules import RULES, Event
from tenants.models import Organization

SHOWN_FOR_SECONDS = 15 * 60
_PURPOSE = "tenants.lifecycle.effects"

Counts = dict[str, int]


@dataclass(frozen=True, slots=True)
class Preview:
    """Everything that ``event`` will do. ``token`` is presented with the transition; it is good for 15 minutes."""

    event: str
    from_state: str
    to_state: str
    effects: tuple[Effect, ...]
    token: str

    def as_json(self) -> dict[str, Any]:
        """Return it as the API shows it."""
        return {
            "event": self.event,
            "from": self.from_state,
            "to": self.to_state,
            "effects": [asdict(effect) for effect in self.effects],
            "token": self.token,
        }


def preview(organization_id: UUID, event: Event) -> Preview:
    """Return what ``event`` would do now. No transaction may be open: the organization is bound to be counted.

    Raises:
        UnknownOrganization: there is none.
    """
    with tenancy.platform():
        organization = Organization.objects.filter(id=organization_id).first()
        if organization is None:
            raise UnknownOrganization
        rule = RULES[event]
        to = rules.destination(rule, organization)
        counts = _counts(record_of(organization))
        own = _EFFECTS[event](counts, organization, to) if event in _EFFECTS else ()
        others = (effect for part in parts() for effect in part.effects(organization_id, event))
        effects = (*own, *others)
        shown = {
            "organization": str(organization_id),
            "event": event.value,
            "version": organization.state_version,
            "effects": [asdict(effect) for effect in effects],
        }
        return Preview(event.value, organization.state, to, effects, signing.dumps(shown, purpose=_PURPOSE))


def shown_by(token: str, organization: Organization, event: Event) -> list[dict[str, Any]] | None:
    """Return the effects that ``token`` says were shown, or None where it is of another moment, event or organization.

    Platform only, as the token is the platform's.
    """
    try:
        shown = signing.loads(token, purpose=_PURPOSE, max_age_seconds=SHOWN_FOR_SECONDS)
    except signing.BadToken:
        return None
    wanted = (str(organization.id), event.value, organization.state_version)
    if (shown.get("organization"), shown.get("event"), shown.get("version")) != wanted:
        return None
    effects: list[dict[str, Any]] = shown["effects"]
    return effects


def _counts(record: TenantRecord) -> Counts:
    found: Counts = {"waiting": waiting_for(record.id)}
    for part in parts():
        if not part.bound:
            found.update(part.counts(record.id))
    if record.state not in rules.OPEN:
        return found
    try:
        with tenancy.bind(record):
            for part in parts():
                if part.bound:
                    found.update(part.counts(record.id))
    except TenantUnavailable:  # closed a moment ago; the transition will say so
        return found
    return found


# -- words -----------------------------------------------------------------------------------------------------------


def _many(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _out(counts: Counts, *, but_owners: bool = False) -> Iterator[Effect]:
    """Yield what locking people out does."""
    if "members" in counts:
        people, inside = counts["members"], counts.get("sessions", 0)
        if but_owners:
            people -= counts.get("owners", 0)
        words = f"{_many(people, 'member', 'members')} can't sign in."
        if inside and not but_owners:
            words += f" {_many(inside, 'session of theirs ends', 'sessions of theirs end')} within 60\u00a0s."
        yield Effect("members_signed_out", words, people)
    plays = counts.get("plays", 0)
    if plays:
        yield Effect(
            "plays_end",
            f"{_many(plays, 'film that runs now stops', 'films that run now stop')} within 60\u00a0s.",
            plays,
        )
    uploads = counts.get("uploads", 0)
    if uploads:
        yield Effect(
            "uploads_wait",
            f"{_many(uploads, 'open upload stops', 'open uploads stop')}. What has arrived is kept.",
            uploads,
        )
    jobs = counts.get("conversions", 0) + counts.get("waiting", 0)
    if jobs:
        yield Effect("jobs_wait", f"{_many(jobs, 'job waits', 'jobs wait')}: conversions, mails and the like.", jobs)


def _kept() -> Effect:
    return Effect("data_kept", "Nothing is deleted: courses, progress and films stay as they are.")


def _told(counts: Counts, letter: str = "a mail with your reason") -> Effect:
    owners = counts.get("owners")
    if owners is None:
        return Effect("owners_told", f"Its owners get {letter}.")
    return Effect("owners_told", f"{_many(owners, 'owner gets', 'owners get')} {letter}.", owners)


def _in_again(counts: Counts) -> Iterator[Effect]:
    if "members" in counts:
        people = counts["members"]
        yield Effect("members_return", f"{_many(people, 'member', 'members')} can use it again.", people)
    else:
        yield Effect("members_return", "Its members can sign in again; nobody stays signed in from before.")
    jobs = counts.get("conversions", 0) + counts.get("waiting", 0)
    if jobs:
        yield Effect("jobs_go_on", f"{_many(jobs, 'job that waited goes', 'jobs that waited go')} on.", jobs)


def _limit(counts: Counts, organization: Organization, to: str) -> Iterator[Effect]:
    yield Effect(
        "studio_read_only", "Nothing can be changed in the studio: courses, films, people and brand stay as they are."
    )
    people = counts.get("members")
    words = "Learners go on learning; their progress is kept."
    yield Effect("learning_goes_on", words, people)
    if uploads := counts.get("uploads", 0):
        yield Effect("uploads_stop", f"{_many(uploads, 'open upload stops', 'open uploads stop')}.", uploads)
    yield _told(counts)


def _suspend(counts: Counts, organization: Organization, to: str) -> Iterator[Effect]:
    yield from _out(counts)
    yield Effect("page_shown", "Visitors see a page in the organization's colours that says it is paused.")
    yield _kept()
    yield _told(counts)


def _reactivate(counts: Counts, organization: Organization, to: str) -> Iterator[Effect]:
    yield from _in_again(counts)
    yield _told(counts)


def _ask_deletion(counts: Counts, organization: Organization, to: str) -> Iterator[Effect]:
    due = now() + rules.DELETION_DELAY
    yield from _out(counts, but_owners=True)
    yield Effect("deleted_on", f"Everything is deleted on {day(due)}: {_everything(counts)}.")
    yield Effect("can_be_called_off", "Until then an owner can sign in to call it off or to export everything.")
    yield Effect("address_kept", "Its address is given to nobody else.")
    yield _told(counts)


def _cancel_deletion(counts: Counts, organization: Organization, to: str) -> Iterator[Effect]:
    if to in rules.SERVING:
        yield from _in_again(counts)
    else:
        yield Effect("paused_again", "It was paused before, and is paused again.")
    yield Effect("not_deleted", "Nothing is deleted.")
    yield _told(counts, "a mail")


def _everything(counts: Counts) -> str:
    words = [
        _many(counts[name], one, many)
        for name, one, many in (("members", "member", "members"), ("courses", "course", "courses"))
        if name in counts
    ]
    if stored := counts.get("stored_bytes"):
        words.append(f"{_size(stored)} of film and files")
    return ", ".join(words) or "members, courses, progress and films"


def _size(size: int) -> str:
    for unit, scale in (("TB", 10**12), ("GB", 10**9), ("MB", 10**6)):
        if size >= scale:
            return f"{size / scale:.1f} {unit}"
    return f"{max(1, size // 1000)} kB"


_EFFECTS: dict[Event, Callable[[Counts, Organization, str], Iterator[Effect]]] = {
    Event.LIMIT: _limit,
    Event.SUSPEND: _suspend,
    Event.REACTIVATE: _reactivate,
    Event.ASK_DELETION: _ask_deletion,
    Event.CANCEL_DELETION: _cancel_deletion,
}
