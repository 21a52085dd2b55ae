"""What members are told about their own account: every change to how one gets in, and what others did to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import tenancy
from apps.accounts.mails import send
from apps.accounts.models import Member
from core.contacts import Contact
from core.mail import Action
from tenancy.hosts import public_url

_NOT_YOU = "If it was not you, choose a new password at once, and tell whoever runs the organization."


def send_new_device(member: Member, *, device: str, ip: str) -> None:
    """Say that somebody signed in on a browser that had not been seen with this member."""
    _to(
        member,
        subject="A new sign-in to your account",
        paragraphs=[
            f"Somebody signed in to your account at {_name()}: {device}, from {ip or 'an unknown address'}.",
            "If it was you, there is nothing to do. If not, end that session and choose a new password at once.",
        ],
        action=Action("See where you are signed in", _security()),
    )


def send_recovery_code_used(member: Member, *, left: int) -> None:
    """Say that one of the recovery codes is spent."""
    rest = "That was the last one." if left == 0 else f"{left} are left."
    _to(
        member,
        subject="A recovery code was used",
        paragraphs=[f"One of your recovery codes at {_name()} was used just now. {rest}", _NOT_YOU],
        action=Action("Make new codes", _security()),
    )


def send_email_change_code(email: str, *, code: str) -> None:
    """Send the code that proves a new address."""
    send(
        email,
        subject="Confirm your new e-mail address",
        heading="Confirm your new e-mail address",
        paragraphs=[
            f"Type this code where you asked for the change at {_name()}. It works for 30 minutes.",
            "If you did not ask for it, leave it: nothing changes.",
        ],
        code=code,
    )


def send_address_in_use(email: str) -> None:
    """Tell whoever holds an address that somebody else asked to sign in with it."""
    send(
        email,
        subject="Somebody asked to use your address",
        heading="Somebody asked to use your address",
        paragraphs=[
            f"A member of {_name()} asked to sign in with this address. It is your account's, so nothing changes.",
            "If that was you from another account of yours, ask whoever runs the organization to bring them together.",
        ],
    )


def send_email_change_asked(member: Member, *, to: str) -> None:
    """Tell the old address at once: whoever took an account over can't do this in silence."""
    _to(
        member,
        subject="Your e-mail address is about to change",
        paragraphs=[
            f"Somebody, you we hope, asked to change your address at {_name()} to {to}. Until that is confirmed you "
            "sign in with this one.",
            f"{_NOT_YOU} That also ends the change.",
        ],
        action=Action("See your account", _security()),
    )


def send_email_changed(email: str, *, to: str) -> None:
    """Tell the old address that it signs in no more."""
    send(
        email,
        subject="Your e-mail address was changed",
        heading="Your e-mail address was changed",
        paragraphs=[
            f"From now on you sign in to {_name()} with {to}.",
            "If it was not you, tell whoever runs the organization at once: they see the change in their audit.",
        ],
    )


def send_suspended(member: Member) -> None:
    """Say that the member may not sign in, and that nothing of theirs is lost."""
    _to(
        member,
        subject=f"Your account at {_name()} is suspended",
        paragraphs=[
            f"Whoever runs {_name()} suspended your account. You are signed out everywhere.",
            "Your progress is kept. If this is a mistake, answer them directly.",
        ],
    )


def send_restored(member: Member) -> None:
    """Say that the member may sign in again."""
    _to(
        member,
        subject=f"Your account at {_name()} works again",
        paragraphs=["You can sign in again with the password you had. Everything is where you left it."],
        action=Action("Sign in", public_url(tenancy.current().host, "/login")),
    )


def send_erased(email: str, name: str) -> None:
    """Say for the last time that there is no account any more."""
    send(
        email,
        subject=f"Your account at {_name()} was erased",
        heading=f"Your account at {_name()} was erased",
        paragraphs=[
            f"{name}, your name, address and everything that says who you are were removed from {_name()}.",
            "You can't sign in any more, and this is the last mail you get from there.",
        ],
    )


def send_factors_reset(member: Member, *, by: str, reason: str, owners: Sequence[Contact]) -> None:
    """Tell the member, and every other owner, that somebody took the second step off an account, and why."""
    _to(
        member,
        subject="Your second step for signing in was reset",
        paragraphs=[
            f"{by} removed your authenticator app, passkeys and recovery codes at {_name()}, because: {reason}",
            "Sign in with your password and set the second step up again. If you did not ask for this, tell an "
            "owner of the organization at once.",
        ],
        action=Action("Sign in", public_url(tenancy.current().host, "/login")),
    )
    for owner in owners:
        send(
            owner.email,
            subject=f"{member.name}'s second step was reset",
            heading="A second step was reset",
            paragraphs=[
                f"{by} removed the second step of {member.name} at {_name()}, because: {reason}",
                "You get this mail as an owner. It is in the audit too.",
            ],
        )


def _to(member: Member, *, subject: str, paragraphs: Sequence[str], action: Action | None = None) -> None:
    if member.email:
        send(member.email, subject=subject, heading=subject, paragraphs=paragraphs, action=action)


def _name() -> str:
    return tenancy.current().name


def _security() -> str:
    return public_url(tenancy.current().host, "/account/security")


def _factor(subject: str, what: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def letter(context: dict[str, Any]) -> dict[str, Any]:
        return {
            "subject": subject,
            "heading": subject,
            "paragraphs": [f"{what} at {_name()} just now, from {context.get('ip') or 'a browser'}.", _NOT_YOU],
            "action": Action("See your account", _security()),
        }

    return letter


# What allauth wants said about factors, in our words.
OF_ALLAUTH: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "mfa/email/totp_activated": _factor("An authenticator app was set up", "An authenticator app was set up for you"),
    "mfa/email/totp_deactivated": _factor("Your authenticator app was removed", "Your authenticator app was removed"),
    "mfa/email/webauthn_added": _factor("A passkey was added", "A passkey was added to your account"),
    "mfa/email/webauthn_removed": _factor("A passkey was removed", "A passkey was removed from your account"),
    "mfa/email/recovery_codes_generated": _factor(
        "You have new recovery codes", "New recovery codes were made for you, and the old ones ended"
    ),
}
