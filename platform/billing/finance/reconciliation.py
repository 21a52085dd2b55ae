"""Do the books agree? The ledger, our subscriptions and invoices, and Stripe's own objects, to the minor unit.

Three questions. Is what the ledger sums up what subscriptions bring? Is what subscriptions bring what Stripe's objects
say, each computed anew? Is what our invoices say was paid what Stripe's say? Whatever does not agree is listed by
organization with what to do; nothing is put right silently.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from billing import ledger
from billing.models import BillingAccount, Invoice, Reconciliation, Subscription
from core.clock import now
from core.errors import DomainError, NotFound
from tenants.api import PENDING_DELETION, organization_states

KEPT = 400
EVERY = timedelta(hours=24)
LOST_AFTER = timedelta(minutes=15)
# Whoever asks for a deletion has not told Stripe in the same moment.
TOLD_WITHIN = timedelta(hours=1)
DRAFT_LASTS = timedelta(days=2)
State = Reconciliation.State


@dataclass(frozen=True, slots=True)
class StripeSubscription:
    """A subscription as Stripe has it now; ``counted_minor`` is what a month of it counts, computed from it."""

    stripe_id: str
    customer: str
    currency: str
    counted_minor: int
    # Whether its end is known, in the books of Stripe.
    ends: bool = False


@dataclass(frozen=True, slots=True)
class StripeInvoice:
    """An invoice as Stripe has it now."""

    stripe_id: str
    customer: str
    currency: str
    status: str
    total_minor: int
    paid_minor: int
    paid_at: datetime | None


@dataclass(frozen=True, slots=True)
class StripeBooks:
    """Everything at Stripe that counts: every subscription that is not canceled, and invoices since ``since``."""

    subscriptions: list[StripeSubscription]
    invoices: list[StripeInvoice]
    since: datetime
    # When reading began: what was folded since may be newer than what was read.
    read_at: datetime


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that does not agree. Amounts are minor units; None where a side does not know of it."""

    kind: str
    organization_id: str | None
    reference: str
    currency: str
    ledger_minor: int | None = None
    rows_minor: int | None = None
    stripe_minor: int | None = None
    words: str = ""
    todo: str = ""


_READ_AGAIN = "Open the organization and press Read again: what Stripe says is folded, and the ledger follows."
_NOBODYS = "Look the customer up at Stripe: it is no organization's. Cancel there what nobody uses."
_IS_ENDED = (
    "It is ended by itself within an hour. If it is here again tomorrow, cancel it at Stripe, and see why in the log "
    "(billing.not_ended, stripe.intent_given_up)."
)
_ASK_STRIPE = "Look it up at Stripe. A deleted draft is nothing; anything else is for Stripe's support."


def ask(*, asked_by: UUID | None = None) -> Reconciliation:
    """Ask for a comparison; a worker makes it within seconds. While one is asked for, that one is returned."""
    waiting = Reconciliation.objects.filter(state=State.ASKED).order_by("at").first()
    return waiting or Reconciliation.objects.create(asked_by=asked_by)


def newest(limit: int) -> list[Reconciliation]:
    """Return the newest comparisons, those that are asked for among them."""
    return list(Reconciliation.objects.order_by("-at")[:limit])


def find(comparison_id: UUID) -> Reconciliation:
    """Return one comparison.

    Raises:
        NotFound: there is none.
    """
    found = Reconciliation.objects.filter(id=comparison_id).first()
    if found is None:
        raise NotFound
    return found


def is_due() -> bool:
    """Say whether one is asked for, or whether none was made for a day."""
    rows = Reconciliation.objects.exclude(state=State.FAILED)
    if rows.filter(Q(state=State.ASKED) | Q(state=State.RUNNING, at__lt=now() - LOST_AFTER)).exists():
        return True
    newest = rows.order_by("-at").values_list("at", flat=True).first()
    return newest is None or newest < now() - EVERY


def run(read: Callable[[], StripeBooks], *, why_without: str = "") -> Reconciliation | None:
    """Make the comparison that is due, if no other worker does; return it. No transaction may be open.

    ``read`` asks Stripe; ``why_without`` says why it is not asked. Where it does not answer, the comparison is of our
    own rows alone, and says so.
    """
    row = _claimed()
    if row is None:
        return None
    began = now()
    books = None
    try:
        if not why_without:
            try:
                books = read()
            except DomainError as refusal:
                why_without = refusal.detail
        totals, found = compare(books)
    except Exception as failure:
        Reconciliation.objects.filter(id=row.id).update(state=State.FAILED, note=f"{type(failure).__name__}: {failure}")
        raise
    row.state, row.with_stripe, row.note = State.DONE, books is not None, why_without
    row.duration_ms = round((now() - began).total_seconds() * 1000)
    row.totals, row.differences = totals, [asdict(one) for one in found]
    row.save()
    old = Reconciliation.objects.order_by("-at").values_list("id", flat=True)[KEPT:]
    Reconciliation.objects.filter(id__in=list(old)).delete()
    return row


