"""allauth's endpoints for factors and sign-in as we serve them: audited, in one transaction, with our own rules."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from allauth.account.internal.flows.reauthentication import raise_if_reauthentication_required
from allauth.headless.account import views as account
from allauth.headless.internal.restkit.response import APIResponse
from allauth.headless.mfa import response as answers
from allauth.headless.mfa import views as mfa
from allauth.headless.mfa.inputs import AddWebAuthnInput, DeleteWebAuthnInput, UpdateWebAuthnInput
from allauth.mfa.adapter import get_adapter
from allauth.mfa.internal.flows.add import validate_can_add_authenticator
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase

from apps.accounts import limits
from apps.accounts.errors import FactorNeeded, FactorThere
from apps.accounts.factors import policy
from apps.accounts.factors.adapter import FACTORS, seal_for
from apps.accounts.factors.inputs import ActivateInput, CodeInput, ConfirmInput
from apps.accounts.rest.whose import member_of
from apps.accounts.services import email_change
from apps.accounts.services.devices import end_others
from apps.audit.api import record
from core.caching import without_redis_too
from core.http.client import client_ip

# Wrong passwords from one address over all organizations. Each account has a limit of its own beside it.
SIGN_IN_LIMITS = ((200, 3600),)
RESET_LIMITS = ((60, 3600),)


def noted(action: str, request: HttpRequest, **changes: Any) -> None:
    """Keep what the signed-in member did to their own account."""
    member = member_of(request)
    record(action, object_type="member", object_id=member.pk, label=member.name, changes=changes)


class Login(account.LoginView):  # untyped library
    """E-mail and password."""

    def handle(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Count what fails by address, over all organizations; each process for itself while Redis is away."""
        attempts = limits.Attempts(kind="login", subjects={f"ip:{client_ip(request)}": SIGN_IN_LIMITS})
        with without_redis_too():
            attempts.begin()
            answer: HttpResponseBase = super().handle(request, *args, **kwargs)
            if answer.status_code != HTTPStatus.BAD_REQUEST:
                attempts.succeeded()
        return answer


class RequestPasswordReset(account.RequestPasswordResetView):  # untyped library
    """A link for a new password."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send it, or a word that there is no account: as often as a person may need it, and no oftener."""
        limits.Attempts(kind="reset", subjects={f"ip:{client_ip(request)}": RESET_LIMITS}).begin()
        answer: HttpResponseBase = super().post(request, *args, **kwargs)
        return answer


class ResetPassword(account.ResetPasswordView):  # untyped library
    """A new password by the link from the mail."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Set it: every session ends, and a change of address that somebody else may have begun."""
        member = self.input.user
        with transaction.atomic():
            answer: HttpResponseBase = super().post(request, *args, **kwargs)
            email_change.forget(member.pk)
            end_others(member.pk, keep=request.session.session_key)
            record("accounts.password.reset", object_type="member", object_id=member.pk, label=member.name)
        return answer


class ChangePassword(account.ChangePasswordView):  # untyped library
    """A new password, by whoever knows the old one."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Set it: every other session ends."""
        with transaction.atomic():
            answer: HttpResponseBase = super().post(request, *args, **kwargs)
            email_change.forget(member_of(request).pk)
            end_others(member_of(request).pk, keep=request.session.session_key)
            noted("accounts.password.changed", request)
        return answer


class Authenticate(mfa.AuthenticateView):  # untyped library
    """The second step of signing in, by a code."""

    input_class = CodeInput


class Reauthenticate(mfa.ReauthenticateView):  # untyped library
    """A code as a fresh proof of identity."""

    input_class = ConfirmInput


class ManageTOTP(mfa.ManageTOTPView):  # untyped library
    """The authenticator app."""

    input_class = {"POST": ActivateInput}

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Return the app that is set up, or (404) a new seed with its picture; it waits sealed in the session."""
        known = self._get_authenticator()
        if known:
            return answers.TOTPResponse(request, known)
        raise_if_reauthentication_required(request, app="allauth.mfa")
        try:
            validate_can_add_authenticator(request.user)
        except ValidationError as refused:
            raise FactorThere(" ".join(refused.messages)) from refused
        adapter = get_adapter()
        secret = totp.generate_totp_secret()
        request.session[totp.SECRET_SESSION_KEY] = seal_for(member_of(request).pk, secret)
        url = adapter.build_totp_url(request.user, secret)
        meta = {"secret": secret, "totp_url": url, "totp_svg": adapter.build_totp_svg(url)}
        return APIResponse(request, meta=meta, status=HTTPStatus.NOT_FOUND)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Set the app up. The code that showed it is spent."""
        if self._get_authenticator():
            raise FactorThere
        with transaction.atomic():
            answer: HttpResponseBase = super().post(request, *args, **kwargs)
            row = self._get_authenticator()
            row.data["last_step"] = self.input.step
            row.save(update_fields=["data"])
            noted("accounts.factor.added", request, kind="totp")
        return answer

    def delete(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Remove the app, unless it is the last factor of somebody who must have one."""
        known = self._get_authenticator()
        if known and not get_adapter().can_delete_authenticator(known):
            raise FactorNeeded
        with transaction.atomic():
            answer: HttpResponseBase = super().delete(request, *args, **kwargs)
            if known:
                noted("accounts.factor.removed", request, kind="totp")
        return answer


class ManageRecoveryCodes(mfa.ManageRecoveryCodesView):  # untyped library
    """Ten codes for the day the phone is lost. Shown once."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Make ten new ones; the old ones end."""
        with transaction.atomic():
            answer: HttpResponseBase = super().post(request, *args, **kwargs)
            noted("accounts.recovery_codes.renewed", request)
        return answer


class AddPasskeyInput(AddWebAuthnInput):  # untyped library
    """A new passkey. Its name is a person's words: short, one line."""

    def clean_name(self) -> str:
        """Return the name, or one of ours."""
        name: str = " ".join(super().clean_name().split())
        return name[:60] or "Passkey"


class ManagePasskeys(mfa.ManageWebAuthnView):  # untyped library
    """Passkeys of this address."""

    input_class = {"POST": AddPasskeyInput, "PUT": UpdateWebAuthnInput, "DELETE": DeleteWebAuthnInput}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Add one."""
        with transaction.atomic():
            answer: HttpResponseBase = super().post(request, *args, **kwargs)
            noted("accounts.factor.added", request, kind="passkey")
        return answer

    def delete(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Remove some, unless nothing would be left to somebody who must have a factor."""
        going = list(self.input.cleaned_data["authenticators"])
        kept = Authenticator.objects.filter(user_id=request.user.pk, type__in=FACTORS)
        if (
            going
            and not kept.exclude(pk__in=[row.pk for row in going]).exists()
            and policy.covers(member_of(request).pk)
        ):
            raise FactorNeeded
        with transaction.atomic():
            answer: HttpResponseBase = super().delete(request, *args, **kwargs)
            for _ in going:
                noted("accounts.factor.removed", request, kind="passkey")
        return answer
