"""Payments whose bank asks why, in the staff's list of jobs: the answer is given at Stripe, within days."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid5

from billing.clock import now_of
from billing.models import BillingAccount, Invoice
from billing.subscriptions.money import money
from core.errors import NotFound
from core.jobs import JobLine, JobState

# A dispute's status at Stripe -> whether somebody must do something, or the bank is at it.
_STATES: dict[str, JobState] = {
    "open": "failed",
    "needs_response": "failed",
    "warning_needs_response": "failed",
    "under_review": "waiting",
    "warning_under_review": "waiting",
}
# What Stripe may dispute is a part of the invoice; that part is not kept here.
_TAKEN = "The bank has taken the payment of {amount} back, or a part of it,"
_ASKED = "The bank asks about the payment of {amount}, and has taken nothing back yet"
_LOST = "Answer in Stripe's dashboard: unanswered it is lost"
_WORDS: dict[str, str] = {
    "open": f"{_TAKEN} and asks why. {_LOST}{{ends}}.",
    "needs_response": f"{_TAKEN} and asks why. {_LOST}{{ends}}.",
    "warning_needs_response": f"{_ASKED}. Answer in Stripe's dashboard: unanswered it may become a dispute.",
    "under_review": f"{_TAKEN} and looks at what was answered.",
    "warning_under_review": f"{_ASKED}; it looks at what was answered.",
}
_IDS = UUID("0c1b2f8e-7a7d-5d59-9a0f-4f6f2f0c9d11")


class OpenDisputes:
    """Disputes that the bank has not decided."""

    kind = "dispute"
    label = "Disputed payment"

    def lines(self, *, state: JobState | None, organization_id: UUID | None, limit: int) -> Sequence[JobLine]:
        """See :class:`core.jobs.JobSource`."""
        wanted = [status for status, known in _STATES.items() if state in (None, known)]
        rows = Invoice.objects.filter(dispute__in=wanted)
        if organization_id is not None:
            rows = rows.filter(organization_id=organization_id)
        found = list(rows.order_by("-folded_at")[:limit])
        own = BillingAccount.objects.filter(organization_id__in={row.organization_id for row in found})
        accounts = {account.organization_id: account for account in own}
        return [_line(row, accounts[row.organization_id]) for row in found]

    def retry(self, job_id: UUID, *, reason: str) -> JobLine:
        """Nothing here can be tried again: Stripe's event tells how it ends.

        Raises:
            NotFound: always.
        """
        raise NotFound

    def cancel(self, job_id: UUID, *, reason: str) -> JobLine:
        """Nothing here can be given up: that is done at Stripe.

        Raises:
            NotFound: always.
        """
        raise NotFound


def _line(row: Invoice, account: BillingAccount) -> JobLine:
    state = _STATES[row.dispute]
    # A plan ends with the payment of a period that runs: of one that is over it has been had.
    runs = row.period_end is not None and row.period_end > now_of(account)
    ends = ", and the plan it paid for ends" if runs else ""
    return JobLine(
        kind=OpenDisputes.kind,
        id=uuid5(_IDS, row.stripe_id),
        organization_id=row.organization_id,
        state=state,
        progress_permille=None,
        error=_WORDS[row.dispute].format(amount=money(row.paid_minor, row.currency), ends=ends),
        created_at=row.issued_at,
        updated_at=row.folded_at,
        can_retry=False,
        subject=f"Invoice {row.number}",
    )
