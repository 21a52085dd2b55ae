"""Telling Stripe's meters, through the one door to it."""

from __future__ import annotations

from datetime import datetime

from billing import gateway
from billing.errors import ProviderRefused
from billing.subscriptions.products import event_name
from billing.usage.report import NotTaken, report


def report_usage() -> int:
    """Tell Stripe what is due; return how many amounts it took. No transaction may be open. Platform only."""
    return report(_tell)


def _tell(*, meter: str, customer: str, value: int, identifier: str, at: datetime) -> None:
    """See :class:`billing.usage.report.Teller`."""
    try:
        gateway.send_meter_event(
            event_name=event_name(meter), customer=customer, value=value, identifier=identifier, at=at
        )
    except ProviderRefused as refused:
        # Told before, and the answer was lost for longer than Stripe keeps answers: it is there, which is all we want.
        if "already exists with identifier" in refused.said:
            return
        raise NotTaken(f"{refused.members.get('reason', '')}: {refused.said}") from refused
