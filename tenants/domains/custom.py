"""Custom domains: claimed, proved, seen leading here, used; and disabled when the proof is gone for a week.

Who proves a name first has it. A claim alone holds nothing, and what DNS says now decides: an organization whose proof
is gone gives way at once to one whose proof is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, Q

from core.clock import now
from core.ids import new_secret
from tenants import acts, limits
from tenants.domains import after, mails, names, proof
from tenants.domains.allowance import allowance
from tenants.domains.errors import DomainLimit, DomainNotFound, IsAddress, NotActive
from tenants.models import Domain, Organization

# Whatever the plan: a claim costs looks at DNS, for as long as it is there.
MAX_DOMAINS = 200
DISABLED_AFTER = timedelta(days=7)
CHECKS_AN_HOUR = 60

_State = Domain.State
_HELD = (_State.VERIFIED, _State.ACTIVE)
_ACTS = {
    _State.VERIFIED: "domains.domain.verified",
    _State.ACTIVE: "domains.domain.activated",
    _State.DISABLED: "domains.domain.disabled",
}
# Let go, or of an organization that ended: nothing in DNS brings such a row back.
_ENDED = (_State.RELEASED, _State.QUARANTINED)
_OPEN = Q(kind=Domain.Kind.CUSTOM) & ~Q(state__in=_ENDED)


def open_domains(organization_id: UUID) -> list[Domain]:
    """Return the custom domains of an organization, oldest first."""
    return list(Domain.objects.filter(_OPEN, organization_id=organization_id).order_by("created_at", "id"))


def counts(organization_ids: Sequence[UUID] | None) -> dict[UUID, int]:
    """Return how many custom domains each of these organizations has, or each there is. Platform only."""
    rows = Domain.objects.filter(_OPEN)
    if organization_ids is not None:
        rows = rows.filter(organization_id__in=organization_ids)
    return dict(rows.values_list("organization_id").annotate(count=Count("id")).order_by())


def get(organization_id: UUID, domain_id: UUID) -> Domain:
    """Return one of the organization's custom domains.

    Raises:
        DomainNotFound: it has none with this id.
    """
    found = Domain.objects.filter(_OPEN, organization_id=organization_id, id=domain_id).first()
    if found is None:
        raise DomainNotFound
    return found


def claim(organization_id: UUID, typed: str) -> Domain:
    """Begin a claim; return it with the token that DNS must show. Claiming the same name again changes nothing.

    Raises:
        DomainRefused: the name can never be had. DomainLimit: nobody has more than so many.
        DomainError: the organization's plan brings no more (``quota_exceeded``).
    """
    name = names.parse(typed)
    with transaction.atomic():
        _lock(organization_id)
        known = Domain.objects.filter(_OPEN, organization_id=organization_id, host=name.host).first()
        if known is not None:
            return known
        if Domain.objects.filter(_OPEN, organization_id=organization_id).count() >= MAX_DOMAINS:
            raise DomainLimit(limit=MAX_DOMAINS)
        made = Domain.objects.create(
            organization_id=organization_id,
            host=name.host,
            kind=Domain.Kind.CUSTOM,
            txt_token=new_secret(),
        )
        _note(made, "domains.domain.claimed", {"host": [None, made.host]})
        allowance().take(organization_id)
    return made


def release(organization_id: UUID, domain_id: UUID) -> None:
    """Let a domain go. Its host leads nowhere at once; whoever proves it next has it, with a token of their own.

    Raises:
        DomainNotFound: there is none.
    """
    with transaction.atomic():
        _lock(organization_id)
        domain = get(organization_id, domain_id)
        _demote(domain)
        _move(domain, _State.RELEASED)
        _note(domain, "domains.domain.released", {"host": [domain.host, None]})
        allowance().give_back(organization_id)
        after.hosts_changed(organization_id)


def release_all(organization_id: UUID) -> None:
    """Retire every host of an organization that ends: custom domains are released, subdomains quarantined for good.

    Must run on the platform, in a transaction.
    """
    rows = Domain.objects.filter(organization_id=organization_id)
    ended = rows.filter(_OPEN).update(state=_State.RELEASED, is_primary=False, txt_token="", since=now())
    allowance().give_back(organization_id, ended)
    rows.filter(kind=Domain.Kind.SUBDOMAIN).exclude(state=_State.QUARANTINED).update(
        state=_State.QUARANTINED, is_primary=False, redirect_until=None, since=now()
    )
    after.hosts_changed(organization_id)


def make_primary(organization_id: UUID, domain_id: UUID) -> Domain:
    """Make one of the organization's hosts the one that pages and mails name; the others lead to it.

    Raises:
        DomainNotFound: there is none. NotActive: it does not lead here, or fails right now.
    """
    with transaction.atomic():
        _lock(organization_id)
        wanted = Domain.objects.filter(organization_id=organization_id, id=domain_id).first()
        if wanted is None or wanted.state == _State.RELEASED:
            raise DomainNotFound
        if wanted.state != _State.ACTIVE or wanted.failing_since is not None:
            raise NotActive
        before = _primary_of(organization_id)
        if before is not None and before.id == wanted.id:
            return wanted
        Domain.objects.filter(organization_id=organization_id, is_primary=True).update(is_primary=False)
        wanted.is_primary = True
        wanted.save(update_fields=["is_primary"])
        _note(wanted, "domains.primary.changed", {"host": [before.host if before else None, wanted.host]})
        after.hosts_changed(organization_id)
    return wanted


def check_now(organization_id: UUID, domain_id: UUID) -> Domain:
    """Look at DNS because a person asked.

    Raises:
        DomainNotFound: there is none. TooManyRequests: more than sixty looks in this hour.
    """
    domain = get(organization_id, domain_id)
    limits.count(kind="domain-check", subject=str(organization_id), limit=CHECKS_AN_HOUR)
    return check(domain)


def check(domain: Domain) -> Domain:
    """Look at DNS and move the domain as far as that carries. Outside any transaction: DNS is slow."""
    seen = proof.look(domain.host, domain.txt_token)
    rival = _rival_of(domain) if seen.proves and domain.state not in _HELD else None
    rival_holds = proof.holds(rival.host, rival.txt_token) if rival is not None else False
    try:
        with transaction.atomic():
            _lock(domain.organization_id)
            return _fold(domain, seen, rival, rival_holds)
    except IntegrityError:
        # Somebody else proved it between our look and our write.
        domain.refresh_from_db()
        return domain


def _fold(domain: Domain, seen: proof.Look, rival: Domain | None, rival_holds: bool | None) -> Domain:
    moment = now()
    row = Domain.objects.select_for_update().get(id=domain.id)
    if row.state in _ENDED or row.txt_token != domain.txt_token:
        return row
    row.checked_at = moment
    row.findings = [record.as_json() for record in seen.records]
    was = row.state
    if was in _HELD:
        _fold_held(row, seen)
    elif seen.proves:
        if rival is not None and rival_holds is not False:
            row.findings[0] |= {
                "state": "wrong",
                "words": "Your record is there, and so is that of another organization which has this domain. "
                "Remove theirs to move the domain here.",
            }
        else:
            if rival is not None:
                _disable(rival.id)
            _move(row, _State.ACTIVE if seen.routes else _State.VERIFIED)
            row.failing_since = None
    row.save()
    if row.state != was:
        _note(row, _ACTS[_State(row.state)], {"state": [was, row.state]})
        after.hosts_changed(row.organization_id)
    return row


def _fold_held(row: Domain, seen: proof.Look) -> None:
    """A domain that was proved: it goes on, comes into use, or begins (and after a week ends) failing."""
    failing = seen.proves is False or (row.state == _State.ACTIVE and seen.routes is False)
    if failing and row.failing_since is None:
        row.failing_since = now()
        mails.tell_owners_failing(row)
        after.hosts_changed(row.organization_id)  # pages stop being sent to a host that may be dead
    elif failing and row.failing_since is not None and now() - row.failing_since >= DISABLED_AFTER:
        _demote(row)
        _move(row, _State.DISABLED)
        mails.tell_owners_disabled(row)
    elif seen.proves and (seen.routes or row.state == _State.VERIFIED):
        if row.failing_since is not None:
            row.failing_since = None
            after.hosts_changed(row.organization_id)
        if seen.routes and row.state == _State.VERIFIED:
            _move(row, _State.ACTIVE)


def _disable(domain_id: UUID) -> None:
    """Take a domain from an organization whose proof is gone: somebody else has just proved it."""
    row = Domain.objects.select_for_update().get(id=domain_id)
    if row.state not in _HELD:
        return
    was = row.state
    _demote(row)
    _move(row, _State.DISABLED)
    row.save()
    _note(row, "domains.domain.disabled", {"state": [was, row.state]})
    mails.tell_owners_disabled(row)
    after.hosts_changed(row.organization_id)


def _rival_of(domain: Domain) -> Domain | None:
    return Domain.objects.filter(host=domain.host, state__in=_HELD).exclude(id=domain.id).first()


def _demote(row: Domain) -> None:
    """Let the organization's own address be primary again where ``row`` was."""
    if not row.is_primary:
        return
    row.is_primary = False
    row.save(update_fields=["is_primary"])
    Domain.objects.filter(organization_id=row.organization_id, kind=Domain.Kind.SUBDOMAIN, state=_State.ACTIVE).update(
        is_primary=True
    )


def _move(row: Domain, state: str) -> None:
    row.state = state
    row.since = now()
    if state == _State.RELEASED:
        row.txt_token = ""
        row.is_primary = False
        row.save()


def _primary_of(organization_id: UUID) -> Domain | None:
    return Domain.objects.filter(organization_id=organization_id, is_primary=True).first()


def _lock(organization_id: UUID) -> None:
    """One change of an organization's hosts at a time."""
    Organization.objects.select_for_update().get(id=organization_id)


def _note(domain: Domain, action: str, changes: dict[str, list[str | None]]) -> None:
    acts.note(
        domain.organization_id,
        action,
        object_type="domain",
        object_id=domain.id,
        label=domain.host,
        changes=changes,
    )


def require_custom(organization_id: UUID, domain_id: UUID) -> None:
    """Refuse what is done to the organization's own address through a custom domain's door.

    Raises:
        IsAddress: ``domain_id`` is the organization's subdomain.
    """
    if Domain.objects.filter(organization_id=organization_id, id=domain_id, kind=Domain.Kind.SUBDOMAIN).exists():
        raise IsAddress
