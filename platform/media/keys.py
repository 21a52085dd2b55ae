"""Signing keys: how they are made, and how the private half is kept.

A private key is sealed under the key-encryption key for its organization and name: moved to another row it does not
open.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from core import sealing
from core.sealing import SealBroken

RSA_2048 = "rsa-2048"
P_256 = "p-256"

_VERSION = b"\x01"


@dataclass(frozen=True, slots=True)
class Signer:
    """A private key, ready to sign. ``sign`` takes a message and returns the signature over its SHA-256."""

    kid: str
    sign: Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made. ``sealed`` is what may be stored of its private half."""

    kid: str
    algorithm: str
    public_pem: str
    sealed: bytes


def new_key(organization_id: UUID, algorithm: str = P_256) -> NewKey:
    """Make a key for an organization.

    Raises:
        ValueError: the algorithm is neither ``p-256`` nor ``rsa-2048``.
    """
    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    if algorithm == P_256:
        private = ec.generate_private_key(ec.SECP256R1())
    elif algorithm == RSA_2048:
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    else:
        raise ValueError(f"unknown algorithm: {algorithm}")
    # The form CloudFront gives its public keys: K and 13 letters and digits.
    kid = "K" + base64.b32encode(secrets.token_bytes(9)).decode("ascii")[:13]
    public_pem = private.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    der = private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return NewKey(kid, algorithm, public_pem.decode("ascii"), seal(der, organization_id, kid))


def signer(sealed: bytes, organization_id: UUID, kid: str) -> Signer:
    """Open a sealed key for signing.

    Raises:
        SealBroken: it does not open.
    """
    private = serialization.load_der_private_key(unseal(sealed, organization_id, kid), password=None)
    if isinstance(private, ec.EllipticCurvePrivateKey):
        curve_key = private
        return Signer(kid, lambda message: curve_key.sign(message, ec.ECDSA(hashes.SHA256())))
    if isinstance(private, rsa.RSAPrivateKey):
        rsa_key = private
        return Signer(kid, lambda message: rsa_key.sign(message, padding.PKCS1v15(), hashes.SHA256()))
    raise SealBroken(f"The key {kid} is of a kind that does not sign.")


def seal(private_der: bytes, organization_id: UUID, kid: str) -> bytes:
    """Return the bytes in which a private key may be stored."""
    return _VERSION + sealing.close(private_der, _context(organization_id, kid))


def unseal(sealed: bytes, organization_id: UUID, kid: str) -> bytes:
    """Undo :func:`seal`.

    Raises:
        SealBroken: it does not open.
    """
    return sealing.open_box(_box(sealed), _context(organization_id, kid))


def renewed(sealed: bytes, organization_id: UUID, kid: str) -> bytes | None:
    """Return what is sealed here, sealed anew by the present key; None where that key sealed it.

    Raises:
        SealBroken: it does not open.
    """
    box = sealing.renewed(_box(sealed), _context(organization_id, kid))
    return None if box is None else _VERSION + box


def _box(sealed: bytes) -> bytes:
    sealed = bytes(sealed)
    if sealed[:1] != _VERSION:
        raise SealBroken("unknown form")
    return sealed[1:]


def _context(organization_id: UUID, kid: str) -> bytes:
    return b"lms.media.signing-key|" + organization_id.bytes + kid.encode("ascii")
