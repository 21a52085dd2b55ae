"""The composition root: the only place that knows everything. Nobody imports it."""

import os

from config.metrics_folder import share

# Before anything counts: prometheus_client looks once, when its first figure is made.
share(int(os.environ.get("LMS_METRICS_PORT") or 0))

from config.celery import app as celery_app  # noqa: E402

__all__ = ["celery_app"]
