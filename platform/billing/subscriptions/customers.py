"""An organization as a customer at Stripe: made when it is first needed, or by and by, and told who it is."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now
from django.utils.module_loading import import_string
from django_tenants.utils import get_tenant_model

import tenancy
from billing import gateway
from billing.errors import BillingUnavailable, ProviderRefused
from billing.models import BillingAccount, StripeIntent
from billing.subscriptions import intents, vat  # noqa: F401 - vat registers what its intents do
from billing.subscriptions.intents import Purpose, Result
from core.clock import now
from core.errors import DomainError, NotFound
from tenancy.errors import TenantUnavailable
from tenants import api as tenants

_log = logging.getLogger(__name__)

DAYS_UNTIL_DUE = 30
_FIRST_REST, _LONGEST_REST = timedelta(minutes=1), timedelta(days=1)
_RESTED = Q(customer_run_at=None) | Q(customer_run_at__lte=Now())
# Where an organization has a name of its own that somebody may have changed.
_CALLED = ("active", "read_only", "suspended", "pending_deletion")


def ensure(organization_id: UUID, *, email: str = "", by: UUID | None = None) -> str:
    """Return the organization's customer id, making the customer where there is none. No transaction may be open.

    Raises:
        BillingUnavailable, ProviderRefused: see :mod:`billing.gateway`.
    """
    account = BillingAccount.objects.get(organization_id=organization_id)
    if account.stripe_customer is None:
        name = tenants.load_organization(organization_id).name
        params = {"metadata": {"organization": str(organization_id)}, **_params(account, name)}
        request = {"params": {**params, "email": email} if email else params}
        try:
            intents.ask(organization_id, "customer", request, slot="customer", unless=_has_customer, by=by)
        except intents.Overtaken:  # with other details: one customer is enough
            intents.clear(organization_id, "customer")
        account.refresh_from_db()
        _give_vat(account)
    if account.stripe_customer is None:
        raise BillingUnavailable
    return account.stripe_customer


def is_due() -> bool:
    """Return whether anybody is to be made a customer, or is called otherwise than Stripe was told. Platform only."""
    return _unknown().exists() or _renamed().exists()


def make_missing(*, limit: int = 20) -> int:
    """Make customers for organizations that have none yet; return how many. Platform only."""
    return _each(_unknown(), ensure, limit)


def tell_names(*, limit: int = 20) -> int:
    """Tell Stripe what organizations are called now that were called otherwise; return of how many. Platform only.

    Invoices are made out to it where nobody gave a legal name.
    """
    return _each(_renamed(), lambda found: tell(BillingAccount.objects.get(organization_id=found)), limit)


def _each(rows: QuerySet[BillingAccount], act: Callable[[UUID], object], limit: int) -> int:
    """Act for each of some; whoever is refused is tried again after a pause that doubles, and keeps nobody waiting."""
    done = 0
    if not gateway.is_configured():
        return done
    for organization_id in list(rows.order_by("updated_at").values_list("organization_id", flat=True)[:limit]):
        try:
            act(organization_id)
        except NotFound:  # its organization is gone
            _rest(organization_id)
            continue
        except DomainError as failed:
            _log.warning("billing.customer_not_made", extra={"why": failed.code})
            if failed.status == BillingUnavailable.status:
                break
            _rest(organization_id)  # Stripe refuses something of it: an address that is none
            continue
        done += 1
    return done


def _unknown() -> QuerySet[BillingAccount]:
    return BillingAccount.objects.filter(_RESTED, stripe_customer=None)


def _renamed() -> QuerySet[BillingAccount]:
    here = get_tenant_model().objects.filter(cell=settings.CELL, frozen_at__isnull=True, state__in=_CALLED)
    called = here.filter(id=OuterRef("organization_id")).values("name")[:1]
    rows = BillingAccount.objects.filter(_RESTED, legal_name="").exclude(stripe_customer=None).exclude(known_name="")
    return rows.annotate(called=Subquery(called)).filter(called__isnull=False).exclude(known_name=F("called"))


def _rest(organization_id: UUID) -> None:
    with transaction.atomic():
        account = BillingAccount.objects.select_for_update().get(organization_id=organization_id)
        pause = min(_FIRST_REST * 2 ** min(account.customer_tries, 12), _LONGEST_REST)
        account.customer_tries, account.customer_run_at = min(account.customer_tries + 1, 12), now() + pause
        account.save(update_fields=["customer_tries", "customer_run_at"])


def tell(account: BillingAccount, *, email: str = "", by: UUID | None = None) -> None:
    """Let Stripe know what ``account`` says of the customer. No transaction may be open. Platform only.

    ``email`` is where Stripe writes to if the account names no contact; without one that stays as it is.

    Raises:
        BillingUnavailable, ProviderRefused: see :mod:`billing.gateway`.
    """
    if account.stripe_customer is None:
        return
    params = _params(account, tenants.load_organization(account.organization_id).name)
    if email and not account.contacts:
        params["email"] = email
    request = {"customer": account.stripe_customer, "params": params}
    intents.ask(account.organization_id, "details", request, by=by)


def keep_address(organization_id: UUID) -> bool:
    """Let Stripe write to a billing contact or an owner of today, where it writes to somebody else; say whether it did.

    Whoever bought may have left since: neither invoices nor their address may stay with them. No transaction may be
    open. Platform only.

    Raises:
        BillingUnavailable, ProviderRefused: see :mod:`billing.gateway`.
    """
    account = BillingAccount.objects.get(organization_id=organization_id)
    if account.stripe_customer is None:
        return False
    known = account.contacts or _owners(organization_id)
    customer = gateway.customer(account.stripe_customer)
    if customer.get("deleted") or not known or (customer.get("email") or "").lower() in known:
        return False
    request = {"customer": account.stripe_customer, "params": {"email": known[0]}}
    intents.ask(organization_id, "details", request)
    return True


def _owners(organization_id: UUID) -> list[str]:
    """Return the addresses of owners; none where the organization is gone, closed or on its way."""
    try:
        with tenancy.bind(tenants.load_organization(organization_id)):
            return [owner.email.lower() for owner in import_string(settings.OWNER_CONTACTS)()]
    except (NotFound, TenantUnavailable):
        return []


def _params(account: BillingAccount, name: str) -> dict[str, Any]:
    address = {part: account.address.get(part) or "" for part in ("line1", "line2", "city", "postal_code", "state")}
    params: dict[str, Any] = {
        "name": account.legal_name or name,
        "invoice_settings": {
            "custom_fields": [{"name": "PO number", "value": account.po_number}] if account.po_number else ""
        },
    }
    if account.country:
        params["address"] = {**address, "country": account.country}
    if account.contacts:
        params["email"] = account.contacts[0]
    return params


def _give_vat(account: BillingAccount) -> None:
    """Pass on the VAT id that was typed before there was a customer. A wrong one keeps nobody from buying."""
    own = StripeIntent.objects.filter(organization_id=account.organization_id, purpose="vat")
    for waiting in own.filter(state=StripeIntent.State.OPEN):
        try:
            intents.run(waiting, is_mine=intents.claim(waiting))
        except ProviderRefused as refused:
            _log.warning(
                "billing.vat_id_refused", extra={"organization": str(account.organization_id), "why": refused.code}
            )
            BillingAccount.objects.filter(id=account.id).update(vat_state="unverified")


def _has_customer(account: BillingAccount) -> bool:
    return account.stripe_customer is not None


def _make(intent: StripeIntent) -> Result:
    return {"customer": gateway.create_customer(intent.request["params"], key=str(intent.id))["id"]}


def _made(intent: StripeIntent, result: Result) -> None:
    account = BillingAccount.objects.select_for_update().get(organization_id=intent.organization_id)
    if account.stripe_customer is None:
        account.stripe_customer, account.updated_at = result["customer"], now()
        account.known_name = intent.request["params"]["name"]
        account.customer_tries, account.customer_run_at = 0, None
        account.save(update_fields=["stripe_customer", "known_name", "customer_tries", "customer_run_at", "updated_at"])
        if account.vat_id:
            # Written with the customer: whoever dies, or gets no answer, before it is told leaves it to be told.
            told: dict[str, Any] = {"customer": account.stripe_customer, "number": account.vat_id, "former": []}
            StripeIntent.objects.create(
                organization_id=account.organization_id, purpose="vat", request=told, made_by=intent.made_by
            )


def _tell(intent: StripeIntent) -> Result:
    gateway.update_customer(intent.request["customer"], intent.request["params"], key=str(intent.id))
    return {}


def _told(intent: StripeIntent, result: Result) -> None:
    """Note the name that stands there now, so that it is not taken for one that somebody typed."""
    account = BillingAccount.objects.select_for_update().get(organization_id=intent.organization_id)
    name = intent.request["params"].get("name")
    if name is None or account.stripe_customer != intent.request["customer"]:
        return
    account.known_name, account.customer_tries, account.customer_run_at = name, 0, None
    account.folds += 1  # whoever read the former name before this reads again
    account.save(update_fields=["known_name", "customer_tries", "customer_run_at", "folds"])


def _not_told(intent: StripeIntent) -> None:
    """What stands there is what invoices say: it is read as if somebody had typed it."""
    BillingAccount.objects.filter(organization_id=intent.organization_id).update(known_name="")


intents.purpose("customer", Purpose(_make, _made))
intents.purpose("details", Purpose(_tell, _told, refused=_not_told))
