"""A queue as SQS is one: what is handed out is hidden for a while, comes again unless it is removed, may come twice and
in any order, and goes to the dead-letter queue after it was handed out too often. JSON 1.0, as botocore speaks it."""

from __future__ import annotations

import hashlib
import json
import random
import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.support.aws_model import Refused

_LONGEST_WAIT, _AT_ONCE = 20, 10


@dataclass
class Kept:
    """One message. ``receipt`` is of its last delivery: an earlier one removes nothing any more."""

    id: str
    body: str
    visible_at: float = 0.0
    received: int = 0
    receipt: str = ""


@dataclass
class Queue:
    arn: str
    dead: str = ""
    most: int = 0
    messages: list[Kept] = field(default_factory=list)


class Queues:
    """Queues by URL. ``clock`` may run ahead; ``shuffle`` hands out in no order."""

    def __init__(self) -> None:
        self.queues: dict[str, Queue] = {}
        self.clock: Callable[[], float] = time.monotonic
        self.shuffle: random.Random | None = None
        self._lock = threading.Condition()

    def create(self, server: str, name: str, *, dead: str = "", most: int = 0) -> str:
        """Make a queue; after ``most`` deliveries a message goes to ``dead``."""
        url = f"{server}/111122223333/{name}"
        self.queues[url] = Queue(f"arn:aws:sqs:eu-central-1:111122223333:{name}", dead, most)
        return url

    def send(self, url: str, body: str) -> None:
        """Put a message in."""
        with self._lock:
            self.queues[url].messages.append(Kept(secrets.token_hex(16), body))
            self._lock.notify_all()

    def bodies(self, url: str) -> list[str]:
        """Return what lies in a queue, hidden or not."""
        with self._lock:
            return [kept.body for kept in self.queues[url].messages]

    def reveal(self, url: str) -> None:
        """Let the hidden come again now."""
        with self._lock:
            for kept in self.queues[url].messages:
                kept.visible_at = 0.0

    def handle(self, operation: str, wanted: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Answer one call of the API.

        Raises:
            Refused: as SQS would.
        """
        queue = self.queues.get(wanted.get("QueueUrl", ""))
        if queue is None:
            raise Refused(400, "com.amazonaws.sqs#QueueDoesNotExist", "The specified queue does not exist.")
        if operation == "ReceiveMessage":
            return 200, {"Messages": self._receive(queue, wanted)}
        if operation == "SendMessage":
            self.send(wanted["QueueUrl"], wanted["MessageBody"])
            return 200, {"MessageId": "sent", "MD5OfMessageBody": _md5(wanted["MessageBody"])}
        if operation == "DeleteMessage":
            with self._lock:
                queue.messages = [kept for kept in queue.messages if kept.receipt != wanted["ReceiptHandle"]]
            return 200, {}
        if operation == "ChangeMessageVisibility":
            with self._lock:
                for kept in queue.messages:
                    if kept.receipt == wanted["ReceiptHandle"]:
                        kept.visible_at = self.clock() + wanted["VisibilityTimeout"]
            return 200, {}
        if operation == "GetQueueAttributes":
            found = {"ApproximateNumberOfMessages": str(len(queue.messages))}
            if queue.dead:
                policy = {"deadLetterTargetArn": self.queues[queue.dead].arn, "maxReceiveCount": queue.most}
                found["RedrivePolicy"] = json.dumps(policy)
            return 200, {"Attributes": found}
        raise Refused(400, "com.amazonaws.sqs#UnsupportedOperation", operation)

    def _receive(self, queue: Queue, wanted: dict[str, Any]) -> list[dict[str, Any]]:
        most, wait = wanted.get("MaxNumberOfMessages", 1), wanted.get("WaitTimeSeconds", 0)
        if not 1 <= most <= _AT_ONCE or not 0 <= wait <= _LONGEST_WAIT:
            raise Refused(400, "com.amazonaws.sqs#InvalidParameterValue", "out of range")
        deadline = time.monotonic() + wait
        with self._lock:
            while True:
                given = self._hand_out(queue, most, wanted.get("VisibilityTimeout", 30))
                left = deadline - time.monotonic()
                if given or left <= 0:
                    return given
                self._lock.wait(min(left, 0.2))

    def _hand_out(self, queue: Queue, most: int, hidden: float) -> list[dict[str, Any]]:
        moment = self.clock()
        ready = [kept for kept in queue.messages if kept.visible_at <= moment]
        if self.shuffle:
            self.shuffle.shuffle(ready)
        given = []
        for kept in ready:
            if queue.dead and kept.received >= queue.most:
                queue.messages.remove(kept)
                self.queues[queue.dead].messages.append(Kept(kept.id, kept.body))
                continue
            if len(given) >= most:
                break
            kept.received += 1
            kept.visible_at = moment + hidden
            kept.receipt = secrets.token_hex(16)
            given.append(
                {
                    "MessageId": kept.id,
                    "Body": kept.body,
                    "MD5OfBody": _md5(kept.body),
                    "ReceiptHandle": kept.receipt,
                    "Attributes": {"ApproximateReceiveCount": str(kept.received)},
                }
            )
        return given


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
