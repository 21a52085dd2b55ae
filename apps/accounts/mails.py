"""The organization's mails to its people: in its name, with its colour on the one button."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.module_loading import import_string

import tenancy
from core import mail
from core.mail import Action, Letterhead

_ROLES = {
    "owner": "an owner",
    "admin": "an admin",
    "author": "an author",
    "instructor": "an instructor",
    "learner": "a learner",
}


def send_invitation(*, email: str, role: str, inviter: str, url: str, days: int) -> None:
    """Send the link that makes whoever opens it a member within ``days``."""
    send(email, **invitation(role=role, inviter=inviter, url=url, organization=_letterhead().name, days=days))


def invitation(*, role: str, inviter: str, url: str, organization: str, days: int = 7) -> dict[str, Any]:
    """Return the parts of an invitation."""
    return {
        "subject": f"{inviter} invited you to {organization}",
        "heading": f"Join {organization}",
        "paragraphs": [
            f"{inviter} invited you to {organization} as {_ROLES[role]}.",
            f"The link works for {_days(days)} and for one person. If you don't know who this is from, leave it: "
            "nothing happens.",
        ],
        "action": Action("Accept the invitation", url),
    }


def _days(days: int) -> str:
    return {1: "one day", 7: "seven days"}.get(days, f"{days} days")


def send_allauth(template_prefix: str, email: str, context: dict[str, Any]) -> None:
    """Send what allauth wants said. What we have words for is ours; the rest is allauth's text in our layout."""
    letter = _OURS.get(template_prefix.removeprefix("account/email/"))
    if letter is not None:
        send(email, **letter(context))
        return
    organization = tenancy.current().name
    words = {**context, "email": email, "current_site": {"name": organization, "domain": tenancy.current().host}}
    subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", words).split())
    body = render_to_string(f"{template_prefix}_message.txt", words)
    send(
        email,
        subject=subject,
        heading=subject,
        paragraphs=[" ".join(p.split()) for p in body.split("\n\n") if p.strip()],
    )


def send(
    email: str,
    *,
    subject: str,
    heading: str,
    paragraphs: Sequence[str],
    code: str | None = None,
    action: Action | None = None,
) -> None:
    letterhead = _letterhead()
    mail.send(
        to=email,
        subject=subject,
        text=mail.plain(heading=heading, paragraphs=paragraphs, code=code, action=action, letterhead=letterhead),
        html=mail.page(heading=heading, paragraphs=paragraphs, code=code, action=action, letterhead=letterhead),
        letterhead=letterhead,
    )


def _letterhead() -> Letterhead:
    """Settings name who knows the organization's look: branding stands above accounts."""
    path = getattr(settings, "MAIL_LETTERHEAD", None)
    if path is None:
        return Letterhead(name=tenancy.current().name)
    found: Letterhead = import_string(path)()
    return found


def _password_reset(context: dict[str, Any]) -> dict[str, Any]:
    return {
        "subject": "Choose a new password",
        "heading": "Choose a new password",
        "paragraphs": [
            f"Somebody, you we hope, asked for a new password at {tenancy.current().name}.",
            "The link works once. If it was not you, leave it: your password stays as it is.",
        ],
        "action": Action("Choose a new password", context["password_reset_url"]),
    }


def _unknown_account(_context: dict[str, Any]) -> dict[str, Any]:
    organization = tenancy.current().name
    return {
        "subject": f"No account at {organization}",
        "heading": "There is no account with this address",
        "paragraphs": [
            f"Somebody, you we hope, asked for a new password at {organization}. No account there has this address.",
            "Perhaps you joined with another one. Try that, or ask whoever runs the organization to invite you.",
        ],
    }


def _password_changed(context: dict[str, Any]) -> dict[str, Any]:
    return {
        "subject": "Your password was changed",
        "heading": "Your password was changed",
        "paragraphs": [
            f"Your password at {tenancy.current().name} was changed just now from {context.get('ip') or 'a browser'}.",
            "If it was not you, choose a new one at once, and tell whoever runs the organization.",
        ],
    }


def _email_code(context: dict[str, Any]) -> dict[str, Any]:
    asked = {"code": context["code"]} if "code" in context else {"action": Action("Confirm", context["activate_url"])}
    return {
        "subject": "Confirm your e-mail address",
        "heading": "Confirm your e-mail address",
        "paragraphs": [
            f"This shows {tenancy.current().name} that the address is yours.",
            "If you did not ask for it, leave it.",
        ],
        **asked,
    }


_OURS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "password_reset_key": _password_reset,
    "unknown_account": _unknown_account,
    "password_reset": _password_changed,
    "password_changed": _password_changed,
    "email_confirmation": _email_code,
    "email_confirmation_signup": _email_code,
}
