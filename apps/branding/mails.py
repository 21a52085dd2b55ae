"""The mail that the editor previews: a real one, in the look that is being edited."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import formataddr

import tenancy
from apps.accounts.api import invitation_parts
from apps.branding.selectors import letterhead
from core import mail
from tenancy.hosts import public_url


@dataclass(frozen=True, slots=True)
class SampleMail:
    """An invitation as somebody would get it, with the headers that the brand decides."""

    subject: str
    sender: str
    reply_to: str
    html: str


def sample(*, inviter: str) -> SampleMail:
    """Return an invitation to a learner in the look of the draft. It is sent to nobody, and its link opens nothing."""
    head = letterhead(of_draft=True)
    parts = invitation_parts(
        role="learner",
        inviter=inviter,
        url=public_url(tenancy.current().host, "/invitation/preview"),
        organization=head.name,
    )
    subject = parts.pop("subject")
    return SampleMail(
        subject=subject,
        sender=formataddr((head.sender_name, f"no-reply@{head.sender_domain}")),
        reply_to=head.reply_to,
        html=mail.page(letterhead=head, **parts),
    )
