"""Every API route of every host in one list: what the OpenAPI document is made from. Served nowhere."""

from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("tenants.rest.urls")),
    path("api/v1/", include("tenants.rest.organization_urls")),
    path("api/v1/", include("tenants.rest.domain_urls")),
    path("api/v1/", include("tenants.rest.archive_urls")),
    path("api/v1/", include("billing.rest.urls")),
    path("api/v1/", include("billing.rest.site_urls")),
    path("api/v1/", include("staff.support.rest.urls")),
    path("api/v1/", include("apps.audit.rest.urls")),
    path("api/v1/", include("apps.accounts.rest.urls")),
    path("api/v1/", include("apps.branding.rest.urls")),
    path("api/v1/", include("apps.library.rest.urls")),
    path("api/v1/", include("apps.courses.rest.urls")),
    path("api/v1/", include("apps.enrollments.rest.urls")),
    path("api/v1/", include("apps.progress.rest.urls")),
    path("api/v1/", include("staff.rest.tenant_urls")),
    path("api/v1/", include("apps.reports.rest.urls")),
]
