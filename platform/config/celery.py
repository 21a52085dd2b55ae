"""The Celery application: `celery -A config worker`."""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import setup_logging, task_postrun, task_prerun, worker_ready
from django.db import close_old_connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.local")

app = Celery("lms")
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
