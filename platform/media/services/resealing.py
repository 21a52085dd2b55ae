"""Signing keys and secrets of the edge, sealed anew under another key-encryption key: ``manage.py reseal``."""

from __future__ import annotations

from core.resealing import Sealed
from media import keys
from media.models.keys import EdgeSecret, SigningKey


def _key(row: SigningKey) -> bool:
    box = keys.renewed(bytes(row.sealed_private_key), row.organization_id, row.kid)
    row.sealed_private_key = box or row.sealed_private_key
    return box is not None


def _secret(row: EdgeSecret) -> bool:
    box = keys.renewed(bytes(row.sealed_secret), row.organization_id, row.id.hex)
    row.sealed_secret = box or row.sealed_secret
    return box is not None


SIGNING_KEYS = Sealed("signing keys", SigningKey.objects.all, _key, ("sealed_private_key",))
EDGE_SECRETS = Sealed("secrets of the edge", EdgeSecret.objects.all, _secret, ("sealed_secret",))
