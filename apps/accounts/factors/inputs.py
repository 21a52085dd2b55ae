"""What the sign-in endpoints accept where a code is given: ours, so that codes work once and guessing ends."""

from __future__ import annotations

from typing import Any

from allauth.core import context as allauth_context
from allauth.headless.internal.restkit import inputs
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.internal.flows.add import validate_can_add_authenticator
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from django.db import transaction

from apps.accounts import letters, limits
from apps.accounts.factors import codes
from apps.accounts.factors.adapter import unseal_for
from apps.accounts.models import Member
from apps.audit.api import record
from core.sealing import SealBroken
from core.telemetry import metrics


class CodeInput(inputs.Input):  # untyped library
    """A code of the app, or a recovery code."""

    code = inputs.CharField(max_length=32)
    reauthenticated = False

    def __init__(self, *args: Any, user: Member, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)

    def clean_code(self) -> str:
        """Spend the code.

        Raises:
            ValidationError: it is wrong or was used. TooManyRequests: too many were.
        """
        code: str = self.cleaned_data["code"]
        found = codes.attempt(allauth_context.request, self.user.pk, code)
        if found is None:
            metrics.SIGN_INS.labels("tenant", "failed", "factor").inc()
            with transaction.atomic():
                record("accounts.factor.refused", object_type="member", object_id=self.user.pk, label=self.user.name)
            raise get_adapter().validation_error("incorrect_code")
        self.authenticator = found
        return code

    def save(self) -> None:
        """Note in the session what was proved; say by mail that a recovery code is gone."""
        self.authenticator.user = self.user
        post_authentication(allauth_context.request, self.authenticator, reauthenticated=self.reauthenticated)
        if self.authenticator.type == Authenticator.Type.RECOVERY_CODES:
            with transaction.atomic():
                record(
                    "accounts.recovery_code.used", object_type="member", object_id=self.user.pk, label=self.user.name
                )
            letters.send_recovery_code_used(self.user, left=codes.left(self.authenticator))


class ConfirmInput(CodeInput):
    """The same, from somebody who is signed in and proves it anew."""

    reauthenticated = True


class ActivateInput(inputs.Input):  # untyped library
    """The first code of a new authenticator app: it shows that the seed arrived."""

    code = inputs.CharField(max_length=32)

    def __init__(self, *args: Any, user: Member, **kwargs: Any) -> None:
        self.user = user
        sealed = allauth_context.request.session.get(SECRET_SESSION_KEY)
        self.secret = _opened(user, sealed) if sealed else ""
        self.step = -1
        super().__init__(*args, **kwargs)

    def clean_code(self) -> str:
        """Compare the code.

        Raises:
            ValidationError: it is wrong, or no enrolment was begun. TooManyRequests: too many were wrong.
        """
        validate_can_add_authenticator(self.user)
        code: str = self.cleaned_data["code"]
        attempts = limits.Attempts(kind="enrolment", subjects={f"member:{self.user.pk}": codes.MEMBER_LIMITS})
        attempts.begin()
        step = codes.step_of(self.secret, code) if self.secret else None
        if step is None:
            raise get_adapter().validation_error("incorrect_code")
        attempts.succeeded()
        self.step = step
        return code


def _opened(user: Member, sealed: str) -> str:
    """Return the seed that waits in the session; none where the key it was sealed with has been given up since."""
    try:
        return unseal_for(user.pk, sealed)
    except SealBroken:
        return ""
