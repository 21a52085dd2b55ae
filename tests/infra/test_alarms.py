"""Alarms on AWS: the promises of slo.yml with their budgets, and whatever wakes somebody by Prometheus's rules."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
import yaml

from tests.architecture.tree import ROOT
from tests.infra.estate import Report, report, why_not

_MISSING = why_not()
pytestmark = pytest.mark.skipif(bool(_MISSING), reason=_MISSING.strip() or "Terraform is there")

FOLDER = ROOT / "infra" / "observability"
SLO = yaml.safe_load((FOLDER / "slo.yml").read_text())
WATCHED = yaml.safe_load((FOLDER / "cloudwatch.yml").read_text())
CAUSES = {
    rule["alert"]: rule
    for group in yaml.safe_load((FOLDER / "alerts" / "causes.yml").read_text())["groups"]
    for rule in group["rules"]
}
CELL = "lms-production"
SECONDS = {"1h": 3600, "6h": 21600}
# What pages by Prometheus's rules and is seen by AWS itself under another name, or is another's work there.
SEEN_BY_AWS = {
    "ConnectionsNearLimit": "database-connections",
    "FrontDoorErrs": "burn-availability-1h",
    "LogStays": "",  # RDS archives its log by itself
    "BackupOld": "",  # RDS makes backups by itself and says so in its events; `LMS_BACKUP_STAMP` is the single host's
}


@pytest.fixture(scope="module")
def made() -> Report:
    return report()


@pytest.fixture(scope="module")
def alarms(made: Report) -> dict[str, dict[str, Any]]:
    """By name, without the cell's."""
    found = [one.values for one in made.resources if one.type == "aws_cloudwatch_metric_alarm"]
    return {one["alarm_name"].removeprefix(f"{CELL}-"): one for one in found}


def _metrics(alarm: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["id"]: one["metric"][0] for one in alarm["metric_query"] if one["metric"]}


@pytest.mark.parametrize("objective", SLO["objectives"], ids=lambda one: one["name"])
@pytest.mark.parametrize("burn", SLO["burn"], ids=lambda one: one["long"])
def test_a_promise_has_its_alarm(
    alarms: dict[str, dict[str, Any]], objective: dict[str, Any], burn: dict[str, Any]
) -> None:
    alarm = alarms[f"burn-{objective['name']}-{burn['long']}"]
    assert alarm["threshold"] == pytest.approx((100 - objective["objective"]) / 100 * burn["factor"])
    assert alarm["comparison_operator"] == "GreaterThanThreshold"
    metrics = _metrics(alarm)
    assert {one["period"] for one in metrics.values()} == {SECONDS[burn["long"]]}
    [expression] = [one["expression"] for one in alarm["metric_query"] if one["expression"]]
    assert set(re.findall(r"\b(?:bad\d|total)\b", expression)) == set(metrics)


def test_every_promise_is_counted_and_no_other(alarms: dict[str, dict[str, Any]]) -> None:
    names = {one["name"] for one in SLO["objectives"]}
    assert set(WATCHED["objectives"]) | {"availability"} == names
    assert {name for name in alarms if name.startswith("burn-")} == {
        f"burn-{name}-{burn['long']}" for name in names for burn in SLO["burn"]
    }


@pytest.mark.parametrize("name", [name for name in WATCHED["objectives"] if re.search(r"-in-", name)])
def test_what_is_late_is_late_by_the_promise(name: str) -> None:
    [objective] = [one for one in SLO["objectives"] if one["name"] == name]
    said = objective.get("errors") or objective["ratio"]
    edge = re.search(r'le="([\d.]+)"', said) or re.search(r"< bool (\d+)", said)
    late = re.search(r"_ms >=? (\d+)", WATCHED["objectives"][name]["bad"])
    assert edge
    assert late
    assert int(late[1]) == float(edge[1]) * 1000


