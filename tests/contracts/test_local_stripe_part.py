"""The local Stripe as a part of the stack: there by default, gone when the user brings a key of the real one."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from devstack import environment, stack
from devstack.credentials import Credentials
from devstack.settings import Settings, SettingsError

NAMES = ("LMS_STRIPE_SECRET_KEY", "LMS_STRIPE_WEBHOOK_SECRET", "LMS_STRIPE_API_URL")


def names(settings: Settings, credentials: Credentials) -> set[str]:
    return {part.name for part in stack.build(settings, credentials)}


def test_it_is_there_with_keys_that_are_made_once_and_kept_private(tmp_path: Path) -> None:
    settings = Settings.from_environ({"LMS_PORT": "9000"})
    credentials = Credentials.load(tmp_path)
    told = environment.product(settings, credentials)

    assert "stripe" in names(settings, credentials)
    assert told["LMS_STRIPE_SECRET_KEY"].startswith("sk_test_")
    assert told["LMS_STRIPE_WEBHOOK_SECRET"].startswith("whsec_")
    assert told["LMS_STRIPE_API_URL"] == "http://127.0.0.1:9015"
    assert Credentials.load(tmp_path) == credentials
    assert (tmp_path / "secrets/credentials.json").stat().st_mode & 0o077 == 0


def test_one_setting_leaves_it_out_and_asks_the_real_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LMS_STRIPE_API_URL", raising=False)
    monkeypatch.setenv("LMS_STRIPE_WEBHOOK_SECRET", "whsec_of_the_real_endpoint")
    settings = Settings.from_environ({"LMS_STRIPE_SECRET_KEY": "sk_test_of_the_user"})
    credentials = Credentials.load(tmp_path)

    assert "stripe" not in names(settings, credentials)
    told = environment.product(settings, credentials)
    assert [told[name] for name in NAMES] == ["sk_test_of_the_user", "whsec_of_the_real_endpoint", ""]


def test_without_the_endpoints_secret_none_is_made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LMS_STRIPE_WEBHOOK_SECRET", raising=False)
    settings = Settings.from_environ({"LMS_STRIPE_SECRET_KEY": "sk_live_of_the_user"})

    assert environment.product(settings, Credentials.load(tmp_path))["LMS_STRIPE_WEBHOOK_SECRET"] == ""


def test_what_is_no_key_is_refused_in_words() -> None:
    with pytest.raises(SettingsError, match="LMS_STRIPE_SECRET_KEY has to begin with sk_test_ or rk_test_ or"):
        Settings.from_environ({"LMS_STRIPE_SECRET_KEY": "secret"})


@pytest.mark.parametrize(
    ("changed", "words"),
    [({"LMS_EMBEDDED": "0"}, "refuses to run outside it"), ({"LMS_STRIPE_SECRET_KEY": "sk_live_x"}, "takes no other")],
)
def test_it_runs_in_the_embedded_default_only_and_takes_no_live_key(
    tmp_path: Path, changed: dict[str, str], words: str
) -> None:
    own = {"LMS_EMBEDDED": "1", "LMS_STRIPE_SECRET_KEY": "sk_test_x", "LMS_DATA_DIR": str(tmp_path)}
    refused = subprocess.run(
        [sys.executable, "-m", "devstack.stripe"],
        env={**os.environ, **own, **changed},
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert refused.returncode == 2
    assert words in refused.stderr
