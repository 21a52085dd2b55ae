"""Mails to the owners about a transition: written with it, in the organization's name, sent until they are out."""

from __future__ import annotations

import logging
import smtplib
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.module_loading import import_string

import tenancy
from core import mail
from core.clock import day, now
from core.contacts import Contact
from core.errors import NotFound
from core.ids import new_id
from core.mail import Action, Letterhead
from tenancy import TenantRecord
from tenancy.errors import TenantUnavailable
from tenancy.hosts import public_url
from tenants.lifecycle import rules
from tenants.lifecycle.rules import Event
from tenants.models import LifecycleNotice, LifecycleTransition, Organization

_log = logging.getLogger(__name__)

MAX_ATTEMPTS = 20  # over more than a day
MAX_PAUSE = timedelta(hours=2)
_BATCH = 20

State = LifecycleNotice.State


@dataclass(frozen=True, slots=True)
class Known:
    """What was read of an organization while it could be: whom to write to, and in which look."""

    owners: list[Contact]
    letterhead: Letterhead


def know(record: TenantRecord) -> Known | None:
    """Read owners and look of an organization, or None where it is closed. No transaction may be open."""
    if record.state not in rules.OPEN:
        return None
    try:
        with tenancy.bind(record):
            return Known(
                owners=import_string(settings.OWNER_CONTACTS)(),
                letterhead=import_string(settings.MAIL_LETTERHEAD)(),
            )
    except TenantUnavailable:  # closed meanwhile
        return None


def write(done: LifecycleTransition, organization: Organization, host: str, known: Known | None) -> None:
    """Write the notices of a transition in its transaction; who can't be read yet is written to later."""
    if known is None:
        LifecycleNotice.objects.create(
            transition=done, organization_id=organization.id, state=State.UNADDRESSED, member_id=None
        )
        return
    _address(done, organization, host, known)


def _address(done: LifecycleTransition, organization: Organization, host: str, known: Known) -> None:
    LifecycleNotice.objects.bulk_create(
        (
            LifecycleNotice(
                id=new_id(),
                transition=done,
                organization_id=organization.id,
                member_id=owner.member_id,
                message=_message(owner, done, organization, host, known.letterhead),
            )
            for owner in known.owners
        ),
        ignore_conflicts=True,
    )


def _message(
    owner: Contact, done: LifecycleTransition, organization: Organization, host: str, letterhead: Letterhead
) -> dict[str, str]:
    subject, paragraphs, action = _WORDS[Event(done.event)](done, organization, host)
    if done.reason:
        paragraphs = [paragraphs[0], f"The reason given: {done.reason}", *paragraphs[1:]]
    letterhead = replace(letterhead, name=organization.name)
    parts: dict[str, Any] = {"heading": subject, "paragraphs": paragraphs, "action": action, "letterhead": letterhead}
    return mail.compose(
        to=owner.email, subject=subject, text=mail.plain(**parts), html=mail.page(**parts), letterhead=letterhead
    )


# -- on their way --------------------------------------------------------------------------------------------------


def due() -> bool:
    """Return whether a notice waits to be sent. Platform only."""
    return _due().exists()


def _due() -> Any:
    return LifecycleNotice.objects.filter(state__in=(State.UNADDRESSED, State.WAITING), run_at__lte=now())


def send_due() -> int:
    """Send what is due; return how many mails the server took. Safe to run anywhere, any number of times at once.

    A mail whose acknowledgement was lost goes out again under the same Message-ID.
    """
    sent = 0
    with tenancy.platform():
        for notice_id, organization_id, state in list(
            _due().order_by("run_at").values_list("id", "organization_id", "state")[:_BATCH]
        ):
            if state == State.UNADDRESSED:
                _resolve(notice_id, organization_id)
            elif _send(notice_id):
                sent += 1
    return sent


def _resolve(notice_id: UUID, organization_id: UUID) -> None:
    """Turn a notice without an address into one for each owner, if they can be read now."""
    from tenants.catalog import load

    try:
        record = load(organization_id)
        known = know(record)
    except NotFound:
        record, known = None, None
    with transaction.atomic():
        row = _claimed(notice_id)
        if row is None:
            return
        if known is None or record is None:
            _later(row, "the owners can't be read")
            return
        _address(row.transition, row.transition.organization, record.host, known)
        row.delete()


