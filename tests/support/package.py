"""Puts a package of user-made content into a running product's store and says where its page may be framed.

python -m tests.support.package <organization id> name=file …
"""

from __future__ import annotations

import sys
from pathlib import Path
from uuid import UUID

import django


def keep(organization_id: UUID, files: dict[str, bytes]) -> str:
    """Return the address of the package's ``index.html``."""
    import tenancy
    from core.ids import new_id
    from media.prefixes import package_prefix
    from media.services.content import content_url
    from media.services.objects import store

    file_id, rev = new_id(), new_id()
    for name, body in files.items():
        # Types are ours to say: what the uploader claims is kept and never believed.
        store().put_bytes(
            package_prefix(organization_id, file_id, rev) + name, body, content_type="text/html", cache_control=""
        )
    with tenancy.bind(organization_id):
        return content_url(file_id, rev)


if __name__ == "__main__":
    django.setup()
    print(
        keep(
            UUID(sys.argv[1]),
            {name: Path(file).read_bytes() for name, _, file in (given.partition("=") for given in sys.argv[2:])},
        )
    )
