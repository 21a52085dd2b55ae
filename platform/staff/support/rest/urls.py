"""Routes of support access on an organization's host."""

from __future__ import annotations

from django.urls import path

from staff.support.rest import views

app_name = "support"

urlpatterns = [
    path("support-session/", views.SupportSession.as_view(), name="session"),
    path("support-access/", views.SupportAccess.as_view(), name="access"),
    path("support-access/<uuid:grant_id>/approval/", views.SupportApproval.as_view(), name="approval"),
    path("support-access/<uuid:grant_id>/refusal/", views.SupportRefusal.as_view(), name="refusal"),
    path("support-access/<uuid:grant_id>/end/", views.SupportEnd.as_view(), name="end"),
]
