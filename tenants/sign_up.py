"""Sign-up: from an idea for an address to a platform of one's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q

from core.clock import iso, now
from core.errors import TooManyRequests, ValidationFailed
from core.ids import new_id, short_name
from tenancy.hosts import public_url
from tenants import limits, mails, pending, slugs, tasks
from tenants.errors import CodeSpent, CodeWrong, SignUpGone, SlugUnavailable, TermsOutdated
from tenants.lifecycle import machine
from tenants.models import Domain, Organization, SignUp
from tenants.provisioning import engine
from tenants.provisioning.base import steps

TERMS_VERSION = "2026-11"


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether a slug can be had; if not, why, and what could."""

    slug: str
    available: bool
    reason: str | None
    message: str
    suggestion: str | None


def availability(slug: str) -> Availability:
    """Say whether ``slug`` is free: by the rules, by organizations that have it or look like it, by open sign-ups."""
    slug = slug.strip().lower()
    refusal = slugs.refusal_of(slug) or _taken(slug)
    if refusal is None:
        return Availability(slug, True, None, "Free.", None)
    suggestion = next((near for near in slugs.candidates(slug) if near != slug and _taken(near) is None), None)
    return Availability(slug, False, refusal.reason, refusal.message, suggestion)


def _taken(slug: str) -> slugs.Refusal | None:
    # In one statement: between two, somebody who takes this very address would be told as one that looks like it.
    looks_like_it = Q(skeleton=slugs.skeleton(slug), kind=Domain.Kind.SUBDOMAIN)
    hosts = set(Domain.objects.filter(Q(host=_host(slug)) | looks_like_it).values_list("host", flat=True))
    if _host(slug) in hosts:
        return slugs.Refusal("taken", f"“{slug}” belongs to another organization.")
    if hosts:
        return slugs.Refusal("lookalike", f"“{slug}” looks like another organization's address.")
    if pending.is_held(slug):
        return slugs.Refusal("held", f"Somebody is signing up as “{slug}” right now. It is free again in 30 minutes.")
    return None


@dataclass(frozen=True, slots=True)
class Started:
    """An open sign-up, waiting for its code."""

    token: str
    email: str
    resend_at: str
    expires_at: str


def start(
    *, organization_name: str, slug: str, name: str, email: str, password: str, terms_version: str, ip: str
) -> Started:
    """Hold the slug for 30 minutes and mail a code to ``email``. Nothing is written to PostgreSQL.

    Raises:
        SlugUnavailable: by rule, taken, look-alike or held by somebody else.
        ValidationFailed: the password is too weak.
        TermsOutdated: ``terms_version`` is not the one in force.
        TooManyRequests: a limit of this address, this IP or this hour is reached.
    """
    slug = slug.strip().lower()
    if terms_version != TERMS_VERSION:
        raise TermsOutdated(current=TERMS_VERSION)
    _check_password(password, name=name, email=email, context=(organization_name, slug))
    limits.count_sign_up(email=email, ip=ip)
    found = availability(slug)
    if not found.available and found.reason != "held":
        raise SlugUnavailable(found.message, reason=found.reason, suggestion=found.suggestion)
    expires_at = iso(now() + timedelta(seconds=pending.HELD_SECONDS))
    token = pending.hold(
        pending.PendingSignUp(
            organization_name=organization_name.strip(),
            slug=slug,
            owner_name=name.strip(),
            owner_email=email.strip(),
            password_hash=make_password(password),
            terms_version=terms_version,
            expires_at=expires_at,
        )
    )
    if token is None:
        raise SlugUnavailable(found.message, reason="held", suggestion=found.suggestion)
    pending.may_resend(token)
    limits.count_code_mail(email=email)
    mails.send_sign_up_code(email=email.strip(), organization_name=organization_name, code=pending.new_code(token))
    return Started(token, email, iso(now() + timedelta(seconds=pending.RESEND_AFTER_SECONDS)), expires_at)


def resend_code(token: str) -> str:
    """Send a new code, which voids the one before; return when another may be asked for.

    Raises:
        SignUpGone: it expired. TooManyRequests: within a minute, or the address had enough mail this hour.
    """
    found = _pending(token)
    if not pending.may_resend(token):
        raise TooManyRequests(
            "A code is on its way. Ask again in a minute.", retry_after_seconds=pending.RESEND_AFTER_SECONDS
        )
    limits.count_code_mail(email=found.owner_email)
    mails.send_sign_up_code(
        email=found.owner_email, organization_name=found.organization_name, code=pending.new_code(token)
    )
    return iso(now() + timedelta(seconds=pending.RESEND_AFTER_SECONDS))


