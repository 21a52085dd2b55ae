"""Routes of reports."""

from django.urls import path

from apps.reports.rest import views

app_name = "reports"

urlpatterns = [
    path("first-run/", views.FirstRun.as_view(), name="first-run"),
    path("first-run/dismissal/", views.FirstRunDismissal.as_view(), name="first-run-dismissal"),
    path("usage/", views.Usage.as_view(), name="usage"),
]
