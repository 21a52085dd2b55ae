"""What CloudFront's places keep of an organization that is deleted for good, and how they are made to forget it.

Nobody can sign for its films any more, so nobody is served them; but films and images are kept for up to a year, and
what was people's own is to be gone by then.
"""

from __future__ import annotations

import logging
from uuid import UUID

from media.edge import naming, registry
from media.edge.plane import Refused

_log = logging.getLogger("media.edge")


def forget(organization_id: UUID, reference: str) -> str:
    """Have all forgotten that an edge keeps of an organization; return what is waited for, or nothing once it is.

    Its objects have to be gone before, or they would be fetched again. Every shared distribution is asked: it may have
    been in another one before. So is the front distribution, which had its images until it had a place in one. Under
    the same reference it is wished once. Platform only.
    """
    plane, plan = registry.plane(), registry.plan()
    if plane is None:
        return ""  # the embedded edge keeps nothing
    paths = naming.kept(organization_id)
    try:
        done = [plane.forget(paths, f"{reference}-{pool}", distribution=pool) for pool in plan.pools]
        if plan.front:
            images = naming.kept(organization_id, of_front=True)
            done.append(plane.forget(images, f"{reference}-{plan.front}", distribution=plan.front))
        tenant = plane.tenant(naming.tenant(plan.cell, organization_id)) if plan.template else None
        if tenant is not None:
            done.append(plane.forget(paths, f"{reference}-{tenant.id}", tenant=tenant))
    except Refused as refused:
        _log.warning("edge.not_forgotten", extra={"said": str(refused)[:500]})
        return f"CloudFront was not made to forget what it keeps: {refused}"[:500]
    return "" if all(done) else "CloudFront is still forgetting what it keeps."
