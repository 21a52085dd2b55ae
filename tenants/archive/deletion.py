"""The end of an organization: store by store, each step safe to repeat, and a report that a search has proved.

What stays is a tombstone: the id, its states and dates, the hosts so that nobody takes them over, and the report.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import ForeignKey
from django.utils.module_loading import import_string

import tenancy
from core.acting import Acting, acting
from core.clock import iso, now
from core.errors import Unavailable
from core.objects import object_store
from tenancy import catalog
from tenancy.doors import shared_models
from tenancy.models import SharedModel
from tenants.archive import export, keys, mailbox, ports, queue, traces
from tenants.archive.queue import Hold
from tenants.lifecycle.machine import transition
from tenants.lifecycle.parts import why_not_yet
from tenants.lifecycle.rules import Event
from tenants.models import DeletionReport, Domain, ExportJob, Organization, RestoreJob
from tenants.schema import replay

TOMBSTONE_NAME = "Deleted organization"
WAITING = "waiting"  # known to be wanted, not begun
_WORDS_KEPT = 2000  # addresses of people that the search looks for
_MAIL_TASK = "core.tasks.deliver_mail"
# An edge forgets within a minute or two as a rule. That is waited for here: a job comes again five times only.
_EDGE_LOOKS, _EDGE_SECONDS = 24, 5.0

State = DeletionReport.State


class NotYet(Unavailable):
    """Something is still on its way out; the step is tried again in a moment."""

    code = "deletion_waits"


def ask(organization_id: UUID) -> None:
    """Have an organization that is ``deleting`` deleted. Safe to ask again until it is. Platform only.

    While something of it goes on outside (a subscription that is charged), the deletion waits, and its job says why.
    """
    report = DeletionReport.objects.filter(organization_id=organization_id).first()
    if report is not None and report.state != WAITING:
        return
    why = why_not_yet(organization_id)
    if report is None:
        report, _ = DeletionReport.objects.get_or_create(organization_id=organization_id, defaults={"state": WAITING})
    waiting = DeletionReport.objects.filter(id=report.id, state=WAITING)
    if not why:
        waiting.update(state=State.QUEUED, run_at=now(), error_code="", error_detail="")
    elif report.error_detail != why:
        waiting.update(error_code=NotYet.code, error_detail=why, updated_at=now())


def want_final_export(organization_id: UUID) -> None:
    """Ask, before it begins, that a last archive be made and kept for 30 days. Platform only."""
    DeletionReport.objects.get_or_create(
        organization_id=organization_id, defaults={"state": WAITING, "wants_final_export": True}
    )
    DeletionReport.objects.filter(organization_id=organization_id, state=WAITING).update(wants_final_export=True)


def work(hold: Hold) -> None:
    """Do what is not done yet of one deletion. Runs as the owning login, on the platform."""
    with acting(Acting(kind="system", via="task:deletion")):
        Deletion(hold).run()


class Deletion:
    """One deletion under a lease. ``cursor`` holds what the organization was known by, until the search is over."""

    def __init__(self, hold: Hold) -> None:
        self._hold = hold
        self._job: DeletionReport = hold.job
        self._organization: Organization = hold.job.organization

    def run(self) -> None:
        """Each step that is not done yet, in order."""
        if self._organization.state not in (Organization.State.DELETING, Organization.State.DELETED):
            raise NotYet("The organization is not being deleted.")  # the lifecycle begins it, nobody else
        self._hold.write(state=State.RUNNING)
        steps: dict[str, Callable[[], dict[str, Any]]] = {
            "known_by": self._know,
            "final_export": self._final_export,
            "schema": self._schema,
            "objects": self._objects,
            "edge": self._edge,
            "rows": self._rows,
            "cache": self._cache,
            "mails": self._mails,
            "tombstone": self._tombstone,
        }
        for at, (name, step) in enumerate(steps.items(), 1):
            if name in self._job.cursor.get("done", []):
                continue
            self._hold.write(stage=name)
            counts = step()
            self._hold.write(
                cursor={**self._job.cursor, "done": [*self._job.cursor.get("done", []), name]},
                removed={**self._job.removed, **counts},
                progress_permille=1000 * at // (len(steps) + 1),
            )
        self._prove()

    # -- steps ---------------------------------------------------------------------------------------------------------

    def _know(self) -> dict[str, Any]:
        """Write down what to search for before it is gone."""
        organization = self._organization
        # A host that it only claimed, or that another organization claims or has by now, tells nothing about it.
        others = Domain.objects.exclude(organization=organization).values("host")
        mine = Domain.objects.filter(organization=organization).exclude(state=Domain.State.PENDING)
        hosts = sorted(set(mine.exclude(host__in=others).values_list("host", flat=True)))
        with tenancy.schema_owner(), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [organization.schema_name])
            addresses: list[str] = []
            if cursor.fetchone():
                # The schema's name is ours, and quoted.
                cursor.execute(
                    f'SELECT email FROM "{organization.schema_name}".accounts_member'  # noqa: S608
                    " WHERE email IS NOT NULL ORDER BY created_at LIMIT %s",
                    [_WORDS_KEPT],
                )
                addresses = [email for (email,) in cursor.fetchall()]
        self._hold.write(
            cursor={**self._job.cursor, "hosts": hosts, "words": [organization.name, *addresses]},
        )
        return {}

    def _needles(self) -> traces.Needles:
        return traces.Needles(
            self._organization.id,
            self._organization.schema_name,
            self._organization.db_role,
            tuple(self._job.cursor.get("hosts", ())),
            tuple(self._job.cursor.get("words", ())),
        )

    def _final_export(self) -> dict[str, Any]:
        if not self._job.wants_final_export:
            return {}
        if self._job.final_export is None:
            with transaction.atomic():
                made = ExportJob.objects.create(organization=self._organization, origin=ExportJob.Origin.FINAL)
                self._hold.write(final_export=made)
        final = self._job.final_export
        assert final is not None
        queue.run(ExportJob, final.id, export.work)
        final.refresh_from_db()
        if final.state != ExportJob.State.READY:
            raise NotYet("The last export is not whole yet.")
        return {"final_export": {"kept_until": iso(final.expires_at) if final.expires_at else None}}

    def _schema(self) -> dict[str, Any]:
        restores = RestoreJob.objects.filter(organization=self._organization)
        beside = {f"restore_{self._organization.schema_name[2:]}"}
        beside |= {name for name in restores.values_list("old_schema", flat=True) if name}
        with tenancy.schema_owner(), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_tables WHERE schemaname = ANY (%s)",
                [[self._organization.schema_name, *beside]],
            )
            tables = int(cursor.fetchone()[0])
            for schema in sorted(beside):
                replay.drop_schema(connection, schema=schema)
            replay.drop(connection, schema=self._organization.schema_name, role=self._organization.db_role)
        return {"tables": tables} if tables else {}

    def _objects(self) -> dict[str, Any]:
        store, removed, aborted = object_store(), 0, 0
        for prefix in (keys.private(self._organization.id), keys.public(self._organization.id)):
            aborted += store.abort_uploads(prefix)
            removed += store.delete_prefix(prefix)
        before = self._job.removed
        return {
            "objects": before.get("objects", 0) + removed,
            "unfinished_uploads": before.get("unfinished_uploads", 0) + aborted,
        }

    def _edge(self) -> dict[str, Any]:
        """Have what the delivery edge keeps forgotten. Before the rows go, and after the objects are gone."""
        forget: Callable[[UUID, str], str] = import_string(settings.FORGET_DELIVERED)
        reference = f"deleted-{self._organization.id}-{self._job.cursor.get('round', 0)}"
        waits_for = forget(self._organization.id, reference)
        for _ in range(_EDGE_LOOKS):
            if not waits_for:
                return {}
            time.sleep(_EDGE_SECONDS)
            self._hold.beat()
            waits_for = forget(self._organization.id, reference)
        raise NotYet(waits_for)

    def _rows(self) -> dict[str, Any]:
        """Delete the organization's rows of every shared table that does not say why it keeps them."""
        if why := why_not_yet(self._organization.id):
            raise NotYet(why)
        counts: dict[str, int] = dict(self._job.removed.get("rows", {}))
        with tenancy.schema_owner(), transaction.atomic():
            for part in ports.archived():
                if part.forget is not None:
                    part.forget(self._organization.id)
            for model in _dependents_first():
                rows: Any = model._base_manager  # which tables these are is only known here
                rows = rows.filter(organization_id=self._organization.id)
                if model is ExportJob:
                    rows = rows.exclude(id=self._job.final_export_id)
                _, removed = rows.delete()
                for label, count in removed.items():
                    counts[label] = counts.get(label, 0) + count
        return {"rows": counts}

    def _cache(self) -> dict[str, Any]:
        removed = 0
        for entry in list(traces.cache_entries(self._needles())):
            if entry.task == _MAIL_TASK:
                continue  # goes out in a moment, and is found in the mailbox then
            removed += traces.remove(entry)
        return {"cache": self._job.removed.get("cache", 0) + removed}

    def _mails(self) -> dict[str, Any]:
        needles = self._needles()
        if any(entry.task == _MAIL_TASK for entry in traces.cache_entries(needles)):
            raise NotYet("A mail is still on its way out.")
        removed = mailbox.remove(mailbox.about(needles.hosts, str(needles.organization_id), needles.words))
        return {} if removed is None else {"mails": self._job.removed.get("mails", 0) + removed}

    def _tombstone(self) -> dict[str, Any]:
        """Erase the name, keep the hosts so that nobody takes them over, and say that it is done."""
        with transaction.atomic():
            Organization.objects.filter(id=self._organization.id).update(
                name=TOMBSTONE_NAME, locale="en", zone="UTC", updated_at=now()
            )
            Domain.objects.filter(organization=self._organization).update(is_primary=False)
            Domain.objects.filter(organization=self._organization).exclude(state=Domain.State.RELEASED).update(
                state=Domain.State.QUARANTINED, since=now()
            )
        if self._organization.state == Organization.State.DELETING:
            transition(self._organization.id, Event.FINISH_DELETION)
        catalog.announce_change(self._organization.id)
        return {}

    # -- the proof -----------------------------------------------------------------------------------------------------

    def _prove(self) -> None:
        self._hold.write(stage="search")
        found = traces.search(self._needles())
        if self._job.final_export_id and found["rows"].get(ExportJob._meta.db_table) == 1:
            del found["rows"][ExportJob._meta.db_table]
            found["left"] -= 1
            found["kept"][ExportJob._meta.db_table] = {"rows": 1, "why": "the last export, until its day"}
        if found["left"]:
            left = {name: value for name, value in found.items() if value and name not in ("kept", "left")}
            # A worker that was in the middle of something may have written after us: once more from the top.
            again = {"done": ["known_by", "final_export"], "round": self._job.cursor.get("round", 0) + 1}
            self._hold.write(cursor={**self._job.cursor, **again})
            raise NotYet(f"The search still finds something: {json.dumps(left)}")
        report = {
            "organization_id": str(self._organization.id),
            "created_at": iso(self._organization.created_at),
            "asked_at": iso(self._job.created_at),
            "deleted_at": iso(now()),
            "removed": self._job.removed,
            "search": {
                "for": "its id, schema, role, hosts and name, and the addresses of its people",
                "found": {name: found[name] for name in ("schemas", "roles", "rows", "objects", "cache", "mails")},
                "kept": found["kept"],
            },
            "backups": "copies of the whole database that hold it are overwritten within 35 days",
        }
        content = json.dumps(report, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        self._hold.write(
            state=State.DONE,
            stage="",
            report=report,
            sha256=hashlib.sha256(content.encode()).hexdigest(),
            # What it was known by goes with it.
            cursor={},
            reason="",
            error_code="",
            error_detail="",
            progress_permille=1000,
            finished_at=now(),
        )


def _dependents_first() -> list[type[SharedModel]]:
    """Return the tables whose rows go, each before the tables that it points at."""
    doomed = [
        model
        for model in shared_models()
        if not model.kept
        and model is not Domain
        and any(field.attname == "organization_id" for field in model._meta.concrete_fields)
    ]
    ordered: list[type[SharedModel]] = []
    while doomed:
        free = [
            model for model in doomed if not any(_points_at(other, model) for other in doomed if other is not model)
        ]
        ordered += free
        doomed = [model for model in doomed if model not in free]
    return ordered


def _points_at(one: type[SharedModel], other: type[SharedModel]) -> bool:
    keys_of = (field for field in one._meta.concrete_fields if isinstance(field, ForeignKey))
    return one is not other and any(key.remote_field.model is other for key in keys_of)
