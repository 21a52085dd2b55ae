"""The key groups, read from the tables that drive CloudFront in production.

A fingerprint of the rows is asked for twice a second; only when it moves are the rows read. It is made of their
content, so it does not matter who wrote them or in which order transactions ended. Columns are named: the
edge's login need not see more (above all not the sealed private keys).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping

import psycopg2
from psycopg2 import extensions

from devstack.edge.judge import Snapshot, Tenant
from media.edge.policy import PublicKey, load_public_key
from media.edge.token import shard_id, sid_of

log = logging.getLogger("devstack.edge")

_FINGERPRINT = """
select coalesce(sum(h), 0), count(*) from (
  select hashtextextended(concat_ws('|', 'k', organization_id, kid, md5(public_pem), state), 0)::numeric as h
    from media_signingkey
  union all
  select hashtextextended(
           concat_ws('|', 'b', organization_id, state, strategy, pool, phase, other_pool, array_to_string(hosts, ',')),
           0
         )::numeric
    from media_edgebinding
  union all
  select hashtextextended(concat_ws('|', 'v', key, value), 0)::numeric from media_edgevalue
  union all
  select hashtextextended(concat_ws('|', 'r', policy_hash), 0)::numeric
    from media_revokedgrant where expires_at > now()
) rows
"""
_BINDINGS = "select organization_id::text, hosts, state, strategy, pool, phase, other_pool from media_edgebinding"
_VALUES = "select key, value from media_edgevalue"
_KEYS = """
select organization_id::text, kid, public_pem from media_signingkey where state in ('current', 'next', 'retiring')
"""
_DISTRIBUTION_TENANT, _SWITCHING = "distribution_tenant", "switching"
_REVOKED = "select policy_hash from media_revokedgrant where expires_at > now()"


class KeyReader:
    """Reads snapshots over one connection, which it makes again when it breaks. For one thread at a time."""

    def __init__(self, database_url: str) -> None:
        self._url = database_url
        self._connection: extensions.connection | None = None
        self._fingerprint: tuple[object, ...] | None = None
        self._loaded: dict[str, PublicKey] = {}
        self._lock = threading.Lock()
        self.snapshot = Snapshot()
        # When the tables were last read with success; seconds of a clock that never jumps.
        self.read_at = float("-inf")

    def refresh(self) -> bool:
        """Read what changed; return whether anything did.

        Raises:
            psycopg2.Error: the database did not answer; the last snapshot stays.
        """
        with self._lock:
            try:
                return self._refresh()
            except psycopg2.Error:
                self.close()
                raise

    def close(self) -> None:
        """Let go of the connection."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _refresh(self) -> bool:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg2.connect(
                self._url, connect_timeout=5, application_name="lms-edge", options="-c statement_timeout=5000"
            )
            self._connection.set_session(readonly=True, isolation_level="REPEATABLE READ")
        # One transaction, so that keys and bindings belong together.
        with self._connection, self._connection.cursor() as cursor:
            cursor.execute("set search_path to public")
            cursor.execute(_FINGERPRINT)
            fingerprint = cursor.fetchone()
            changed = fingerprint != self._fingerprint
            if changed:
                cursor.execute(_BINDINGS)
                bindings = cursor.fetchall()
                cursor.execute(_KEYS)
                keys = cursor.fetchall()
                cursor.execute(_REVOKED)
                revoked = frozenset(row[0] for row in cursor.fetchall())
                cursor.execute(_VALUES)
                secrets = dict(cursor.fetchall())
                sids = frozenset(sid_of(policy_hash) for policy_hash in revoked)
                self.snapshot = Snapshot(self._tenants(bindings, keys), revoked, secrets, sids)
                self._fingerprint = fingerprint
        self.read_at = time.monotonic()
        return changed

    def _tenants(
        self, bindings: list[tuple[str, list[str], str, str, str, str, str]], keys: list[tuple[str, str, str]]
    ) -> Mapping[str, Tenant]:
        groups: dict[str, dict[str, PublicKey]] = {}
        loaded: dict[str, PublicKey] = {}
        for organization, kid, pem in keys:
            try:
                # The same object as long as the key is the same: what was verified with it stays good.
                key = self._loaded.get(pem) or load_public_key(pem)
            except ValueError:
                log.warning("the public key %s cannot be used", kid)
                continue
            loaded[pem] = key
            groups.setdefault(organization, {})[kid] = key
        self._loaded = loaded
        return {
            organization: _tenant(organization, frozenset(hosts), groups, state == "revoked", *served)
            for organization, hosts, state, *served in bindings
            if state != "pending"
        }


def _tenant(
    organization: str,
    hosts: frozenset[str],
    groups: Mapping[str, Mapping[str, PublicKey]],
    revoked: bool,
    strategy: str,
    pool: str,
    phase: str,
    other_pool: str,
) -> Tenant:
    """Return what the edge that has the organization's hosts now knows of it."""
    own = groups.get(organization, {})
    if (strategy == _DISTRIBUTION_TENANT) == (phase == _SWITCHING):
        return Tenant(hosts, own, revoked)
    template = pool if strategy == _DISTRIBUTION_TENANT else other_pool
    shared = groups.get(str(shard_id(template)), {})
    # As long as a move lasts the template trusts the organization's own keys as well. It asks for a token all the same.
    return Tenant(hosts, {**shared, **own} if phase else shared, revoked, asks_token=True)
