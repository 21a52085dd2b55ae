"""Routes of the staff host."""

from django.urls import include, path, re_path

from config import health, pages
from core.http.problems import not_found

handler400 = "config.pages.bad_request"
handler500 = "config.pages.server_error"

urlpatterns = [
    path("livez", health.live),
    path("readyz", health.ready),
    path("api/v1/", include("staff.rest.urls")),
    re_path(r"^api/", not_found),
    re_path(r"^", pages.staff),
]