def _send(notice_id: UUID) -> bool:
    with transaction.atomic():
        row = _claimed(notice_id)
        if row is None or row.state != State.WAITING:
            return False
        try:
            mail.hand_over(**row.message)
        except smtplib.SMTPRecipientsRefused as refused:
            # The server knows no such person, and will not know them in an hour.
            _finish(row, State.GIVEN_UP, type(refused).__name__)  # not the server's words: they repeat addresses
            return False
        except (smtplib.SMTPException, OSError) as failed:
            _later(row, type(failed).__name__)
            return False
        _finish(row, State.SENT, "")
        return True


def _claimed(notice_id: UUID) -> LifecycleNotice | None:
    return (
        LifecycleNotice.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("transition__organization")
        .filter(Q(state=State.UNADDRESSED) | Q(state=State.WAITING), id=notice_id)
        .first()
    )


def _later(row: LifecycleNotice, error: str) -> None:
    row.attempts += 1
    row.error = error[:500]
    if row.attempts >= MAX_ATTEMPTS:
        _finish(row, State.GIVEN_UP if row.member_id else State.UNADDRESSED, row.error)
        return
    row.run_at = now() + min(timedelta(seconds=5 * 2**row.attempts), MAX_PAUSE)
    row.save(update_fields=["attempts", "error", "run_at"])


def _finish(row: LifecycleNotice, state: str, error: str) -> None:
    """End a notice, and forget whom it went to and what it said: that is the mailbox's now."""
    if state == State.UNADDRESSED:
        row.delete()
        return
    if state == State.GIVEN_UP:
        _log.error("lifecycle.notice_given_up", extra={"notice_id": str(row.id), "error": error})
    row.state, row.message, row.error, row.sent_at = state, {}, error[:500], now()
    row.save(update_fields=["state", "message", "error", "sent_at", "attempts"])


# -- words -----------------------------------------------------------------------------------------------------------

_Words = tuple[str, list[str], Action | None]


def _studio(host: str, label: str) -> Action | None:
    return Action(label, public_url(host, "/studio/settings/organization")) if host else None


def _limit(done: LifecycleTransition, organization: Organization, host: str) -> _Words:
    return (
        f"{organization.name} is read-only",
        [
            "Since now, nothing can be changed in the studio.",
            "Learners go on learning, and their progress is kept. Nothing is deleted.",
        ],
        _studio(host, "Open the studio"),
    )


def _suspend(done: LifecycleTransition, organization: Organization, host: str) -> _Words:
    return (
        f"{organization.name} is paused",
        [
            "Since now, nobody can sign in: its address shows a page that says it is paused.",
            "Nothing is deleted. Courses, progress and films stay as they are, and work that waits goes "
            "on when it is switched on again.",
        ],
        None,
    )


def _reactivate(done: LifecycleTransition, organization: Organization, host: str) -> _Words:
    return (
        f"{organization.name} is open again",
        ["Everybody can use it as before. Whoever was signed out signs in again; work that waited goes on."],
        _studio(host, "Open the studio"),
    )


def _ask_deletion(done: LifecycleTransition, organization: Organization, host: str) -> _Words:
    due = day(organization.delete_after) if organization.delete_after else "in 30 days"
    return (
        f"{organization.name} will be deleted on {due}",
        [
            f"Since now, its members are locked out. On {due} everything is deleted: members, courses, "
            "progress and films.",
            "Until then you can sign in to call it off or to export everything.",
        ],
        _studio(host, "Call it off or export"),
    )


def _cancel_deletion(done: LifecycleTransition, organization: Organization, host: str) -> _Words:
    paused = organization.state == Organization.State.SUSPENDED
    return (
        f"{organization.name} will not be deleted",
        [
            "The deletion was called off. Nothing was deleted.",
            "It is paused, as it was before." if paused else "Everybody can use it as before.",
        ],
        None if paused else _studio(host, "Open the studio"),
    )


def _begin_deletion(done: LifecycleTransition, organization: Organization, host: str) -> _Words:
    return (
        f"{organization.name} is being deleted",
        [
            "The 30 days in which this could be called off have passed. Everything is being deleted now: members, "
            "courses, progress and films.",
            "Its address is given to nobody else. This is the last mail about it.",
        ],
        None,
    )


_WORDS = {
    Event.LIMIT: _limit,
    Event.SUSPEND: _suspend,
    Event.REACTIVATE: _reactivate,
    Event.ASK_DELETION: _ask_deletion,
    Event.CANCEL_DELETION: _cancel_deletion,
    Event.BEGIN_DELETION: _begin_deletion,
}
