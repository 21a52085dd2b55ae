"""The composition root: the only place that knows everything. Nobody imports it."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
