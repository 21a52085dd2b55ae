"""Which parts make up the stack, and what each of them waits for."""

from __future__ import annotations

from collections.abc import Callable, Collection

from devstack.credentials import Credentials
from devstack.part import Part
from devstack.parts import front_door, mailbox, media, postgres, product, schema, stripe, valkey
from devstack.settings import EXTERNAL, Settings, SettingsError

_BUILDERS: dict[str, Callable[[Settings, Credentials], Part | list[Part]]] = {
    "postgres": postgres.part,
    "valkey": valkey.part,
    "schema": schema.part,
    "s3": media.s3,
    "edge": media.edge,
    "mailbox": mailbox.part,
    "stripe": stripe.part,
    "sandbox": product.sandbox,
    "web": product.web,
    "worker": product.worker,
    "provisioner": product.provisioner,
    "archivist": product.archivist,
    "media": product.media_worker,
    "dispatcher": product.dispatcher,
    "front": front_door.part,
    "monitor": product.monitor,
}
NAMES = tuple(_BUILDERS)


def build(settings: Settings, credentials: Credentials, chosen: Collection[str] = NAMES) -> list[Part]:
    """The chosen parts, in the order in which a person wants to read about them. ``web`` stands for all its groups.

    A part that the user replaced by an address of their own is left out.

    Raises:
        SettingsError: a name that is no part.
        PartFailed: a part cannot run on this machine as it is set up.
    """
    unknown = set(chosen) - set(NAMES)
    if unknown:
        raise SettingsError(f"There is no part {', '.join(sorted(unknown))}. The parts are: {', '.join(NAMES)}.")
    replaced = {part for variable, (_, part) in EXTERNAL.items() if variable in settings.external}
    wanted = [make for name, make in _BUILDERS.items() if name in chosen and name not in replaced]
    made = [make(settings, credentials) for make in wanted]
    return [part for some in made for part in (some if isinstance(some, list) else [some])]
