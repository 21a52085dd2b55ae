"""MediaConvert over boto3: a job is placed, asked after, looked for and called off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar, cast

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

if TYPE_CHECKING:
    from mypy_boto3_mediaconvert import MediaConvertClient

T = TypeVar("T")

# Errors of the service's model that the same request meets again.
_REFUSALS = ("BadRequestException", "ForbiddenException", "NotFoundException")
_TERMINAL = ("COMPLETE", "ERROR", "CANCELED")
_PAGES = 5  # of twenty jobs each, newest first, in which a lost answer is looked for
# MediaConvert's error codes that say something about the file (User Guide, "Error codes"): no picture, no sound,
# unknown codec, broken container, early end, sound that can't be decoded.
INPUT_ERRORS = frozenset({1020, 1021, 1030, 1075, 1076, 1092})


class ServiceAway(Exception):
    """The service did not answer, or has no time for us: whether it did what was asked is not known."""


class ServiceRefused(Exception):
    """The service will not do this, however often it is asked."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(f"{code}: {message}")


@dataclass(frozen=True, slots=True)
class Said:
    """What the service says of one job."""

    remote_id: str
    status: str
    percent: int | None
    error_code: int | None
    error_message: str

    @property
    def is_final(self) -> bool:
        """Whether nothing follows."""
        return self.status in _TERMINAL


def create(request: dict[str, Any]) -> Said:
    """Place a job. Within a minute the same ``ClientRequestToken`` is answered with the job that it made before.

    Raises:
        ServiceRefused, ServiceAway.
    """
    answer = _call(lambda: client().create_job(**request))
    return _said(cast(dict[str, Any], answer["Job"]))


def get(remote_id: str) -> Said | None:
    """Return what the service says of a job; None where it knows none of this id.

    Raises:
        ServiceAway: it does not say.
    """
    try:
        answer = _call(lambda: client().get_job(Id=remote_id))
    except ServiceRefused as refused:
        if refused.code == "NotFoundException":
            return None
        raise ServiceAway(str(refused)) from refused
    return _said(cast(dict[str, Any], answer["Job"]))


def find(*, source_url: str, token: str) -> Said | None:
    """Return the job that was placed with this token, among those made of this file.

    A token is worth nothing to ``create`` after a minute; the job keeps it.

    Raises:
        ServiceAway: it does not say.
    """
    page: dict[str, Any] = {}
    for _ in range(_PAGES):
        wanted = {"InputFile": source_url, "Order": "DESCENDING", "MaxResults": 20, **page}
        try:
            answer = _call(lambda: client().search_jobs(**wanted))  # noqa: B023 - called before the next page
        except ServiceRefused as refused:
            raise ServiceAway(str(refused)) from refused
        for job in cast(list[dict[str, Any]], answer.get("Jobs", [])):
            if job.get("ClientRequestToken") == token:
                return _said(job)
        if not answer.get("NextToken"):
            return None
        page = {"NextToken": answer["NextToken"]}
    return None


def cancel(remote_id: str) -> None:
    """Call a job off. One that has ended already, or that nobody knows, is off.

    Raises:
        ServiceAway: it may still run.
    """
    try:
        _call(lambda: client().cancel_job(Id=remote_id))
    except ServiceRefused as refused:
        if refused.code == "ForbiddenException":
            raise ServiceAway(str(refused)) from refused
    except ServiceAway as away:
        # A conflict may mean that it has ended meanwhile; the model does not say. The job itself does.
        cause = away.__cause__
        if not isinstance(cause, ClientError) or cause.response["Error"]["Code"] != "ConflictException":
            raise
        said = get(remote_id)
        if said is not None and not said.is_final:
            raise


def queue_state(queue: str) -> str:
    """Return the state of a queue (``ACTIVE`` or ``PAUSED``) with how many jobs run and wait in it.

    Raises:
        ServiceRefused, ServiceAway.
    """
    name = queue.rpartition("/")[2]
    found = cast(dict[str, Any], _call(lambda: client().get_queue(Name=name))["Queue"])
    running, waiting = found.get("ProgressingJobsCount", 0), found.get("SubmittedJobsCount", 0)
    return f"{found.get('Status')}, {running} running, {waiting} waiting"


@lru_cache(maxsize=1)
def client() -> MediaConvertClient:
    """Return the client of this installation's region."""
    return boto3.client(
        "mediaconvert",
        region_name=settings.AWS_REGION or None,
        endpoint_url=settings.AWS_ENDPOINT_URL or None,
        config=Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "max_attempts": 3}),
    )


def _said(job: dict[str, Any]) -> Said:
    return Said(
        remote_id=job["Id"],
        status=job["Status"],
        percent=job.get("JobPercentComplete"),
        error_code=job.get("ErrorCode"),
        error_message=job.get("ErrorMessage", ""),
    )


def _call(operation: Callable[[], T]) -> T:
    try:
        return operation()
    except ClientError as error:
        said = error.response["Error"]
        if said["Code"] in _REFUSALS:
            raise ServiceRefused(said["Code"], said.get("Message", "")) from error
        raise ServiceAway(str(error)) from error
    except BotoCoreError as error:
        raise ServiceAway(str(error)) from error
