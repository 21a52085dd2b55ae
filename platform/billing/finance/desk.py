"""What staff's finance pages may use of billing's books. Platform only."""

from billing.finance.cohorts import Cohort, cohorts
from billing.finance.months import Month, Revenue, movements_in, revenue
from billing.finance.reconciliation import ask as ask_reconciliation
from billing.finance.reconciliation import find as reconciliation
from billing.finance.reconciliation import newest as reconciliations
from billing.finance.unpaid import Owed, Unpaid, owed, unpaid
from billing.ledger import Kind, balances
from billing.models import MrrMovement, Reconciliation

__all__ = [
    "Cohort",
    "Kind",
    "Month",
    "MrrMovement",
    "Owed",
    "Reconciliation",
    "Revenue",
    "Unpaid",
    "ask_reconciliation",
    "balances",
    "cohorts",
    "movements_in",
    "owed",
    "reconciliation",
    "reconciliations",
    "revenue",
    "unpaid",
]
