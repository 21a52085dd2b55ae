"""What Terraform would have made: every resource of an environment with its values, from a run with mocked providers.

The run is ``terraform test`` itself, with its own assertions; its verbose report holds the state that it made. AWS is
not asked: ids and ARNs are made up by ``infra/terraform/tests/mocks``.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from tests.architecture.tree import ROOT

RUNNER = ROOT / "scripts" / "terraform.sh"
NOT_THERE = 3


@dataclass(frozen=True)
class Resource:
    """One resource: ``address`` is its place in the configuration."""

    address: str
    type: str
    values: dict[str, Any] = field(repr=False)


@dataclass(frozen=True)
class Report:
    """What a run of ``terraform test`` said and made."""

    passed: list[str]
    failed: list[str]
    diagnostics: list[str]
    made: dict[str, list[Resource]] = field(repr=False)
    """By the name of the run."""
    told: dict[str, dict[str, Any]] = field(repr=False)
    changed: dict[str, dict[str, list[str]]] = field(repr=False)
    """By the name of a run that only plans: what is done to each resource that does not stay as it stands."""

    @property
    def resources(self) -> list[Resource]:
        """What production consists of."""
        return self.made["production"]

    @property
    def outputs(self) -> dict[str, Any]:
        """What production tells."""
        return self.told["production"]


def why_not() -> str:
    """Return why Terraform can't be run on this machine; empty where it can."""
    asked = subprocess.run([RUNNER, "--found"], capture_output=True, text=True, check=False)
    return asked.stderr if asked.returncode == NOT_THERE else ""


def terraform(root: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Terraform in ``infra/terraform/<root>``, without anything that leads to a real account."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.run(
        [RUNNER, root, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
        env=kept | {"AWS_EC2_METADATA_DISABLED": "true"},
    )


@cache
def report() -> Report:
    """Run ``terraform test`` once."""
    run = terraform("tests", "test", "-no-color", "-json", "-verbose")
    passed: list[str] = []
    failed: list[str] = []
    diagnostics: list[str] = []
    made: dict[str, list[Resource]] = {}
    told: dict[str, dict[str, Any]] = {}
    changed: dict[str, dict[str, list[str]]] = {}
    for line in run.stdout.splitlines():
        said = json.loads(line)
        match said["type"]:
            case "test_run" if said["test_run"]["progress"] == "complete":
                name = f"{said['test_run']['path']}: {said['test_run']['run']}"
                (passed if said["test_run"]["status"] == "pass" else failed).append(name)
            case "test_state":
                run_name = said["@testrun"]
                made[run_name] = list(_resources(said["test_state"].get("root_module", {})))
                told[run_name] = {name: found["value"] for name, found in said["test_state"].get("outputs", {}).items()}
            case "test_plan":
                run_name, plan = said["@testrun"], said["test_plan"]
                changes = [one for one in plan.get("resource_changes", []) if one["mode"] == "managed"]
                made[run_name] = [Resource(one["address"], one["type"], one["change"]["after"]) for one in changes]
                told[run_name] = {name: one.get("after") for name, one in plan.get("output_changes", {}).items()}
                done = {one["address"]: list(one["change"]["actions"]) for one in changes}
                changed[run_name] = {address: actions for address, actions in done.items() if actions != ["no-op"]}
            case "diagnostic" if said["diagnostic"]["severity"] == "error":
                diagnostics.append(f"{said['diagnostic']['summary']}: {said['diagnostic']['detail']}")
    if run.returncode and not failed:
        failed.append(f"terraform test: status {run.returncode}: {run.stderr[-2000:]}")
    return Report(passed, failed, diagnostics, made, told, changed)


def _resources(module: dict[str, Any]) -> Iterator[Resource]:
    for found in module.get("resources", []):
        if found["mode"] == "managed":
            yield Resource(found["address"], found["type"], found["values"])
    for child in module.get("child_modules", []):
        yield from _resources(child)
