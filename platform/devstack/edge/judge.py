"""The decision: may this request have this file? Pure but for the cache of signatures that were found good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from media.edge import policy, token
from media.edge.policy import Policy, PublicKey, Refused

_CACHE_MAX = 4096


@dataclass(frozen=True, slots=True)
class Tenant:
    """What the edge knows of one organization: its hosts, and the keys that may sign for its path.

    ``asks_token`` says that a signature is not enough: these are its distribution tenant's keys, which others share.
    """

    hosts: frozenset[str]
    keys: Mapping[str, PublicKey]
    revoked: bool = False
    asks_token: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything the edge knows, as one reading of the tables.

    Organizations by id, revoked grants by policy hash and by the id that tokens have of it, and what the function of
    distribution tenants looks up: secrets by organization.
    """

    tenants: Mapping[str, Tenant] = field(default_factory=dict)
    revoked_grants: frozenset[str] = frozenset()
    secrets: Mapping[str, str] = field(default_factory=dict)
    revoked_sids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the front door received it: path and query undecoded, the Host header, the cookies, the client."""

    uri: str
    host: str
    cookies: str
    client: str


@dataclass(frozen=True, slots=True)
class _Verified:
    """A signature that was found good, by which key and for which organization."""

    organization: str
    key_id: str
    key: PublicKey
    policy: Policy
    rest: str


class Judge:
    """Judges requests against a snapshot.

    Only the costly part is remembered: that a key signed a policy. Whether the key is still in the group, the policy
    has not ended, covers this URL and was not revoked is asked for every request.
    """

    def __init__(self, scheme: str) -> None:
        self._scheme = scheme
        self._verified: dict[tuple[str, str, str], _Verified] = {}

    def judge(self, asked: Asked, snapshot: Snapshot, now: float) -> str:
        """Return the hash of the policy by which the request may be served.

        Raises:
            Refused: with the reason.
        """
        raw_path, mark, query = asked.uri.partition("?")
        path = policy.parse_path(raw_path)
        if mark and not query:
            raise Refused("NotCanonical")
        tenant = snapshot.tenants.get(path.organization)
        if tenant is None:
            # Said like a key nobody knows: who has an account here is not told to who asks.
            raise Refused("UnknownKey")
        host, netloc = policy.parse_netloc(asked.host)
        if host not in tenant.hosts:
            raise Refused("WrongHost")
        if tenant.revoked:
            raise Refused("TenantRevoked")
        # A canned policy is over the URL, so it is remembered by it; others by what carries them.
        carrier = (asked.host, query, "" if _signed_by_query(query) else asked.cookies)
        known = self._verified.get(carrier)
        if known is None or known.organization != path.organization or tenant.keys.get(known.key_id) is not known.key:
            known = self._verify(asked, path, netloc, tenant)
            if not known.policy.canned:
                self._remember(carrier, known)
        url = f"{self._scheme}://{netloc}{raw_path}"
        if known.rest:
            url += f"?{known.rest}"
        policy.holds(known.policy, url, now=now, client=asked.client)
        if tenant.asks_token:
            given = token.presented(query, asked.cookies)
            token.verify(given, path, netloc, secrets=snapshot.secrets, revoked=snapshot.revoked_sids, now=now)
        if known.policy.hash in snapshot.revoked_grants:
            raise Refused("GrantRevoked")
        return known.policy.hash

    def _verify(self, asked: Asked, path: policy.MediaPath, netloc: str, tenant: Tenant) -> _Verified:
        given, rest = policy.presented(asked.uri.partition("?")[2], asked.cookies)
        key = tenant.keys.get(given.key_id)
        if key is None:
            raise Refused("UnknownKey")
        url = f"{self._scheme}://{netloc}{path.text}" + (f"?{rest}" if rest else "")
        found = policy.verify(given, url, key)
        if not policy.inside_tenant(found.resource, self._scheme, netloc, path.organization):
            raise Refused("ResourceMismatch")
        return _Verified(path.organization, given.key_id, key, found, rest)

    def _remember(self, carrier: tuple[str, str, str], verified: _Verified) -> None:
        if len(self._verified) >= _CACHE_MAX:
            for old in list(self._verified)[: _CACHE_MAX // 4]:
                del self._verified[old]
        self._verified[carrier] = verified


def _signed_by_query(query: str) -> bool:
    return bool(query) and any(item.partition("=")[0] in policy.PARAMETERS for item in query.split("&"))
