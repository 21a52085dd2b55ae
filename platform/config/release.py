"""What has to be done, in which order, before new code may serve: the steps of a release.

The code that serves meanwhile is the one before. Every step leaves a state that both can work on, may be killed at any
moment, and may be run again; after the last one the new code may be started, process by process.
"""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any, Literal

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import ProgrammingError
from django.db.models import Max

import tenancy
from config import assets
from core.telemetry.tracebacks import text_of
from tenants.fleet import ledger
from tenants.models import SchemaRelease
from tenants.schema import releases
from tenants.schema.template import current

State = Literal["done", "skipped", "unfinished", "refused"]
STATUS: dict[State, int] = {"done": 0, "skipped": 0, "unfinished": 1, "refused": 2}
"""Exit status of the command that ended with such a step: 1 is worth another try, 2 needs a person."""
_SAID_CHARACTERS = 2000


class Refused(Exception):
    """The release must not go on; the text says why."""


class Unfinished(Exception):
    """A step has not come to its end, and may if it is run again."""


class NothingToDo(Exception):
    """The step is not needed; the text says why."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of one step, as one line of JSON."""

    step: str
    state: State
    seconds: float
    said: str

    def line(self) -> str:
        """Return it as it is printed."""
        return json.dumps({**asdict(self), "code": current().release}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name, what it is for, and what it does with the options of the fleet's runner."""

    name: str
    title: str
    run: Callable[[dict[str, Any]], str]
    for_older_code: bool = False
    """Whether it is also done when older code comes back."""


def _check(options: dict[str, Any]) -> str:
    """Hold the settings against Django's and our own rules, and the releases against the code that serves now."""
    said = io.StringIO()
    if settings.PUBLIC_SCHEME == "https":
        _call("check", deploy=True, fail_level="ERROR", stdout=said, stderr=said)
    served = _recorded()
    for release in releases.releases():
        if served and release.number > served and release.min_code > served:
            raise Refused(
                f"Release {release.number} needs the code of release {release.min_code} or later, and the one that"
                f" serves is of {served}: roll that one out first."
            )
    return f"The database knows release {served or 'none'}; this code brings {current().release}."


def _shared(options: dict[str, Any]) -> str:
    """The shared schema, roles, grants and the price list; the template of organizations that sign up from now on."""
    return _call("prepare_database", verbosity=0)


def _assets(options: dict[str, Any]) -> str:
    if not settings.ASSETS:
        raise NothingToDo("LMS_ASSETS is empty: the front door serves its own image's files.")
    try:
        return f"{assets.publish(settings.ASSETS)} files in {settings.ASSETS}"
    except assets.NothingBuilt as problem:
        raise Refused(str(problem)) from problem


def _canary(options: dict[str, Any]) -> str:
    return _migrate(options, ring="canary")


def _fleet(options: dict[str, Any]) -> str:
    return _migrate(options)


def _verify(options: dict[str, Any]) -> str:
    """Whether this code may serve every organization: what ``/readyz`` will ask of each process."""
    with tenancy.schema_owner():
        why_not = ledger.why_not_served()
        counts = dict(ledger.release_counts())
    if why_not:
        raise Unfinished(why_not)
    if settings.ASSETS:
        assets.settle(settings.ASSETS)
    return f"organizations by release: {counts}"


STEPS = (
    Step("check", "settings, and the order of releases", _check, for_older_code=True),
    Step("assets", "the built application, beside the one before", _assets, for_older_code=True),
    Step("template", "shared schema, template, price list", _shared),
    Step("canary", "the first organizations", _canary),
    Step("fleet", "all organizations", _fleet),
    Step("verify", "whether the new code may serve", _verify, for_older_code=True),
)
NAMES = tuple(step.name for step in STEPS)


def run(*, until: str = NAMES[-1], **options: Any) -> Iterator[Report]:
    """Take the steps as far as ``until``; yield what became of each, and end with the first that went wrong.

    Older code that comes back changes nothing in the database: schemas go forward only, and it can live with them or is
    told that it can't.
    """
    older = _recorded() > current().release
    for step in STEPS:
        began = time.monotonic()
        state: State = "done"
        try:
            if older and not step.for_older_code:
                raise NothingToDo(f"This code is of release {current().release}: the database is further and stays so.")
            said = step.run(options)
        except NothingToDo as reason:
            state, said = "skipped", str(reason)
        except Unfinished as reason:
            state, said = "unfinished", str(reason)
        except Refused as reason:
            state, said = "refused", str(reason)
        except Exception as error:  # noqa: BLE001 - a step that broke is told as the others are; a lock not had passes
            state, said = "unfinished", _short(text_of(error))
        yield Report(step.name, state, round(time.monotonic() - began, 2), said)
        if STATUS[state] or step.name == until:
            return


def _migrate(options: dict[str, Any], **more: Any) -> str:
    return _call("migrate_fleet", **options, **more)


def _call(command: str, **options: Any) -> str:
    """Run a command of Django's; return what it said.

    Raises:
        Refused, Unfinished: it ended with another status than 0, with what it said.
    """
    said = options.pop("stdout", io.StringIO())
    try:
        call_command(command, stdout=said, stderr=options.pop("stderr", said), **options)
    except CommandError as problem:
        # Of many complaints the worst stand first.
        raise Refused(f"{said.getvalue()}{problem}".strip()[:_SAID_CHARACTERS]) from problem
    except SystemExit as ended:
        # The fleet's runner: 1 where organizations failed or were busy, and another try may do.
        raise (Unfinished if ended.code == 1 else Refused)(_short(said.getvalue())) from ended
    return _short(said.getvalue())


def _short(said: str) -> str:
    return said.strip()[-_SAID_CHARACTERS:]


def _recorded() -> int:
    """Return the newest release that a code before wrote down; 0 where there has been none."""
    with suppress(ProgrammingError), tenancy.schema_owner():
        return SchemaRelease.objects.aggregate(newest=Max("number"))["newest"] or 0
    return 0
