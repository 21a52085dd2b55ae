"""GitHub's workflows run what anybody runs, pinned, with no more rights than they need; the release script's order."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.plugin import ROOT

FOLDER = ROOT / ".github/workflows"
WORKFLOWS: dict[str, dict[Any, Any]] = {path.name: yaml.safe_load(path.read_text()) for path in FOLDER.glob("*.yml")}
TARGETS = set(re.findall(r"^([a-z-]+):.*?## ", (ROOT / "Makefile").read_text(), re.M))
JOBS = [(name, key, job) for name, workflow in WORKFLOWS.items() for key, job in workflow["jobs"].items()]
RUNS = [
    (name, step["run"]) for name, _, job in JOBS for step in job.get("steps", []) if "run" in step
]  # fmt: skip


def test_the_three_are_there() -> None:
    assert set(WORKFLOWS) == {"ci.yml", "deploy.yml", "release-step.yml"}
    assert any(run.strip() == ".ci/run" for _, run in RUNS)


def test_they_run_make_targets_that_there_are() -> None:
    named = {target for _, run in RUNS for target in re.findall(r"\bmake (?:--silent )?([a-z-]+)", run)}
    assert named == {"image", "image-pinned", "deploy-rehearsal", "release-step"}
    assert named <= TARGETS
    scripts = {word for _, run in RUNS for word in re.findall(r"\bscripts/[\w.]+", run)}
    assert all((ROOT / script).exists() for script in scripts)


@pytest.mark.parametrize(("name", "key", "job"), JOBS, ids=[f"{name}:{key}" for name, key, _ in JOBS])
def test_actions_are_pinned_to_a_commit(name: str, key: str, job: dict[str, Any]) -> None:
    used = [step["uses"] for step in job.get("steps", []) if "uses" in step]
    assert used or job["uses"].startswith("./")
    for action in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action), action
    for line in re.findall(r"uses: [^.\n].*", (FOLDER / name).read_text()):
        assert re.search(r"# v\d+\.\d+\.\d+$", line), f"which version is this? {line}"


def test_one_action_is_of_one_version_everywhere() -> None:
    used = {step["uses"] for _, _, job in JOBS for step in job.get("steps", []) if "uses" in step}
    assert len({action.split("@")[0] for action in used}) == len(used)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_they_may_read_and_prove_who_they_are_and_nothing_else(name: str) -> None:
    workflow = WORKFLOWS[name]
    assert workflow["permissions"] == {"contents": "read"}
    for key, job in workflow["jobs"].items():
        more = set(job.get("permissions", {})) - {"contents"}
        to_aws = any("configure-aws-credentials" in step.get("uses", "") for step in job.get("steps", []))
        assert more == ({"id-token"} if to_aws or "uses" in job else set()), key
    assert "pull_request_target" not in str(workflow), "strangers' code would run with our rights"
    assert not re.search(r"\$\{\{\s*secrets\.", (FOLDER / name).read_text()), "there is no key to keep"


def test_what_people_type_reaches_no_shell_as_code() -> None:
    for name, run in RUNS:
        assert not re.findall(r"\$\{\{\s*(?:inputs|github\.(?!sha)|vars)[^}]*\}\}", run), f"{name}: {run}"


def test_a_checkout_leaves_no_token_behind() -> None:
    for _, _, job in JOBS:
        for step in job.get("steps", []):
            if "actions/checkout@" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False


def test_a_release_goes_from_canary_to_fleet_to_rollout_in_the_environments_role() -> None:
    jobs = WORKFLOWS["deploy.yml"]["jobs"]
    assert [jobs[step]["with"]["step"] for step in ("canary", "fleet", "rollout")] == ["canary", "fleet", "rollout"]
    assert (jobs["fleet"]["needs"], jobs["rollout"]["needs"]) == (["image", "canary"], ["image", "fleet"])
    assert jobs["canary"]["needs"] == ["image", "rehearsal"], "nothing is released that was not rehearsed"
    assert WORKFLOWS["release-step.yml"]["jobs"]["step"]["environment"] == "${{ inputs.environment }}"
    assert WORKFLOWS["deploy.yml"]["concurrency"]["cancel-in-progress"] is False


def test_a_new_image_is_rehearsed_and_for_production_stands_on_digests() -> None:
    jobs = WORKFLOWS["deploy.yml"]["jobs"]
    built = "inputs.image == ''"
    [rehearsal] = [step for step in jobs["rehearsal"]["steps"] if "run" in step]
    assert (rehearsal["run"], rehearsal["if"]) == ("make deploy-rehearsal", built)
    assert {step["if"] for step in jobs["rehearsal"]["steps"]} == {built}, "a way back is not held up"
    assert jobs["rehearsal"]["steps"][0]["with"]["fetch-depth"] == 0, "the release before comes out of the history"
    runs = [step for step in jobs["image"]["steps"] if "run" in step]
    assert (runs[0]["run"], runs[0]["if"]) == (
        "make image-pinned", f"{built} && inputs.environment == 'production'",
    )  # fmt: skip


# -- the script behind it, before stand-ins that write down what they are asked ----------------------------------------

OLD, NEW = f"repo@sha256:{'a' * 64}", f"repo@sha256:{'b' * 64}"
RUN = {
    "cluster": "lms-staging", "task_definitions": {"migrate": "lms-staging-migrate"}, "subnets": ["subnet-1"],
    "security_group": "sg-1",
}  # fmt: skip
_TERRAFORM = f"""#!/bin/sh
echo "terraform $*" >> "$ASKED"
case "$*" in
  *"output -json run"*) echo '{json.dumps(RUN)}' ;;
  *"output -json addresses"*) echo '{{"site": "https://lms.example/"}}' ;;
