"""Routes of the staff host's API. Each area adds its own lines."""

from __future__ import annotations

from django.urls import path

from staff.rest import session

app_name = "staff"

urlpatterns = [
    # -- who is here
    path("session/", session.SessionView.as_view(), name="session"),
]
