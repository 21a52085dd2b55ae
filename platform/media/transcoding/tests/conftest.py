from __future__ import annotations

from pathlib import Path

import pytest

from media.transcoding.tests import clips


@pytest.fixture(scope="session")
def standard_film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seconds of H.264 and AAC that browsers play as they are."""
    return clips.make(tmp_path_factory.mktemp("films") / "standard.mp4")
