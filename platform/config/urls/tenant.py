"""Routes of an organization's host: its API, its sign-in, and the shells of learn and studio."""

from django.urls import include, path, re_path

from config import pages, reports
from core.headers import REPORTS_PATH
from core.http.problems import not_found
from staff.support.rest import pages as support_pages

handler400 = "config.pages.bad_request"
handler500 = "config.pages.server_error"

urlpatterns = [
    path(REPORTS_PATH.removeprefix("/"), reports.take),
    path("_allauth/", include("apps.accounts.factors.urls")),
    path("api/v1/", include("tenants.rest.organization_urls")),
    path("api/v1/", include("tenants.rest.domain_urls")),
    path("api/v1/", include("tenants.rest.archive_urls")),
    path("api/v1/", include("billing.rest.urls")),
    path("api/v1/", include("staff.support.rest.urls")),
    path("api/v1/", include("apps.audit.rest.urls")),
    path("api/v1/", include("apps.accounts.rest.urls")),
    path("api/v1/", include("apps.branding.rest.urls")),
    path("api/v1/", include("apps.library.rest.urls")),
    path("api/v1/", include("apps.courses.rest.urls")),
    path("api/v1/", include("apps.enrollments.rest.urls")),
    path("api/v1/", include("apps.progress.rest.urls")),
    path("api/v1/", include("apps.reports.rest.urls")),
    path("api/v1/", include("staff.rest.tenant_urls")),
    re_path(r"^(api|_allauth)/", not_found),
    path("", include("apps.accounts.rest.pages")),
    path("support/start/", support_pages.start, name="support-start"),
    re_path(r"^support/(enter|ended)/$", pages.studio),
    path("manifest.webmanifest", pages.web_manifest),
    path("favicon.ico", pages.favicon),
    re_path(r"^studio(/.*)?$", pages.studio),
    re_path(r"^hand-over/$", pages.studio),
    re_path(r"^", pages.learn),
]
