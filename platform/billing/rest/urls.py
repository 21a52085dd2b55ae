from django.urls import path

from billing.rest import usage, views

app_name = "billing"

urlpatterns = [
    path("billing/", views.BillingView.as_view(), name="billing"),
    path("billing-usage/", usage.BillingUsage.as_view(), name="usage"),
    path("overage/", usage.Overage.as_view(), name="overage"),
    path("invoices/", views.Invoices.as_view(), name="invoices"),
]
