"""Promises of archives: what goes in comes back equal, what is hostile is refused, who is erased stays erased, and the
end leaves a tombstone."""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tenants.schema import releases
from tests.support import archivist, plugin
from tests.support.archivist import Archivist

OWNER = "owner@{}.example"
CANARY = "canary-of-harbour"


@pytest.fixture(scope="module")
def work(world: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archivist]:
    with archivist.running(tmp_path_factory.mktemp("archives")) as found:
        yield found


@pytest.fixture(scope="module")
def harbour(work: Archivist) -> str:
    return str(work("school", slug="harbour-archive"))


@pytest.fixture(scope="module")
def rival(work: Archivist) -> str:
    return str(work("school", slug="rival-archive"))


@pytest.fixture(scope="module")
def archive(work: Archivist, harbour: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """An export and its file."""
    made = work("export", organization=harbour)
    assert made["state"] == "ready", made["error_detail"]
    path = tmp_path_factory.mktemp("file") / "archive.zip"
    work("fetch", job=made["id"], path=str(path))
    return made["id"], path


# -- what is in it -----------------------------------------------------------------------------------------------------


def test_every_row_and_file_is_in_it_and_the_manifest_says_so(archive: tuple[str, Path], work: Archivist) -> None:
    with zipfile.ZipFile(archive[1]) as file:
        assert file.testzip() is None
        manifest = json.loads(file.read("manifest.json"))
        for table in [*manifest["tables"], *manifest["shared"], manifest["objects"], *manifest["documents"]]:
            content = file.read(table["file"])
            assert hashlib.sha256(content).hexdigest() == table["sha256"]
            assert len(content) == table["bytes"]
            if table["rows"] is not None:
                assert content.count(b"\n") == table["rows"]
        named = {entry["file"] for entry in [*manifest["tables"], *manifest["shared"], *manifest["documents"]]}
        named |= {entry["sealed"]["file"] for entry in manifest["tables"] if entry["sealed"]}
        media = [json.loads(line) for line in file.read("objects.jsonl").splitlines()]
        for line in media:
            assert hashlib.sha256(file.read(line["file"])).hexdigest() == line["sha256"]
        everything = named | {line["file"] for line in media} | {"objects.jsonl", "manifest.json", "manifest.seal"}
        assert set(file.namelist()) == everything
        assert {line["file"].split("/")[1] for line in media} == {"private", "public"}
        described = {table["table"] for table in json.loads(file.read("schema/schema.json"))["tables"]}
        assert described == {table["table"] for table in manifest["tables"]}


def test_nothing_that_signs_anybody_in_can_be_read_in_it(
    archive: tuple[str, Path], work: Archivist, harbour: str
) -> None:
    hashes = [row[0] for row in work("sql", organization=harbour, statement="SELECT password FROM accounts_member")]
    assert len(hashes) > 2
    with zipfile.ZipFile(archive[1]) as file:
        whole = b"".join(file.read(name) for name in file.namelist())
        assert not [found for found in hashes if found.encode() in whole]
        members = [json.loads(line) for line in file.read("tables/accounts_member.jsonl").splitlines()]
        assert all("password" not in member and member["email"] for member in members)
        assert not {"tables/django_session.jsonl", "shared/media_signingkey.jsonl"} & set(file.namelist())


def test_columns_that_look_like_secrets_are_sealed_or_known_to_be_none() -> None:
    import re

    from django.apps import apps

    from tenancy.models import TenantModel
    from tenants.archive import secrets

    harmless = {
        "library_asset.source_sha256",
        "courses_content.sha256",
    }
    suspicious = re.compile(r"password|secret|token|private|seed|code|credential|_hash$|sha256$|otp")
    sealed, left_out = secrets.sealed(), secrets.not_archived()
    found = set()
    for model in apps.get_models():
        table = model._meta.db_table
        is_ours = issubclass(model, TenantModel) or model._meta.app_label in ("account", "mfa", "auth")
        if not is_ours or table in left_out:
            continue
        for field in model._meta.concrete_fields:
            text = field.get_internal_type() in ("CharField", "TextField", "BinaryField", "JSONField")
            if text and suspicious.search(field.column) and field.column not in sealed.get(table, ()):
                found.add(f"{table}.{field.column}")
    looks_only = {name for name in found if name.split(".")[0].startswith(("courses_", "library_", "audit_", "auth_"))}
    assert found - harmless - looks_only == set()


def test_every_shared_table_of_an_organization_is_in_archives_or_says_why_not() -> None:
    from tenancy.doors import shared_models
    from tenants.archive import ports

    held = {found.table for found in ports.shared_tables()}
    held |= {table for part in ports.archived() for table in part.not_archived}
    ours = {
        model._meta.db_table
        for model in shared_models()
        if model._meta.app_label != "tenants"
        and any(field.attname == "organization_id" for field in model._meta.concrete_fields)
    }
    assert ours - held == set()


# -- hostile archives --------------------------------------------------------------------------------------------------


def _rewritten(source: Path, target: Path, change: Callable[[str, bytes], tuple[str, bytes] | None]) -> Path:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for info in old.infolist():
            changed = change(info.filename, old.read(info.filename))
            if changed:
                new.writestr(zipfile.ZipInfo(changed[0]), changed[1], compress_type=info.compress_type)
    return target


def _refusal(work: Archivist, organization: str, path: Path) -> str:
    brought = work("bring", organization=organization, path=str(path))
    job = work("restore", organization=organization, archive=brought)
    assert (job["state"], job["error_code"]) == ("failed", "archive_refused"), job
    assert work("ask", what="discard", job=job["id"])["state"] == "discarding"
    assert work("restore", organization=organization, job=job["id"])["state"] == "discarded"
    return str(job["error_detail"])


def _flip(name: str) -> Callable[[str, bytes], tuple[str, bytes] | None]:
    return lambda found, content: (found, content.replace(b"Learner 1", b"Learner 9") if found == name else content)


HOSTILE: dict[str, tuple[Callable[[str, bytes], tuple[str, bytes] | None], str]] = {
    "a row was changed": (_flip("tables/accounts_member.jsonl"), "not the file that the manifest describes"),
    "a manifest was changed": (
        lambda name, content: (name, content.replace(b'"zone"', b'"zonf"') if name == "manifest.json" else content),
        "was changed, or was not made by this platform",
    ),
    "a seal was taken off": (
        lambda name, content: None if name == "manifest.seal" else (name, content),
        "manifest.seal is missing",
    ),
    "a table was taken out": (
        lambda name, content: None if name == "tables/courses_course.jsonl" else (name, content),
        "courses_course.jsonl is missing",
    ),
    "a path leads out": (
        lambda name, content: ("../../etc/passwd" if name.endswith("logo.png") else name, content),
        "is not a file that an archive may hold",
    ),
    "a path is absolute": (
        lambda name, content: ("/etc/passwd" if name.endswith("logo.png") else name, content),
        "is not a file that an archive may hold",
    ),
    "a film was cut": (
        lambda name, content: (name, content[:-1] if name.startswith("media/private/in/") else content),
        "is not what the list of media says",
    ),
    "sealed columns changed places": (
        lambda name, content: (name, b"\x00" * len(content) if name == "sealed/accounts_member.bin" else content),
        "not the file that the manifest describes",
    ),
    "another version": (
        lambda name, content: (
            name,
            content.replace(b'"version": 1', b'"version": 2') if name == "manifest.json" else content,
        ),
        "has format version 2",
    ),
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_attack_70_a_hostile_archive_is_refused_and_nothing_changes(
    name: str, work: Archivist, harbour: str, archive: tuple[str, Path], tmp_path: Path
) -> None:
    change, words = HOSTILE[name]
    before = work("digests", organization=harbour)
    assert words in _refusal(work, harbour, _rewritten(archive[1], tmp_path / "hostile.zip", change))
    assert work("digests", organization=harbour)["accounts_member"] == before["accounts_member"]


def test_attack_48_added_and_doubled_files_links_and_rubbish_are_refused(
    work: Archivist, harbour: str, archive: tuple[str, Path], tmp_path: Path
) -> None:
    added = tmp_path / "added.zip"
    shutil.copy(archive[1], added)
    with zipfile.ZipFile(added, "a") as file:
        file.writestr("media/private/x/evil.bin", b"x")
    assert "which its manifest does not know" in _refusal(work, harbour, added)
    doubled = tmp_path / "doubled.zip"
    shutil.copy(archive[1], doubled)
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(doubled, "a") as file:
        file.writestr("manifest.json", b"{}")
    assert "names a file twice" in _refusal(work, harbour, doubled)
    link = tmp_path / "link.zip"
    shutil.copy(archive[1], link)
    with zipfile.ZipFile(link, "a") as file:
        info = zipfile.ZipInfo("tables/link")
        info.external_attr = 0o120777 << 16
        file.writestr(info, "/etc/passwd")
    assert "is not a file that an archive may hold" in _refusal(work, harbour, link)
    rubbish = tmp_path / "rubbish.zip"
    rubbish.write_bytes(b"no archive at all" * 100)
    assert "not a ZIP archive" in _refusal(work, harbour, rubbish)


def test_another_organizations_archive_is_refused(work: Archivist, rival: str, archive: tuple[str, Path]) -> None:
    assert "of another organization" in _refusal(work, rival, archive[1])


# -- there and back ----------------------------------------------------------------------------------------------------

ANEW = ("shared:billing_quota", "shared:events_", "shared:media_storageentry", "audit_")


def _equal(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return [name for name in one if one[name] != other.get(name) and not name.startswith(ANEW)]


def test_what_went_in_comes_back_and_whoever_was_erased_meanwhile_does_not(work: Archivist, rival: str) -> None:
    school = str(work("school", slug="erased-archive"))
    rivals, before = work("digests", organization=rival), work("digests", organization=school)
    made = work("export", organization=school)
    erased = work("erase", organization=school, email="learner-3@people.example")
    work("sql", organization=school, statement="DELETE FROM progress_learningevent")
    compared = work("restore", organization=school, archive=made["id"])
    lines = {line["table"]: line for line in compared["comparison"]["tables"]}
    assert lines["progress_learningevent"]["words"] == "40 rows come back"
    assert lines["accounts_member"]["words"] == "1 row returns to an earlier state"
    assert compared["comparison"]["erasures"] == 1
    work("ask", what="swap", job=compared["id"])
    swapped = work("restore", organization=school, job=compared["id"])
    assert (swapped["state"], swapped["erasures"]) == ("swapped", 1)
    rows = dict(work("sql", organization=school, statement="SELECT id::text, state FROM accounts_member"))
    assert rows.pop(erased) == "anonymised"
    assert set(rows.values()) == {"active"}
    assert not work("sql", organization=school, statement="SELECT 1 FROM accounts_member WHERE name = 'Learner 3'")
    after = work("digests", organization=school)
    assert {name.split("_")[0] for name in _equal(before, after)} <= {"accounts", "account", "mfa"}
    assert after["progress_learningevent"] == before["progress_learningevent"]
    assert work("digests", organization=rival) == rivals
    generation = work("shared", statement=f"SELECT generation, epoch FROM tenants_organization WHERE id = '{school}'")
    assert generation[0][0] == generation[0][1] > 1
    # Whatever is counted of people will be counted anew.
    told = "SELECT generation, state FROM events_outboxdelivery WHERE subscriber = 'billing.recount_after_restore'"
    assert work("shared", statement=f"{told} AND organization_id = '{school}'") == [[generation[0][0], "pending"]]
    # What was replaced is kept for a week, and shut.
    role = work("shared", statement=f"SELECT db_role FROM tenants_organization WHERE id = '{school}'")[0][0]
    shut = f"SELECT has_schema_privilege('{role}', '{swapped['old_schema']}', 'USAGE')"
    assert work("shared", statement=shut) == [[False]]


def test_what_was_still_to_happen_at_the_snapshot_happens_once_under_the_new_generation(work: Archivist) -> None:
    school = str(work("school", slug="outbox-archive"))
    pending = f"SELECT generation FROM events_outboxdelivery WHERE organization_id = '{school}' AND state = 'pending'"
    work(
        "shared",
        statement=f"UPDATE events_outboxdelivery SET state = 'done' WHERE organization_id = '{school}' AND id <> "
        f"(SELECT id FROM events_outboxdelivery WHERE organization_id = '{school}' ORDER BY id LIMIT 1)",
    )
    made = work("export", organization=school)
    work("shared", statement=f"UPDATE events_outboxdelivery SET state = 'done' WHERE organization_id = '{school}'")
    compared = work("restore", organization=school, archive=made["id"])
    work("ask", what="swap", job=compared["id"])
    assert work("restore", organization=school, job=compared["id"])["state"] == "swapped"
    generation = work("shared", statement=f"SELECT generation FROM tenants_organization WHERE id = '{school}'")[0][0]
    found = work("shared", statement=pending)
    assert {row[0] for row in found} == {generation}
    assert len(found) >= 1


def test_an_organization_comes_back_on_the_release_that_its_shadow_was_built_with(work: Archivist) -> None:
    """Archived on the release before, restored by the code now; then a shadow that waited through a release."""
    school = str(work("school", slug="release-archive"))
    schema = work("shared", statement=f"SELECT schema_name FROM tenants_organization WHERE id = '{school}'")[0][0]
    newest = releases.newest().number
    ledger = (
        "SELECT release_id FROM tenants_schemaledger"
        f" WHERE organization_id = '{school}' AND state = 'done' ORDER BY finished_at DESC LIMIT 1"
    )
    steps = f"SELECT state FROM tenants_datasteprun WHERE organization_id = '{school}'"
    work("shared", statement=f'ALTER TABLE "{schema}"._tenant DROP COLUMN frozen_at')
    work(
        "shared",
        statement=f"UPDATE tenants_schemaledger SET release_id = {newest - 1} WHERE organization_id = '{school}'",
    )
    made = work("export", organization=school)
    compared = work("restore", organization=school, archive=made["id"])
    assert compared["comparison"]["release"] == {"archive": newest - 1, "now": newest}
    assert {line["words"] for line in compared["comparison"]["tables"]} == {"the same as now"}
    work("ask", what="swap", job=compared["id"])
    work("restore", organization=school, job=compared["id"])
    assert work("shared", statement=ledger) == [[newest]]
    # Its rows are of the release before: what the newest rewrites in them is still to be done.
    assert work("shared", statement=steps) == [["pending"]]

    late = work("restore", organization=school, archive=made["id"])
    shadow = work("shared", statement=f"SELECT shadow_schema FROM tenants_restorejob WHERE id = '{late['id']}'")[0][0]
    work("shared", statement=f'ALTER TABLE "{shadow}"._tenant DROP COLUMN frozen_at')
    work(
        "shared",
        statement=f"UPDATE tenants_restorejob SET cursor = cursor - 'release' WHERE id = '{late['id']}'",
    )
    work("ask", what="swap", job=late["id"])
    work("restore", organization=school, job=late["id"])
    assert work("shared", statement=ledger) == [[newest - 1]]
    assert work("shared", statement=steps) == []
    assert "The fleet is whole" in plugin.manage("migrate_fleet")
    assert work("shared", statement=ledger) == [[newest]]
    assert work("shared", statement=steps) == [["pending"]]
    plugin.manage("check_fleet")


# -- the end -----------------------------------------------------------------------------------------------------------


def test_attack_18_an_end_leaves_a_tombstone_and_nothing_else(work: Archivist, rival: str) -> None:
    doomed = str(work("school", slug="canary-archive"))
    rivals = work("digests", organization=rival)
    schema, role = work(
        "shared", statement=f"SELECT schema_name, db_role FROM tenants_organization WHERE id = '{doomed}'"
    )[0]
    hosts = [
        row[0]
        for row in work("shared", statement=f"SELECT host FROM tenants_domain WHERE organization_id = '{doomed}'")
    ]
    words = ["Canary-Archive School", "owner@canary-archive.example", "learner-1@people.example"]
    made = work("export", organization=doomed)
    work("put", key=f"t/{doomed}/f/{CANARY}/1", content=CANARY)
    work("put", key=f"p/{doomed}/{CANARY}.png", content=CANARY)
    work("unfinished", key=f"t/{doomed}/in/{CANARY}")
    planted = {f"t:{doomed}:1::1:{CANARY}": CANARY, f"g::1:{CANARY}": f"about {doomed}", f"g:host:{hosts[0]}": CANARY}
    others = {f"t:{rival}:1::1:{CANARY}": CANARY, f"g:host:not{hosts[0]}": CANARY, "g::1:learner-1@people.example": "x"}
    work("cache", entries={**planted, **others})
    work(
        "queue",
        queue="default",
        message=json.dumps({"headers": {"task": "x", "lms_tenant": f"{doomed}:1"}, "body": ""}),
    )
    work(
        "queue", queue="default", message=json.dumps({"headers": {"task": "x", "lms_tenant": f"{rival}:1"}, "body": ""})
    )
    seen = work("traces", organization=doomed, hosts=hosts, words=words)
    assert seen["left"] > 10, "the search must be able to find something"
    assert seen["schemas"] == [schema]
    assert seen["roles"] == [role]

    work("shared", statement=f"UPDATE tenants_organization SET state = 'deleting' WHERE id = '{doomed}'")
    done = work("delete", organization=doomed)
    assert done["state"] == "done", done["error_detail"]
    report = done["report"]
    assert report["removed"]["objects"] > 5
    assert report["removed"]["unfinished_uploads"] == 1
    assert report["removed"]["tables"] > 30
    assert report["search"]["found"] == {
        "schemas": [], "roles": [], "rows": {}, "objects": 0, "cache": 0, "mails": None
    }  # fmt: skip
    canonical = json.dumps(report, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert hashlib.sha256(canonical.encode()).hexdigest() == done["sha256"]

    after = work("traces", organization=doomed, hosts=hosts, words=words)
    assert after["left"] == 0, after
    assert work("keys", prefix=f"t/{doomed}/") == work("keys", prefix=f"p/{doomed}/") == []
    assert work("cached", keys=list(planted)) == 0
    assert work("cached", keys=list(others)) == len(others)
    assert [message for message in work("queued", queue="default") if doomed in message] == []
    assert [message for message in work("queued", queue="default") if f"{rival}:1" in message]
    row = work("shared", statement=f"SELECT name, state FROM tenants_organization WHERE id = '{doomed}'")
    assert row == [["Deleted organization", "deleted"]]
    states = work("shared", statement=f"SELECT DISTINCT state FROM tenants_domain WHERE organization_id = '{doomed}'")
    assert states == [["quarantined"]]
    assert work(
        "shared", statement=f"SELECT cursor::text FROM tenants_deletionreport WHERE organization_id = '{doomed}'"
    ) == [["{}"]]
    assert work("digests", organization=rival) == rivals
    assert made["state"] == "ready"


def test_a_last_export_outlives_the_organization_until_its_day(work: Archivist) -> None:
    doomed = str(work("school", slug="last-archive", learners=2, events=4))
    work("want_final_export", organization=doomed)
    work("shared", statement=f"UPDATE tenants_organization SET state = 'deleting' WHERE id = '{doomed}'")
    done = work("delete", organization=doomed)
    assert done["state"] == "done", done["error_detail"]
    kept = work("keys", prefix=f"final/{doomed}/")
    assert len(kept) == 1
    assert work("verify", job=done["final_export_id"])["accounts_member"]
