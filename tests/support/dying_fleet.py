"""A runner that is killed at its n-th SQL statement, by SIGKILL, with whatever it had open.

Run as the owning login. Reads one command a line, JSON: ``{"do": "run", "die": 7}``; forks, and answers with a line of
JSON: ``{"killed": true}``, ``{"result": ...}`` or ``{"error": ...}``. Forking spares starting Django for each death.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import traceback
from typing import Any
from uuid import UUID

import django


def _die_at(statement: int) -> None:
    """End this process after the ``statement``-th statement of any of its connections, once the server has run it."""
    from django.db.backends.signals import connection_created

    count = [0]

    def counting(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        result = execute(sql, params, many, context)
        count[0] += 1
        if count[0] == statement:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    def watch(connection: Any, **_: Any) -> None:
        if counting not in connection.execute_wrappers:
            connection.execute_wrappers.append(counting)

    connection_created.connect(watch, weak=False)


def do_old(count: int) -> list[str]:
    """Organizations as the release before made them: schema, role, stamp, ledger; nobody in them. Returns their ids."""
    from django.db import connection, transaction

    import tenancy
    from core.clock import now
    from core.ids import new_id, short_name
    from tenants.models import Organization, SchemaLedger
    from tenants.schema import releases, replay

    template, made = releases.previous_template(), []
    for number in range(count):
        found = new_id()
        organization = Organization(
            id=found,
            name=f"Old School {number}",
            schema_name=f"t_{short_name(found)}",
            db_role=f"r_{short_name(found)}",
            state="active",
            terms_version="1",
            terms_accepted_at=now(),
        )
        with tenancy.schema_owner(), transaction.atomic():
            organization.save()
            replay.create(connection, template, schema=organization.schema_name, role=organization.db_role)
            replay.stamp(connection, schema=organization.schema_name, organization_id=found)
            SchemaLedger.objects.create(organization=organization, release_id=template.release)
        made.append(str(found))
    return made


def do_run(
    workers: int = 1,
    until: str = "all",
    budget: int = 20,
    lock_ms: int = 400,
    attempts: int = 6,
    patience: float = 60.0,
    go_on: bool = False,
) -> dict[str, Any]:
    """Run the runner as the command does."""
    import dataclasses

    from tenants.fleet import runner
    from tenants.fleet.rings import Ring
    from tenants.fleet.step import Policy
    from tenants.schema.apply import Limits

    options = runner.Options(
        workers=workers,
        until=Ring(until),
        budget_permille=budget,
        policy=Policy(Limits(lock_ms, 3000), attempts),
        patience_seconds=patience,
    )
    return dataclasses.asdict(runner.run(options, go_on=go_on))


def do_desk(act: str, **arguments: Any) -> Any:
    """What staff do: pause, resume, retry. Returns how many, or the state."""
    from django.db import transaction

    import tenancy
    from tenants.fleet import desk
    from tenants.schema.template import current

    with tenancy.platform(), transaction.atomic():
        found = getattr(desk, act)(current().release, **arguments)
    return found if isinstance(found, int) else found.state


def do_bring_along(organization: str) -> None:
    """What the provisioner does when staff ask for one organization again."""
    from tenants import tasks

    tasks.bring_along(organization)


def do_drift() -> dict[str, Any]:
    """The look at every schema."""
    from tenants.fleet import drift

    found = drift.check()
    return {
        "checked": found.checked,
        "unknown": found.unknown,
        "drifted": {str(whose): lines for whose, lines in found.drifted.items()},
    }


def do_has_work() -> bool:
    """What the duty asks."""
    import tenancy
    from tenants.fleet import desk

    with tenancy.platform():
        return desk.has_work()


def do_why_not_served() -> str:
    """What readiness says."""
    import tenancy
    from tenants.fleet import ledger

    with tenancy.platform():
        return ledger.why_not_served()


def do_data_steps() -> list[list[Any]]:
    """Take what is due, as the duty does, and work on each, as the task does."""
    import time

    from django.db import transaction

    import tenancy
    from tenants.fleet import data_steps

    with tenancy.platform(), transaction.atomic():
        taken = data_steps.take_due()
    done = []
    for run in taken:
        with tenancy.bind(UUID(str(run.organization_id))):
            done.append([str(run.organization_id), data_steps.work(run.id, until=0.0, clock=time.monotonic)])
    return done


def _child(command: dict[str, Any]) -> None:
    if die := command.get("die"):
        _die_at(int(die))
    arguments = {name: value for name, value in command.items() if name not in ("do", "die")}
    try:
        answer = {"result": globals()[f"do_{command['do']}"](**arguments)}
    except Exception as failed:  # noqa: BLE001 - the test reads what went wrong
        answer = {"error": f"{type(failed).__name__}: {failed}", "trace": traceback.format_exc()}  # noqa: TID251 - a test's own
    os.write(1, (json.dumps(answer, default=str) + "\n").encode())


def main() -> None:
    django.setup()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            try:
                _child(json.loads(line))
            finally:
                os._exit(0)
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            print(json.dumps({"killed": True}), flush=True)


if __name__ == "__main__":
    main()
