"""Routes of the staff host's API. Each area adds its own lines."""

from __future__ import annotations

from django.urls import path

from staff.rest import (
    accounts,
    announcements,
    archive,
    billing,
    capacity,
    cells,
    delivery,
    dispatcher,
    factors,
    finance,
    flags,
    fleet,
    fleet_releases,
    jobs,
    lifecycle,
    organizations,
    plans,
    session,
    status,
    stripe_events,
    support,
    violations,
)

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
    # -- an organization's life
    path(
        "organizations/<uuid:organization_id>/transition-effects/",
        lifecycle.TransitionEffects.as_view(),
        name="transition-effects",
    ),
    path("organizations/<uuid:organization_id>/transitions/", lifecycle.Transitions.as_view(), name="transition-list"),
    # -- support access
    path("support-grants/", support.SupportGrantList.as_view(), name="support-grant-list"),
    path("support-grants/kill/", support.SupportKill.as_view(), name="support-grant-kill"),
    path("support-grants/<uuid:grant_id>/", support.SupportGrantDetail.as_view(), name="support-grant-detail"),
    path("support-grants/<uuid:grant_id>/code/", support.SupportGrantCode.as_view(), name="support-grant-code"),
    path("support-grants/<uuid:grant_id>/end/", support.SupportGrantEnd.as_view(), name="support-grant-end"),
    # -- organizations
    path("organizations/", organizations.OrganizationList.as_view(), name="organization-list"),
    path("organizations.csv/", organizations.OrganizationCsv.as_view(), name="organization-csv"),
    path("saved-views/", organizations.SavedViews.as_view(), name="saved-view-list"),
    path("saved-views/<uuid:view_id>/", organizations.SavedViewDetail.as_view(), name="saved-view-detail"),
    path(
        "organizations/<uuid:organization_id>/",
        organizations.OrganizationDetail.as_view(),
        name="organization-detail",
    ),
    path(
        "organizations/<uuid:organization_id>/people/",
        organizations.OrganizationPeople.as_view(),
        name="organization-people",
    ),
    path(
        "organizations/<uuid:organization_id>/timeline/",
        organizations.OrganizationTimeline.as_view(),
        name="organization-timeline",
    ),
    path(
        "organizations/<uuid:organization_id>/notes/",
        organizations.OrganizationNotes.as_view(),
        name="organization-notes",
    ),
    # -- cells
    path("cells/", cells.CellList.as_view(), name="cell-list"),
    path("cells/<slug:name>/", cells.CellDetail.as_view(), name="cell-detail"),
    path(
        "organizations/<uuid:organization_id>/move/",
        cells.OrganizationMove.as_view(),
        name="organization-move",
    ),
    path(
        "organizations/<uuid:organization_id>/move/abort/",
        cells.OrganizationMoveAbort.as_view(),
        name="organization-move-abort",
    ),
    # -- delivery of films
    path("delivery/", delivery.DeliveryView.as_view(), name="delivery"),
    path("delivery/organizations/", delivery.DeliveryOrganizations.as_view(), name="delivery-organization-list"),
    path(
        "organizations/<uuid:organization_id>/delivery/",
        delivery.OrganizationDelivery.as_view(),
        name="organization-delivery",
    ),
    # -- archives
    path(
        "organizations/<uuid:organization_id>/exports/",
        archive.OrganizationExports.as_view(),
        name="organization-exports",
    ),
    path(
        "organizations/<uuid:organization_id>/restores/",
        archive.OrganizationRestores.as_view(),
        name="organization-restores",
    ),
    path(
        "organizations/<uuid:organization_id>/deletion-report/",
        archive.OrganizationDeletionReport.as_view(),
        name="organization-deletion-report",
    ),
    path("restores/<uuid:restore_id>/", archive.RestoreDetail.as_view(), name="restore-detail"),
    path("restores/<uuid:restore_id>/swap/", archive.RestoreSwap.as_view(), name="restore-swap"),
    path("restores/<uuid:restore_id>/discard/", archive.RestoreDiscard.as_view(), name="restore-discard"),
    # -- operations
    path("jobs/", jobs.JobListView.as_view(), name="job-list"),
    path("jobs/<str:kind>/<uuid:job_id>/retry/", jobs.JobRetry.as_view(), name="job-retry"),
    path("jobs/<str:kind>/<uuid:job_id>/cancel/", jobs.JobCancel.as_view(), name="job-cancel"),
    path("feature-flags/", flags.FlagListView.as_view(), name="flag-list"),
    path("feature-flags/<str:key>/", flags.FlagDetail.as_view(), name="flag-detail"),
    path("feature-flags/<str:key>/rules/", flags.FlagRules.as_view(), name="flag-rules"),
    path("announcements/", announcements.AnnouncementListView.as_view(), name="announcement-list"),
    path("announcements/current/", announcements.CurrentAnnouncements.as_view(), name="announcement-current"),
    path(
        "announcements/<uuid:announcement_id>/",
        announcements.AnnouncementDetail.as_view(),
        name="announcement-detail",
    ),
    path("status/", status.StatusView.as_view(), name="status"),
    path("incidents/", status.IncidentListView.as_view(), name="incident-list"),
    path("incidents/<uuid:incident_id>/", status.IncidentDetail.as_view(), name="incident-detail"),
    path("incidents/<uuid:incident_id>/updates/", status.IncidentUpdates.as_view(), name="incident-updates"),
    path("policy-violations/", violations.ViolationListView.as_view(), name="violation-list"),
    path("policy-violations/<uuid:violation_id>/", violations.ViolationDetail.as_view(), name="violation-detail"),
    path("dispatcher/", dispatcher.DispatcherView.as_view(), name="dispatcher"),
    path("fleet/", fleet.FleetView.as_view(), name="fleet"),
    path("fleet-capacity/", capacity.FleetCapacity.as_view(), name="fleet-capacity"),
    path("idle-organizations/", capacity.IdleOrganizations.as_view(), name="idle-organization-list"),
    path("idle-organizations.csv/", capacity.IdleOrganizationsCsv.as_view(), name="idle-organization-csv"),
    path("fleet-releases/", fleet_releases.ReleaseList.as_view(), name="fleet-release-list"),
    path(
        "fleet-releases/<int:number>/organizations/",
        fleet_releases.ReleaseOrganizations.as_view(),
        name="fleet-release-organizations",
    ),
    path("fleet-releases/<int:number>/retry/", fleet_releases.ReleaseRetry.as_view(), name="fleet-release-retry"),
    path("fleet-releases/<int:number>/pause/", fleet_releases.ReleasePause.as_view(), name="fleet-release-pause"),
    path("fleet-releases/<int:number>/resume/", fleet_releases.ReleaseResume.as_view(), name="fleet-release-resume"),
    path("fleet-drift/", fleet_releases.Drift.as_view(), name="fleet-drift"),
    # -- finance
    path("finance/", finance.FinanceView.as_view(), name="finance"),
    path("finance-months.csv/", finance.FinanceMonthsCsv.as_view(), name="finance-months-csv"),
    path("mrr-movements/", finance.MovementList.as_view(), name="movement-list"),
    path("mrr-movements.csv/", finance.MovementsCsv.as_view(), name="movement-csv"),
    path("reconciliations/", finance.ReconciliationList.as_view(), name="reconciliation-list"),
    path("reconciliations/<uuid:comparison_id>/", finance.ReconciliationDetail.as_view(), name="reconciliation-detail"),
    path(
        "reconciliations/<uuid:comparison_id>/differences.csv/",
        finance.ReconciliationCsv.as_view(),
        name="reconciliation-csv",
    ),
    path("plans/", plans.PlanList.as_view(), name="plan-list"),
    path("plans/<slug:plan>/versions/<int:number>/prices/", plans.VersionPrices.as_view(), name="plan-version-prices"),
    path("stripe-events/", stripe_events.StripeEventList.as_view(), name="stripe-event-list"),
    path("stripe-events/<str:event_id>/", stripe_events.StripeEventDetail.as_view(), name="stripe-event-detail"),
    path("stripe-events/<str:event_id>/retry/", stripe_events.StripeEventRetry.as_view(), name="stripe-event-retry"),
    path(
        "organizations/<uuid:organization_id>/billing/",
        billing.OrganizationBilling.as_view(),
        name="organization-billing",
    ),
    path(
        "organizations/<uuid:organization_id>/billing/reading/",
        billing.BillingReadings.as_view(),
        name="organization-billing-reading",
    ),
    path(
        "organizations/<uuid:organization_id>/given-plans/",
        billing.GivenPlans.as_view(),
        name="organization-given-plans",
    ),
    path(
        "organizations/<uuid:organization_id>/trial-extensions/",
        billing.TrialExtensions.as_view(),
        name="organization-trial-extensions",
    ),
    path("organizations/<uuid:organization_id>/credits/", billing.Credits.as_view(), name="organization-credits"),
    path(
        "organizations/<uuid:organization_id>/overrides/<slug:feature>/",
        billing.OverrideDetail.as_view(),
        name="organization-override",
    ),
    path(
        "organizations/<uuid:organization_id>/overrides/<slug:feature>/revocation/",
        billing.OverrideRevocation.as_view(),
        name="organization-override-revocation",
    ),
    path(
        "organizations/<uuid:organization_id>/version-previews/",
        billing.VersionPreviews.as_view(),
        name="organization-version-previews",
    ),
    path(
        "organizations/<uuid:organization_id>/version-changes/",
        billing.VersionChanges.as_view(),
        name="organization-version-changes",
    ),
    # -- the record
    path("audit-entries/", fleet.AuditEntryList.as_view(), name="audit-entry-list"),
    path("audit-entries.csv/", fleet.AuditEntryCsv.as_view(), name="audit-entry-csv"),
]
