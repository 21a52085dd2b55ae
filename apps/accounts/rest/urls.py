"""Routes of accounts."""

from django.urls import path

from apps.accounts.rest import invitations, views

app_name = "accounts"

urlpatterns = [
    path("me/", views.Me.as_view(), name="me"),
    path("hand-over/", views.HandOver.as_view(), name="hand-over"),
    path("members/", views.MemberList.as_view(), name="member-list"),
    path("members/<uuid:member_id>/roles/", views.MemberRoles.as_view(), name="member-roles"),
    path("invitations/", invitations.InvitationList.as_view(), name="invitation-list"),
    path("invitations/<uuid:invitation_id>/", invitations.InvitationDetail.as_view(), name="invitation-detail"),
    path("invitations/<uuid:invitation_id>/resend/", invitations.InvitationResend.as_view(), name="invitation-resend"),
    path("invitation-links/<str:token>/", invitations.InvitationLink.as_view(), name="invitation-link"),
    path(
        "invitation-links/<str:token>/acceptance/",
        invitations.InvitationAcceptance.as_view(),
        name="invitation-acceptance",
    ),
]
