"""Which edge serves: one object a process. ``LMS_MEDIA_EDGE`` says whether it is CloudFront."""

from __future__ import annotations

from functools import lru_cache

from django.conf import settings

from media.edge.control import EdgeControl
from media.edge.interface import MediaEdge
from media.edge.local import POOL, RowsAreEnough
from media.edge.marked import MarkedRows
from media.edge.plane import ControlPlane
from media.edge.rows import RowsEdge
from media.edge.settling import Plan, Settling
from media.edge.shared_writer import Names

CLOUDFRONT = "cloudfront"


@lru_cache(maxsize=1)
def _control() -> EdgeControl:
    if settings.MEDIA_EDGE == CLOUDFRONT:
        return MarkedRows(settings.CLOUDFRONT_POOLS, settings.CLOUDFRONT_TEMPLATE)
    return RowsAreEnough()


@lru_cache(maxsize=1)
def rows_edge() -> RowsEdge:
    """Return the edge over its rows."""
    return RowsEdge(_control())


def media_edge() -> MediaEdge:
    """Return the edge of this installation."""
    return rows_edge()


def template() -> str:
    """Return the distribution whose distribution tenants share a signing key; empty where there is none."""
    return str(settings.CLOUDFRONT_TEMPLATE) if settings.MEDIA_EDGE == CLOUDFRONT else POOL


def plane() -> ControlPlane | None:
    """Return CloudFront's control plane; None where another edge serves."""
    if settings.MEDIA_EDGE != CLOUDFRONT:
        return None
    from media.aws.cloudfront import control_plane  # boto3's models cost a web process 20 MB that it has no use for

    return control_plane()


def settling() -> Settling | None:
    """Return what makes CloudFront hold the rows; None where the edge reads them by itself."""
    found = plane()
    return None if found is None else Settling(found, rows_edge(), _control(), plan())


def plan() -> Plan:
    """Return what of CloudFront is this cell's."""
    reserved = frozenset((settings.SITE_HOST, settings.STAFF_HOST, settings.CONTENT_SUFFIX, settings.DOMAIN_TARGET))
    return Plan(
        pools=settings.CLOUDFRONT_POOLS,
        template=settings.CLOUDFRONT_TEMPLATE,
        front=settings.CLOUDFRONT_FRONT,
        media_origin=settings.CLOUDFRONT_ORIGIN_MEDIA,
        cell=settings.CELL,
        names=Names(settings.TENANT_SUFFIX, reserved),
    )


def forget() -> None:
    """Read the settings again: for tests, and for commands that change them."""
    _control.cache_clear()
    rows_edge.cache_clear()
