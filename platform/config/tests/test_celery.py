"""Workers find the broker soon after it is back, however long it was away."""

from __future__ import annotations

from typing import Any

import pytest
from kombu.exceptions import OperationalError

from config.celery import RETRY_SECONDS, app


def test_the_pause_between_two_tries_stays_short(monkeypatch: pytest.MonkeyPatch) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("kombu.utils.functional.sleep", lambda seconds: None)
    link: Any = app.connection_for_read("redis://127.0.0.1:1/0")

    with pytest.raises(OperationalError):
        link.ensure_connection(lambda error, pause: pauses.append(pause), 12)

    assert len(pauses) == 12
    assert max(pauses) == RETRY_SECONDS


def test_workers_never_give_up_looking_for_it() -> None:
    assert app.conf.broker_connection_max_retries is None
