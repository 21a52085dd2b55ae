"""Compiled entitlements as they are kept on the account, and as an organization's record holds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from billing.catalog import BY_KEY, TRIAL
from billing.entitlements.compiling import Bought
from billing.models import BillingAccount
from core.clock import iso
from tenancy.entitlements import Entitlements, Span

_FORM = 1


def of_many(organization_ids: Sequence[UUID]) -> dict[UUID, Entitlements]:
    """Return what each organization has; one that nobody has compiled yet has a trial's. Platform only: one query."""
    rows = BillingAccount.objects.filter(organization_id__in=organization_ids)
    found = {
        organization_id: from_json(version, kept)
        for organization_id, version, kept in rows.values_list(
            "organization_id", "entitlements_version", "entitlements"
        )
    }
    return {**dict.fromkeys(organization_ids, _TRIALS), **found}


def to_json(spans: Sequence[Span], *, ahead_seconds: int) -> dict[str, Any]:
    """Return ``spans`` as they are kept: ends in our own time, wherever the account's clock is."""
    ahead = timedelta(seconds=ahead_seconds)
    return {
        "v": _FORM,
        "spans": [
            {
                "until": iso(span.until - ahead) if span.until else None,
                "plan": span.plan,
                "values": dict(sorted(span.values.items())),
            }
            for span in spans
        ],
    }


def from_json(version: int, kept: dict[str, Any]) -> Entitlements:
    """Return what :func:`to_json` wrote."""
    if kept.get("v") != _FORM:
        return replace(_TRIALS, version=version)
    return Entitlements(
        version=version,
        spans=tuple(
            Span(datetime.fromisoformat(span["until"]) if span["until"] else None, span["plan"], span["values"])
            for span in kept["spans"]
        ),
    )


_TRIALS = Entitlements(spans=(Span(None, TRIAL, Bought(TRIAL, BY_KEY[TRIAL].newest.brings, 0).values()),))
