"""Codes of an authenticator app (RFC 6238): six digits, thirty seconds, each good for one opening."""

from __future__ import annotations

import hmac
import io

import pyotp
import qrcode
import qrcode.image.svg
from django.db.models import Q

from core.clock import now
from staff.accounts import seals
from staff.models import StaffAccount

ISSUER = "Emerging Tech LMS staff"
STEP_SECONDS = 30
# A clock may be one step off, either way.
_DRIFT = (0, -1, 1)


def begin(account: StaffAccount) -> str:
    """Make a seed that waits for its first code, and return it in the base32 that apps take. The old one stays."""
    seed = pyotp.random_base32(32)
    StaffAccount.objects.filter(id=account.id).update(totp_pending=seals.seal(seed, account.id))
    return seed


def otpauth_url(account: StaffAccount, seed: str) -> str:
    """Return what an app reads from the picture."""
    return pyotp.TOTP(seed).provisioning_uri(name=account.email, issuer_name=ISSUER)


def qr_svg(text: str) -> str:
    """Return ``text`` as a picture that a phone can read: one SVG element, black on nothing."""
    drawn = io.BytesIO()
    qrcode.make(text, image_factory=qrcode.image.svg.SvgPathImage, border=2).save(drawn)
    svg = drawn.getvalue().decode()
    return svg[svg.index("<svg") :]


def confirm(account: StaffAccount, code: str) -> bool:
    """Take the first code of the seed that waits, which becomes the account's; return whether it fits."""
    row = StaffAccount.objects.get(id=account.id)
    if row.totp_pending is None:
        return False
    step = _step_of(seals.unseal(bytes(row.totp_pending), row.id), code)
    if step is None:
        return False
    return bool(
        StaffAccount.objects.filter(id=row.id, totp_pending=row.totp_pending).update(
            totp_sealed=row.totp_pending, totp_pending=None, totp_last_step=step
        )
    )


def verify(account: StaffAccount, code: str) -> bool:
    """Take a code; return whether it fits and has not been taken before."""
    row = StaffAccount.objects.get(id=account.id)
    if row.totp_sealed is None:
        return False
    step = _step_of(seals.unseal(bytes(row.totp_sealed), row.id), code)
    if step is None:
        return False
    # One conditional update: of two requests with one code only one finds its step untaken.
    return bool(StaffAccount.objects.filter(Q(totp_last_step__lt=step), id=row.id).update(totp_last_step=step))


def _step_of(seed: str, code: str) -> int | None:
    digits = "".join(code.split())
    if len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
        return None
    here = int(now().timestamp()) // STEP_SECONDS
    clock = pyotp.TOTP(seed)
    fitting = [here + drift for drift in _DRIFT if hmac.compare_digest(clock.at((here + drift) * STEP_SECONDS), digits)]
    return max(fitting, default=None)
