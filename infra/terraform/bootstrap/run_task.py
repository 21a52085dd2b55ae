"""Run a one-off task of a cell, show what it said, and end with its exit status.

    terraform -chdir=infra/terraform/environments/staging output -json run > run.json
    python infra/terraform/bootstrap/run_task.py run.json prepare
    python infra/terraform/bootstrap/run_task.py run.json migrate
    python infra/terraform/bootstrap/run_task.py run.json manage check_stripe
    python infra/terraform/bootstrap/run_task.py run.json administer reseal

``prepare`` makes the database and its logins, ``migrate`` does the steps of a release, ``manage`` runs a command of
Django's with the application's login, ``administer`` with the one that owns the schemas.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import boto3

LOOK_SECONDS = 5
WAIT_SECONDS = 6 * 3600  # a release of a large fleet takes its time
COMMANDED = ("manage", "administer")


class Task:
    """One run. ``facts`` is Terraform's output ``run``."""

    def __init__(self, facts: dict[str, Any], name: str) -> None:
        self._facts = facts
        self._name = name
        self._ecs = boto3.client("ecs", region_name=facts["region"])
        self._logs = boto3.client("logs", region_name=facts["region"])
        self._seen: str | None = None

    def run(self, command: Sequence[str] = (), *, sleep: Callable[[float], None] = time.sleep) -> Iterator[str]:
        """Start it and yield what it says until it ends.

        Raises:
            SystemExit: it could not be started, or did not end well; the status is its own.
        """
        network = {
            "awsvpcConfiguration": {
                "subnets": self._facts["subnets"],
                "securityGroups": [self._facts["security_group"]],
                "assignPublicIp": "DISABLED",
            }
        }
        overrides = {"containerOverrides": [{"name": self._name, "command": list(command)}]} if command else {}
        if self._name not in self._facts["task_definitions"]:
            raise SystemExit(f"There is no task {self._name}: terraform apply, then terraform output -json run again.")
        started = self._ecs.run_task(
            cluster=self._facts["cluster"],
            taskDefinition=self._facts["task_definitions"][self._name],
            launchType="FARGATE",
            networkConfiguration=network,
            overrides=overrides,
        )
        if not started["tasks"]:
            raise SystemExit(f"It could not be started: {started['failures']}")
        arn = started["tasks"][0]["taskArn"]
        stream = f"{self._name}/{self._name}/{arn.rsplit('/', 1)[-1]}"
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            task = self._ecs.describe_tasks(cluster=self._facts["cluster"], tasks=[arn])["tasks"][0]
            yield from self._said(stream)
            if task["lastStatus"] == "STOPPED":
                break
            if time.monotonic() > deadline:
                raise SystemExit(f"It still runs: {arn}")
            sleep(LOOK_SECONDS)
        yield from self._said(stream)
        status = task["containers"][0].get("exitCode")
        if status is None:
            raise SystemExit(f"It did not run: {task.get('stoppedReason', 'no reason is given')}")
        if status:
            raise SystemExit(status)

    def _said(self, stream: str) -> Iterator[str]:
        """Yield what was logged since the last look."""
        group = f"/{self._facts['cluster']}/{self._name}"
        while True:
            more = {"nextToken": self._seen} if self._seen else {}
            try:
                page = self._logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True, **more)
            except self._logs.exceptions.ResourceNotFoundException:
                return  # it has said nothing yet
            yield from (event["message"] for event in page["events"])
            if page["nextForwardToken"] == self._seen or not page["events"]:
                self._seen = page["nextForwardToken"]
                return
            self._seen = page["nextForwardToken"]


def main(given: Sequence[str] | None = None) -> int:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="Terraform's output `run` as JSON")
    parser.add_argument("task", choices=("prepare", "migrate", *COMMANDED))
    parser.add_argument("command", nargs=argparse.REMAINDER, help="of the last two: the command and its arguments")
    chosen = parser.parse_args(given)
    if (chosen.task in COMMANDED) != bool(chosen.command):
        parser.error("manage and administer take a command, the others take none")
    command = ["manage", *chosen.command] if chosen.command else []
    for line in Task(json.loads(chosen.run.read_text()), chosen.task).run(command):
        print(line, flush=True)  # noqa: T201 - what this is for
    return 0


if __name__ == "__main__":
    sys.exit(main())
