"""Routes of the site host: what the product is, and sign-up."""

from django.urls import include, path, re_path

from config import pages, reports, status_page, well_known
from core.headers import REPORTS_PATH
from core.http.problems import not_found

handler400 = "config.pages.bad_request"
handler500 = "config.pages.server_error"

urlpatterns = [
    path(REPORTS_PATH.removeprefix("/"), reports.take),
    path(".well-known/security.txt", well_known.security_txt),
    path("api/v1/", include("tenants.rest.urls")),
    path("api/v1/", include("billing.rest.site_urls")),
    re_path(r"^api/", not_found),
    path("status", status_page.view),
    re_path(r"^", pages.site),
]
