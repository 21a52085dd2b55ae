"""What a plan changes of what stands: a release that is prepared touches nothing that serves, numbers are followed."""

from __future__ import annotations

import json
import re

import pytest

from tests.infra.estate import Report, report, why_not

_MISSING = why_not()
pytestmark = pytest.mark.skipif(bool(_MISSING), reason=_MISSING.strip() or "Terraform is there")

ONE_OFFS = {"migrate", "prepare", "manage", "administer"}


@pytest.fixture(scope="module")
def made() -> Report:
    return report()


def _tasks(changed: dict[str, list[str]]) -> set[str]:
    """The tasks whose definition is another one."""
    found = (re.search(r'aws_ecs_task_definition\.this\["(\w+)"\]$', address) for address in changed)
    return {one[1] for one in found if one}


def test_a_release_that_is_prepared_changes_nothing_that_serves(made: Report) -> None:
    changed = made.changed["the_next_image_is_prepared"]
    assert _tasks(changed) == ONE_OFFS
    assert len(changed) == len(ONE_OFFS), "and nothing else at all"


def test_an_image_that_serves_changes_everything_that_runs_it(made: Report) -> None:
    """Else the test before could not fail: these plans do see what changes."""
    serving = {one.values["name"] for one in made.resources if one.type == "aws_ecs_service"}
    assert len(serving) >= 7
    assert _tasks(made.changed["the_next_image_serves"]) == serving | ONE_OFFS


def test_the_image_says_which_release_it_is(made: Report) -> None:
    """Where settings said it, the next release's name would reach what serves of the one before."""
    for name, text in made.outputs["containers"].items():
        assert "LMS_RELEASE" not in {one["name"] for one in json.loads(text)[0]["environment"]}, name


def test_every_service_is_kept_within_its_numbers(made: Report) -> None:
    """Terraform leaves counts alone: where nothing else sets them, a higher number is an alarm and no task more."""
    targets = {
        one.values["resource_id"].rpartition("/")[2]: one.values["min_capacity"]
        for one in made.resources
        if one.type == "aws_appautoscaling_target"
    }
    assert targets.keys() == {one.values["name"] for one in made.resources if one.type == "aws_ecs_service"}
    alarms = {
        one.values["dimensions"]["ServiceName"]: one.values["threshold"]
        for one in made.resources
        if one.type == "aws_cloudwatch_metric_alarm" and "ServiceName" in (one.values["dimensions"] or {})
    }
    assert alarms == targets


def test_more_of_a_service_that_is_not_scaled_is_a_change(made: Report) -> None:
    run = "more_of_what_stays_at_its_number"
    assert made.changed[run] == {
        f'aws_appautoscaling_target.this["{name}"]': ["update"] for name in ("web", "archivist")
    }
    after = {one.address: one.values for one in made.made[run] if one.type == "aws_appautoscaling_target"}
    assert after['aws_appautoscaling_target.this["archivist"]']["min_capacity"] == 2
    assert after['aws_appautoscaling_target.this["web"]']["min_capacity"] == 3
