"""Tasks that need no binding: they touch no table."""

from __future__ import annotations

import smtplib
from typing import Any

from celery import shared_task
from django.core.mail import EmailMultiAlternatives


@shared_task(
    autoretry_for=(smtplib.SMTPException, OSError),
    # An address that the server refuses for good stays refused.
    dont_autoretry_for=(smtplib.SMTPRecipientsRefused,),
    retry_backoff=5,  # seconds, doubled each time
    retry_backoff_max=1200,
    max_retries=10,
)
def deliver_mail(*, to: str, subject: str, text: str, html: str, sender: str, message_id: str) -> Any:
    """Hand one mail to the SMTP server. Safe to run twice: the Message-ID stays the same."""
    message = EmailMultiAlternatives(subject, text, sender, [to], headers={"Message-ID": message_id})
    message.attach_alternative(html, "text/html")
    message.send()
