"""Routes of the audit."""

from __future__ import annotations

from django.urls import path

from apps.audit.rest import views

app_name = "audit"

urlpatterns = [
    path("audit-entries/", views.EntryList.as_view(), name="entry-list"),
    path("audit-entries/<uuid:entry_id>/", views.EntryDetail.as_view(), name="entry-detail"),
    path("audit-groups/", views.GroupList.as_view(), name="group-list"),
    path("audit-state/", views.State.as_view(), name="state"),
    path("audit-export/", views.Export.as_view(), name="export"),
]
