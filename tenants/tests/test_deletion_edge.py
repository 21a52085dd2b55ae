"""A deletion waits for the delivery edge, says what it waits for, and wishes it once a round."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from pytest_django.fixtures import Settings

from tenants.archive import deletion
from tenants.archive.deletion import Deletion, NotYet

ORGANIZATION = UUID(int=7)
LOOKS: list[str] = []
WAITS_FOR: list[str] = []


def forget(organization_id: UUID, reference: str) -> str:
    """An edge that names what it waits for, one thing after the other."""
    assert organization_id == ORGANIZATION
    LOOKS.append(reference)
    return WAITS_FOR.pop(0) if WAITS_FOR else ""


@pytest.fixture
def beats(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    settings.FORGET_DELIVERED = f"{__name__}.forget"
    monkeypatch.setattr(deletion, "_EDGE_SECONDS", 0.0)
    LOOKS.clear()
    WAITS_FOR.clear()
    return []


def _deletion(beats: list[str], **cursor: Any) -> Deletion:
    job: Any = SimpleNamespace(cursor=cursor, organization=SimpleNamespace(id=ORGANIZATION))
    hold: Any = SimpleNamespace(job=job, beat=lambda: beats.append("beat"))
    return Deletion(hold)


def test_it_waits_and_keeps_its_lease(beats: list[str]) -> None:
    WAITS_FOR[:] = ["a minute", "a minute"]
    assert _deletion(beats)._edge() == {}
    assert len(LOOKS) == 3
    assert set(LOOKS) == {f"deleted-{ORGANIZATION}-0"}
    assert len(beats) == 2


def test_what_does_not_come_is_said_and_tried_again(beats: list[str]) -> None:
    WAITS_FOR[:] = ["no answer"] * 100
    with pytest.raises(NotYet, match="no answer"):
        _deletion(beats)._edge()
    assert len(LOOKS) == deletion._EDGE_LOOKS + 1


def test_another_round_is_another_wish(beats: list[str]) -> None:
    _deletion(beats, round=2)._edge()
    assert set(LOOKS) == {f"deleted-{ORGANIZATION}-2"}
