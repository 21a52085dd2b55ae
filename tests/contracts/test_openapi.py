"""The committed descriptions of the API are the ones the code makes, and the frontend's types are made from them.

Two documents: the staff host's paths share names with an organization's and mean other things.
"""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command

from tests.architecture.tree import ROOT
from tests.isolation.routes import Surface, api_routes

TYPES = ROOT / "frontend" / "src" / "api"
# Document, what it is made from, the types made of it, the surfaces whose routes it holds.
DOCUMENTS: dict[str, tuple[str, str, tuple[Surface, ...]]] = {
    "openapi": ("config.urls.api", "schema.d.ts", ("tenant", "site")),
    "openapi-staff": ("config.urls.staff_api", "staff-schema.d.ts", ("staff",)),
}
each_document = pytest.mark.parametrize("name", sorted(DOCUMENTS))


def _file(name: str) -> Path:
    return ROOT / "docs" / f"{name}.yaml"


@each_document
def test_the_committed_document_is_the_codes(name: str, tmp_path: Path) -> None:
    made = tmp_path / "made.yaml"
    call_command("spectacular", "--urlconf", DOCUMENTS[name][0], "--file", str(made), "--validate")
    assert _file(name).read_text() == made.read_text(), "run make schema"


@each_document
def test_the_frontends_types_are_the_documents(name: str, tmp_path: Path) -> None:
    made = tmp_path / "schema.d.ts"
    subprocess.run(
        [ROOT / "frontend/node_modules/.bin/openapi-typescript", _file(name), "-o", made],
        cwd=ROOT / "frontend",
        check=True,
        capture_output=True,
        timeout=300,
    )
    assert (TYPES / DOCUMENTS[name][1]).read_text() == made.read_text(), "run make schema"


def _operations(name: str) -> list[tuple[str, str, dict[str, Any]]]:
    paths = yaml.safe_load(_file(name).read_text())["paths"]
    return [
        (path, method.upper(), operation)
        for path, item in paths.items()
        for method, operation in item.items()
        if method != "parameters"
    ]


@each_document
def test_the_document_has_every_route_and_method(name: str) -> None:
    served = {
        ("/" + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.pattern), method)
        for surface in DOCUMENTS[name][2]
        for route in api_routes(surface)
        for method in route.permissions
    }
    assert {(path, method) for path, method, _ in _operations(name)} == served


@each_document
def test_every_operation_has_a_name_of_its_own(name: str) -> None:
    names = [operation["operationId"] for _, _, operation in _operations(name)]
    assert len(names) == len(set(names))
