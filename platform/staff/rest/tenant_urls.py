"""Routes of the organization's host that show what the platform announces."""

from __future__ import annotations

from django.urls import path

from staff.rest.tenant import CurrentAnnouncements

app_name = "announcements"

urlpatterns = [path("announcements/", CurrentAnnouncements.as_view(), name="current")]
