"""MediaConvert's events, as EventBridge puts them into the queue: read, folded, and removed once that is committed."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass

from django.conf import settings

from media.aws import queue
from media.aws.mediaconvert import ServiceAway
from media.aws.queue import Message
from media.services import remote

_log = logging.getLogger(__name__)

SOURCE = "aws.mediaconvert"
KIND = "MediaConvert Job State Change"
# Rounds of ten messages that one run takes before it lets others to the worker.
ROUNDS = 50
# How soon an event comes again whose job has no name with us yet: later each time. An order that waits for its name is
# looked for within three minutes; an event is dead when it was handed out eight times, which takes seven.
EARLY_SECONDS = 15
EARLY_AT_MOST = 120


class NotAnEvent(Exception):
    """The message is none of MediaConvert's. It stays, comes again, and ends in the dead-letter queue."""


@dataclass(frozen=True, slots=True)
class JobEvent:
    """What an event says: of which job, what, and how far it is."""

    remote_id: str
    status: str
    percent: int | None


def parse(body: str) -> JobEvent:
    """Read an event. Of what it carries nothing but these three is looked at.

    Raises:
        NotAnEvent: it is something else.
    """
    try:
        said = json.loads(body)
        if said["source"] != SOURCE or said["detail-type"] != KIND:
            raise NotAnEvent(f"{said['source']}: {said['detail-type']}")
        detail = said["detail"]
        percent = (detail.get("jobProgress") or {}).get("jobPercentComplete")
        event = JobEvent(detail["jobId"], detail["status"], int(percent) if percent is not None else None)
        if not (isinstance(event.remote_id, str) and event.remote_id and isinstance(event.status, str)):
            raise NotAnEvent("no job is named")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotAnEvent(str(error)) from error
    return event


def drain(*, wait_seconds: int = 1) -> int:
    """Take events until there are none; return how many were folded and removed. Must run on the platform."""
    url, taken = settings.MEDIACONVERT_EVENTS, 0
    for _ in range(ROUNDS):
        try:
            found = queue.receive(url, wait_seconds=wait_seconds)
        except ServiceAway as error:
            _log.warning("media.events_away", extra={"reason": str(error)[:200]})
            break
        if not found:
            break
        taken += sum(_take(url, message) for message in found)
    return taken


def _take(url: str, message: Message) -> bool:
    """Fold one message; return whether it is done with. One that fails does not keep the others."""
    try:
        event = parse(message.body)
    except NotAnEvent as error:
        _log.error("media.event_not_understood", extra={"message_id": message.id, "reason": str(error)[:200]})
        return False
    known = remote.is_known(event.remote_id)
    try:
        if known is None:
            queue.hand_back(url, message, seconds=min(EARLY_AT_MOST, EARLY_SECONDS * message.received))
            return False
        if known:
            remote.hear(event.remote_id, event.status, event.percent)
        else:
            _log.info("media.event_of_another", extra={"remote": event.remote_id})
        queue.remove(url, message)
    except ServiceAway as error:
        _log.warning("media.event_again", extra={"message_id": message.id, "reason": str(error)[:200]})
        return False
    except Exception:  # noqa: BLE001 - it comes again, and in the end to the dead-letter queue
        _log.exception("media.event_broke", extra={"message_id": message.id})
        return False
    return True
