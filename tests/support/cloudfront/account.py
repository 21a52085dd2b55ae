"""An account's CloudFront in memory, with the real one's rules. Changes are live after :meth:`Account.deploy`.

The rules are the guide's (quotas, versions, what may be deleted when) and the errors those of the API's model.
"""

from __future__ import annotations

import copy
import itertools
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from botocore import xform_name

from core.clock import now
from media.edge import policy
from tests.support.cloudfront.invalidations import Invalidations
from tests.support.cloudfront.values import KVS, ValueStore
from tests.support.cloudfront.wire import ApiError

__all__ = ["KVS", "Account", "Thing", "behaviours_of", "domains_of", "groups_of"]
_NAME = re.compile(r"[A-Za-z0-9_-]{1,128}")
# Names that the certificate of every distribution covers.
COVERED = ".lms.example"


@dataclass
class Thing:
    """Something with a version."""

    id: str
    data: dict[str, Any]
    version: int = 1
    changed_at: Any = field(default_factory=now)
    is_deployed: bool = True
    live: dict[str, Any] = field(default_factory=dict)

    @property
    def etag(self) -> str:
        return f"E{self.id[-6:]}{self.version}"

    def require(self, if_match: str | None) -> None:
        if not if_match:
            raise ApiError("InvalidIfMatchVersion", "The If-Match version is missing.", 400)
        if if_match != self.etag:
            raise ApiError("PreconditionFailed", "The precondition given in the request is false.", 412)

    def change(self, data: dict[str, Any]) -> None:
        self.data, self.version, self.changed_at, self.is_deployed = data, self.version + 1, now(), False


