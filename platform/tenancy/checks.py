"""System checks: what would break isolation is refused before the first request."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import Error, register

from tenancy.models import SharedModel, TenantModel

# Tables that Django and allauth bring into each organization's schema.
_THIRD_PARTY_TENANT_APPS = {"auth", "sessions", "account", "mfa", "usersessions"}


@register("tenancy")
def settings_are_closed(**_: Any) -> list[Error]:
    """Cookies stay on their host, no origin but our own is trusted, cache keys name their organization."""
    errors = []
    for name in ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME"):
        if not getattr(settings, name).startswith("__Host-"):
            errors.append(Error(f"{name} must have the __Host- prefix.", id="tenancy.E001"))
    if settings.SESSION_COOKIE_DOMAIN or settings.CSRF_COOKIE_DOMAIN:
        errors.append(Error("Cookies must have no Domain: siblings would read them.", id="tenancy.E002"))
    if settings.CSRF_TRUSTED_ORIGINS:
        errors.append(Error("CSRF_TRUSTED_ORIGINS must be empty: siblings are not trusted.", id="tenancy.E003"))
    if settings.CACHES["default"].get("KEY_FUNCTION") != "tenancy.cache.make_key":
        errors.append(Error("The cache must use tenancy.cache.make_key.", id="tenancy.E004"))
    if getattr(settings, "SHOW_PUBLIC_IF_NO_TENANT_FOUND", False):
        errors.append(Error("An unknown host must not be served.", id="tenancy.E005"))
    return errors


@register("tenancy")
def tables_stay_in_their_schema(**_: Any) -> list[Error]:
    """A table is shared or of the tenant, says what its schema's rules need, and points only inside its schema."""
    errors = []
    for model in apps.get_models():
        if issubclass(model, TenantModel):
            for attribute in ("pii", "export", "erase"):
                if not getattr(model, attribute, ""):
                    errors.append(Error(f"{model._meta.label} does not declare {attribute}.", id="tenancy.E010"))
        if issubclass(model, SharedModel) and model.tenant_door != "none":
            names = {field.attname for field in model._meta.concrete_fields}
            if "organization_id" not in names:
                errors.append(Error(f"{model._meta.label} has a door but no organization_id.", id="tenancy.E011"))
        for field in model._meta.concrete_fields:
            target = field.remote_field.model if field.remote_field else None
            if target is None or isinstance(target, str):
                continue
            if _is_tenant(model) != _is_tenant(target) and target._meta.label != "contenttypes.ContentType":
                errors.append(
                    Error(
                        f"{model._meta.label}.{field.name} leaves its schema for {target._meta.label}.",
                        id="tenancy.E012",
                    )
                )
    return errors


def _is_tenant(model: type[Any]) -> bool:
    return issubclass(model, TenantModel) or model._meta.app_label in _THIRD_PARTY_TENANT_APPS
