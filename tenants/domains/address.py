"""The organization's address: renaming it, what that does, and who may ever have an address again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q

from core.clock import now
from tenancy.hosts import public_url
from tenants import acts, pending, slugs
from tenants.domains import after
from tenants.domains.errors import TooManyRenames
from tenants.errors import SlugUnavailable
from tenants.models import Domain, Organization

REDIRECTS_FOR = timedelta(days=365)
# Addresses are never given to anybody else again, so one organization must not collect them.
MAX_ADDRESSES = 10
RENAMES = 3
RENAMES_WITHIN = timedelta(days=30)
HELD_SECONDS = 60

_State = Domain.State
_ADDRESSES = Q(kind=Domain.Kind.SUBDOMAIN)


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that a rename does: a stable word for code, a sentence for people."""

    code: str
    words: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What would happen, before it does. ``reason`` and ``suggestion`` as at sign-up; no effects where it can't be."""

    slug: str
    available: bool
    reason: str | None
    message: str
    suggestion: str | None
    host: str
    redirect_until: datetime
    effects: tuple[Effect, ...]


def current(organization_id: UUID) -> Domain:
    """Return the organization's address."""
    return Domain.objects.get(_ADDRESSES, organization_id=organization_id, state=_State.ACTIVE)


def former(organization_id: UUID) -> list[Domain]:
    """Return the addresses that the organization gave up, newest first: they redirect, then nobody has them."""
    states = (_State.REDIRECTING, _State.QUARANTINED)
    return list(Domain.objects.filter(_ADDRESSES, organization_id=organization_id, state__in=states).order_by("-since"))


def preview(organization_id: UUID, slug: str) -> Preview:
    """Say whether the organization can have ``slug``, and what taking it would do."""
    slug = slug.strip().lower()
    old = current(organization_id)
    until = now() + REDIRECTS_FOR
    refusal = _refusal(organization_id, slug, old)
    if refusal is not None:
        near = (found for found in slugs.candidates(slug) if found != slug)
        suggestion = next((found for found in near if _refusal(organization_id, found, old) is None), None)
        return Preview(slug, False, refusal.reason, refusal.message, suggestion, _host(slug), until, ())
    return Preview(slug, True, None, "Free.", None, _host(slug), until, _effects(old, _host(slug), until))


def rename(organization_id: UUID, slug: str) -> Domain:
    """Give the organization another address; the one before redirects for a year and is then nobody's for good.

    Of two that want one address at once the database lets one win. Asking for the address one has changes nothing.

    Raises:
        SlugUnavailable: by rule, taken, look-alike or held. TooManyRenames: three in thirty days, or ten addresses.
    """
    slug = slug.strip().lower()
    holder = f"organization:{organization_id}"
    if current(organization_id).host == _host(slug):
        return current(organization_id)
    refusal = _refusal(organization_id, slug, current(organization_id))
    if refusal is not None:
        raise SlugUnavailable(refusal.message, reason=refusal.reason)
    # Look-alikes have no constraint: whoever takes an address holds everything that looks like it meanwhile.
    if not pending.hold_slug(slug, holder=holder, seconds=HELD_SECONDS):
        raise SlugUnavailable(f"Somebody is taking “{slug}” right now.", reason="held")
    try:
        with transaction.atomic():
            return _take(organization_id, slug)
    except IntegrityError as raced:
        raise SlugUnavailable(f"“{slug}” was taken a moment ago.", reason="taken") from raced
    finally:
        pending.let_go_of_slug(slug, holder=holder)


def end_redirects() -> int:
    """Quarantine addresses whose year is over; return how many. Must run on the platform."""
    due = Domain.objects.filter(_ADDRESSES, state=_State.REDIRECTING, redirect_until__lt=now())
    count = 0
    for row in due.order_by("redirect_until")[:500]:
        with transaction.atomic():
            moved = Domain.objects.filter(id=row.id, state=_State.REDIRECTING, redirect_until__lt=now())
            if moved.update(state=_State.QUARANTINED, since=now()):
                count += 1
                after.hosts_changed(row.organization_id)
    return count


