from django.urls import path

from billing.rest import views

app_name = "billing"

urlpatterns = [
    path("billing/", views.BillingView.as_view(), name="billing"),
    path("invoices/", views.Invoices.as_view(), name="invoices"),
]
