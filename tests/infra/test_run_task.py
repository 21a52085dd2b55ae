"""One-off tasks: what they said is shown, and their exit status is ours."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch

import boto3
import pytest
from botocore.stub import ANY, Stubber

from tests.architecture.tree import ROOT

FACTS = {
    "region": "eu-central-1",
    "cluster": "cell",
    "task_definitions": {name: f"cell-{name}" for name in ("prepare", "migrate", "manage", "administer")},
    "subnets": ["subnet-1"],
    "security_group": "sg-1",
}
ARN = "arn:aws:ecs:eu-central-1:123456789012:task/cell/0123"


def _load() -> ModuleType:
    spec = spec_from_file_location("cell_run_task", ROOT / "infra" / "terraform" / "bootstrap" / "run_task.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


run_task = _load()


class Services:
    """ECS and CloudWatch Logs that answer in turn; botocore holds questions and answers to the services' models."""

    def __init__(self, ecs: Stubber, logs: Stubber) -> None:
        self.ecs, self.logs = ecs, logs

    def starts(self, task: str, **overrides: Any) -> None:
        expected = {
            "cluster": "cell",
            "taskDefinition": f"cell-{task}",
            "launchType": "FARGATE",
            "networkConfiguration": ANY,
            "overrides": overrides,
        }
        self.ecs.add_response("run_task", {"tasks": [{"taskArn": ARN}], "failures": []}, expected)

    def is_in(self, status: str, **container: Any) -> None:
        task = {"lastStatus": status, "containers": [container], "stoppedReason": "CannotPullContainerError"}
        self.ecs.add_response("describe_tasks", {"tasks": [task]}, {"cluster": "cell", "tasks": [ARN]})

    def says(self, *lines: str, token: str, since: str | None = None) -> None:
        asked = {"logGroupName": ANY, "logStreamName": ANY, "startFromHead": True}
        answer = {"events": [{"message": line} for line in lines], "nextForwardToken": token}
        self.logs.add_response("get_log_events", answer, asked | ({"nextToken": since} if since else {}))

    def is_silent(self) -> None:
        self.logs.add_client_error("get_log_events", "ResourceNotFoundException")


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    clients = {name: boto3.client(name, region_name="eu-central-1") for name in ("ecs", "logs")}
    with (
        Stubber(clients["ecs"]) as ecs,
        Stubber(clients["logs"]) as logs,
        patch.object(boto3, "client", lambda name, **_: clients[name]),
    ):
        yield Services(ecs, logs)
        ecs.assert_no_pending_responses()
        logs.assert_no_pending_responses()


def test_what_it_says_is_shown_once_and_in_order(services: Services) -> None:
    services.starts("migrate")
    services.is_in("PROVISIONING")
    services.is_silent()
    services.is_in("RUNNING")
    services.says("settings: done", token="a")
    services.says(token="a", since="a")
    services.is_in("STOPPED", exitCode=0)
    services.says("fleet: done", token="b", since="a")
    services.says(token="b", since="b")
    services.says(token="b", since="b")
    said = list(run_task.Task(FACTS, "migrate").run(sleep=lambda seconds: None))
    assert said == ["settings: done", "fleet: done"]


def test_its_exit_status_is_ours(services: Services) -> None:
    services.starts("manage", containerOverrides=[{"name": "manage", "command": ["manage", "check_stripe"]}])
    services.is_in("STOPPED", exitCode=2)
    services.says("refused", token="a")
    services.says(token="a", since="a")
    services.says(token="a", since="a")
    with pytest.raises(SystemExit) as ended:
        list(run_task.Task(FACTS, "manage").run(["manage", "check_stripe"], sleep=lambda seconds: None))
    assert ended.value.code == 2


def test_a_task_that_never_ran_says_why(services: Services) -> None:
    services.starts("prepare")
    services.is_in("STOPPED")
    services.is_silent()
    services.is_silent()
    with pytest.raises(SystemExit, match="CannotPullContainerError"):
        list(run_task.Task(FACTS, "prepare").run(sleep=lambda seconds: None))


def test_a_command_is_given_the_login_that_was_asked_for(
    services: Services, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``administer`` is a task of its own: the owner's login is in no other that takes a command."""
    facts = tmp_path / "run.json"
    facts.write_text(json.dumps(FACTS))
    services.starts(
        "administer", containerOverrides=[{"name": "administer", "command": ["manage", "reseal", "--check"]}]
    )
    services.is_in("STOPPED", exitCode=0)
    services.says("0 sealed by an older key", token="a")
    services.says(token="a", since="a")
    services.says(token="a", since="a")
    assert run_task.main([str(facts), "administer", "reseal", "--check"]) == 0
    assert capsys.readouterr().out == "0 sealed by an older key\n"


def test_a_task_that_the_cell_does_not_have_is_said_to_be_missing() -> None:
    before = FACTS | {"task_definitions": {"manage": "cell-manage"}}
    with pytest.raises(SystemExit, match="no task administer"):
        list(run_task.Task(before, "administer").run(["manage", "reseal"]))


@pytest.mark.parametrize(
    "given",
    [["run.json", "manage"], ["run.json", "administer"], ["run.json", "migrate", "now"], ["run.json", "web"]],
)
def test_what_makes_no_sense_is_refused(given: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run_task.main(given)
    assert ended.value.code == 2
