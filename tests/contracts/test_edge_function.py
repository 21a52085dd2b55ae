"""CloudFront's function and its port at the local edge decide alike: Node runs the one, Python the other."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from media.edge import naming, policy, token
from media.edge.policy import Refused
from tests.support.edge_function import vectors

FOLDER = Path(token.__file__).parent / "function"
FUNCTION = FOLDER / "media_token.js"
RUNNER = Path(vectors.__file__).with_name("run.mjs")
VECTORS: list[dict[str, Any]] = json.loads(vectors.FILE.read_text(encoding="utf-8"))
# CloudFront takes 10 KB of code (the guide's page of quotas).
LIMIT_BYTES = 10 * 1024


def in_python(vector: dict[str, Any]) -> str:
    """Judge a vector as the local edge does."""
    request = vector["event"]["request"]
    query = "&".join(
        f"{name}={value['value']}"
        for name, one in request["querystring"].items()
        for value in one.get("multiValue", [one])
    )
    cookies = "; ".join(f"{name}={one['value']}" for name, one in request["cookies"].items())
    secrets = {key: value for key, value in vector["store"].items() if not key.startswith(token.REVOKED_PREFIX)}
    revoked = {key.removeprefix(token.REVOKED_PREFIX) for key in vector["store"].keys() - secrets.keys()}
    try:
        path = policy.parse_path(request["uri"])
        given = token.presented(query, cookies)
        host = request["headers"]["host"]["value"]
        token.verify(given, path, host, secrets=secrets, revoked=revoked, now=vector["now"])
    except Refused as refusal:
        return refusal.reason
    return "served"


def in_node(function: Path, given: Path) -> list[dict[str, Any]]:
    node = shutil.which("node")
    assert node, "Node runs CloudFront's function here; the frontend needs it as well"
    done = subprocess.run(
        [node, "--no-warnings", "--experimental-vm-modules", str(RUNNER), str(function), str(given)],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_vectors_are_those_of_the_rules() -> None:
    assert vectors.vectors() == VECTORS, "write them anew: python -m tests.support.edge_function.vectors"
    assert {vector["outcome"] for vector in VECTORS} == {
        "served", "MissingToken", "DuplicateParameter", "MalformedToken", "TokenMismatch", "UnknownKey", "BadToken",
        "Expired", "GrantRevoked", "NotCanonical",
    }  # fmt: skip


def test_node_runs_the_function_as_the_vectors_say() -> None:
    found = in_node(FUNCTION, vectors.FILE)
    assert [(one["name"], one["outcome"], one["uri"]) for one in found] == [
        (vector["name"], vector["outcome"], vector["uri"]) if vector["outcome"] == "served"
        else (vector["name"], vector["outcome"], None)
        for vector in VECTORS
    ]  # fmt: skip
    assert {one["status"] for one in found if one["outcome"] != "served"} == {403}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_local_edge_decides_alike(vector: dict[str, Any]) -> None:
    assert in_python(vector) == vector["outcome"]


@pytest.mark.parametrize(("was", "becomes"), [
    ("Date.now() / 1000 >= Number(token[4])", "false"),
    ("if (!known)", "if (false)"),
    ("'r:' + token[5]", "'x'"),
    ("token[3] !== path[4]", "false"),
    ("['1', host, path[1],", "['1', host,"),
    ("given.multiValue.length > 1", "false"),
])  # fmt: skip
def test_the_vectors_notice_a_check_that_is_gone(was: str, becomes: str, tmp_path: Path) -> None:
    text = FUNCTION.read_text()
    assert text.count(was) == 1
    changed = tmp_path / "changed.js"
    changed.write_text(text.replace(was, becomes))
    outcomes = [one["outcome"] for one in in_node(changed, vectors.FILE)]
    assert outcomes != [vector["outcome"] for vector in VECTORS]


def test_the_functions_are_what_cloudfront_takes() -> None:
    for file in FOLDER.glob("*.js"):
        text = file.read_text()
        assert len(text.encode()) <= LIMIT_BYTES, file.name
        assert re.search(r"^(async )?function handler\(event\)", text, re.M), file.name
        # Its runtime has none of these.
        assert not re.search(r"\b(eval|setTimeout|fetch|process|console\.error|class)\b", text), file.name
        assert set(re.findall(r"from '(\w+)'", text)) <= {"cloudfront", "crypto"}, file.name


def test_a_value_of_the_store_fits() -> None:
    """The store takes keys of 512 bytes and values of 1 KB (the guide's page of quotas)."""
    for key, value in VECTORS[0]["store"].items():
        assert len(key) <= 512
        assert len(value) <= 1024
    assert naming.organization_of(naming.behaviour(naming.UUID(vectors.ACME))) == naming.UUID(vectors.ACME)
