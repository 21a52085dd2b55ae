"""Routes of courses, under /api/v1/."""

from __future__ import annotations

from django.urls import path

from apps.courses.rest import views

app_name = "courses"

urlpatterns = [
    path("courses/", views.CourseList.as_view(), name="courses"),
    path("courses/<uuid:course_id>/", views.CourseDetail.as_view(), name="course"),
    path("courses/<uuid:course_id>/draft/", views.Draft.as_view(), name="draft"),
    path("courses/<uuid:course_id>/draft/nodes/", views.DraftNodeList.as_view(), name="draft-nodes"),
    path("courses/<uuid:course_id>/draft/nodes/<uuid:item>/", views.DraftNodeDetail.as_view(), name="draft-node"),
    path(
        "courses/<uuid:course_id>/draft/nodes/<uuid:item>/restore/",
        views.DraftNodeRestore.as_view(),
        name="draft-node-restore",
    ),
    path("courses/<uuid:course_id>/draft/moves/", views.DraftMoves.as_view(), name="draft-moves"),
    path("courses/<uuid:course_id>/draft/history/", views.DraftHistory.as_view(), name="draft-history"),
    path(
        "courses/<uuid:course_id>/publication-preview/", views.PublicationPreview.as_view(), name="publication-preview"
    ),
    path("courses/<uuid:course_id>/publication/", views.Publication.as_view(), name="publication"),
    path("courses/<uuid:course_id>/versions/", views.VersionList.as_view(), name="versions"),
]