class Account(ValueStore, Invalidations):
    """All of it. ``called`` is told of each call before and after it is done; it may raise, wait or kill."""

    def __init__(self) -> None:
        self.limits = {
            "Public keys per account": 10, "Key groups per account": 10, "Public keys in a key group": 5,
            "Key groups associated with a cache behavior": 4, "Cache behaviors per distribution": 75,
            "Alternate domain names (CNAMEs) per distribution": 100, "Distribution tenants per account": 10_000,
        }  # fmt: skip
        self.keys: dict[str, Thing] = {}
        self.groups: dict[str, Thing] = {}
        self.distributions: dict[str, Thing] = {}
        self.tenants: dict[str, Thing] = {}
        ValueStore.__init__(self)
        Invalidations.__init__(self)
        self.calls: list[str] = []
        self.called: Callable[[str, str], None] = lambda moment, operation: None
        self.deploys_at_once = False
        # Domains of others' DNS: which do not lead to CloudFront, and which do but have no certificate yet.
        self.leads_elsewhere: set[str] = set()
        self.without_certificate: set[str] = set()
        self.certificates: dict[str, set[str]] = {}
        self._serial = itertools.count(1)
        self._lock = threading.RLock()

    # -- calls

    def call(self, operation: str, given: dict[str, Any]) -> dict[str, Any]:
        """Do one operation."""
        self.called("before", operation)
        with self._lock:
            self.calls.append(operation)
            done: dict[str, Any] = getattr(self, xform_name(operation))(given)
            done = copy.deepcopy(done)
            if self.deploys_at_once:
                self.deploy()
        self.called("after", operation)
        return done

    def deploy(self) -> None:
        """Let everything be everywhere."""
        with self._lock:
            for thing in (*self.groups.values(), *self.distributions.values(), *self.tenants.values()):
                thing.is_deployed, thing.live = True, copy.deepcopy(thing.data)
            self.complete()

    def _id(self, prefix: str) -> str:
        return f"{prefix}{next(self._serial):012d}"

    # -- public keys and groups

    def create_public_key(self, given: dict[str, Any]) -> dict[str, Any]:
        public_key_config = given["PublicKeyConfig"]
        config = public_key_config
        if any(config[part] == one.data[part] for one in self.keys.values() for part in ("Name", "CallerReference")):
            raise ApiError("PublicKeyAlreadyExists")
        if len(self.keys) >= self.limits["Public keys per account"]:
            raise ApiError("TooManyPublicKeys")
        if not _NAME.fullmatch(config["Name"]):
            raise ApiError("InvalidArgument", "the name")
        try:
            policy.load_public_key(config["EncodedKey"])
        except ValueError as error:
            raise ApiError("InvalidArgument", str(error)) from error
        made = Thing(self._id("K"), config)
        self.keys[made.id] = made
        return {"PublicKey": self._public_key(made), "ETag": made.etag}

    def _public_key(self, one: Thing) -> dict[str, Any]:
        return {"Id": one.id, "CreatedTime": one.changed_at, "PublicKeyConfig": one.data}

    def get_public_key(self, given: dict[str, Any]) -> dict[str, Any]:
        id_ = given["Id"]
        found = self._get(self.keys, id_, "NoSuchPublicKey")
        return {"PublicKey": self._public_key(found), "ETag": found.etag}

    def list_public_keys(self, given: dict[str, Any]) -> dict[str, Any]:
        marker = given.get("Marker", "")
        max_items = given.get("MaxItems", "100")
        some, more = self._page(self.keys, marker, int(max_items))
        items = [
            {"Id": one.id, "Name": one.data["Name"], "CreatedTime": one.changed_at, "EncodedKey": "-"} for one in some
        ]
        return {"PublicKeyList": {"MaxItems": 100, "Quantity": len(items), "Items": items, "NextMarker": more}}

    def delete_public_key(self, given: dict[str, Any]) -> dict[str, Any]:
        id_ = given["Id"]
        if_match = given.get("IfMatch")
        found = self._get(self.keys, id_, "NoSuchPublicKey")
        found.require(if_match)
        if any(id_ in group.data["Items"] for group in self.groups.values()):
            raise ApiError("PublicKeyInUse")
        del self.keys[id_]
        return {}

    def _check_group(self, config: dict[str, Any], own: str = "") -> None:
        if len(config["Items"]) > self.limits["Public keys in a key group"]:
            raise ApiError("TooManyPublicKeysInKeyGroup")
        if not config["Items"] or not set(config["Items"]) <= self.keys.keys():
            raise ApiError("InvalidArgument", "a public key does not exist")
        if any(one.data["Name"] == config["Name"] and one.id != own for one in self.groups.values()):
            raise ApiError("KeyGroupAlreadyExists")

    def create_key_group(self, given: dict[str, Any]) -> dict[str, Any]:
        key_group_config = given["KeyGroupConfig"]
        self._check_group(key_group_config)
        if len(self.groups) >= self.limits["Key groups per account"]:
            raise ApiError("TooManyKeyGroups")
        made = Thing(self._id("g-"), key_group_config, is_deployed=False)
        self.groups[made.id] = made
        return {"KeyGroup": self._group(made), "ETag": made.etag}

    def _group(self, one: Thing) -> dict[str, Any]:
        return {"Id": one.id, "LastModifiedTime": one.changed_at, "KeyGroupConfig": one.data}

    def get_key_group(self, given: dict[str, Any]) -> dict[str, Any]:
        id_ = given["Id"]
        found = self._get(self.groups, id_, "NoSuchResource")
        return {"KeyGroup": self._group(found), "ETag": found.etag}

    def list_key_groups(self, given: dict[str, Any]) -> dict[str, Any]:
        marker = given.get("Marker", "")
        max_items = given.get("MaxItems", "100")
        some, more = self._page(self.groups, marker, int(max_items))
        items = [{"KeyGroup": self._group(one)} for one in some]
        return {"KeyGroupList": {"MaxItems": 100, "Quantity": len(items), "Items": items, "NextMarker": more}}

    def update_key_group(self, given: dict[str, Any]) -> dict[str, Any]:
        id_ = given["Id"]
        key_group_config = given["KeyGroupConfig"]
        if_match = given.get("IfMatch")
        found = self._get(self.groups, id_, "NoSuchResource")
        found.require(if_match)
        self._check_group(key_group_config, own=id_)
        found.change(key_group_config)
        return {"KeyGroup": self._group(found), "ETag": found.etag}

    def delete_key_group(self, given: dict[str, Any]) -> dict[str, Any]:
        id_ = given["Id"]
        if_match = given.get("IfMatch")
        found = self._get(self.groups, id_, "NoSuchResource")
        found.require(if_match)
        if any(id_ in groups_of(one) for thing in self.distributions.values() for one in behaviours_of(thing.data)):
            raise ApiError("ResourceInUse")
        del self.groups[id_]
        return {}

    # -- distributions

    def distribute(self, config: dict[str, Any]) -> str:
        """Have a distribution, as Terraform makes it."""
        made = Thing(self._id("E"), config, live=copy.deepcopy(config))
        self.distributions[made.id] = made
        return made.id

    def get_distribution(self, given: dict[str, Any]) -> dict[str, Any]:
        id_ = given["Id"]
        found = self._get(self.distributions, id_, "NoSuchDistribution")
        return {"Distribution": self._distribution(found), "ETag": found.etag}

    def get_distribution_config(self, given: dict[str, Any]) -> dict[str, Any]:
        id_ = given["Id"]
        found = self._get(self.distributions, id_, "NoSuchDistribution")
        return {"DistributionConfig": found.data, "ETag": found.etag}

    def update_distribution(self, given: dict[str, Any]) -> dict[str, Any]:
        id_ = given["Id"]
        distribution_config = given["DistributionConfig"]
        if_match = given.get("IfMatch")
        found = self._get(self.distributions, id_, "NoSuchDistribution")
        found.require(if_match)
        self._check_distribution(found, distribution_config)
        found.change(distribution_config)
        return {"Distribution": self._distribution(found), "ETag": found.etag}

    def _check_distribution(self, found: Thing, config: dict[str, Any]) -> None:
        if config["CallerReference"] != found.data["CallerReference"]:
            raise ApiError("IllegalUpdate")
        _quantities(config)
        listed = config["CacheBehaviors"].get("Items", [])
        if len(listed) > self.limits["Cache behaviors per distribution"]:
            raise ApiError("TooManyCacheBehaviors")
        paths = [one["PathPattern"] for one in listed]
        if len(set(paths)) < len(paths):
            raise ApiError("InvalidArgument", "two behaviours of one path")
        origins = {one["Id"] for one in config["Origins"]["Items"]}
        for one in behaviours_of(config):
            if one["TargetOriginId"] not in origins:
                raise ApiError("NoSuchOrigin")
            if len(groups_of(one)) > self.limits["Key groups associated with a cache behavior"]:
                raise ApiError("TooManyKeyGroupsAssociatedToDistribution")
            if not groups_of(one) <= self.groups.keys():
                raise ApiError("TrustedKeyGroupDoesNotExist")
        names = config.get("Aliases", {}).get("Items", [])
        if len(names) > self.limits["Alternate domain names (CNAMEs) per distribution"]:
            raise ApiError("TooManyDistributionCNAMEs")
        for name in names:
            if self.holder(name) not in (None, found):
                raise ApiError("CNAMEAlreadyExists", name)

    def _distribution(self, one: Thing) -> dict[str, Any]:
        groups = {group for found in behaviours_of(one.live) for group in groups_of(found)} & self.groups.keys()
        trusted = [
            {"KeyGroupId": group, "KeyPairIds": {"Quantity": len(keys), "Items": keys}}
            for group in sorted(groups)
            if (keys := self.groups[group].live.get("Items"))
        ]
        active = {"Enabled": bool(trusted), "Quantity": len(trusted), "Items": trusted}
        return {
            "Id": one.id,
            "ARN": f"arn:aws:cloudfront::123456789012:distribution/{one.id}",
            "Status": "Deployed" if one.is_deployed else "InProgress",
            "LastModifiedTime": one.changed_at,
            "InProgressInvalidationBatches": 0,
            "DomainName": f"d{one.id.lower()}.cloudfront.net",
            "ActiveTrustedKeyGroups": active,
            "DistributionConfig": one.data,
        }

    def holder(self, domain: str) -> Thing | None:
        """Return the distribution or the distribution tenant that has a domain."""
        for one in self.distributions.values():
            if domain in one.data.get("Aliases", {}).get("Items", []):
                return one
        return next((one for one in self.tenants.values() if domain in domains_of(one)), None)

    # -- distribution tenants

    def create_distribution_tenant(self, given: dict[str, Any]) -> dict[str, Any]:
        self._get(self.distributions, given["DistributionId"], "EntityNotFound")
        if any(one.data["Name"] == given["Name"] for one in self.tenants.values()):
            raise ApiError("EntityAlreadyExists")
        if len(self.tenants) >= self.limits["Distribution tenants per account"]:
            raise ApiError("EntityLimitExceeded")
        if not given["Domains"]:
            raise ApiError("InvalidArgument", "You must specify at least one domain.")
        self._require_free(given["Domains"], None)
        made = Thing(self._id("dt_"), {"Enabled": True, **given}, is_deployed=False)
        self.tenants[made.id] = made
        return {"DistributionTenant": self._tenant(made), "ETag": made.etag}

    def _require_free(self, domains: list[dict[str, str]], own: Thing | None) -> None:
        for one in domains:
            if self.holder(one["Domain"]) not in (None, own):
                raise ApiError("CNAMEAlreadyExists", one["Domain"])

    def _tenant(self, one: Thing) -> dict[str, Any]:
        return {
            "Id": one.id,
            "DistributionId": one.data["DistributionId"],
            "Name": one.data["Name"],
            "Arn": f"arn:aws:cloudfront::123456789012:distribution-tenant/{one.id}",
            "Domains": [
                {"Domain": domain, "Status": "active" if self._is_certified(one, domain) else "inactive"}
                for domain in domains_of(one)
            ],
            **({"Customizations": one.data["Customizations"]} if "Customizations" in one.data else {}),
            "CreatedTime": one.changed_at,
            "LastModifiedTime": one.changed_at,
            "Enabled": one.data["Enabled"],
            "Status": "Deployed" if one.is_deployed else "InProgress",
        }

    def get_distribution_tenant(self, given: dict[str, Any]) -> dict[str, Any]:
        identifier = given["Identifier"]
        found = next((one for one in self.tenants.values() if identifier in (one.id, one.data["Name"])), None)
        if found is None:
            raise ApiError("EntityNotFound")
        return {"DistributionTenant": self._tenant(found), "ETag": found.etag}

    def list_distribution_tenants(self, given: dict[str, Any]) -> dict[str, Any]:
        template = given["AssociationFilter"]["DistributionId"]
        mine = {key: one for key, one in self.tenants.items() if one.data["DistributionId"] == template}
        some, more = self._page(mine, given.get("Marker", ""), 100)
        items = [{**self._tenant(one), "ETag": one.etag} for one in some]
        return {"DistributionTenantList": items, "NextMarker": more}

    def update_distribution_tenant(self, given: dict[str, Any]) -> dict[str, Any]:
        id_ = given["Id"]
        if_match = given["IfMatch"]
        found = self._get(self.tenants, id_, "EntityNotFound")
        found.require(if_match)
        self._require_free(given.get("Domains", []), found)
        added = {one["Domain"] for one in given.get("Domains", [])} - set(domains_of(found))
        if lost := added & self.leads_elsewhere:
            said = "Could not verify Domain Name ownership. It may not be pointing to a valid CloudFront resource."
            raise ApiError("InvalidArgument", f"The provided Domain Name is not valid. {said} {', '.join(lost)}")
        found.change({**found.data, **{key: value for key, value in given.items() if key not in ("Id", "IfMatch")}})
        return {"DistributionTenant": self._tenant(found), "ETag": found.etag}

    def _is_certified(self, one: Thing, domain: str) -> bool:
        """Whether a certificate covers a tenant's domain: the template's wildcard, or the one it has of its own."""
        arn = one.data.get("Customizations", {}).get("Certificate", {}).get("Arn", "")
        return domain.endswith(COVERED) or domain in self.certificates.get(arn, ())

    def get_managed_certificate_details(self, given: dict[str, Any]) -> dict[str, Any]:
        identifier = given["Identifier"]
        found = next((one for one in self.tenants.values() if identifier in (one.id, one.data["Name"])), None)
        if found is None or "ManagedCertificateRequest" not in found.data:
            raise ApiError("EntityNotFound")
        own = {domain for domain in domains_of(found) if not domain.endswith(COVERED)} - self.without_certificate
        arn = f"arn:aws:acm:us-east-1:123456789012:certificate/{found.id}-{len(own)}"
        if own:
            self.certificates[arn] = own
        status = "issued" if own else "pending-validation"
        return {"ManagedCertificateDetails": {"CertificateArn": arn, "CertificateStatus": status}}

    def delete_distribution_tenant(self, given: dict[str, Any]) -> dict[str, Any]:
        id_ = given["Id"]
        if_match = given["IfMatch"]
        found = self._get(self.tenants, id_, "EntityNotFound")
        found.require(if_match)
        if found.data["Enabled"]:
            raise ApiError("ResourceNotDisabled")
        del self.tenants[id_]
        return {}

    def update_domain_association(self, given: dict[str, Any]) -> dict[str, Any]:
        domain = given["Domain"]
        target_resource = given["TargetResource"]
        if_match = given.get("IfMatch")
        source = self.holder(domain)
        if source is None:
            raise ApiError("EntityNotFound", f"{domain} is nobody's")
        if "DistributionTenantId" in target_resource:
            target = self._get(self.tenants, target_resource["DistributionTenantId"], "EntityNotFound")
        else:
            target = self._get(self.distributions, target_resource["DistributionId"], "EntityNotFound")
        target.require(if_match)
        # At once everywhere, as the guide says of a move within an account.
        for thing, has in ((source, False), (target, True)):
            for data in (thing.data, thing.live):
                _with_domain(data, domain, has=has)
            thing.version += 1
        return {"Domain": domain, "ResourceId": target.id, "ETag": target.etag}

    # -- quotas

    def list_service_quotas(self, given: dict[str, Any]) -> dict[str, Any]:
        service_code = given["ServiceCode"]
        return {
            "Quotas": [
                {"ServiceCode": service_code, "QuotaName": name, "Value": float(value), "Adjustable": True}
                for name, value in self.limits.items()
            ]
        }

    @staticmethod
    def _get(things: dict[str, Thing], key: str, missing: str) -> Thing:
        if key not in things:
            raise ApiError(missing, key)
        return things[key]

    @staticmethod
    def _page(things: dict[str, Thing], marker: str, size: int) -> tuple[list[Thing], str | None]:
        keys = [key for key in sorted(things) if key > marker]
        more = keys[size - 1] if len(keys) > size else None
        return [things[key] for key in keys[:size]], more


