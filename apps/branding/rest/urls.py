"""Routes of branding."""

from django.urls import path

from apps.branding.rest import views

app_name = "branding"

urlpatterns = [
    path("brand/", views.BrandDetail.as_view(), name="brand"),
    path("brand/publication/", views.BrandPublication.as_view(), name="brand-publication"),
    path("brand/versions/", views.BrandVersions.as_view(), name="brand-versions"),
    path("brand/versions/<uuid:version_id>/restoration/", views.BrandRestoration.as_view(), name="brand-restoration"),
    path("brand/images/", views.BrandImages.as_view(), name="brand-images"),
    path("brand/mail/", views.BrandMail.as_view(), name="brand-mail"),
    path("brand/mail/page/", views.BrandMailPage.as_view(), name="brand-mail-page"),
]
