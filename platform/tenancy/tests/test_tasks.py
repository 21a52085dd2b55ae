"""Every task of an organization refuses to run for nobody, for one that is gone or paused, and for an older self."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from celery import current_app as app
from celery.exceptions import Ignore
from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string

import tenancy
from core.errors import NotFound
from tenancy import TenantRecord
from tenancy.tasks import HEADER, PlatformTask, TenantTask


def _registered() -> list[Any]:
    app.loader.import_default_modules()
    return [task for name, task in sorted(app.tasks.items()) if not name.startswith("celery.")]


TENANT_TASKS = [task.name for task in _registered() if isinstance(task, TenantTask)]
PLATFORM_TASKS = [task.name for task in _registered() if isinstance(task, PlatformTask)]
# Tasks that touch no table and no cache may stand without a binding.
UNBOUND_TASKS = {"core.tasks.deliver_mail"}


def test_every_task_says_for_whom_it_runs() -> None:
    named = {*TENANT_TASKS, *PLATFORM_TASKS, *UNBOUND_TASKS}
    assert {task.name for task in _registered()} == named


def test_there_are_tasks_to_try() -> None:
    assert "events.tasks.deliver" in TENANT_TASKS
    assert "tenants.tasks.provision" in PLATFORM_TASKS


class Probe:
    """Stands for a task's body: notes for whom it ran."""

    def __init__(self) -> None:
        self.ran_for: list[Any] = []

    def __call__(self, *args: Any, **kwargs: Any) -> None:
        self.ran_for.append(tenancy.current_or_none())


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, db: None) -> Any:
    """Start a task as a worker does, with its body replaced by a probe; return the probe."""

    def run(name: str, headers: dict[str, Any]) -> Probe:
        task, probe = app.tasks[name], Probe()
        monkeypatch.setattr(task, "run", probe)
        task.push_request(headers=headers)
        try:
            task()
        finally:
            task.pop_request()
        return probe

    return run


def _loader(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    def load(_id: Any) -> Any:
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(settings.TENANT_LOADER, load)


@pytest.mark.parametrize("name", TENANT_TASKS)
def test_a_task_runs_for_the_organization_it_was_sent_for(start: Any, name: str, world: Any) -> None:
    acme, globex = (world.organizations[slug] for slug in ("acme", "globex"))
    with tenancy.bind(globex):  # whatever the worker did before
        assert start(name, {HEADER: f"{acme.id}:{acme.generation}"}).ran_for == [acme]
        assert tenancy.current() == globex


@pytest.mark.parametrize("name", TENANT_TASKS)
@pytest.mark.parametrize("headers", [{}, {HEADER: ""}, {HEADER: None}, {"other": "x"}], ids=str)
def test_attack_11_a_task_without_an_organization_refuses(
    start: Any, name: str, headers: dict[str, Any], world: Any
) -> None:
    with tenancy.bind(world.organizations["globex"]), pytest.raises(tenancy.NoTenantBound):
        start(name, headers)


@pytest.mark.parametrize("name", TENANT_TASKS)
def test_a_task_of_an_organization_that_is_gone_refuses(start: Any, name: str) -> None:
    with pytest.raises(Ignore):
        start(name, {HEADER: f"{uuid4()}:1"})


@pytest.mark.parametrize("name", TENANT_TASKS)
@pytest.mark.parametrize("state", ["requested", "provisioning", "suspended", "pending_deletion", "failed"])
def test_a_task_of_an_organization_that_is_not_active_refuses(
    start: Any, name: str, state: str, acme: TenantRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    _loader(monkeypatch, replace(acme, state=state))
    with pytest.raises(Ignore):
        start(name, {HEADER: f"{acme.id}:{acme.generation}"})


@pytest.mark.parametrize("name", TENANT_TASKS)
@pytest.mark.parametrize("difference", [-1, 1])
def test_a_task_of_another_generation_refuses(start: Any, name: str, difference: int, acme: TenantRecord) -> None:
    with pytest.raises(Ignore):
        start(name, {HEADER: f"{acme.id}:{acme.generation + difference}"})


@pytest.mark.parametrize("name", TENANT_TASKS)
@pytest.mark.parametrize("header", ["acme:1", "1", ":", "x:y"])
def test_a_task_with_a_broken_header_does_not_run(start: Any, name: str, header: str) -> None:
    with pytest.raises((ValueError, Ignore, tenancy.NoTenantBound)):
        start(name, {HEADER: header})


@pytest.mark.parametrize("name", PLATFORM_TASKS)
def test_a_task_of_the_platform_runs_on_the_shared_schema(start: Any, name: str, world: Any) -> None:
    with tenancy.bind(world.organizations["globex"]):
        assert start(name, {}).ran_for == [None]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The organizations for which messages would leave for the broker."""
    headers: list[str] = []

    def send(self: Any, args: Any = None, kwargs: Any = None, **options: Any) -> None:
        headers.append(options["headers"][HEADER])

    monkeypatch.setattr("celery.app.task.Task.apply_async", send)
    return headers


def test_a_call_names_who_is_bound_when_it_is_made(sent: list[str], acme: TenantRecord, globex: TenantRecord) -> None:
    task = app.tasks["events.tasks.deliver"]
    task.delay("x")
    with tenancy.bind(globex):
        task.delay("x")
    assert sent == [f"{acme.id}:{acme.generation}", f"{globex.id}:{globex.generation}"]


def test_a_call_on_commit_names_who_was_bound_when_it_was_made(autocommit: None, sent: list[str], world: Any) -> None:
    acme = world.organizations["acme"]
    with tenancy.bind(acme), transaction.atomic():
        app.tasks["events.tasks.deliver"].delay_on_commit("x")
        assert sent == []
    assert sent == [f"{acme.id}:{acme.generation}"]


def test_nobody_calls_a_task_for_nobody(sent: list[str], db: None) -> None:
    with pytest.raises(tenancy.NoTenantBound):
        app.tasks["events.tasks.deliver"].delay("x")
    with tenancy.platform(), pytest.raises(tenancy.NoTenantBound):
        app.tasks["events.tasks.deliver"].delay("x")


def test_an_organization_that_is_gone_is_not_found(db: None) -> None:
    with pytest.raises(NotFound):
        import_string(settings.TENANT_LOADER)(uuid4())
