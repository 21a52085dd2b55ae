"""Refusals of what a signed-in person tried: kept, but never so many that they hide the rest."""

from __future__ import annotations

from django.core.cache import cache
from django.db import connection, transaction

import tenancy
from apps.audit.services import record
from core import acting

HOUR_SECONDS = 3600
# Different refusals an hour: of one person, and of a whole organization. The same one counts once an hour.
KEPT_OF_ONE, KEPT_OF_ALL = 30, 300


def note(*, method: str, route: str, needs: str, code: str) -> None:
    """Keep that whoever acts was refused ``method`` on ``route``. Does nothing for visitors and outside organizations.

    Called after the refusal, with no transaction open: the refused one is rolled back, and the entry stays.
    """
    who = acting.current()
    if who.id is None or tenancy.current_or_none() is None or connection.needs_rollback or _in_transaction():
        return
    if tenancy.is_frozen():
        return
    key = f"audit:denied:{who.id}"
    if not cache.add(f"{key}:{method}:{route}:{code}", 1, HOUR_SECONDS):
        return
    if _count(key) > KEPT_OF_ONE or _count("audit:denied") > KEPT_OF_ALL:
        return
    with transaction.atomic():
        tried = {"request": f"{method} {route}", "needs": needs, "code": code}
        record("audit.permission.denied", changes={name: value for name, value in tried.items() if value})


def _in_transaction() -> bool:
    # A transaction of the product that is still open here is about to be rolled back, and the entry with it.
    return any(not getattr(block, "_from_testcase", False) for block in connection.atomic_blocks)


def _count(key: str) -> int:
    if cache.add(key, 1, HOUR_SECONDS):
        return 1
    try:
        return int(cache.incr(key))
    except ValueError:  # it expired in between
        cache.set(key, 1, HOUR_SECONDS)
        return 1
