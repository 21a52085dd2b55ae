"""Routes of accounts."""

from django.urls import path

from apps.accounts.rest import invitations, keeping, own, seats, views

app_name = "accounts"

urlpatterns = [
    path("me/", views.Me.as_view(), name="me"),
    path("me/security/", own.Security.as_view(), name="security"),
    path("me/sessions/", own.Sessions.as_view(), name="session-list"),
    path("me/sessions/<int:session_id>/", own.SessionDetail.as_view(), name="session-detail"),
    path("me/email-change/", own.EmailChangeView.as_view(), name="email-change"),
    path("me/email-change/confirmation/", own.EmailChangeConfirmation.as_view(), name="email-change-confirmation"),
    path("hand-over/", views.HandOver.as_view(), name="hand-over"),
    path("members/", views.MemberList.as_view(), name="member-list"),
    path("members/<uuid:member_id>/roles/", views.MemberRoles.as_view(), name="member-roles"),
    path("member-counts/", keeping.MemberCounts.as_view(), name="member-counts"),
    path("members/<uuid:member_id>/suspension/", keeping.MemberSuspension.as_view(), name="member-suspension"),
    path("members/<uuid:member_id>/erasure/", keeping.MemberErasure.as_view(), name="member-erasure"),
    path(
        "members/<uuid:member_id>/second-factor-reset/",
        keeping.SecondFactorReset.as_view(),
        name="member-second-factor-reset",
    ),
    path("seats/", seats.SeatsView.as_view(), name="seats"),
    path("security-policy/", keeping.SecurityPolicyView.as_view(), name="security-policy"),
    path("invitation-batches/", invitations.InvitationBatch.as_view(), name="invitation-batch"),
    path("invitations/", invitations.InvitationList.as_view(), name="invitation-list"),
    path("invitations/<uuid:invitation_id>/", invitations.InvitationDetail.as_view(), name="invitation-detail"),
    path("invitations/<uuid:invitation_id>/resend/", invitations.InvitationResend.as_view(), name="invitation-resend"),
    path("invitations/<uuid:invitation_id>/link/", invitations.InvitationOwnLink.as_view(), name="invitation-own-link"),
    path("invitation-links/<str:token>/", invitations.InvitationLink.as_view(), name="invitation-link"),
    path(
        "invitation-links/<str:token>/acceptance/",
        invitations.InvitationAcceptance.as_view(),
        name="invitation-acceptance",
    ),
]
