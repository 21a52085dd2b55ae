from django.urls import path

from billing.rest import site_views as views
from billing.rest import webhooks

app_name = "pricing"

urlpatterns = [
    path("plans/", views.Plans.as_view(), name="plans"),
    path("webhooks/stripe/", webhooks.StripeWebhook.as_view(), name="stripe-webhook"),
]
