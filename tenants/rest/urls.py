from django.urls import path

from tenants.rest import views

app_name = "tenants"

urlpatterns = [
    path("slugs/<str:slug>/", views.Slug.as_view(), name="slug"),
    path("terms/", views.Terms.as_view(), name="terms"),
    path("sign-ups/", views.SignUps.as_view(), name="sign-up-list"),
    path("sign-ups/<str:token>/", views.SignUpDetail.as_view(), name="sign-up-detail"),
    path("sign-ups/<str:token>/code/", views.SignUpCode.as_view(), name="sign-up-code"),
    path("sign-ups/<str:token>/code-resend/", views.SignUpCodeResend.as_view(), name="sign-up-code-resend"),
    path("sign-ups/<str:token>/hand-over/", views.SignUpHandOver.as_view(), name="sign-up-hand-over"),
]
