"""What owners are told at a mark: how much is used, what happens next, and what they may choose."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from billing.meters import DELIVERED_BYTES, STORAGE_BYTES, TRANSCODE_SECONDS
from billing.models import Quota, Subscription
from billing.usage.prices import overage_price
from core import mail
from core.clock import day
from core.mail import Action
from tenancy.hosts import public_url

_GB = 10**9
_OF_WHAT = {
    STORAGE_BYTES: "its storage",
    DELIVERED_BYTES: "its video traffic for {month}",
    TRANSCODE_SECONDS: "its encoding for {month}",
}


def letter(name: str, host: str, percent: int, quota: Quota, subscription: Subscription | None) -> dict[str, str]:
    """Return subject, text and HTML of the mail about one mark of one meter."""
    month = f"{quota.period:%B %Y}" if quota.period else ""
    what = _OF_WHAT[quota.meter].format(month=month)
    subject = f"{name} has used {percent} % of {what}" if percent <= 100 else f"{name} is far beyond {what}"
    price = overage_price(subscription, quota.meter) if subscription else None
    paragraphs = [
        f"{amount(quota.meter, quota.used)} of {amount(quota.meter, quota.plan_limit or 0)} are used.",
        *_next(percent, quota),
        *_choice(quota, subscription, price),
    ]
    action = Action("Open usage", public_url(host, "/studio/settings/usage")) if host else None
    return {
        "subject": subject,
        "text": mail.plain(heading=subject, paragraphs=paragraphs, action=action),
        "html": mail.page(heading=subject, paragraphs=paragraphs, action=action),
    }


def amount(meter: str, value: int) -> str:
    """Return an amount of a meter with its unit, as people read it."""
    if meter == TRANSCODE_SECONDS:
        return f"{value // 60:,} minutes"
    return f"{Decimal(value) / _GB:,.1f} GB"


def begins_anew(period: date) -> str:
    """Return the day on which a month's allowance begins anew."""
    following = (period + timedelta(days=32)).replace(day=1)
    return day(datetime(following.year, following.month, 1, tzinfo=UTC))


def _next(percent: int, quota: Quota) -> list[str]:
    """What happens now, and at the limit."""
    if quota.meter == STORAGE_BYTES:
        if percent >= 100:
            return ["New uploads wait until something is deleted or you have more. Everything plays on."]
        return ["At the limit new uploads wait. Everything that is there plays on."]
    if quota.overage:
        if percent >= 100:
            return ["Nothing stops: what is beyond is charged with your next invoice, as you chose."]
        return ["Beyond the limit nothing stops: it is charged with the next invoice, as you chose."]
    assert quota.period is not None
    anew = f"It begins anew on {begins_anew(quota.period)}."
    if quota.meter == TRANSCODE_SECONDS:
        if percent >= 100:
            return [f"New uploads are kept and wait to be converted. What is converted plays on. {anew}"]
        return [f"At the limit new uploads are kept and wait to be converted. What is converted plays on. {anew}"]
    if percent > 100:
        return [f"Learners can't begin videos now; whoever is watching watches to the end. {anew}"]
    if percent == 100:
        return [
            f"Previews in the studio wait now. Learners can begin videos until 110 % are used, and nobody is cut off "
            f"while watching. {anew}"
        ]
    return [
        f"At the limit previews in the studio wait, and from 110 % on learners can't begin videos. Nobody is cut off "
        f"while watching. {anew}"
    ]


def _choice(quota: Quota, subscription: Subscription | None, price: Decimal | None) -> list[str]:
    if quota.meter == STORAGE_BYTES:
        return ["You can delete what is no longer needed, or change your plan."]
    if price is None or subscription is None:
        return ["You can choose a plan that includes more."]
    unit = {DELIVERED_BYTES: "GB", TRANSCODE_SECONDS: "minute"}[quota.meter]
    costs = f"{price / 100:.2f} {subscription.currency.upper()} a {unit}"
    if quota.overage:
        return [f"It costs {costs}. You can choose to stop at the limit instead, or a plan that includes more."]
    return [f"You can choose to go on for {costs}, or a plan that includes more."]
