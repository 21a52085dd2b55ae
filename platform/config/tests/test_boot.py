"""What a page starts with about money: who pays is told, nobody else is."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import tenancy
from billing.models import BillingAccount, Subscription
from core.clock import now

SHELLS = ("site", "learn", "studio", "staff")


@pytest.fixture(autouse=True)
def built(settings: Any, tmp_path: Path) -> None:
    entries = {f"{name}.html": {"file": f"assets/{name}.js", "css": []} for name in SHELLS}
    (tmp_path / ".vite").mkdir()
    manifest = {"src/theme/scheme-boot.ts": {"file": "assets/scheme.js"}, **entries}
    (tmp_path / ".vite" / "manifest.json").write_text(json.dumps(manifest))
    settings.FRONTEND_DIST = tmp_path


def _billing(person: Any, path: str = "/studio") -> Any:
    page = person.client().get(path).content.decode()
    found = re.search(r'<script id="boot" type="application/json">(.*?)</script>', page, re.S)
    assert found is not None
    return json.loads(found.group(1))["billing"]


def test_an_owner_starts_with_how_the_subscription_stands(olga: Any) -> None:
    late = now() - timedelta(days=3)
    with tenancy.platform():
        rows = Subscription.objects.filter(organization_id=olga.organization.id)
        rows.update(state="past_due", past_due_since_at=late, stripe_id="sub_1")

    told = _billing(olga)

    assert (told["state"], told["is_at_stripe"]) == ("past_due", True)
    assert told["read_only_at"][:10] == (late + timedelta(days=14)).date().isoformat()


def test_time_is_the_payment_providers(olga: Any) -> None:
    with tenancy.platform():
        rows = BillingAccount.objects.filter(organization_id=olga.organization.id)
        rows.update(ahead_seconds=timedelta(days=9).total_seconds())

    told = _billing(olga)

    assert told["now"][:10] == (now() + timedelta(days=9)).date().isoformat()


def test_nobody_else_is_told(olga: Any, alice: Any, leo: Any) -> None:
    assert [_billing(alice), _billing(leo), _billing(olga, "/home")] == [None, None, None]
