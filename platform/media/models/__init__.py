"""Tables of the media service, all in the shared schema."""

from media.models.keys import EdgeBinding, Namespace, RevokedGrant, SigningKey

__all__ = ["EdgeBinding", "Namespace", "RevokedGrant", "SigningKey"]