esac
case "$*" in *apply*"image={NEW}"*) case "$*" in *next_image*) ;; *) touch "$ASKED.new" ;; esac ;; esac
"""
_AWS = f"""#!/bin/sh
echo "aws $*" >> "$ASKED"
case "$*" in
  *describe-services*)
    [ -z "$UNKNOWN" ] || exit 254
    asked="$*"
    service="${{asked#*--services }}"
    echo "task:${{service%% *}}" ;;
  *describe-task-definition*)
    case "$*" in *"task:$GOES_BACK "*) back=1 ;; *) back= ;; esac
    if [ -e "$ASKED.new" ] && [ -z "$back" ]; then echo {NEW}; else echo {OLD}; fi ;;
  *run-task*) echo "$STARTED" ;;
  *"wait tasks-stopped"*)
    if [ -n "$WAITS" ] && [ ! -e "$ASKED.waited" ]; then touch "$ASKED.waited"; echo "$WAITS" >&2; exit 255; fi ;;
  *describe-tasks*) echo "$STATUS" ;;
  *list-services*) echo web worker ;;
esac
"""
_CURL = '#!/bin/sh\necho "curl $*" >> "$ASKED"\n[ -z "$NOT_READY" ]\n'


def _release(tmp_path: Path, step: str, image: str = NEW, **told: str) -> tuple[int, list[str], str]:
    """Run a step; return its status, what was asked, and what it said."""
    programs = tmp_path / "bin"
    programs.mkdir(exist_ok=True)
    for name, text in (("terraform", _TERRAFORM), ("aws", _AWS), ("curl", _CURL)):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    environ = {
        "PATH": f"{programs}:{os.environ['PATH']}", "ASKED": str(tmp_path / "asked"),
        "STATUS": "0", "GOES_BACK": "nobody", "NOT_READY": "", "WAITS": "", "UNKNOWN": "",
        "STARTED": json.dumps({"tasks": [{"taskArn": "arn:task"}], "failures": []}), **told,
    }  # fmt: skip
    done = subprocess.run(
        ["scripts/release.sh", "staging", step, image], cwd=ROOT, env=environ, capture_output=True, text=True
    )
    asked = (tmp_path / "asked").read_text().splitlines() if (tmp_path / "asked").exists() else []
    return done.returncode, asked, done.stdout + done.stderr


def test_canaries_are_prepared_by_the_new_image_while_the_old_one_serves(tmp_path: Path) -> None:
    status, asked, said = _release(tmp_path, "canary")
    assert status == 0, said
    [apply] = [line for line in asked if " apply " in line]
    assert f"image={OLD}" in apply
    assert f"next_image={NEW}" in apply
    assert apply.count("-var") == 2, "what serves is left as it is"
    [run] = [line for line in asked if "run-task" in line]
    assert '"command":["migrate","--until=canary"]' in run
    assert '"assignPublicIp":"DISABLED"' in run
    assert asked.index(apply) < asked.index(run)


@pytest.mark.parametrize(("ended", "words"), [("1", "may do"), ("2", "stopped"), ("None", "stopped")])
def test_steps_that_did_not_end_well_end_the_release(tmp_path: Path, ended: str, words: str) -> None:
    status, asked, said = _release(tmp_path, "fleet", STATUS=ended)
    assert status != 0
    assert words in said
    assert '"command":["migrate"]' in next(line for line in asked if "run-task" in line)


def test_steps_that_could_not_be_started_are_waited_for_by_nobody(tmp_path: Path) -> None:
    nothing = {"tasks": [], "failures": [{"reason": "RESOURCE:ENI"}]}
    status, asked, said = _release(tmp_path, "fleet", STARTED=json.dumps(nothing))
    assert (status, "RESOURCE:ENI" in said) == (1, True), said
    assert not [line for line in asked if "tasks-stopped" in line]


def test_a_fleet_that_takes_longer_than_the_waiter_is_waited_for_again(tmp_path: Path) -> None:
    status, asked, said = _release(tmp_path, "fleet", WAITS="Waiter TasksStopped failed: Max attempts exceeded")
    assert (status, "still at it" in said) == (0, True), said
    assert len([line for line in asked if "tasks-stopped" in line]) == 2


def test_credentials_that_ran_out_meanwhile_end_the_waiting(tmp_path: Path) -> None:
    status, asked, said = _release(tmp_path, "fleet", WAITS="An error occurred (ExpiredTokenException)")
    assert (status, "ExpiredTokenException" in said) == (1, True), said
    assert len([line for line in asked if "tasks-stopped" in line]) == 1


def test_a_rollout_is_over_when_the_new_image_serves_and_answers(tmp_path: Path) -> None:
    status, asked, said = _release(tmp_path, "rollout")
    assert (status, f"{NEW} serves" in said) == (0, True), said
    [apply] = [line for line in asked if " apply " in line]
    assert "next_image" not in apply
    assert any("wait services-stable" in line and "web worker" in line for line in asked)
    assert any("https://lms.example/readyz" in line for line in asked)


@pytest.mark.parametrize("service", ["web", "worker"])
def test_a_rollout_of_which_one_service_went_back_by_itself_is_no_success(tmp_path: Path, service: str) -> None:
    status, _, said = _release(tmp_path, "rollout", GOES_BACK=service)
    assert (status, f"{service} runs {OLD}" in said, "serves." in said) == (1, True, False), said


def test_a_rollout_after_which_the_site_does_not_answer_is_no_success(tmp_path: Path) -> None:
    status, _, said = _release(tmp_path, "rollout", NOT_READY="1")
    assert (status, "does not answer" in said, "serves." in said) == (1, True, False), said


@pytest.mark.parametrize("step", ["canary", "fleet"])
def test_where_nobody_knows_what_serves_nothing_is_changed(tmp_path: Path, step: str) -> None:
    status, asked, said = _release(tmp_path, step, UNKNOWN="1")
    assert (status, "Nobody knows what serves" in said) == (1, True), said
    assert not [line for line in asked if " apply " in line or "run-task" in line]


@pytest.mark.parametrize("image", ["lms:latest", "repo@sha256:abc"])
def test_an_image_without_its_digest_is_refused(tmp_path: Path, image: str) -> None:
    status, asked, said = _release(tmp_path, "rollout", image)
    assert (status, asked) == (1, [])
    assert "digest" in said
