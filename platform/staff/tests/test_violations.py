"""What browsers report about policies: counted by kind, bounded however much is invented, and forgotten in time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

import tenancy
from core.clock import now
from staff import violations
from staff.models import PlatformAuditEntry, PolicyViolation
from staff.tests.conftest import Sam, send, visitor
from staff.tests.test_signing_in import inside
from staff.violations import Kind

INLINE = Kind("tenant", "script-src-elem", "inline", "/home")
PICTURE = Kind("site", "img-src", "pictures.example", "/pricing")


def kept() -> dict[Kind, int]:
    with tenancy.platform():
        return {
            Kind(row.surface, row.directive, row.blocked, row.page): row.count for row in PolicyViolation.objects.all()
        }


@pytest.fixture
def counted(db: None) -> None:
    with tenancy.platform():
        violations.count({INLINE: 2, PICTURE: 1})
        violations.count({INLINE: 3})


def test_reports_of_one_kind_are_one_row(counted: None) -> None:
    assert kept() == {INLINE: 5, PICTURE: 1}
    with tenancy.platform(), time_machine.travel(now() + timedelta(hours=1), tick=False):
        violations.count({PICTURE: 1})
        row = PolicyViolation.objects.get(blocked="pictures.example")
    assert row.last_seen_at - row.first_seen_at >= timedelta(minutes=59)


def test_what_is_invented_makes_room_for_itself_alone(counted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(violations, "MOST", 10)
    with tenancy.platform():
        for number in range(50):
            violations.count({Kind("tenant", "img-src", f"invented{number}.example", "/home"): 1})
    found = kept()
    assert len(found) == 10
    assert found[INLINE] == 5  # what many report outlives what is invented once
    assert Kind("tenant", "img-src", "invented49.example", "/home") in found


def test_what_nobody_reports_any_more_is_forgotten_after_a_month(counted: None) -> None:
    with tenancy.platform():
        assert violations.purge() == 0
        with time_machine.travel(now() + violations.KEPT_FOR + timedelta(hours=1), tick=False):
            violations.count({INLINE: 1})
            assert violations.purge() == 1
    assert set(kept()) == {INLINE}


def test_staff_see_them_latest_first_and_by_surface(counted: None, sam: Sam) -> None:
    browser = inside(sam)
    found = send(browser, "GET", "policy-violations/").json()
    assert [(one["directive"], one["blocked"], one["page"], one["count"]) for one in found["items"]] == [
        ("script-src-elem", "inline", "/home", 5),
        ("img-src", "pictures.example", "/pricing", 1),
    ]
    assert found["next"] is None
    assert [one["surface"] for one in send(browser, "GET", "policy-violations/?surface=site").json()["items"]] == [
        "site"
    ]
    assert send(browser, "GET", "policy-violations/?surface=elsewhere").status_code == 422
    assert send(visitor(), "GET", "policy-violations/").status_code == 401


def test_one_that_was_looked_into_is_forgotten_and_comes_back_with_the_next_report(counted: None, sam: Sam) -> None:
    browser = inside(sam)
    first: dict[str, Any] = send(browser, "GET", "policy-violations/").json()["items"][0]
    assert send(browser, "DELETE", f"policy-violations/{first['id']}/").status_code == 204
    assert send(browser, "DELETE", f"policy-violations/{first['id']}/").status_code == 404
    assert set(kept()) == {PICTURE}
    with tenancy.platform():
        entry = PlatformAuditEntry.objects.get(action="policy_violation.forgotten")
        assert entry.changes["count"] == [5, None]
        violations.count({INLINE: 1})
    assert kept()[INLINE] == 1
