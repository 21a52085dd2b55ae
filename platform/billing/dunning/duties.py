"""The periodic work of buying and paying. What asks Stripe is a worker's: the dispatcher waits for nobody outside."""

from __future__ import annotations

from billing import gateway
from billing.dunning import crowding, disputed, owing, reminders, steps
from billing.inbox import intake, looking
from billing.subscriptions import customers, intents, leaving
from events.api import duty
from tenancy.tasks import named


@duty("billing.look_into_events", period_seconds=5)
def look_into_events() -> bool:
    """Ask a worker again to look into what came and was not settled."""
    if not looking.is_due():
        return False
    intake.nudge()
    return True


@duty("billing.finish_intents", period_seconds=30)
def finish_intents() -> bool:
    """Let calls to Stripe be finished that were begun and left open."""
    if not gateway.is_configured() or not intents.is_due():
        return False
    named("billing.tasks.finish_intents").delay()
    return True


@duty("billing.end_with_organizations", period_seconds=300)
def end_with_organizations() -> bool:
    """Let end what is charged to organizations that leave or have left, where nothing else has ended it."""
    if not gateway.is_configured() or not leaving.is_due():
        return False
    named("billing.tasks.end_with_organizations").delay()
    return True


@duty("billing.make_customers", period_seconds=60)
def make_customers() -> bool:
    """Make organizations known to Stripe that are not yet, or by another name: nobody waits for it."""
    if not gateway.is_configured() or not customers.is_due():
        return False
    named("billing.tasks.make_customers").delay()
    return True


@duty("billing.sweep_events", period_seconds=900)
def sweep_events() -> bool:
    """Look for events that did not come."""
    if not gateway.is_configured():
        return False
    named("billing.tasks.sweep").delay()
    return True


@duty("billing.compare_with_stripe", period_seconds=300)
def compare_with_stripe() -> bool:
    """Compare customers with what Stripe has, each once a day."""
    if not gateway.is_configured():
        return False
    named("billing.tasks.compare").delay()
    return True


@duty("billing.advance_dunning", period_seconds=20)
def advance_dunning() -> int:
    """End trials, and shut what has been unpaid, or had more people than seats, for two weeks."""
    return steps.advance() + crowding.advance()


@duty("billing.remind", period_seconds=60)
def remind() -> int:
    """Tell owners of trials that end, payments that are late or disputed, people without seats and debts that stay."""
    return reminders.remind() + crowding.remind() + owing.remind() + disputed.remind()


@duty("billing.forget_payloads", period_seconds=3600)
def forget_payloads() -> int:
    """Erase what events of Stripe's held ninety days ago, and what was asked of it that says nothing any more."""
    return looking.forget_payloads() + intents.forget()
