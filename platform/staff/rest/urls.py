"""Routes of the staff host's API. Each area adds its own lines."""

from __future__ import annotations

from django.urls import path

from staff.rest import accounts, factors, session, support

app_name = "staff"

urlpatterns = [
    # -- who is here
    path("session/", session.SessionView.as_view(), name="session"),
    path("session/totp/", session.SessionTotp.as_view(), name="session-totp"),
    path("session/recovery/", session.SessionRecovery.as_view(), name="session-recovery"),
    path("session/passkey/options/", session.SessionPasskeyOptions.as_view(), name="session-passkey-options"),
    path("session/passkey/", session.SessionPasskey.as_view(), name="session-passkey"),
    path("set-up-links/<str:token>/", session.SetUpLinkView.as_view(), name="set-up-link"),
    path("factors/", factors.FactorList.as_view(), name="factor-list"),
    path("factors/totp/", factors.TotpStart.as_view(), name="factor-totp"),
    path("factors/totp/confirmation/", factors.TotpConfirmation.as_view(), name="factor-totp-confirmation"),
    path("factors/passkeys/options/", factors.PasskeyOptions.as_view(), name="factor-passkey-options"),
    path("factors/passkeys/", factors.PasskeyList.as_view(), name="factor-passkey-list"),
    path("factors/passkeys/<uuid:passkey_id>/", factors.PasskeyDetail.as_view(), name="factor-passkey-detail"),
    path("factors/recovery-codes/", factors.RecoveryCodes.as_view(), name="factor-recovery-codes"),
    path("sessions/", factors.SessionList.as_view(), name="session-list"),
    path("sessions/<uuid:session_id>/", factors.SessionDetail.as_view(), name="session-detail"),
    path("accounts/", accounts.AccountList.as_view(), name="account-list"),
    path("accounts/<uuid:account_id>/", accounts.AccountDetail.as_view(), name="account-detail"),
    path("accounts/<uuid:account_id>/set-up-link/", accounts.AccountSetUpLink.as_view(), name="account-set-up-link"),
    # -- support access
    path("support-grants/", support.SupportGrantList.as_view(), name="support-grant-list"),
    path("support-grants/kill/", support.SupportKill.as_view(), name="support-grant-kill"),
    path("support-grants/<uuid:grant_id>/", support.SupportGrantDetail.as_view(), name="support-grant-detail"),
    path("support-grants/<uuid:grant_id>/code/", support.SupportGrantCode.as_view(), name="support-grant-code"),
    path("support-grants/<uuid:grant_id>/end/", support.SupportGrantEnd.as_view(), name="support-grant-end"),
]
