"""The public status page: rendered by the server, without a script, and as a copy that stands when nobody renders.

The copy is written by the monitor, which walks as learners do and so knows of an outage that the database and the web
server cannot speak of. Whoever is left serves it: the web server while the database is away, the front door while the
web server is.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import get_template, render_to_string

import tenancy
from config.shell import PLATFORM_NAME
from core.clock import now
from core.http.problems import OUTAGES
from core.objects import object_store
from staff.models import Incident, IncidentUpdate
from staff.status import services
from staff.status.parts import PARTS
from tenancy.hosts import public_url

COPY = "status.html"
STORE = "store"
_SHORT_DAYS = 30
_STEP = 9.25  # of a day in the picture
# Of a thousand checks of a day: with less it was not a day like others, and with less than that it was a bad one.
_GOOD_DAY, _FAIR_DAY = 995, 950

_TITLES = {
    services.GOOD: "Everything works",
    services.DEGRADED: "Part of the product does not work as it should",
    services.DOWN: "Something is down",
    services.MAINTENANCE: "Maintenance is going on",
    services.UNKNOWN: "We cannot say how everything does right now",
}
_STATES = {
    services.GOOD: "Works",
    services.DEGRADED: "Not as it should be",
    services.DOWN: "Down",
    services.MAINTENANCE: "In maintenance",
    services.UNKNOWN: "Not checked lately",
}
_IMPACTS = {
    Incident.Impact.DEGRADED: ("Not as it should be", services.DEGRADED),
    Incident.Impact.OUTAGE: ("Down", services.DOWN),
    Incident.Impact.MAINTENANCE: ("Maintenance", services.MAINTENANCE),
}
_SAID = {
    IncidentUpdate.State.INVESTIGATING: "Looking into it",
    IncidentUpdate.State.IDENTIFIED: "Cause found",
    IncidentUpdate.State.WATCHING: "Watching",
    IncidentUpdate.State.RESOLVED: "Over",
}


@dataclass(frozen=True, slots=True)
class Copy:
    """What the page shows where the database cannot be asked: the parts as one walk found them, and nothing else."""

    state: str
    as_of: datetime
    checked_at: datetime
    parts: Sequence[services.PartLine]
    is_copy: bool = True
    going_on: tuple[Incident, ...] = ()
    coming: tuple[Incident, ...] = ()
    past: tuple[Incident, ...] = ()


def view(request: HttpRequest) -> HttpResponse:
    """The page. While the database is away, the monitor's last copy; where there is none, the refusal stands."""
    try:
        with tenancy.platform():
            page = services.page()
    except OUTAGES:
        copy = last_copy()
        if copy is None:
            raise
        response = HttpResponse(copy, status=503)
        # A page cannot say this of itself, only its answer can.
        response["Content-Security-Policy"] = f"{_policy()}; frame-ancestors 'none'"
    else:
        nonce = request.csp_nonce  # type: ignore[attr-defined]
        response = HttpResponse(_rendered(page, nonce=nonce))
    response["Cache-Control"] = "no-store"
    return response


def render(page: services.Page | Copy) -> str:
    """Return the page as a copy: it carries its own policy, for whoever serves it knows of none."""
    return _rendered(page, policy=_policy())


def without_database(checks: Iterable[services.Check]) -> Copy:
    """Return what the page can say of a walk alone. The database that does not answer counts as work being down."""
    at = now()
    found = {check.key: check.is_good for check in checks} | {"work": False}
    states = {True: services.GOOD, False: services.DOWN, None: services.UNKNOWN}
    lines = [services.PartLine(key, name, states[found.get(key)], (), None) for key, name in PARTS.items()]
    return Copy(services.DOWN, at, at, lines)


def keep_copy(html: str) -> None:
    """Leave the copy where the web server and the front door find it (``LMS_STATUS_COPY``).

    With ``store`` it is an object of the monitor's own store, which a name beside the product's leads to: for a product
    behind a front door that may be away as well.

    Raises:
        OSError: it cannot be written. core.errors.Unavailable: the store does not answer.
    """
    if settings.STATUS_COPY == STORE:
        object_store().put_bytes(COPY, html.encode(), content_type="text/html; charset=utf-8", cache_control="no-store")
        return
    path = Path(settings.STATUS_COPY) / COPY
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".new").write_text(html)
    path.with_suffix(".new").replace(path)