def _take(organization_id: UUID, slug: str) -> Domain:
    Organization.objects.select_for_update().get(id=organization_id)
    old = current(organization_id)
    refusal = _refusal(organization_id, slug, old, held=False)
    if refusal is not None:
        raise SlugUnavailable(refusal.message, reason=refusal.reason)
    _require_room(organization_id, slug)
    was_primary, moment = old.is_primary, now()
    old.state, old.is_primary = _State.REDIRECTING, False
    old.since, old.redirect_until = moment, moment + REDIRECTS_FOR
    old.save(update_fields=["state", "is_primary", "since", "redirect_until"])
    new, _ = Domain.objects.update_or_create(
        host=_host(slug),
        kind=Domain.Kind.SUBDOMAIN,
        organization_id=organization_id,
        defaults={
            "state": _State.ACTIVE,
            "skeleton": slugs.skeleton(slug),
            "is_primary": was_primary,
            "since": moment,
            "redirect_until": None,
        },
    )
    acts.note(
        organization_id,
        "domains.address.changed",
        object_type="domain",
        object_id=new.id,
        label=new.host,
        changes={"host": [old.host, new.host]},
    )
    after.hosts_changed(organization_id)
    return new


def _require_room(organization_id: UUID, slug: str) -> None:
    own = Domain.objects.filter(_ADDRESSES, organization_id=organization_id)
    recent = own.filter(state__in=(_State.REDIRECTING, _State.QUARANTINED), since__gt=now() - RENAMES_WITHIN).count()
    if recent >= RENAMES:
        raise TooManyRenames(f"You can change your address {RENAMES} times in 30 days. Come back later.")
    if not own.filter(host=_host(slug)).exists() and own.count() >= MAX_ADDRESSES:
        raise TooManyRenames(f"An organization has {MAX_ADDRESSES} addresses at most. Go back to one you had.")


def _refusal(organization_id: UUID, slug: str, old: Domain, *, held: bool = True) -> slugs.Refusal | None:
    if old.host == _host(slug):
        return slugs.Refusal("taken", "This is your address already.")
    own = Domain.objects.filter(_ADDRESSES, organization_id=organization_id, host=_host(slug))
    if own.exists():
        return None  # it may always take back what it had
    refusal = slugs.refusal_of(slug)
    if refusal is not None:
        return refusal
    # In one statement: between two, somebody who takes this very address would be told as one that looks like it.
    others = Domain.objects.filter(_ADDRESSES).exclude(organization_id=organization_id)
    near = others.filter(Q(host=_host(slug)) | Q(skeleton=slugs.skeleton(slug)))
    hosts = set(near.values_list("host", flat=True))
    if _host(slug) in hosts:
        return slugs.Refusal("taken", f"“{slug}” belongs to another organization.")
    if hosts:
        return slugs.Refusal("lookalike", f"“{slug}” looks like another organization's address.")
    if held and pending.is_held(slug):
        return slugs.Refusal("held", f"Somebody is signing up as “{slug}” right now. It is free again in 30 minutes.")
    return None


def _effects(old: Domain, host: str, until: datetime) -> tuple[Effect, ...]:
    shown = f"{until:%-d %B %Y}"
    effects = [
        Effect("new_address", f"{public_url(host, '')} is your address at once."),
        Effect("redirect", f"Links to {old.host} lead to the new address until {shown}."),
        Effect("quarantine", f"After that {old.host} leads nowhere. Nobody else gets it; you can take it back."),
        Effect("integrations", "Programs that call your API are refused at the old address and told the new one."),
    ]
    if old.is_primary:
        sessions = "Everybody signs in again at the new address, you too. Watched videos and typed answers are kept."
        effects.insert(1, Effect("sign_in", sessions))
    else:
        effects.insert(1, Effect("primary_stays", "Your own domain stays where your people are; they notice nothing."))
    return tuple(effects)


def _host(slug: str) -> str:
    return f"{slug}.{settings.TENANT_SUFFIX}"