@pytest.mark.parametrize("name", [name for name, rule in CAUSES.items() if rule["labels"]["severity"] == "page"])
def test_what_wakes_somebody_does_so_on_aws(alarms: dict[str, dict[str, Any]], name: str) -> None:
    if name in SEEN_BY_AWS:
        assert not SEEN_BY_AWS[name] or SEEN_BY_AWS[name] in alarms
        return
    alarm, rule = alarms[name], CAUSES[name]
    minutes = int(rule.get("for", "0m").removesuffix("m"))
    limit = re.search(r"(==|>|<) (\d+)", rule["expr"])
    assert limit
    if name == "JourneySilent":  # by the age of the last walk there, by counting walks here
        assert alarm["evaluation_periods"] == int(limit[2]) / 60 + minutes
    elif name == "JourneyFails":  # by the last walk there, by counting failed ones here
        assert (alarm["threshold"], alarm["evaluation_periods"]) == (0, minutes)
    elif counted := re.search(r"increase\(.*\[(\d+)m\]", rule["expr"]):
        [metric] = _metrics(alarm).values()
        assert (alarm["threshold"], alarm["evaluation_periods"]) == (int(limit[2]), 1)
        assert (metric["period"], metric["stat"]) == (int(counted[1]) * 60, "Sum")
    elif limit[1] == "==":  # a thing that is there or not
        assert (alarm["threshold"], alarm["comparison_operator"]) == (int(limit[2]) + 1, "LessThanThreshold")
    else:
        assert (alarm["threshold"], alarm["comparison_operator"]) == (int(limit[2]), "GreaterThanThreshold")
        assert alarm["evaluation_periods"] == minutes
    # Where the rule asks for a figure that may be missing, what is missing is bad.
    assert (alarm["treat_missing_data"] == "breaching") == ("absent(" in rule["expr"])
    figures = {WATCHED["figures"].get(one["metric_name"], "").split(".")[0] for one in _metrics(alarm).values()}
    assert figures - {""} <= set(re.findall(r"\blms_\w+", rule["expr"]))


def test_an_alarm_counts_what_is_counted_and_leads_to_its_page(made: Report, alarms: dict[str, dict[str, Any]]) -> None:
    counted = {
        (transformation["namespace"], transformation["name"])
        for found in made.resources
        if found.type == "aws_cloudwatch_log_metric_filter"
        for transformation in found.values["metric_transformation"]
    }
    pages = {
        line[3:].lower() for line in (ROOT / "docs/operations/alerts.md").read_text().splitlines() if "## " in line
    }
    ours = [name for name in alarms if name.startswith("burn-") or name in CAUSES]
    assert len(ours) >= 25
    for name in ours:
        for metric in _metrics(alarms[name]).values():
            known = {(metric["namespace"], metric["metric_name"])} <= counted
            assert known or metric["namespace"] == "AWS/ApplicationELB", name
        anchor = re.search(r"docs/operations/alerts\.md#(\w+)$", alarms[name]["alarm_description"])
        assert anchor, name
        assert anchor[1] in pages, name


def test_what_the_cost_sheet_counts_is_what_there_is(made: Report, alarms: dict[str, dict[str, Any]]) -> None:
    sheet = (ROOT / "infra" / "cost" / "sheet.py").read_text()
    kinds = Counter(found.type for found in made.resources)
    counted = {
        "ALARMS": sum(len(_metrics(alarm)) or 1 for alarm in alarms.values()),
        "SCALING": kinds["aws_appautoscaling_policy"],
        "FIGURES": kinds["aws_cloudwatch_log_metric_filter"],
        "KEYS": kinds["aws_kms_key"] + 1,  # the account's own, of Terraform's state
        "WALLS": kinds["aws_wafv2_web_acl"],
        "RULES": sum(len(found.values["rule"]) for found in made.resources if found.type == "aws_wafv2_web_acl"),
    }
    assert {
        name: int(value) for name, value in re.findall(r"^(\w+) = (\d+)", sheet, re.M) if name in counted
    } == counted


def test_services_are_scaled_by_figures_that_are_counted(made: Report) -> None:
    policies = {one.address: one.values for one in made.resources if one.type == "aws_appautoscaling_policy"}
    waiting = {
        address.split('"')[1]: values["target_tracking_scaling_policy_configuration"][0]
        for address, values in policies.items()
        if ".waiting[" in address
    }
    queues = {}
    for service, policy in waiting.items():
        [custom] = policy["customized_metric_specification"]
        metrics = [one["metric_stat"][0] for one in custom["metrics"] if one["metric_stat"]]
        paths = [WATCHED["figures"][one["metric"][0]["metric_name"]] for one in metrics]
        assert all(path.startswith("lms_queue_age_seconds.") for path in paths)
        queues[service] = {path.split(".")[1] for path in paths}
        assert {one["stat"] for one in metrics} == {"Maximum"}
    # The queues that a service reads: platform/core/processes.py.
    assert queues == {"worker": {"default", "events"}, "transcoder": {"media"}}
    assert not [address for address in policies if ".cpu[" in address and "transcoder" in address]
