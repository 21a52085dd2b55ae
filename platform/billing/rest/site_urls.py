from django.urls import path

from billing.rest import site_views as views

app_name = "pricing"

urlpatterns = [path("plans/", views.Plans.as_view(), name="plans")]
