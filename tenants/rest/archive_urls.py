from django.urls import path

from tenants.rest import archive

app_name = "archive"

urlpatterns = [
    path("exports/", archive.ExportList.as_view(), name="export-list"),
    path("exports/<uuid:export_id>/", archive.ExportDetail.as_view(), name="export-detail"),
    path("exports/<uuid:export_id>/link/", archive.ExportLink.as_view(), name="export-link"),
    path("exports/<uuid:export_id>/file/", archive.ExportFile.as_view(), name="export-file"),
]
