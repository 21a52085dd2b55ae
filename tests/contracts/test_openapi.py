"""The committed description of the API is the one the code makes, and the frontend's types are made from it."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command

from tests.architecture.tree import ROOT
from tests.isolation.routes import api_routes

DOCUMENT = ROOT / "docs" / "openapi.yaml"
TYPES = ROOT / "frontend" / "src" / "api" / "schema.d.ts"


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The document as the code is now."""
    file = tmp_path_factory.mktemp("openapi") / "openapi.yaml"
    call_command("spectacular", "--urlconf", "config.urls.api", "--file", str(file), "--validate")
    return file


def test_the_committed_document_is_the_codes(generated: Path) -> None:
    assert DOCUMENT.read_text() == generated.read_text(), "run make schema"


def test_the_frontends_types_are_the_documents(tmp_path: Path) -> None:
    made = tmp_path / "schema.d.ts"
    subprocess.run(
        [ROOT / "frontend/node_modules/.bin/openapi-typescript", DOCUMENT, "-o", made],
        cwd=ROOT / "frontend",
        check=True,
        capture_output=True,
        timeout=120,
    )
    assert TYPES.read_text() == made.read_text(), "run make schema"


def _operations() -> list[tuple[str, str, dict[str, Any]]]:
    paths = yaml.safe_load(DOCUMENT.read_text())["paths"]
    return [
        (path, method.upper(), operation)
        for path, item in paths.items()
        for method, operation in item.items()
        if method != "parameters"
    ]


def test_the_document_has_every_route_and_method() -> None:
    served = {
        ("/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.pattern), method)
        for route in api_routes()
        for method in route.permissions
    }
    assert {(path, method) for path, method, _ in _operations()} == served


def test_every_operation_has_a_name_of_its_own() -> None:
    names = [operation["operationId"] for _, _, operation in _operations()]
    assert len(names) == len(set(names))
