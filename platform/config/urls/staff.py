"""Routes of the staff host."""

from django.urls import include, path, re_path

from config import pages, reports
from core.headers import REPORTS_PATH
from core.http.problems import not_found
from staff.support.rest import pages as support_pages

handler400 = "config.pages.bad_request"
handler500 = "config.pages.server_error"

urlpatterns = [
    path(REPORTS_PATH.removeprefix("/"), reports.take),
    path("api/v1/", include("staff.rest.urls")),
    re_path(r"^api/", not_found),
    path("support/hand-over/", support_pages.hand_over, name="support-hand-over"),
    re_path(r"^", pages.staff),
]
