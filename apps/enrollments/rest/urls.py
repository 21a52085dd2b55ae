"""Routes of enrollments, under /api/v1/."""

from __future__ import annotations

from django.urls import path

from apps.enrollments.rest import views

app_name = "enrollments"

urlpatterns = [
    path("enrollments/<uuid:enrollment_id>/withdrawal/", views.Withdrawal.as_view(), name="withdrawal"),
    path(
        "courses/<uuid:course_id>/enrollments/<uuid:enrollment_id>/",
        views.CourseEnrollment.as_view(),
        name="course-enrollment",
    ),
]
