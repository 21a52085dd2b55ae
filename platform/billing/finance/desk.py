"""What staff's finance pages may use of billing. Platform only."""

from billing.catalog import CURRENCIES
from billing.finance.cohorts import Cohort, cohorts
from billing.finance.events import Inbox, event, events, inbox, organizations_of, retry
from billing.finance.months import Month, Revenue, movements_in, revenue
from billing.finance.panel import Panel, page_at_stripe, panel, read_again
from billing.finance.payments import PAYMENTS, organizations_where
from billing.finance.payments import counted as payments_counted
from billing.finance.reconciliation import ask as ask_reconciliation
from billing.finance.reconciliation import find as reconciliation
from billing.finance.reconciliation import newest as reconciliations
from billing.finance.unpaid import Owed, Unpaid, owed, unpaid
from billing.finance.versions import STANDINGS, Sold, Version, features, make_prices, plans
from billing.grants import MOST_CREDIT_MINOR, begin_credit, extend_trial, give_plan
from billing.ledger import Kind, balances
from billing.models import MrrMovement, Reconciliation, StripeEvent
from billing.subscriptions.changes import apply as apply_change
from billing.subscriptions.changes import preview_newest
from billing.subscriptions.customers import ensure as ensure_customer
from billing.subscriptions.intents import run as run_intent
from billing.subscriptions.standing import settle

__all__ = [
    "CURRENCIES",
    "MOST_CREDIT_MINOR",
    "PAYMENTS",
    "STANDINGS",
    "Cohort",
    "Inbox",
    "Kind",
    "Month",
    "MrrMovement",
    "Owed",
    "Panel",
    "Reconciliation",
    "Revenue",
    "Sold",
    "StripeEvent",
    "Unpaid",
    "Version",
    "apply_change",
    "ask_reconciliation",
    "balances",
    "begin_credit",
    "cohorts",
    "ensure_customer",
    "event",
    "events",
    "extend_trial",
    "features",
    "give_plan",
    "inbox",
    "make_prices",
    "movements_in",
    "organizations_of",
    "organizations_where",
    "owed",
    "page_at_stripe",
    "panel",
    "payments_counted",
    "plans",
    "preview_newest",
    "read_again",
    "reconciliation",
    "reconciliations",
    "retry",
    "revenue",
    "run_intent",
    "settle",
    "unpaid",
]
