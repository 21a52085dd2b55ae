"""The audit as its page reads it: filtered, in words, exported, verified."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from apps.audit.api import erase_words, record
from apps.audit.models import AuditEntry
from core import acting
from core.acting import Acting
from core.ids import new_id

PATH = "/api/v1/audit-entries/"


@pytest.fixture
def acts(acme: Any, olga: Any, leo: Any) -> dict[str, Any]:
    """Olga changes a course and Leo's roles; somebody of support looks at people in Olga's name."""
    course = new_id()
    with acting.acting(Acting(kind="member", id=olga.id, name=olga.name, ip="192.0.2.7", via="web")):
        edited = record(
            "courses.course.edited",
            object_type="course",
            object_id=course,
            label="=HYPERLINK(1)",
            changes={"title": ["Knot", "Knots"]},
        )
        roles = record(
            "accounts.roles.changed",
            object_type="member",
            object_id=leo.id,
            label=leo.name,
            changes={"roles": [["learner"], ["author", "learner"]]},
        )
    staff = Acting(
        kind="staff",
        id=new_id(),
        name="Sam Staff",
        on_behalf_of=olga.id,
        on_behalf_name=olga.name,
        support_grant=course,
    )
    with acting.acting(staff):
        seen = record("support.page.viewed", object_type="page", label="the list of people")
    return {"course": course, "edited": str(edited), "roles": str(roles), "seen": str(seen)}


def _ids(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [one["id"] for one in answer.json()["items"]]


def test_entries_read_as_sentences(acts: dict[str, Any], olga: Any, leo: Any) -> None:
    found = {one["id"]: one for one in olga.client().get(PATH).json()["items"]}
    edited, roles, seen = (found[acts[name]] for name in ("edited", "roles", "seen"))
    assert (edited["actor"], edited["sentence"]) == (olga.name, "changed the course “=HYPERLINK(1)”")
    assert edited["changes"] == [{"field": "title", "words": "Title", "before": "Knot", "after": "Knots"}]
    assert edited["ip"] == "192.0.2.7"
    assert roles["sentence"] == f"changed the roles of “{leo.name}”"
    assert (seen["actor"], seen["behalf"], seen["sentence"]) == ("Sam Staff", olga.name, "looked at the list of people")


def test_filters(acts: dict[str, Any], alice: Any, leo: Any) -> None:
    client = alice.client()
    assert _ids(client.get(PATH, {"support": "true"}))[0] == acts["seen"]
    assert acts["edited"] not in _ids(client.get(PATH, {"support": "true"}))
    assert _ids(client.get(PATH, {"object": str(acts["course"])})) == [acts["edited"]]
    assert acts["roles"] in _ids(client.get(PATH, {"person": str(leo.id)}))
    assert acts["edited"] not in _ids(client.get(PATH, {"person": str(leo.id)}))
    assert acts["edited"] in _ids(client.get(PATH, {"group": "courses"}))
    assert _ids(client.get(PATH, {"group": "courses", "until": "2001-01-01T00:00:00Z"})) == []
    assert client.get(PATH, {"group": "cheese"}).status_code == 422
    assert client.get(PATH, {"person": "me"}).status_code == 422


def test_pages_follow_each_other(acts: dict[str, Any], alice: Any) -> None:
    client = alice.client()
    first = client.get(PATH, {"limit": "2"}).json()
    second = client.get(first["next"]).json()
    assert len(first["items"]) == 2
    assert not {one["id"] for one in first["items"]} & {one["id"] for one in second["items"]}
    assert first["items"][-1]["at"] >= second["items"][0]["at"]


def test_an_erased_member_is_named_nowhere(acts: dict[str, Any], olga: Any, leo: Any) -> None:
    erase_words(leo.id)
    found = olga.client().get(f"{PATH}{acts['roles']}/")
    assert found.json()["label"] == "An erased person"
    assert leo.name not in found.content.decode()


@pytest.mark.parametrize("who", ["avery", "ines", "leo"])
def test_attack_40_only_owners_and_admins_read_it(acts: dict[str, Any], request: Any, who: str) -> None:
    client = request.getfixturevalue(who).client()
    for path in (PATH, f"{PATH}{acts['edited']}/", "/api/v1/audit-export/", "/api/v1/audit-state/"):
        assert client.get(path).status_code == 403


def test_another_organization_sees_none_of_it(acts: dict[str, Any], mallory: Any) -> None:
    client = mallory.client()
    assert not set(_ids(client.get(PATH))) & set(acts.values())
    assert client.get(f"{PATH}{acts['edited']}/").status_code == 404


def _file(answer: Any) -> str:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content).decode()


def test_the_csv_holds_what_is_asked_for_and_no_formula(acts: dict[str, Any], olga: Any) -> None:
    answer = olga.client().get("/api/v1/audit-export/", {"form": "csv", "group": "courses"})
    assert answer["Content-Disposition"].endswith('.csv"')
    rows = list(csv.DictReader(io.StringIO(_file(answer))))
    (row,) = [one for one in rows if one["entry"] == acts["edited"]]
    assert row["act"] == "changed the course “=HYPERLINK(1)”"
    assert row["changes"] == "Title: Knot → Knots"
    assert not any(value.startswith("=") for one in rows for value in one.values())


def test_json_lines_hold_every_entry_newest_first(acts: dict[str, Any], olga: Any) -> None:
    lines = [json.loads(line) for line in _file(olga.client().get("/api/v1/audit-export/?form=jsonl")).splitlines()]
    assert len(lines) >= AuditEntry.objects.count() - 1
    assert [line["at"] for line in lines] == sorted((line["at"] for line in lines), reverse=True)
    assert {acts["edited"], acts["roles"], acts["seen"]} <= {line["id"] for line in lines}


def test_an_export_stands_in_the_audit(acts: dict[str, Any], olga: Any) -> None:
    _file(olga.client().get("/api/v1/audit-export/", {"form": "jsonl", "support": "true"}))
    newest = AuditEntry.objects.filter(action="audit.export.made").latest("at")
    assert newest.actor_id == olga.id
    assert newest.changes == {"format": "jsonl", "filters": {"support": "True"}}


def test_it_verifies_itself(acts: dict[str, Any], alice: Any) -> None:
    client = alice.client()
    assert client.get("/api/v1/audit-state/").json()["verified"] is None
    answer = client.post("/api/v1/audit-state/", content_type="application/json").json()
    assert (answer["verified"], answer["faults"]) == (True, [])
    assert answer["unsealed"] >= 3
