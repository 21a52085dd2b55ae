"""A package in the tree is in every list that makes it built, typed, sorted and held to the import contracts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, settings_of_project

PROJECT = settings_of_project()
IN_PLATFORM = {path.parent.name for path in (ROOT / "platform").glob("*/__init__.py")}
PACKAGES = IN_PLATFORM | {"tenants", "apps"}
APPS = {f"apps.{path.parent.name}" for path in (ROOT / "apps").glob("*/__init__.py")}


def test_every_folder_of_platform_is_a_package() -> None:
    folders = {path.parent.name for path in (ROOT / "platform").glob("*/*.py")}
    assert folders == IN_PLATFORM


def test_the_wheel_has_every_package() -> None:
    listed = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert {Path(entry).name for entry in listed} == PACKAGES


@pytest.mark.parametrize(
    ("tool", "listed"),
    [
        ("mypy", PROJECT["tool"]["mypy"]["packages"]),
        ("import-linter", PROJECT["tool"]["importlinter"]["root_packages"]),
        ("isort", [name for name in PROJECT["tool"]["ruff"]["lint"]["isort"]["known-first-party"] if name != "tests"]),
    ],
)
def test_the_tools_know_every_package(tool: str, listed: list[str]) -> None:
    assert set(listed) == PACKAGES


def _contract(kind: str, beginning: str) -> dict[str, list[str]]:
    return next(
        contract
        for contract in PROJECT["tool"]["importlinter"]["contracts"]
        if contract["type"] == kind and contract["name"].startswith(beginning)
    )


def test_every_package_has_its_layer() -> None:
    layers = {name.strip() for layer in _contract("layers", "The stack")["layers"] for name in layer.split("|")}
    assert layers == PACKAGES - {"devstack"}  # it stands beside: two contracts of its own hold it there


def test_every_app_takes_its_place_in_the_stack_has_an_inside_order_and_doors() -> None:
    stack = _contract("layers", "Tenant apps")["layers"]
    assert {f"apps.{name}" for name in stack} == APPS
    assert set(_contract("layers", "Inside an app")["containers"]) >= APPS
    assert set(_contract("public_doors", "Apps are entered")["packages"]) >= APPS | {"billing", "media", "tenants"}


def test_every_app_is_installed_and_every_product_folder_is_tested() -> None:
    from django.conf import settings

    assert {name for name in settings.TENANT_APPS if name.startswith("apps.")} == APPS
    assert IN_PLATFORM - {"config", "devstack"} <= set(settings.SHARED_APPS)
    assert set(PROJECT["tool"]["pytest"]["ini_options"]["testpaths"]) == {"platform", "tenants", "apps", "tests"}


def test_no_contract_ignores_a_violation() -> None:
    ignored = {
        entry
        for contract in PROJECT["tool"]["importlinter"]["contracts"]
        for entry in contract.get("ignore_imports", [])
    }
    assert not ignored
