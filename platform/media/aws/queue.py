"""The queue that events of AWS arrive in. What is not removed comes again, and ends in the dead-letter queue."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from media.aws.mediaconvert import ServiceAway

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient

AT_ONCE = 10  # as many as one ReceiveMessage gives
LONGEST_WAIT_SECONDS = 20
# From being handed out to being handed out again: longer than any one message takes.
HIDDEN_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Message:
    """One delivery. ``receipt`` removes this delivery, and no other of the same message."""

    id: str
    body: str
    receipt: str
    received: int


def receive(url: str, *, wait_seconds: int = LONGEST_WAIT_SECONDS) -> list[Message]:
    """Return up to ten messages, waiting for the first of them.

    Raises:
        ServiceAway: the queue does not answer.
    """
    try:
        answer = client().receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=AT_ONCE,
            WaitTimeSeconds=wait_seconds,
            VisibilityTimeout=HIDDEN_SECONDS,
            MessageSystemAttributeNames=["ApproximateReceiveCount"],
        )
    except (ClientError, BotoCoreError) as error:
        raise ServiceAway(str(error)) from error
    return [
        Message(
            found["MessageId"],
            found["Body"],
            found["ReceiptHandle"],
            int(found.get("Attributes", {}).get("ApproximateReceiveCount", "1")),
        )
        for found in answer.get("Messages", [])
    ]


def remove(url: str, message: Message) -> None:
    """Remove a message for good: what it said is committed.

    Raises:
        ServiceAway: it will come again.
    """
    try:
        client().delete_message(QueueUrl=url, ReceiptHandle=message.receipt)
    except (ClientError, BotoCoreError) as error:
        raise ServiceAway(str(error)) from error


def hand_back(url: str, message: Message, *, seconds: int) -> None:
    """Let a message come again after so many seconds.

    Raises:
        ServiceAway: it comes again when its time is over.
    """
    try:
        client().change_message_visibility(QueueUrl=url, ReceiptHandle=message.receipt, VisibilityTimeout=seconds)
    except (ClientError, BotoCoreError) as error:
        raise ServiceAway(str(error)) from error


def state(url: str) -> tuple[int, str]:
    """Return how many messages wait, and the policy that sends poison away (empty: there is none).

    Raises:
        ServiceAway: the queue does not answer.
    """
    try:
        answer = client().get_queue_attributes(
            QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages", "RedrivePolicy"]
        )
    except (ClientError, BotoCoreError) as error:
        raise ServiceAway(str(error)) from error
    found = answer.get("Attributes", {})
    return int(found.get("ApproximateNumberOfMessages", "0")), found.get("RedrivePolicy", "")


@lru_cache(maxsize=1)
def client() -> SQSClient:
    return boto3.client(
        "sqs",
        region_name=settings.AWS_REGION or None,
        endpoint_url=settings.AWS_ENDPOINT_URL or None,
        config=Config(
            connect_timeout=5,
            read_timeout=LONGEST_WAIT_SECONDS + 10,
            retries={"mode": "standard", "max_attempts": 3},
        ),
    )