def verify(token: str, code: str) -> None:
    """Prove the address and begin provisioning. Sending the right code again changes nothing.

    Raises:
        SignUpGone: it expired. CodeWrong: with ``tries_left``. CodeSpent: six wrong codes.
        SlugUnavailable: the address was taken in the meantime.
    """
    if SignUp.objects.filter(token_sha256=pending.sha256(token)).exists():
        return
    found = _pending(token)
    right, tries_left = pending.check_code(token, code.strip().replace(" ", ""))
    if not right:
        if tries_left <= 0:
            raise CodeSpent
        raise CodeWrong(tries_left=tries_left)
    if Domain.objects.filter(skeleton=slugs.skeleton(found.slug), kind=Domain.Kind.SUBDOMAIN).exists():
        if SignUp.objects.filter(token_sha256=pending.sha256(token)).exists():
            return  # the same code sent twice at once
        raise SlugUnavailable(f"“{found.slug}” was taken a moment ago.", reason="taken")
    organization_id = new_id()
    try:
        with transaction.atomic():
            organization = Organization.objects.create(
                id=organization_id,
                name=found.organization_name,
                schema_name=f"t_{short_name(organization_id)}",
                db_role=f"r_{short_name(organization_id)}",
                terms_version=found.terms_version,
                cell=settings.CELL,
                terms_accepted_at=now(),
            )
            Domain.objects.create(
                organization=organization, host=_host(found.slug), skeleton=slugs.skeleton(found.slug)
            )
            SignUp.objects.create(
                token_sha256=pending.sha256(token),
                organization=organization,
                owner_name=found.owner_name,
                owner_email=found.owner_email,
                password_hash=found.password_hash,
            )
            engine.plan(organization)
            machine.begin(organization)
            tasks.provision.delay_on_commit(str(organization_id))
    except IntegrityError as raced:
        if SignUp.objects.filter(token_sha256=pending.sha256(token)).exists():
            return  # the same code sent twice at once
        raise SlugUnavailable(f"“{found.slug}” was taken a moment ago.", reason="taken") from raced
    pending.forget(token, found.slug)


def status(token: str) -> dict[str, Any]:
    """Return how far the sign-up is: unverified, provisioning, ready or failed, with its steps.

    Raises:
        SignUpGone: it expired, or never was.
    """
    found = SignUp.objects.select_related("organization").filter(token_sha256=pending.sha256(token)).first()
    if found is None:
        waiting = _pending(token)
        return {
            "state": "unverified",
            "organization": {
                "name": waiting.organization_name,
                "slug": waiting.slug,
                "host": _host(waiting.slug),
            },
            "email": waiting.owner_email,
            "expires_at": waiting.expires_at,
            "steps": [],
            "studio_url": None,
            "detail": None,
        }
    organization = found.organization
    labels = {step.name: step.label for step in steps()}
    host = (
        Domain.objects.filter(organization=organization).order_by("created_at").values_list("host", flat=True).first()
    )
    ready = organization.state == Organization.State.ACTIVE
    failed = organization.state == Organization.State.FAILED
    return {
        "state": "ready" if ready else "failed" if failed else "provisioning",
        "organization": {
            "name": organization.name,
            "slug": (host or "").removesuffix(f".{settings.TENANT_SUFFIX}"),
            "host": host or "",
        },
        "email": found.owner_email,
        "expires_at": None,
        "steps": [
            {
                "name": row.name,
                "label": labels.get(row.name, row.name),
                "state": row.state,
                "finished_at": iso(row.finished_at) if row.finished_at else None,
            }
            for row in organization.steps.order_by("position")
        ],
        "studio_url": public_url(host, "/studio") if ready and host else None,
        "detail": "We could not make your platform. Nothing was kept; start again." if failed else None,
    }


def _pending(token: str) -> pending.PendingSignUp:
    found = pending.find(token)
    if found is None:
        raise SignUpGone
    return found


def _host(slug: str) -> str:
    return f"{slug}.{settings.TENANT_SUFFIX}"


def _check_password(password: str, *, name: str, email: str, context: tuple[str, ...]) -> None:
    user: Any = get_user_model()(email=email, name=name)
    user.password_context = context  # of an organization that is not there yet: apps.accounts.passwords
    try:
        validate_password(password, user=user)
    except ValidationError as weak:
        raise ValidationFailed(errors={"password": " ".join(weak.messages)}) from weak
