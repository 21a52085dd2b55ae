"""The command that proves an account: against the small service of ours it says what it would say of the real one."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from pytest_django.fixtures import Settings

from media.aws.s3 import S3Store
from media.management.commands import check_mediaconvert
from tests.support.mediaconvert import Server


def test_the_check_asks_everything_and_leaves_nothing(
    db: None, store: S3Store, service: Server, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_mediaconvert, "LOOK_SECONDS", 0.2)
    out = StringIO()

    call_command("check_mediaconvert", "--film", stdout=out)

    lines = out.getvalue().splitlines()
    assert [line[:4] for line in lines] == ["ok  "] * 4, lines
    assert "asked for twice and made once: 360p avc1." in lines[3]
    assert len(service.service.jobs) == 1
    assert list(store.list(f"t/{check_mediaconvert.NOBODY}/")) == []

    settings.MEDIACONVERT_EVENTS = service.dead_url  # a queue that sets nothing aside
    with pytest.raises(SystemExit):
        call_command("check_mediaconvert", stdout=out)
    assert "FAIL queue of events" in out.getvalue()
