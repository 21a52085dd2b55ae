"""An account with distributions as Terraform makes them, and what a deployed edge would answer to a signed request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from media.edge import policy, token
from media.edge.naming import organization_of
from media.edge.policy import Refused
from tests.support.cloudfront import server
from tests.support.cloudfront.account import KVS, Account, Thing, behaviours_of, domains_of, groups_of

SUFFIX = "lms.example"
NOBODY = "lms-nobody"
_FUNCTION = "arn:aws:cloudfront::123456789012:function/media"
_NOBODYS_KEY = Path(__file__).parents[3] / "infra/terraform/modules/edge/nobody.pem"


def behaviour(pattern: str | None, origin: str, group: str = "") -> dict[str, Any]:
    """Return a cache behaviour as GetDistribution shows it; with a key group, it asks for that one's signature."""
    methods = {"Quantity": 2, "Items": ["HEAD", "GET"], "CachedMethods": {"Quantity": 2, "Items": ["HEAD", "GET"]}}
    function = {"FunctionARN": _FUNCTION, "EventType": "viewer-request"}
    return {
        **({"PathPattern": pattern} if pattern else {}),
        "TargetOriginId": origin,
        "TrustedSigners": {"Enabled": False, "Quantity": 0},
        "TrustedKeyGroups": {"Enabled": True, "Quantity": 1, "Items": [group]}
        if group
        else {"Enabled": False, "Quantity": 0},
        "ViewerProtocolPolicy": "redirect-to-https",
        "AllowedMethods": methods,
        "SmoothStreaming": False,
        "Compress": True,
        "LambdaFunctionAssociations": {"Quantity": 0},
        "FunctionAssociations": {"Quantity": 1, "Items": [function]} if pattern else {"Quantity": 0},
        "FieldLevelEncryptionId": "",
        "CachePolicyId": "658327ea-f89d-4fab-a63d-7e88639e58f6",
    }