def behaviours_of(config: dict[str, Any]) -> list[dict[str, Any]]:
    """Return all behaviours of a configuration, the default one last."""
    return [*config["CacheBehaviors"].get("Items", []), config["DefaultCacheBehavior"]] if config else []


def groups_of(behaviour: dict[str, Any]) -> set[str]:
    """Return the key groups a behaviour trusts."""
    groups = behaviour.get("TrustedKeyGroups") or {}
    return set(groups.get("Items") or ()) if groups.get("Enabled") else set()


def domains_of(tenant: Thing) -> list[str]:
    """Return a distribution tenant's domains."""
    return [one["Domain"] for one in tenant.data["Domains"]]


def _with_domain(data: dict[str, Any], domain: str, *, has: bool) -> None:
    if not data:
        return
    if "Domains" in data:
        kept = [one for one in data["Domains"] if one["Domain"] != domain]
        data["Domains"] = [*kept, {"Domain": domain}] if has else kept
        return
    names = [one for one in data.get("Aliases", {}).get("Items", []) if one != domain] + ([domain] if has else [])
    data["Aliases"] = {"Quantity": len(names), "Items": names} if names else {"Quantity": 0}


def _quantities(part: Any) -> None:
    if isinstance(part, list):
        for one in part:
            _quantities(one)
    if isinstance(part, dict):
        if "Quantity" in part and part["Quantity"] != len(part.get("Items", [])):
            raise ApiError("InconsistentQuantities")
        for one in part.values():
            _quantities(one)
