from django.urls import path

from tenants.rest import domains as views

app_name = "domains"

urlpatterns = [
    path("domains/", views.DomainList.as_view(), name="domain-list"),
    path("domains/address/", views.Address.as_view(), name="address"),
    path("domains/address-previews/<str:slug>/", views.AddressPreview.as_view(), name="address-preview"),
    path("domains/primary/", views.Primary.as_view(), name="primary"),
    path("domains/<uuid:domain_id>/", views.DomainDetail.as_view(), name="domain-detail"),
    path("domains/<uuid:domain_id>/check/", views.DomainCheck.as_view(), name="domain-check"),
]