def last_copy() -> str | None:
    """Return the copy, None where nobody keeps one."""
    if settings.STATUS_COPY and settings.STATUS_COPY != STORE:
        with contextlib.suppress(OSError):
            return (Path(settings.STATUS_COPY) / COPY).read_text()
    return None


@lru_cache(maxsize=1)
def _css() -> str:
    origin = get_template("config/status.html").template.origin  # type: ignore[attr-defined]
    return Path(origin.name).with_name("status.css").read_text()


def _policy() -> str:
    digest = base64.b64encode(hashlib.sha256(_css().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _rendered(page: services.Page | Copy, *, nonce: str = "", policy: str = "") -> str:
    shown = SimpleNamespace(
        state=page.state,
        as_of=page.as_of,
        checked_at=page.checked_at,
        is_copy=isinstance(page, Copy),
        parts=[_part(line) for line in page.parts],
        going_on=[_incident(one, page.as_of) for one in page.going_on],
        coming=[_incident(one, page.as_of) for one in page.coming],
        past=[_incident(one, page.as_of) for one in page.past],
    )
    return render_to_string(
        "config/status.html",
        {
            "page": shown,
            "words": {"title": _TITLES[page.state]},
            "name": PLATFORM_NAME,
            "css": _css(),
            "nonce": nonce,
            "policy": policy,
            "site_url": public_url(settings.SITE_HOST),
            "site_words": settings.SITE_HOST,
        },
    )


def _part(line: services.PartLine) -> SimpleNamespace:
    days = [_day(day, at) for at, day in enumerate(line.days)]
    checked = [day for day in days if day.mark]
    share = f"{line.good_permille / 10:.1f} % of checks good" if line.good_permille is not None else "Not checked yet"
    return SimpleNamespace(
        name=line.name,
        state=line.state,
        words=_STATES[line.state],
        days=days,
        last_days=days[-_SHORT_DAYS:],
        share_words=share,
        days_words=f"{share}, over {len(checked)} day{'' if len(checked) == 1 else 's'}",
    )


def _day(day: services.Day, at: int) -> SimpleNamespace:
    good = day.good_permille
    mark = "" if good is None else "g" if good >= _GOOD_DAY else "d" if good >= _FAIR_DAY else "b"
    said = "not checked" if good is None else f"{good / 10:.1f} % of checks went well"
    short = at - (services.DAYS - _SHORT_DAYS)
    return SimpleNamespace(
        x=round(at * _STEP, 2), short_x=round(short * _STEP, 2), mark=mark, words=f"{day.day:%-d %B}: {said}"
    )


def _incident(one: Incident, at: datetime) -> SimpleNamespace:
    words, state = _IMPACTS[Incident.Impact(one.impact)]
    return SimpleNamespace(
        title=one.title,
        state=state if one.resolved_at is None else "",
        impact_words=words,
        parts_words=", ".join(PARTS[key] for key in one.parts if key in PARTS),
        when_words=_when(one, at),
        updates=[
            SimpleNamespace(state_words=_said(one, said), body=said.body, at=said.at) for said in one.updates.all()
        ],
    )


def _said(one: Incident, said: IncidentUpdate) -> str:
    if one.impact == Incident.Impact.MAINTENANCE and said.state != IncidentUpdate.State.RESOLVED:
        return "Announced" if said.at < one.started_at else "At work"
    return _SAID[IncidentUpdate.State(said.state)]


def _when(one: Incident, at: datetime) -> str:
    start = f"{one.started_at:%-d %B, %H:%M} UTC"
    if one.resolved_at is None:
        return f"{'from' if one.started_at > at else 'since'} {start}"
    return f"{start}, lasted {_length(one.resolved_at - one.started_at)}"


def _length(spent: timedelta) -> str:
    minutes = max(1, round(spent.total_seconds() / 60))
    hours, minutes = divmod(minutes, 60)
    parts: list[Any] = [f"{hours} h"] if hours else []
    return " ".join([*parts, f"{minutes} min"] if minutes or not hours else parts)
