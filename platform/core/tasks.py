"""Tasks that need no binding: they touch no table."""

from __future__ import annotations

import smtplib

from celery import shared_task

from core import mail


@shared_task(
    autoretry_for=(smtplib.SMTPException, OSError),
    # An address that the server refuses for good stays refused.
    dont_autoretry_for=(smtplib.SMTPRecipientsRefused,),
    retry_backoff=5,  # seconds, doubled each time
    retry_backoff_max=1200,
    max_retries=10,
)
def deliver_mail(
    *, to: str, subject: str, text: str, html: str, sender: str, message_id: str, reply_to: str = ""
) -> None:
    """Hand one mail to the SMTP server. Safe to run twice: the Message-ID stays the same."""
    mail.hand_over(
        to=to, subject=subject, text=text, html=html, sender=sender, message_id=message_id, reply_to=reply_to
    )
