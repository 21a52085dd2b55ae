"""Making, changing and removing flags."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from billing import api as billing
from core.clock import now
from core.errors import DomainError, NotFound, ValidationFailed
from staff import audit
from staff.flags.evaluation import announce
from staff.models import FeatureFlag, FlagRule
from tenants import api as tenants


class FlagExists(DomainError):
    """A flag has this key."""

    code = "flag_exists"
    title = "There is a flag with this key"


def flags() -> QuerySet[FeatureFlag]:
    """Return every flag with its rules, by key."""
    return FeatureFlag.objects.prefetch_related("rules").order_by("key")


def is_expired(flag: FeatureFlag) -> bool:
    """Return whether the flag should be gone by now. It goes on as it is: nothing breaks at midnight."""
    return flag.expires_on < now().date()


@transaction.atomic
def create(*, key: str, description: str, owner: str, expires_on: date, kill: bool) -> FeatureFlag:
    """Make a flag that nobody has yet.

    Raises:
        FlagExists: the key is taken. ValidationFailed: it ends before it begins.
    """
    if expires_on <= now().date():
        raise ValidationFailed(errors={"expires_on": "Choose a day to come."})
    if FeatureFlag.objects.filter(key=key).exists():
        raise FlagExists
    flag = FeatureFlag.objects.create(key=key, description=description, owner=owner, expires_on=expires_on, kill=kill)
    _record("flag.created", flag, {"owner": [None, owner], "expires_on": [None, expires_on.isoformat()]})
    return flag


@transaction.atomic
def change(key: str, *, reason: str = "", **fields: Any) -> FeatureFlag:
    """Change description, owner, end or the kill switch.

    Raises:
        NotFound: there is no such flag.
    """
    flag = _locked(key)
    changes = {}
    for name, value in fields.items():
        before = getattr(flag, name)
        if before != value:
            changes[name] = [_plain(before), _plain(value)]
            setattr(flag, name, value)
    if changes:
        flag.updated_at = now()
        flag.save()
        _record("flag.changed", flag, changes, reason)
        announce()
    return flag


@transaction.atomic
def set_rules(key: str, rules: list[dict[str, str]]) -> FeatureFlag:
    """Replace the flag's rules by ``rules`` (``kind`` and ``value``).

    Raises:
        NotFound: there is no such flag. ValidationFailed: a rule names nothing that there is.
    """
    flag = _locked(key)
    wanted = {(rule["kind"], _checked(rule["kind"], rule["value"].strip())) for rule in rules}
    before = set(FlagRule.objects.filter(flag=flag).values_list("kind", "value"))
    if wanted != before:
        FlagRule.objects.filter(flag=flag).delete()
        FlagRule.objects.bulk_create([FlagRule(flag=flag, kind=kind, value=value) for kind, value in sorted(wanted)])
        _record("flag.rules_changed", flag, {"rules": [_listed(before), _listed(wanted)]})
        announce()
    return FeatureFlag.objects.prefetch_related("rules").get(key=key)


@transaction.atomic
def remove(key: str) -> None:
    """Remove a flag: from now on it is off for everybody.

    Raises:
        NotFound: there is no such flag.
    """
    flag = _locked(key)
    before = set(FlagRule.objects.filter(flag=flag).values_list("kind", "value"))
    _record("flag.removed", flag, {"rules": [_listed(before), []]})
    flag.delete()
    announce()


def _locked(key: str) -> FeatureFlag:
    found = FeatureFlag.objects.select_for_update().filter(key=key).first()
    if found is None:
        raise NotFound
    return found


def _checked(kind: str, value: str) -> str:
    refusal = ValidationFailed(errors={"rules": f"{value!r} is no {kind} that there is."})
    if kind == FlagRule.Kind.PLAN:
        if value not in billing.PLANS:
            raise refusal
        return value
    if kind == FlagRule.Kind.PERMILLE:
        if not (value.isascii() and value.isdigit() and 0 <= int(value) <= 1000):
            raise ValidationFailed(errors={"rules": "A share is a number of 0 to 1000 in a thousand."})
        return str(int(value))
    try:
        organization_id = UUID(value)
    except ValueError:
        raise refusal from None
    if not tenants.organization_names([organization_id]):
        raise refusal
    return str(organization_id)


def _listed(rules: set[tuple[str, str]]) -> list[str]:
    return [f"{kind}:{value}" for kind, value in sorted(rules)]


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _record(action: str, flag: FeatureFlag, changes: dict[str, Any], reason: str = "") -> None:
    audit.record(action, object_type="feature_flag", object_id=flag.key, changes=changes, reason=reason)
