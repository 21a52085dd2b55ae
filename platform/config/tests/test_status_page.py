"""The status page: what checks and staff make of it, who may say what, and how it stands without a database."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import OperationalError
from django.test import Client

import tenancy
from config import fleet_figures, monitor, status_page
from core.clock import iso, now
from core.errors import Unavailable
from media import testing
from media.aws import s3
from staff.models import StatusDay
from staff.status import services
from staff.status.services import Check
from staff.testing import browser
from staff.tests.conftest import send

NEW = {"title": "Films start late", "impact": "degraded", "parts": ["video"], "body": "We look into it."}


@pytest.fixture
def operations(db: None) -> Client:
    return browser("operations")


def _states() -> dict[str, str]:
    with tenancy.platform():
        return {line.key: line.state for line in services.page().parts}


def _check(good: bool, *keys: str) -> None:
    with tenancy.platform():
        services.record([Check(key, good, 12) for key in keys or services.PARTS])


def _public(settings: Any) -> Any:
    return Client().get("/status", headers={"host": settings.SITE_HOST})


def test_one_failed_check_is_a_doubt_and_two_are_an_outage(db: None) -> None:
    assert set(_states().values()) == {services.UNKNOWN}
    _check(True)
    assert set(_states().values()) == {services.GOOD}
    _check(False, "video")
    assert (_states()["video"], _states()["pages"]) == (services.DEGRADED, services.GOOD)
    _check(False, "video")
    assert _states()["video"] == services.DOWN
    _check(True, "video")
    assert _states()["video"] == services.GOOD


def test_a_part_that_nobody_checks_is_not_called_well(db: None) -> None:
    _check(True)
    with time_machine.travel(now() + services.SILENT_AFTER + timedelta(seconds=1), tick=False):
        assert set(_states().values()) == {services.UNKNOWN}


def test_days_keep_their_share_and_are_forgotten_after_ninety(db: None) -> None:
    with time_machine.travel(now() - timedelta(days=95), tick=False):
        _check(True)
    with time_machine.travel(now() - timedelta(days=1), tick=False):
        for good in (True, True, True, False):
            _check(good, "video")
    _check(True)
    with tenancy.platform():
        line = next(one for one in services.page().parts if one.key == "video")
        assert StatusDay.objects.filter(day__lt=now().date() - timedelta(days=services.DAYS)).count() == 0
    assert len(line.days) == services.DAYS
    assert [day.good_permille for day in line.days[-3:]] == [None, 750, 1000]
    assert line.good_permille == 800


def test_an_incident_is_public_at_once_and_is_history_when_it_is_over(operations: Client, settings: Any) -> None:
    _check(True)
    assert "Everything works" in _public(settings).content.decode()
    made = send(operations, "POST", "incidents/", NEW)
    assert made.status_code == 201
    page = _public(settings).content.decode()
    assert "Part of the product does not work as it should" in page
    assert "We look into it." in page
    assert _states()["video"] == services.DEGRADED
    path = f"incidents/{made.json()['id']}/"
    assert send(operations, "PATCH", path, {"impact": "outage"}).json()["impact"] == "outage"
    assert _states()["video"] == services.DOWN
    over = send(operations, "POST", f"{path}updates/", {"state": "resolved", "body": "They start at once again."})
    assert over.json()["resolved_at"] is not None
    assert [said["state"] for said in over.json()["updates"]] == ["resolved", "investigating"]
    page = _public(settings).content.decode()
    assert "Everything works" in page
    assert "They start at once again." in page
    assert "Going on now" not in page


def test_maintenance_is_told_ahead_and_nothing_else_is(operations: Client, settings: Any) -> None:
    _check(True)
    later = iso(now() + timedelta(days=1))
    refused = send(operations, "POST", "incidents/", {**NEW, "started_at": later})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "#/started_at")
    told = send(operations, "POST", "incidents/", {**NEW, "impact": "maintenance", "started_at": later})
    assert told.status_code == 201
    page = _public(settings).content.decode()
    assert "Planned work" in page
    assert "Everything works" in page
    [figure] = fleet_figures._status()
    assert figure.samples[0].value == 0, "an alert asks for what is open for a day, and this has not begun"
    with time_machine.travel(now() + timedelta(days=1, minutes=1), tick=False):
        [figure] = fleet_figures._status()
    assert figure.samples[0].value == 1


@pytest.mark.parametrize("role", ["support", "finance"])
def test_only_operations_speaks_to_the_public(db: None, role: str) -> None:
    person = browser(role)
    assert send(person, "GET", "incidents/").status_code == 200
    assert send(person, "GET", "status/").status_code == 200
    assert send(person, "POST", "incidents/", NEW).status_code == 403


def test_a_part_that_there_is_not_cannot_be_named(operations: Client) -> None:
    assert send(operations, "POST", "incidents/", {**NEW, "parts": ["coffee"]}).status_code == 422
    assert send(operations, "POST", "incidents/", {**NEW, "parts": []}).status_code == 422


def test_what_staff_write_is_words_and_never_markup(operations: Client, settings: Any) -> None:
    send(operations, "POST", "incidents/", {**NEW, "title": "<script>alert(1)</script>", "body": "<img src=x>"})
    page = _public(settings).content.decode()
    assert "<script" not in page
    assert "<img" not in page


def test_the_page_has_no_script_and_a_policy_that_its_style_keeps(db: None, settings: Any) -> None:
    answer = _public(settings)
    policy, page = answer["Content-Security-Policy"], answer.content.decode()
    assert "unsafe" not in policy
    assert f'<style nonce="{policy.split("nonce-")[1].split(chr(39))[0]}"' in page
    assert "<script" not in page
    with tenancy.platform():
        copy = status_page.render(services.page())
    assert "nonce" not in copy
    told = copy.replace("&#x27;", '"').replace('"', "'")
    assert "'Content-Security-Policy' content='default-src 'none'; style-src 'sha256-" in told


def test_while_the_database_is_away_the_copy_is_shown_and_says_so(
    db: None, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.STATUS_COPY = str(tmp_path)
    found = status_page.without_database([Check("pages", False), Check("video", True)])
    status_page.keep_copy(status_page.render(found))

    def away() -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(services, "page", away)
    answer = _public(settings)
    page = answer.content.decode()
    assert answer.status_code == 503
    assert "Something is down" in page
    assert "what our monitor found by itself" in page
    assert "No incidents" not in page
    settings.STATUS_COPY = ""
    client = Client(raise_request_exception=False)
    assert client.get("/status", headers={"host": settings.SITE_HOST}).status_code == 503


def test_a_monitor_elsewhere_leaves_the_copy_in_its_own_store(db: None, settings: Any, tmp_path: Path) -> None:
    settings.STATUS_COPY = status_page.STORE
    found = status_page.render(status_page.without_database([Check("pages", False)]))
    with testing.object_store(tmp_path) as url:
        settings.S3_URL, settings.S3_PUBLIC_URL = url, ""
        s3.object_store.cache_clear()
        s3.object_store().ensure_bucket()
        for html in ("before", found):
            status_page.keep_copy(html)
        kept = s3.object_store().open(status_page.COPY)
        assert b"".join(kept.pieces()).decode() == found
        assert (kept.info.content_type, kept.cache_control) == ("text/html; charset=utf-8", "no-store")
    with pytest.raises(Unavailable):  # which the monitor says and walks on
        status_page.keep_copy(found)
    s3.object_store.cache_clear()
    # Nobody here reads it from there: whoever asks the product while it is away is answered by somebody else.
    assert status_page.last_copy() is None


def test_the_monitor_tells_whether_the_copy_was_kept(db: None, settings: Any, tmp_path: Path) -> None:
    page = status_page.without_database([])
    settings.STATUS_COPY = ""
    assert monitor.keep_copy(page) == -1
    settings.STATUS_COPY = str(tmp_path / "kept")
    assert monitor.keep_copy(page) == 1
    assert status_page.last_copy() == status_page.render(page)
    (tmp_path / "file").write_text("")
    settings.STATUS_COPY = str(tmp_path / "file" / "below")
    assert monitor.keep_copy(page) == 0, "and it walks on"


@pytest.mark.parametrize("path", ["/status", "/status/"])
def test_organizations_have_no_status_page_of_ours(acme: Any, path: str) -> None:
    page = Client().get(path, headers={"host": acme.host}).content.decode()
    assert "Mail and background work" not in page
