"""Keys and secrets as rows: made before they are needed, trusted before they sign, kept while what they signed holds.

The caller holds the lock of the rows' owner. An owner is an organization, or the shard of a template's tenants.
"""

from __future__ import annotations

import secrets
from uuid import UUID

from django.db.models import QuerySet

from core.clock import now
from core.ids import new_id
from media import keys
from media.edge.grants import ALL_ENDED_AFTER
from media.edge.interface import NoKeyGroup, NotDeployedYet
from media.keys import Signer
from media.models.keys import EdgeSecret, SigningKey

_Key = SigningKey.State
_Secret = EdgeSecret.State
TRUSTED = (_Key.NEXT, _Key.CURRENT, _Key.RETIRING)
_SECRET_BYTES = 32
# CloudFront takes five public keys in a key group, and next and current are two of them.
_MOST_RETIRING = 3


def fill(owner: UUID, algorithm: str) -> None:
    """Make the current and the next key where one is missing."""
    for state in (_Key.CURRENT, _Key.NEXT):
        if not SigningKey.objects.filter(organization_id=owner, state=state).exists():
            _add(owner, algorithm, state)


def rotate(owner: UUID, algorithm: str, *, at_once: bool, trusted: bool) -> None:
    """Let the next key be the current one, and make another next one. ``trusted``: rows are trusted as they are.

    Raises:
        NotDeployedYet: the next key is not trusted everywhere, or too many of before still run out, and the old one
            does not have to go ``at_once``.
    """
    group = SigningKey.objects.select_for_update().filter(organization_id=owner)
    upcoming = group.filter(state=_Key.NEXT).first()
    if upcoming is not None and not trusted and not at_once and upcoming.trusted_at is None:
        raise NotDeployedYet(f"The edge does not trust the next key of {owner} yet.")
    if not trusted and not at_once and group.filter(state=_Key.RETIRING).count() >= _MOST_RETIRING:
        raise NotDeployedYet(f"What earlier keys of {owner} signed has not ended yet.")
    if at_once:
        group.filter(state__in=(_Key.CURRENT, _Key.RETIRING)).update(state=_Key.REVOKED)
    else:
        group.filter(state=_Key.CURRENT).update(state=_Key.RETIRING, retires_at=now() + ALL_ENDED_AFTER)
    if not group.filter(state=_Key.NEXT).update(state=_Key.CURRENT, signs_since=now()):
        _add(owner, algorithm, _Key.CURRENT)
    _add(owner, algorithm, _Key.NEXT)


def begin_anew(owner: UUID, algorithm: str) -> None:
    """Give an owner other keys and secrets, for an edge that knows none of those it had."""
    group(owner).update(state=_Key.REVOKED)
    EdgeSecret.objects.filter(organization_id=owner).delete()
    fill(owner, algorithm)


def signer(owner: UUID, *, only_trusted: bool) -> Signer:
    """Return the key that signs, under the name the edge has for it.

    Raises:
        NoKeyGroup: there is none. NotDeployedYet: there is one that the edge does not trust yet.
    """
    key = SigningKey.objects.filter(organization_id=owner, state=_Key.CURRENT).first()
    if key is None:
        raise NoKeyGroup(f"There is no key that may sign for {owner}.")
    if only_trusted and key.trusted_at is None:
        raise NotDeployedYet(f"The edge does not trust the current key of {owner} yet.")
    opened = keys.signer(bytes(key.sealed_private_key), owner, key.kid)
    return Signer(key.public_key_id or key.kid, opened.sign)


def group(owner: UUID) -> QuerySet[SigningKey]:
    """Return the keys that the edge has to trust for an owner."""
    return SigningKey.objects.filter(organization_id=owner, state__in=TRUSTED)


def fill_secrets(organization_id: UUID) -> None:
    """Make the organization's current and next secret where one is missing."""
    for state in (_Secret.CURRENT, _Secret.NEXT):
        if not EdgeSecret.objects.filter(organization_id=organization_id, state=state).exists():
            _add_secret(organization_id, state)


def rotate_secret(organization_id: UUID, *, at_once: bool, trusted: bool) -> None:
    """Let the next secret be the current one, as :func:`rotate` does for keys.

    Raises:
        NotDeployedYet: the edge's function does not know the next one yet, or what the one before signed has not ended.
    """
    rows = EdgeSecret.objects.select_for_update().filter(organization_id=organization_id)
    upcoming = rows.filter(state=_Secret.NEXT).first()
    if upcoming is not None and not trusted and not at_once and not _is_known(upcoming):
        raise NotDeployedYet(f"The edge does not know the next secret of {organization_id} yet.")
    if at_once:
        rows.exclude(state=_Secret.NEXT).delete()
    elif rows.filter(state=_Secret.RETIRING).exists():
        raise NotDeployedYet(f"What the last secret of {organization_id} signed has not ended yet.")
    else:
        rows.filter(state=_Secret.CURRENT).update(state=_Secret.RETIRING, retires_at=now() + ALL_ENDED_AFTER)
    rows.filter(state=_Secret.NEXT).update(state=_Secret.CURRENT)
    fill_secrets(organization_id)


def secret(organization_id: UUID, *, only_trusted: bool) -> str:
    """Return the secret that signs tokens.

    Raises:
        NoKeyGroup: there is none. NotDeployedYet: the edge's function does not know it yet.
    """
    row = EdgeSecret.objects.filter(organization_id=organization_id, state=_Secret.CURRENT).first()
    if row is None:
        raise NoKeyGroup(f"The organization {organization_id} has no secret.")
    if only_trusted and not _is_known(row):
        raise NotDeployedYet(f"The edge does not know the secret of {organization_id} yet.")
    return _open(row)


def are_known(organization_id: UUID) -> bool:
    """Return whether every place of the edge has read all of an organization's secrets."""
    rows = list(EdgeSecret.objects.filter(organization_id=organization_id))
    return bool(rows) and all(_is_known(row) for row in rows)


def known_secrets(organization_id: UUID) -> str:
    """Return what the function's store has to hold for an organization: its secrets by comma, the newest first."""
    rows = EdgeSecret.objects.filter(organization_id=organization_id).order_by("-created_at", "-id")
    return ",".join(_open(row) for row in rows)


def _add(owner: UUID, algorithm: str, state: str) -> None:
    made = keys.new_key(owner, algorithm)
    SigningKey.objects.create(
        organization_id=owner,
        kid=made.kid,
        algorithm=made.algorithm,
        public_pem=made.public_pem,
        sealed_private_key=made.sealed,
        state=state,
        signs_since=now() if state == _Key.CURRENT else None,
    )


def _add_secret(organization_id: UUID, state: str) -> None:
    secret_id = new_id()
    text = secrets.token_urlsafe(_SECRET_BYTES)
    sealed = keys.seal(text.encode("ascii"), organization_id, secret_id.hex)
    EdgeSecret.objects.create(id=secret_id, organization_id=organization_id, sealed_secret=sealed, state=state)


def _is_known(row: EdgeSecret) -> bool:
    """Whether every place of the edge has read the secret: the store says so only by time."""
    return row.trusted_at is not None and row.trusted_at <= now()


def _open(row: EdgeSecret) -> str:
    return keys.unseal(bytes(row.sealed_secret), row.organization_id, row.id.hex).decode("ascii")
