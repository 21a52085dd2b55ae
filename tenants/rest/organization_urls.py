from django.urls import path

from tenants.rest import lifecycle

app_name = "organization"

urlpatterns = [
    path("organization/", lifecycle.OrganizationView.as_view(), name="organization"),
    path("organization/deletion/", lifecycle.DeletionView.as_view(), name="deletion"),
]
