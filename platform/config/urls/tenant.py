"""Routes of an organization's host: its API, its sign-in, and the shells of learn and studio."""

from django.urls import include, path, re_path

from config import health, pages
from core.http.problems import not_found

handler400 = "config.pages.bad_request"
handler500 = "config.pages.server_error"

urlpatterns = [
    path("livez", health.live),
    path("_allauth/", include("allauth.headless.urls")),
    path("api/v1/", include("tenants.rest.domain_urls")),
    path("api/v1/", include("apps.accounts.rest.urls")),
    path("api/v1/", include("apps.branding.rest.urls")),
    path("api/v1/", include("apps.library.rest.urls")),
    path("api/v1/", include("apps.courses.rest.urls")),
    path("api/v1/", include("apps.enrollments.rest.urls")),
    path("api/v1/", include("apps.progress.rest.urls")),
    re_path(r"^(api|_allauth)/", not_found),
    path("", include("apps.accounts.rest.pages")),
    path("manifest.webmanifest", pages.web_manifest),
    path("favicon.ico", pages.favicon),
    re_path(r"^studio(/.*)?$", pages.studio),
    re_path(r"^hand-over/$", pages.studio),
    re_path(r"^", pages.learn),
]
