"""The folder says the schema: settings, model bases and migrations agree. The live catalogue: tests/contracts."""

from __future__ import annotations

from django.apps import apps
from django.conf import settings

from tenancy.models import SharedModel, TenantModel
from tests.architecture.tree import ROOT, python_files

LIBRARIES = {"auth", "sessions", "account", "mfa", "usersessions", "contenttypes"}


def _folder(model: type) -> str:
    return model.__module__.split(".")[0]


def test_installed_apps_are_shared_or_tenant_never_both() -> None:
    assert set(settings.SHARED_APPS) & set(settings.TENANT_APPS) == set()
    for name in settings.TENANT_APPS:
        assert name.startswith(("apps.", "django.contrib.", "allauth"))
    for name in settings.SHARED_APPS:
        assert not name.startswith(("apps.", "allauth", "django.contrib.auth", "django.contrib.sessions"))


def test_the_base_of_a_model_is_its_folders() -> None:
    for model in apps.get_models():
        if model._meta.app_label in LIBRARIES:
            continue
        in_apps = _folder(model) == "apps"
        assert issubclass(model, TenantModel) is in_apps, model
        assert issubclass(model, SharedModel) is not in_apps, model


def test_a_foreign_key_stays_inside_its_schema_and_points_down() -> None:
    order = [name.removeprefix("apps.") for name in settings.TENANT_APPS if name.startswith("apps.")]
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            target = field.remote_field.model if field.remote_field else None
            if target is None or model._meta.app_label in LIBRARIES:
                continue
            assert issubclass(model, TenantModel) is issubclass(target, TenantModel), f"{model}.{field.name}"
            mine, theirs = model._meta.app_label, target._meta.app_label
            if issubclass(model, TenantModel) and mine != theirs:
                assert order.index(theirs) < order.index(mine), f"{model}.{field.name} points up"
                assert field.remote_field.related_name == "+", f"{model}.{field.name} reaches back into {theirs}"


def test_every_relation_between_rows_has_a_model_of_its_own() -> None:
    for model in apps.get_models():
        if model._meta.app_label not in LIBRARIES:
            for field in model._meta.many_to_many:
                # Django's PermissionsMixin brings two that are never used; ours are written out.
                assert field.name in ("groups", "user_permissions"), f"{model}.{field.name}"


def test_migrations_import_nothing_of_ours() -> None:
    for path in python_files(migrations=True):
        if "migrations" in path.parts and path.name != "__init__.py":
            lines = [line for line in path.read_text().splitlines() if line.startswith(("import ", "from "))]
            # Defaults name functions of core and field classes; services and models of today are not yesterday's.
            wrong = [line for line in lines if ".services" in line or ".selectors" in line or line.endswith(".models")]
            assert [line for line in wrong if "django" not in line] == [], path.relative_to(ROOT)