def origin(name: str, domain: str) -> dict[str, Any]:
    """Return an origin: a bucket, or a server of our own."""
    own = {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"}
    kind = {"S3OriginConfig": {"OriginAccessIdentity": ""}} if "s3" in domain else {"CustomOriginConfig": own}
    return {"Id": name, "DomainName": domain, "OriginPath": "", **kind}


def config(reference: str, aliases: tuple[str, ...] = (), closed_by: str = "") -> dict[str, Any]:
    """Return a distribution's configuration, as Terraform leaves it to the product.

    ``closed_by`` is the key group that nobody can sign for: a shared distribution asks for it where no organization is.
    """
    origins = [origin("app", "alb.example"), origin("media", "bucket.s3.eu-central-1.amazonaws.com")]
    made = [behaviour("/media/p/*", "media"), behaviour("/media/t/*", "app", closed_by)]
    return {
        "CallerReference": reference,
        "Aliases": {"Quantity": len(aliases), "Items": list(aliases)} if aliases else {"Quantity": 0},
        "DefaultRootObject": "",
        "Origins": {"Quantity": len(origins), "Items": origins},
        "DefaultCacheBehavior": behaviour(None, "app"),
        "CacheBehaviors": {"Quantity": len(made), "Items": made},
        "Comment": "the product's",
        "Enabled": True,
        "HttpVersion": "http2and3",
    }


class Stage:
    """The account, its address, two shared distributions, a template and the front distribution."""

    def __init__(self, account: Account, url: str) -> None:
        self.account = account
        self.url = url
        self.nobodys_key, self.nobodys_group = closed(account)
        self.pool = account.distribute(config("one", (f"*.{SUFFIX}", SUFFIX), self.nobodys_group))
        self.second = account.distribute(config("two", closed_by=self.nobodys_group))
        # What an edge keeps: by distribution and path as the behaviour's function leaves it, for no query and no cookie
        # is part of the key (Managed-CachingOptimized). Films are kept for a year.
        self.kept: set[tuple[str, str]] = set()
        account.forgotten = self._forget
        self.template = account.distribute(config("template"))
        self.front = account.distribute(config("front"))

    @property
    def settings(self) -> dict[str, Any]:
        """What the product is set to, to be at home here."""
        return {
            "MEDIA_EDGE": "cloudfront",
            "AWS_ENDPOINT_URL": self.url,
            "CLOUDFRONT_POOLS": (self.pool, self.second),
            "CLOUDFRONT_TEMPLATE": self.template,
            "CLOUDFRONT_FRONT": self.front,
            "CLOUDFRONT_FUNCTION_KEYS": KVS,
            "TENANT_SUFFIX": SUFFIX,
            "SITE_HOST": SUFFIX,
            "STAFF_HOST": f"staff.{SUFFIX}",
            "PUBLIC_SCHEME": "https",
            "PUBLIC_PORT": 443,
        }

    # -- what an edge that is deployed answers

    def ask(self, url: str, cookies: Mapping[str, str], now: float) -> str:
        """Return ``served``, or why CloudFront, its key groups and the function would refuse a request.

        Signatures and functions are asked before the cache, the origin after it: what is kept is served, whichever
        behaviour the request came by.
        """
        parts = urlsplit(url)
        thing = self._at(parts.netloc)
        if thing is None:
            return "nobody has the host"
        is_tenant = "DistributionId" in thing.data
        distribution = self.account.distributions[thing.data["DistributionId"]] if is_tenant else thing
        live = distribution.live
        found = next(one for one in behaviours_of(live) if policy.matches(one.get("PathPattern", "*"), parts.path))
        try:
            self._judge(found, parts, cookies, now, is_tenant=is_tenant)
        except Refused as refusal:
            return refusal.reason
        has_function = bool(found["FunctionAssociations"].get("Items"))
        key = (distribution.id, parts.path.removeprefix("/media") if has_function else parts.path)
        if found["TargetOriginId"] == "media":
            self.kept.add(key)
        return "served" if key in self.kept else "the application"

    def _forget(self, place: str, paths: list[str]) -> None:
        """Forget what is named as it was asked for and as the function left it: the guide recommends to name both."""
        tenant = self.account.tenants.get(place)
        distribution = tenant.data["DistributionId"] if tenant else place

        def is_named(path: str) -> bool:
            return any(path.startswith(one[:-1]) if one.endswith("*") else path == one for one in paths)

        self.kept = {
            (where, path)
            for where, path in self.kept
            if where != distribution or not (is_named(path) and is_named(f"/media{path}"))
        }

    def _judge(
        self, found: dict[str, Any], parts: Any, cookies: Mapping[str, str], now: float, *, is_tenant: bool
    ) -> None:
        header = "; ".join(f"{name}={value}" for name, value in cookies.items())
        groups = groups_of(found)
        if groups:
            given, _ = policy.presented("", header)
            live = {key for group in groups for key in self.account.groups[group].live.get("Items", [])}
            if given.key_id not in live:
                raise Refused("UnknownKey")
            key = policy.load_public_key(self.account.keys[given.key_id].data["EncodedKey"])
            url = parts.geturl()
            policy.holds(policy.verify(given, url, key), url, now=now, client="")
        if is_tenant and found["FunctionAssociations"].get("Items"):
            secrets = {key: value for key, value in self.account.values.items() if not key.startswith("r:")}
            revoked = {key.removeprefix("r:") for key in self.account.values.keys() - secrets.keys()}
            path = policy.parse_path(parts.path)
            given_token = token.presented("", header)
            token.verify(given_token, path, parts.netloc, secrets=secrets, revoked=revoked, now=now)

    def _at(self, host: str) -> Thing | None:
        wildcard = None
        for one in self.account.distributions.values():
            names = one.live.get("Aliases", {}).get("Items", [])
            if host in names:
                return one
            if f"*.{host.partition('.')[2]}" in names:
                wildcard = one
        for one in self.account.tenants.values():
            if host in domains_of(Thing("", one.live)) if one.live else False:
                return one
        return wildcard

    # -- what there is

    @property
    def made_keys(self) -> dict[str, Thing]:
        """Return the public keys there are but nobody's."""
        return {key: one for key, one in self.account.keys.items() if key != self.nobodys_key}

    @property
    def made_groups(self) -> dict[str, Thing]:
        """Return the key groups there are but nobody's."""
        return {key: one for key, one in self.account.groups.items() if key != self.nobodys_group}

    def organizations(self, distribution: str) -> dict[UUID, set[str]]:
        """Return whose behaviours a distribution has, with the key groups each trusts."""
        items = self.account.distributions[distribution].data["CacheBehaviors"].get("Items", [])
        found = ((organization_of(one["PathPattern"]), groups_of(one)) for one in items)
        return {organization: groups for organization, groups in found if organization is not None}

    def aliases(self, distribution: str) -> list[str]:
        """Return a distribution's names."""
        names: list[str] = self.account.distributions[distribution].data["Aliases"].get("Items", [])
        return names

    def assert_no_orphans(self) -> None:
        """Every public key is in one group, every group is trusted by a behaviour: nothing is left over."""
        in_groups = [key for group in self.account.groups.values() for key in group.data["Items"]]
        assert sorted(in_groups) == sorted(self.account.keys), "public keys that are in no group"
        trusted = {
            group
            for distribution in self.account.distributions.values()
            for one in behaviours_of(distribution.data)
            for group in groups_of(one)
        }
        assert trusted == self.account.groups.keys(), "key groups that nobody trusts"


def closed(account: Account) -> tuple[str, str]:
    """Return the public key that nobody has the other half of, and its group, as Terraform makes them."""
    config = {"Name": NOBODY, "CallerReference": NOBODY, "EncodedKey": _NOBODYS_KEY.read_text()}
    key = account.create_public_key({"PublicKeyConfig": config})["PublicKey"]["Id"]
    group = account.create_key_group({"KeyGroupConfig": {"Name": NOBODY, "Items": [key]}})["KeyGroup"]["Id"]
    account.deploy()
    return key, group


@contextmanager
def running() -> Iterator[Stage]:
    """Build it and serve it."""
    account = Account()
    with server.running(account) as url:
        yield Stage(account, url)
