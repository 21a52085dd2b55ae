from django.urls import path

from billing.rest import acts, usage, views

app_name = "billing"

urlpatterns = [
    path("billing/", views.BillingView.as_view(), name="billing"),
    path("invoices/", views.Invoices.as_view(), name="invoices"),
    path("checkout-sessions/", acts.CheckoutSessions.as_view(), name="checkout-sessions"),
    path("portal-sessions/", acts.PortalSessions.as_view(), name="portal-sessions"),
    path("card-confirmations/", acts.CardConfirmations.as_view(), name="card-confirmations"),
    path("plan-previews/", acts.PlanPreviews.as_view(), name="plan-previews"),
    path("plan-changes/", acts.PlanChanges.as_view(), name="plan-changes"),
    path("cancellation/", acts.Cancellation.as_view(), name="cancellation"),
    path("billing-usage/", usage.BillingUsage.as_view(), name="usage"),
    path("overage/", usage.Overage.as_view(), name="overage"),
]
