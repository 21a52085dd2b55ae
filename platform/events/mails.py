"""Mails on their way out: those of an organization in turn with everybody's, those of the platform straight on."""

from __future__ import annotations

import logging
import smtplib
from datetime import timedelta
from uuid import UUID

from django.db import transaction

import tenancy
from core import mail, tasks
from core.clock import now
from core.ids import written_at
from core.telemetry import metrics, origin
from events.admission import Lane
from events.delivery import MAX_ATTEMPTS, backoff
from events.models import QueuedMail

_log = logging.getLogger(__name__)

KEPT_FOR = timedelta(days=7)
State = QueuedMail.State


def enqueue(message: dict[str, str]) -> None:
    """Take a finished message (``core.mail.compose``) on its way, once the open transaction commits.

    An organization's is a row of that transaction: one that invites five thousand people delays nobody else's mail. The
    platform's own are few, and go to the workers as they are.
    """
    bound = tenancy.current_or_none()
    if bound is None:
        transaction.on_commit(lambda: tasks.deliver_mail.delay(**message), robust=True)
        return
    with transaction.atomic():
        QueuedMail.objects.bulk_create(
            [
                QueuedMail(
                    organization_id=bound.id,
                    generation=bound.generation,
                    message=message,
                    origin=origin.carried() or None,
                )
            ]
        )
        LANE.bell.ring_on_commit()


def enqueue_for(organization_id: UUID, generation: int, message: dict[str, str]) -> None:
    """Take a finished message to people of one organization on its way from the platform's transaction.

    It waits its turn with everything of that organization, and is there if the transaction commits.
    """
    with transaction.atomic():
        QueuedMail.objects.bulk_create(
            [
                QueuedMail(
                    organization_id=organization_id,
                    generation=generation,
                    message=message,
                    origin=origin.carried() or None,
                )
            ]
        )
        LANE.bell.ring_on_commit()


def send(mail_id: UUID) -> None:
    """Hand one mail to the server, and forget it. Must run on the platform.

    Safe to run twice, also at once: the Message-ID stays the same. A server that does not answer is tried again for
    hours, twelve times; an address that it refuses stays refused. What is given up is parked, and kept for a week.
    """
    row = QueuedMail.objects.filter(id=mail_id, state=State.PENDING).first()
    if row is None:
        return
    with origin.continuing(row.origin, "send a mail"):
        _send(row)


def _send(row: QueuedMail) -> None:
    mail_id = row.id
    try:
        mail.hand_over(**row.message)
    except (smtplib.SMTPException, OSError) as error:
        _log.warning("mail.not_taken", extra={"mail": str(mail_id), "error": type(error).__name__})
        refused = isinstance(error, smtplib.SMTPRecipientsRefused)
        attempts = row.attempts + 1
        metrics.MAILS.labels("refused" if refused else "not_taken").inc()
        QueuedMail.objects.filter(id=mail_id).update(
            state=State.PARKED if refused or attempts >= MAX_ATTEMPTS else State.PENDING,
            attempts=attempts,
            run_at=now() + backoff(attempts),
            lease_until=None,
            # Not the server's words: they repeat addresses.
            last_error=type(error).__name__,
        )
    else:
        metrics.MAILS.labels("taken").inc()
        lag = max(0.0, (now() - written_at(mail_id)).total_seconds())
        metrics.MAIL_SECONDS.observe(lag)
        _log.info("mail.taken", extra={"lag_ms": round(lag * 1000)})
        QueuedMail.objects.filter(id=mail_id).delete()


def purge() -> int:
    """Forget mails that were given up a week ago; return how many. Platform only."""
    return QueuedMail.objects.filter(state=State.PARKED, run_at__lt=now() - KEPT_FOR).delete()[0]


LANE = Lane(name="mails", table=QueuedMail._meta.db_table, run=send, bound=False)
