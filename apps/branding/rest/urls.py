"""Routes of branding."""

from django.urls import path

from apps.branding.rest import views

app_name = "branding"

urlpatterns = [
    path("brand/", views.BrandDetail.as_view(), name="brand"),
]
