"""The sign-in endpoints that we serve of allauth's: these and no others.

Left out on purpose: signing up, phone numbers, codes by mail instead of passwords, and its own change of address (ours
tells the old address and asks who is there). Names are allauth's, so that it finds its own.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.headless.account import views as account
from allauth.headless.constants import Client
from allauth.headless.mfa import views as mfa
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, include, path

from apps.accounts.errors import SecondFactorRequired
from apps.accounts.factors import views
from apps.accounts.sessions import principal_of
from core.acting import become
from core.errors import DomainError
from core.http.problems import problem_response

# What somebody who must set up a second factor still may: see who they are, prove it, set one up, leave.
OPEN_TO_LOCKED = frozenset(
    {
        "current_session",
        "reauthenticate",
        "mfa:reauthenticate",
        "reauthenticate_webauthn",
        "authenticators",
        "manage_totp",
        "manage_recovery_codes",
        "manage_webauthn",
    }
)

View = Callable[..., HttpResponseBase]


def guarded(view: View, *, open_to_locked: bool) -> View:
    """Say who acts, keep out whoever must set up a second factor first, and render our refusals as problems."""

    @wraps(view)
    def call(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        found = principal_of(request)
        try:
            if found is not None:
                become(kind="member", id=found.member.id, name=found.member.name)
                if found.second_factor.state == "required" and not open_to_locked:
                    raise SecondFactorRequired
            return view(request, *args, **kwargs)
        except DomainError as refused:
            return problem_response(refused)

    return call


def _route(address: str, view: Any, name: str, *, key: str | None = None) -> URLPattern:
    served = guarded(view.as_api_view(client=Client.BROWSER), open_to_locked=(key or name) in OPEN_TO_LOCKED)
    return path(address, served, name=name)


_account = [
    _route("auth/session", account.SessionView, "current_session"),
    _route("auth/login", views.Login, "login"),
    _route("auth/reauthenticate", account.ReauthenticateView, "reauthenticate"),
    _route("auth/password/request", views.RequestPasswordReset, "request_password_reset"),
    _route("auth/password/reset", views.ResetPassword, "reset_password"),
    _route("account/password/change", views.ChangePassword, "change_password"),
]

_mfa = [
    _route("auth/2fa/authenticate", views.Authenticate, "authenticate"),
    _route("auth/2fa/reauthenticate", views.Reauthenticate, "reauthenticate", key="mfa:reauthenticate"),
    _route("auth/webauthn/authenticate", mfa.AuthenticateWebAuthnView, "authenticate_webauthn"),
    _route("auth/webauthn/reauthenticate", mfa.ReauthenticateWebAuthnView, "reauthenticate_webauthn"),
    _route("auth/webauthn/login", mfa.LoginWebAuthnView, "login_webauthn"),
    _route("account/authenticators", mfa.AuthenticatorsView, "authenticators"),
    _route("account/authenticators/totp", views.ManageTOTP, "manage_totp"),
    _route("account/authenticators/recovery-codes", views.ManageRecoveryCodes, "manage_recovery_codes"),
    _route("account/authenticators/webauthn", views.ManagePasskeys, "manage_webauthn"),
]

app_name = "headless"
urlpatterns = [
    path(
        "browser/v1/",
        include(
            (
                [
                    path("", include((_account, "headless"), namespace="account")),
                    path("", include((_mfa, "headless"), namespace="mfa")),
                ],
                "headless",
            ),
            namespace="browser",
        ),
    )
]
