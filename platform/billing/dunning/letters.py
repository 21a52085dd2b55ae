"""The words of reminders. What happens next, when, and the one thing to do about it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from billing.models import Invoice, Subscription
from billing.subscriptions.checkout import PAGE
from billing.subscriptions.fold import GRACE
from billing.subscriptions.money import money
from core import mail
from core.clock import day
from core.mail import Action
from tenancy import TenantRecord
from tenancy.hosts import public_url


def late(
    row: Subscription, record: TenantRecord, invoice: Invoice | None, at: datetime, *, is_invoiced: bool
) -> dict[str, Any]:
    """Return the letter about an invoice that is unpaid; ``is_invoiced``: it was sent, no card charged."""
    since = row.past_due_since_at or at
    shuts = since + GRACE
    owed = number = ""
    if invoice is not None:
        left = money(invoice.total_minor - invoice.paid_minor, invoice.currency)
        number, owed = f" {invoice.number}", f" Invoice {invoice.number} is open: {left}."
    if is_invoiced:
        subject = f"Invoice{number} for {record.name} is overdue"
        what = (
            f"An invoice for {record.name} was due on {day(since)} and is not paid.{owed} If the money is on its way, "
        )
        what += "there is nothing to do; otherwise pay it from the list of your invoices, by transfer or card."
    else:
        first = at - since < timedelta(days=1)
        subject = f"{'A payment' if first else 'Still unpaid: a payment'} for {record.name} did not go through"
        what = f"The payment for {record.name} did not go through.{owed} Pay it, or check the card: we try again by "
        what += "ourselves, too."
    return _letter(
        subject,
        [
            what,
            f"Everything works as ever until {day(shuts)}. If it is still open then, nothing can be changed in the "
            "studio until it is paid. Learners go on learning either way, and nothing is deleted.",
        ],
        record,
        "See your invoices" if is_invoiced else "Pay or change the card",
    )


def trial_ends(row: Subscription, record: TenantRecord, at: datetime) -> dict[str, Any]:
    """Return the letter about a trial that ends without a plan, or about a plan that was given until a day."""
    ends = row.trial_end_at or at
    what = f"{row.version.plan.name} without charge for {record.name}" if row.is_comp else f"The trial of {record.name}"
    return _letter(
        f"{what} ends on {day(ends)}",
        [
            f"{what} ends on {day(ends)}, {_left(ends, at)}. Choose a plan to go on; the days that are left stay free.",
            "If you do not, nothing is charged and nothing is deleted: nothing can be changed in the studio until you "
            "choose one, and learners go on with what they have begun. You can export everything at any time.",
        ],
        record,
        "Choose a plan",
    )


def trial_goes_on(row: Subscription, record: TenantRecord, at: datetime, *, is_invoiced: bool) -> dict[str, Any]:
    """Return the letter about a trial whose plan is chosen: when the first payment is, or the first invoice."""
    ends = row.trial_end_at or at
    each = row.version.prices.get(row.currency, {}).get(row.interval, {}).get("seat_minor") or 0
    price = money(each * row.seats, row.currency)
    first = "is invoiced for the first time" if is_invoiced else "is charged for the first time"
    return _letter(
        f"{record.name}: {row.version.plan.name} begins on {day(ends)}",
        [
            f"The trial of {record.name} ends on {day(ends)}, {_left(ends, at)}. Then {row.version.plan.name} with "
            f"{row.seats} seats begins, and {price} a {row.interval}, before tax and any discount, {first}.",
            "If you have changed your mind, cancel before that day and nothing is charged.",
        ],
        record,
        "See your plan",
    )


def owing(record: TenantRecord, invoice: Invoice) -> dict[str, Any]:
    """Return the letter about an invoice that is unpaid though its plan is over."""
    left = money(invoice.total_minor - invoice.paid_minor, invoice.currency)
    due = f", due on {day(invoice.due_at)}" if invoice.due_at else ""
    return _letter(
        f"Invoice {invoice.number} for {record.name} is unpaid",
        [
            f"The plan of {record.name} has ended, and invoice {invoice.number} is still open: {left}{due}. If the "
            "money is on its way, there is nothing to do; otherwise pay it from the list of your invoices.",
            "Until it is paid no plan can be chosen again. Learners go on with what they have begun, nothing is "
            "deleted, and you can export everything at any time.",
        ],
        record,
        "See your invoices",
    )


def crowded(record: TenantRecord, *, people: int, seats: int, shuts: datetime) -> dict[str, Any]:
    """Return the letter about more people than seats that are paid for."""
    return _letter(
        f"{record.name}: {people:,} people on {seats:,} seats",
        [
            f"{people:,} people may sign in at {record.name}, and it has {seats:,} seats. Take more seats, or suspend "
            f"{people - seats:,} people; until then nobody new can join.",
            f"Everything else works as ever until {day(shuts)}. If it is still so then, nothing can be changed in the "
            "studio but that. Learners go on learning either way, and nothing is deleted.",
        ],
        record,
        "See your seats",
    )


def dispute_opened(record: TenantRecord, invoice: Invoice, *, is_taken: bool, ends: datetime | None) -> dict[str, Any]:
    """Return the letter about a payment that a bank disputes, or asks about and has not taken back (``is_taken``).

    ``ends``: until when a decision against it ends the plan as well; None where no plan runs on it.
    """
    paid = f"The payment of {_paid(invoice)} for invoice {invoice.number} of {record.name}"
    if is_taken:
        what = f"{paid} is disputed: the bank has taken it back until it has decided."
    else:
        what = f"{paid} is asked about by the bank, which has not taken it back."
    after = "If it decides against the payment, nothing else changes."
    if ends is not None:
        after = (
            f"If it decides against the payment before {day(ends)}, the plan that the invoice is for ends with it. A "
            "plan can be chosen again at once, and nothing is deleted."
        )
    return _letter(
        f"{'The bank disputes' if is_taken else 'The bank asks about'} a payment for {record.name}",
        [
            f"{what} Banks do so when whoever the card or account belongs to does not know a payment, or does not "
            "accept it.",
            "While the bank looks at it everything works as ever, and there is nothing to pay again. That may take "
            f"three months; we write to you when it has decided. {after}",
            "If it is a mistake, ask whoever the card or account belongs to to tell their bank so. If something is "
            "wrong with the invoice, write to us: we can put it right without the bank.",
        ],
        record,
        "See your invoices",
    )


def dispute_stands(record: TenantRecord, invoice: Invoice) -> dict[str, Any]:
    """Return the letter about a disputed payment that stands."""
    return _letter(
        f"Invoice {invoice.number} for {record.name} stays paid",
        [
            f"The bank has decided about the payment of {_paid(invoice)} for invoice {invoice.number} of "
            f"{record.name}: it stands. Nothing changes, and there is nothing to do.",
        ],
        record,
        "See your invoices",
    )


def dispute_lost(record: TenantRecord, invoice: Invoice, *, has_ended: bool, is_without_plan: bool) -> dict[str, Any]:
    """Return the letter about a payment that was taken back for good.

    ``has_ended``: a plan has ended with it. ``is_without_plan``: none was chosen since.
    """
    if has_ended and is_without_plan:
        then = [
            "The plan that it paid for has ended with it. Nothing can be changed in the studio until a plan is chosen "
            "again; learners go on with what they have begun, nothing is deleted, and you can export everything at any "
            "time.",
            "You can choose a plan again at once, and that opens everything. If the bank was told something wrong, pay "
            "with another card or by invoice, and write to us.",
        ]
    elif has_ended:
        then = ["The plan that it paid for has ended with it. The one that was chosen since goes on."]
    else:
        then = ["Nothing else changes."]
    return _letter(
        f"The payment of invoice {invoice.number} for {record.name} was taken back",
        [
            f"The bank has decided about the payment of {_paid(invoice)} for invoice {invoice.number} of "
            f"{record.name}: it was taken back for good.",
            *then,
        ],
        record,
        "Choose a plan" if has_ended and is_without_plan else "See your invoices",
    )


def _paid(invoice: Invoice) -> str:
    return money(invoice.paid_minor, invoice.currency)


def _left(ends: datetime, at: datetime) -> str:
    days = -((at - ends) // timedelta(days=1))
    return "within a day" if days <= 1 else f"in {days} days"


def _letter(subject: str, paragraphs: list[str], record: TenantRecord, label: str) -> dict[str, Any]:
    action = Action(label, public_url(record.host, PAGE)) if record.host else None
    parts: dict[str, Any] = {"heading": subject, "paragraphs": paragraphs, "action": action}
    return {"subject": subject, "text": mail.plain(**parts), "html": mail.page(**parts)}