@transaction.atomic
def _claimed() -> Reconciliation | None:
    """Take the comparison that is asked for, one that a worker lost, or a new one where the last is a day old."""
    lost = Q(state=State.RUNNING, at__lt=now() - LOST_AFTER)
    rows = Reconciliation.objects.select_for_update(skip_locked=True)
    row = rows.filter(Q(state=State.ASKED) | lost).order_by("at").first()
    if row is None and is_due() and not Reconciliation.objects.filter(state=State.RUNNING).exclude(lost).exists():
        row = Reconciliation()
    if row is None:
        return None
    row.state, row.at = State.RUNNING, now()
    row.save()
    return row


def compare(books: StripeBooks | None) -> tuple[dict[str, object], list[Difference]]:
    """Return the sums of each source and whatever does not agree. ``books`` is what Stripe said. Platform only.

    What changed after Stripe was read, or while rows were, is no difference: it is left to the next time.
    """
    totals = _totals(books)
    found = [*_against_ledger()]
    if books is not None:
        accounts = BillingAccount.objects.exclude(stripe_customer=None, former_customers=[])
        customers = {
            customer: row.organization_id
            for row in accounts.only("organization_id", "stripe_customer", "former_customers")
            for customer in (*row.former_customers, row.stripe_customer)
            if customer
        }
        found += _of_nobody(books, customers)
        found += _subscriptions(books, customers)
        found += _invoices(books, customers)
    return totals, found


# -- the ledger and our rows ----------------------------------------------------------------------------------------


def _against_ledger() -> Iterator[Difference]:
    """Yield where the ledger and a subscription disagree, each looked at again while nobody may change it."""
    suspects = {organization_id for (organization_id, _), (was, due) in _pairs().items() if was != due}
    for organization_id in sorted(suspects):
        with transaction.atomic():
            BillingAccount.objects.select_for_update().filter(organization_id=organization_id).first()
            pairs = _pairs(organization_id)
        for (_, currency), (was, due) in pairs.items():
            if was != due:
                yield Difference(
                    kind="ledger",
                    organization_id=str(organization_id),
                    reference="",
                    currency=currency,
                    ledger_minor=was,
                    rows_minor=due,
                    words="A change of the subscription was not booked.",
                    todo="Open the organization and press Read again: the difference is booked, as of that day.",
                )


def _pairs(organization_id: UUID | None = None) -> dict[tuple[UUID, str], tuple[int, int]]:
    """Return (organization, currency) -> (by the ledger, by its subscription)."""
    counted = Subscription.objects.exclude(mrr_minor=0)
    booked = ledger.balances_of_all()
    if organization_id is not None:
        counted = counted.filter(organization_id=organization_id)
        booked = {key: minor for key, minor in booked.items() if key[0] == organization_id}
    due: dict[tuple[UUID, str], int] = defaultdict(int)
    for row in counted:
        due[row.organization_id, row.currency] += ledger.counted_minor(row)
    return {key: (booked.get(key, 0), due.get(key, 0)) for key in sorted({*booked, *due})}


# -- our rows and Stripe's objects ----------------------------------------------------------------------------------


def _of_nobody(books: StripeBooks, customers: dict[str, UUID]) -> Iterator[Difference]:
    """Yield what is charged to organizations that were deleted, or will be and nothing ends it."""
    states = organization_states(customers.get(found.customer) for found in books.subscriptions)
    for found in books.subscriptions:
        organization_id = customers.get(found.customer)
        state, since = states.get(organization_id, ("", now())) if organization_id else ("", now())
        if since > books.read_at - TOLD_WITHIN:
            continue
        if state in ("deleting", "deleted") or (state == PENDING_DELETION and not found.ends):
            yield Difference(
                kind="subscription_of_nobody",
                organization_id=str(organization_id),
                reference=found.stripe_id,
                currency=found.currency,
                stripe_minor=found.counted_minor,
                words="Its organization is deleted, or will be, and Stripe goes on charging for it.",
                todo=_IS_ENDED,
            )


def _subscriptions(books: StripeBooks, customers: dict[str, UUID]) -> Iterator[Difference]:
    ours = {str(row.stripe_id): row for row in Subscription.objects.exclude(stripe_id=None)}
    theirs = {found.stripe_id: found for found in books.subscriptions}
    for found in books.subscriptions:
        row = ours.get(found.stripe_id)
        organization_id = customers.get(found.customer)
        if row is None:
            yield Difference(
                kind="subscription_unknown",
                organization_id=str(organization_id) if organization_id else None,
                reference=found.stripe_id,
                currency=found.currency,
                stripe_minor=found.counted_minor,
                words=f"Stripe has a subscription of {found.customer} that we do not know.",
                todo=_READ_AGAIN if organization_id else _NOBODYS,
            )
        elif (row.currency, ledger.counted_minor(row)) != (found.currency, found.counted_minor) and not _moved(
            row, books.read_at
        ):
            yield Difference(
                kind="subscription",
                organization_id=str(row.organization_id),
                reference=found.stripe_id,
                currency=found.currency,
                rows_minor=ledger.counted_minor(row) if row.currency == found.currency else None,
                stripe_minor=found.counted_minor,
                words="What a month brings is not what Stripe's subscription comes to.",
                todo=_READ_AGAIN,
            )
    for stripe_id, row in ours.items():
        if row.state != Subscription.State.CANCELED and stripe_id not in theirs and not _moved(row, books.read_at):
            yield Difference(
                kind="subscription_gone",
                organization_id=str(row.organization_id),
                reference=stripe_id,
                currency=row.currency,
                rows_minor=ledger.counted_minor(row),
                words="Stripe has no such subscription any more, or has canceled it.",
                todo=_READ_AGAIN,
            )


