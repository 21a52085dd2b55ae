"""Routes of learning, under /api/v1/."""

from __future__ import annotations

from django.urls import path

from apps.progress.rest import catalog, learn, roster

app_name = "progress"

urlpatterns = [
    path("catalog/", catalog.CatalogList.as_view(), name="catalog"),
    path("catalog/<uuid:course_id>/", catalog.CatalogDetail.as_view(), name="catalog-course"),
    path("enrollments/", learn.EnrollmentList.as_view(), name="enrollments"),
    path("enrollments/<uuid:enrollment_id>/", learn.EnrollmentDetail.as_view(), name="enrollment"),
    path("enrollments/<uuid:enrollment_id>/outline/", learn.Outline.as_view(), name="outline"),
    path("enrollments/<uuid:enrollment_id>/play-beacons/", learn.PlayBeacons.as_view(), name="play-beacons"),
    path("enrollments/<uuid:enrollment_id>/items/<uuid:item>/", learn.Lesson.as_view(), name="lesson"),
    path(
        "enrollments/<uuid:enrollment_id>/items/<uuid:item>/completion/",
        learn.Completion.as_view(),
        name="lesson-completion",
    ),
    path("enrollments/<uuid:enrollment_id>/items/<uuid:item>/grant/", learn.LessonGrant.as_view(), name="lesson-grant"),
    path("courses/<uuid:course_id>/enrollments/", roster.CourseEnrollments.as_view(), name="course-enrollments"),
]
