"""A provisioner that is killed inside a step: at its n-th statement, by SIGKILL, with whatever it had open.

Run as the owning login. Reads one command a line: ``<organization> <step> <n>`` (``-`` for a run that may live), forks,
and answers ``killed`` or the state that the engine returned. Forking spares starting Django for each death.
"""

from __future__ import annotations

import os
import signal
import sys
from typing import Any
from uuid import UUID

import django


def _die_at(step_name: str, statement: int) -> None:
    """Let the step's ``run`` end at its ``statement``-th SQL statement, just after the server has executed it."""
    from django.db import connection

    from tenants.provisioning import engine
    from tenants.provisioning.base import Step
    from tenants.provisioning.base import steps as real_steps

    def wrapped() -> list[Step]:
        found = real_steps()
        for step in found:
            if step.name == step_name:
                original, count = step.run, [0]

                def counting(execute: Any, sql: Any, params: Any, many: Any, context: Any, count: Any = count) -> Any:
                    result = execute(sql, params, many, context)
                    count[0] += 1
                    if count[0] == statement:
                        os.kill(os.getpid(), signal.SIGKILL)
                    return result

                def run(organization: Any, original: Any = original, counting: Any = counting) -> None:
                    with connection.execute_wrapper(counting):
                        original(organization)

                step.run = run  # type: ignore[method-assign]
        return found

    engine.steps = wrapped  # type: ignore[attr-defined]


def _child(organization_id: UUID, step_name: str, statement: str) -> None:
    from tenants.provisioning import engine

    if step_name != "-":
        _die_at(step_name, int(statement))
    os.write(1, f"{engine.provision(organization_id)}\n".encode())


def main() -> None:
    django.setup()
    for line in sys.stdin:
        organization, step_name, statement = line.split()
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                _child(UUID(organization), step_name, statement)
                code = 0
            finally:
                os._exit(code)
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            print("killed", flush=True)
        elif status:
            print("error", flush=True)


if __name__ == "__main__":
    main()