def _invoices(books: StripeBooks, customers: dict[str, UUID]) -> Iterator[Difference]:
    ours = _invoices_beside(books)
    theirs = {found.stripe_id: found for found in books.invoices}
    for found in books.invoices:
        row = ours.get(found.stripe_id)
        organization_id = row.organization_id if row else customers.get(found.customer)
        if row is None:
            yield Difference(
                kind="invoice_unknown",
                organization_id=str(organization_id) if organization_id else None,
                reference=found.stripe_id,
                currency=found.currency,
                stripe_minor=found.paid_minor,
                words=f"Stripe has an invoice of {found.customer} that we do not know.",
                todo=_READ_AGAIN if organization_id else _NOBODYS,
            )
        elif _paid(row) != _paid(found) and not _moved(row, books.read_at):
            yield Difference(
                kind="invoice",
                organization_id=str(row.organization_id),
                reference=found.stripe_id,
                currency=found.currency,
                rows_minor=row.paid_minor,
                stripe_minor=found.paid_minor,
                words=f"Stripe: {_standing(found)}. Ours: {_standing(row)}.",
                todo=_READ_AGAIN,
            )
    for stripe_id, row in ours.items():
        if stripe_id not in theirs and not _moved(row, books.read_at):
            yield Difference(
                kind="invoice_gone",
                organization_id=str(row.organization_id),
                reference=stripe_id,
                currency=row.currency,
                rows_minor=row.paid_minor,
                words="Stripe does not list this invoice.",
                todo=_ASK_STRIPE,
            )


def _invoices_beside(books: StripeBooks) -> dict[str, Invoice]:
    """Return our invoices that Stripe must have listed, and those that it did list.

    Stripe lists by the moment of the draft, we know the moment of issue, an hour or so later.
    """
    rows = Invoice.objects.exclude(status="draft")
    found = rows.filter(
        Q(issued_at__gte=books.since + DRAFT_LASTS) | Q(pk__in=[one.stripe_id for one in books.invoices])
    )
    return {row.stripe_id: row for row in found}


def _paid(invoice: Invoice | StripeInvoice) -> tuple[str, str, int, int]:
    return invoice.currency, invoice.status, invoice.total_minor, invoice.paid_minor


def _standing(invoice: Invoice | StripeInvoice) -> str:
    """Return how an invoice stands in words: ``open, 0.00 of 24.00 EUR paid``."""
    paid, total = (f"{minor // 100:,}.{minor % 100:02}" for minor in (invoice.paid_minor, invoice.total_minor))
    return f"{invoice.status}, {paid} of {total} {invoice.currency.upper()} paid"


def _moved(row: Subscription | Invoice, read_at: datetime) -> bool:
    """Say whether the row was folded after Stripe was read: then the comparison says nothing of it."""
    return row.folded_at is not None and row.folded_at >= read_at


# -- sums -----------------------------------------------------------------------------------------------------------


def _totals(books: StripeBooks | None) -> dict[str, object]:
    """Return MRR by currency and paid invoices by month and currency, by each source."""
    mrr: dict[str, dict[str, int | None]] = defaultdict(lambda: {"ledger": 0, "rows": 0, "stripe": None})
    for (_, currency), (booked, due) in _pairs().items():
        mrr[currency]["ledger"] = (mrr[currency]["ledger"] or 0) + booked
        mrr[currency]["rows"] = (mrr[currency]["rows"] or 0) + due
    paid: dict[tuple[str, str], dict[str, int | None]] = defaultdict(lambda: {"rows": 0, "stripe": None})
    rows = _invoices_beside(books).values() if books else Invoice.objects.exclude(paid_at=None)
    for row in rows:
        if row.paid_at is not None:
            line = paid[_month(row.paid_at), row.currency]
            line["rows"] = (line["rows"] or 0) + row.paid_minor
    if books is not None:
        for found in books.subscriptions:
            mrr[found.currency]["stripe"] = (mrr[found.currency]["stripe"] or 0) + found.counted_minor
        for one in books.invoices:
            if one.paid_at is not None:
                line = paid[_month(one.paid_at), one.currency]
                line["stripe"] = (line["stripe"] or 0) + one.paid_minor
        for line in (*mrr.values(), *paid.values()):
            line["stripe"] = line["stripe"] or 0
    return {
        "mrr": [{"currency": currency, **line} for currency, line in sorted(mrr.items())],
        "paid": [{"month": month, "currency": currency, **line} for (month, currency), line in sorted(paid.items())],
    }


def _month(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m")
