"""Starts a local Stripe for a test: on a free port, with a data dir and keys of its own, and a hand on its clock."""

from __future__ import annotations

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import httpx
import stripe

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 90.0
START_TRIES = 4
CLOCK = "clock_local"
DAY = 86400


class StripeServer:
    """The local Stripe as a process. ``with StripeServer() as server: server.client().v1.customers.create(…)``.

    ``webhook_url`` is where events go (nowhere without one). ``frozen_at`` makes its clock stand until it is turned;
    else it runs with this machine's. ``twice`` lets it deliver some events twice, as it does by default.
    """

    def __init__(
        self,
        data_dir: Path | None = None,
        *,
        webhook_url: str = "",
        frozen_at: int | None = None,
        twice: bool = True,
        port: int | None = None,
        secret_key: str = "",
        webhook_secret: str = "",
    ) -> None:
        self._own_dir = tempfile.TemporaryDirectory(prefix="lms-stripe-") if data_dir is None else None
        self.data_dir = data_dir or Path(self._own_dir.name)  # type: ignore[union-attr]
        self.port = port or _free_port()
        self._may_move = port is None  # until it has served, nobody was told its port
        self.secret_key = secret_key or f"sk_test_{secrets.token_hex(16)}"
        self.webhook_secret = webhook_secret or f"whsec_{secrets.token_hex(16)}"
        self._webhook_url = webhook_url
        self._frozen_at = frozen_at
        self._twice = twice
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """For ``settings.STRIPE_API_URL``, and the address of its pages."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> StripeServer:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()
        if self._own_dir is not None:
            self._own_dir.cleanup()

    def start(self) -> None:
        """Start it and wait until it serves."""
        for _ in range(START_TRIES):
            if self._begin():
                self._may_move = False
                return
            assert self._may_move, "the local Stripe did not start"
            self.port = _free_port()  # between looking and listening somebody else took the one that was free
        raise AssertionError(f"the local Stripe did not start on any of {START_TRIES} ports")

    def _begin(self) -> bool:
        """Start the process; return whether it serves, and did not end at once."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("LMS_")}
        environment |= {
            "PYTHONPATH": f"{ROOT}:{ROOT / 'platform'}",
            "LMS_EMBEDDED": "1",
            "LMS_DATA_DIR": str(self.data_dir),
            "LMS_STRIPE_PORT": str(self.port),
            "LMS_STRIPE_SECRET_KEY": self.secret_key,
            "LMS_STRIPE_WEBHOOK_SECRET": self.webhook_secret if self._webhook_url else "",
            "LMS_STRIPE_WEBHOOK_URL": self._webhook_url,
            "LMS_STRIPE_FROZEN_AT": "" if self._frozen_at is None else str(self._frozen_at),
            "LMS_STRIPE_TWICE": "1" if self._twice else "0",
        }
        self._process = subprocess.Popen([sys.executable, "-m", "devstack.stripe"], cwd=ROOT, env=environment)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                self._process = None
                return False
            try:
                if httpx.get(f"{self.url}/local/health", timeout=2, trust_env=False).status_code == 200:
                    return True
            except httpx.TransportError:
                time.sleep(0.05)
        self.stop()  # whoever began and was too slow must not stay
        raise AssertionError("the local Stripe was not ready in time")

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(60)
            self._process = None

    def kill(self) -> None:
        """SIGKILL, in the middle of whatever it does."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(15)
        self._process = None

    def client(self, secret_key: str = "", **options: Any) -> stripe.StripeClient:
        """The real SDK, pointed here."""
        chosen = {"max_network_retries": 0, **options}
        return stripe.StripeClient(secret_key or self.secret_key, base_addresses={"api": self.url}, **chosen)

    def now(self) -> int:
        """The clock's time."""
        return int(self.client().v1.test_helpers.test_clocks.retrieve(CLOCK).frozen_time)

    def advance(self, *, days: float = 0, seconds: int = 0, to: int | None = None) -> int:
        """Turn the clock, doing all that falls due on the way; returns its time then."""
        return int(
            self.local("advance", **({"to": to} if to else {"seconds": int(days * DAY) + seconds}))["frozen_time"]
        )

    def fault(self, kind: str, path: str, **more: Any) -> None:
        """Let something befall the next call to this path: see ``devstack.stripe.faults``."""
        self.local("faults", kind=kind, path=path, **more)

    def check_out(self, session: str, *, card: str = "4242424242424242", **given: str) -> str:
        """Fill in the page of a Checkout session and press its button, as a browser does; returns where that leads.

        ``given`` are further fields of the page: email, name, country (IE), line1, city, postal_code, vat_id. A card
        that asks its owner is confirmed.
        """
        fields = {"email": "owner@acme.example", "name": "Acme", "country": "IE", "number": card, "answer": "yes"}
        form = {**fields, "expiry": "12 / 34", "cvc": "123", **given}
        answer = httpx.post(f"{self.url}/c/pay/{session}", data=form, timeout=30, trust_env=False)
        assert answer.status_code == 303, re.findall(r'role="alert">(.*?)</div>', answer.text, re.DOTALL) or answer.text
        return answer.headers["location"]

    def local(self, act: str, **given: Any) -> dict[str, Any]:
        """One of the acts of ``devstack.stripe.local``: advance, disputes, refunds, deliveries, redeliveries, …"""
        answer = httpx.post(f"{self.url}/local/{act}", json=given, timeout=120, trust_env=False)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
