"""The Celery application: `celery -A config worker`."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.app.amqp import AMQP
from celery.signals import setup_logging, task_postrun, task_prerun, worker_ready
from django.db import close_old_connections
from kombu import Connection

RETRY_SECONDS = 5
"""The longest pause between two tries to reach the broker: how long work may wait after it is back."""
_WITH_LONGEST = 5  # positional arguments of which the last is that pause

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")


class Broker(Connection):
    """Celery's, whose own pause grows to half a minute and can be set nowhere."""

    def _ensure_connection(self, *args: Any, **kwargs: Any) -> Any:
        if len(args) < _WITH_LONGEST:
            kwargs.setdefault("interval_max", RETRY_SECONDS)
        return super()._ensure_connection(*args, **kwargs)


class Amqp(AMQP):
    """Celery's, with our connections."""

    Connection = Broker


app = Celery("lms", amqp=Amqp)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def _keep_our_logging(**_: object) -> None:
    """Settings have configured the logs; Celery must not."""


@task_prerun.connect
@task_postrun.connect
def _look_after_connections(**_: object) -> None:
    """Keep the database connection from task to task, but none that is broken or too old."""
    close_old_connections()


@worker_ready.connect
def _tell_figures(**_: object) -> None:
    """Tell what this worker's processes count: the parent answers for all."""
    from config import metrics

    metrics.serve()
