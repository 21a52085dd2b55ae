"""How many of Stripe's events one core takes in: real HTTP to the web process, real signatures, each kept in a row."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import http.client
import json
import os
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from uuid import uuid4

from bench import product, report

BAR_A_SECOND = 200
BAR_MS = 200
SECONDS = 15
SENDERS = 8
PATH = "/api/v1/webhooks/stripe/"


def run() -> None:
    """Measure for fifteen seconds. Prints the figures ``webhooks`` and ``webhooks_p95``."""
    secret = f"whsec_{secrets.token_hex(16)}"
    paying = {"LMS_STRIPE_SECRET_KEY": "sk_test_bench", "LMS_STRIPE_WEBHOOK_SECRET": secret}
    with product.database() as env, _web({**os.environ, **env, **paying}) as port:
        from django.conf import settings

        import tenancy
        from billing.models import StripeEvent

        _send(port, settings.SITE_HOST, secret, seconds=2)  # imports, first connections
        taken, spent = _send(port, settings.SITE_HOST, secret, seconds=SECONDS)
        with tenancy.platform():
            kept = StripeEvent.objects.count()
        detail = {"events": len(taken), "kept": kept, "senders": SENDERS, "processes": 1, "cores": 1}
        report.figure("webhooks", len(taken) / spent, "events/s", ">=", BAR_A_SECOND, **detail)
        spread = report.spread([found * 1000 for found in taken])
        report.figure("webhooks_p95", spread["p95"], "ms", "<=", BAR_MS, spread=spread)


@contextlib.contextmanager
def _web(env: dict[str, str]) -> Iterator[int]:
    """Serve the product in one process that has one core for itself."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    core = sorted(os.sched_getaffinity(0))[0]
    command = [sys.executable, "-m", "gunicorn", "config.wsgi:application", f"--bind=127.0.0.1:{port}"]
    command += ["--workers=1", "--worker-class=gthread", "--threads=8", "--log-level=error"]
    paths = {"PYTHONPATH": f"{product.ROOT}/platform:{product.ROOT}"}
    served = subprocess.Popen(
        command,
        cwd=product.ROOT,
        env={**env, **paths, "DJANGO_SETTINGS_MODULE": "config.settings.local"},
        stdout=subprocess.DEVNULL,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )
    try:
        _wait(port)
        yield port
    finally:
        served.terminate()
        served.wait(20)


def _wait(port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.1)
    raise RuntimeError("the web process did not start")


def _send(port: int, host: str, secret: str, *, seconds: float) -> tuple[list[float], float]:
    """Send as fast as answers come; return how long each took, and how long all of it was."""
    taken: list[float] = []
    wrong: list[int] = []
    begun = time.perf_counter()

    def sender() -> None:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        while time.perf_counter() - begun < seconds:
            body = _event()
            headers = {"Host": host, "Content-Type": "application/json", "Stripe-Signature": _signed(body, secret)}
            at = time.perf_counter()
            link.request("POST", PATH, body, headers)
            answer = link.getresponse()
            answer.read()
            if answer.status == 204:
                taken.append(time.perf_counter() - at)
            else:
                wrong.append(answer.status)

    threads = [threading.Thread(target=sender) for _ in range(SENDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise RuntimeError(f"{len(wrong)} events were refused, the first with {wrong[0]}")
    return taken, time.perf_counter() - begun


def _event() -> bytes:
    """An event of the size that Stripe's are of."""
    about = {"id": f"sub_{uuid4().hex}", "object": "subscription", "customer": f"cus_{uuid4().hex}"}
    about["metadata"] = "x" * 3000
    told = {
        "id": f"evt_{uuid4().hex}",
        "object": "event",
        "type": "customer.subscription.updated",
        "livemode": False,
        "created": int(time.time()),
        "data": {"object": about},
    }
    return json.dumps(told).encode()


def _signed(body: bytes, secret: str) -> str:
    at = int(time.time())
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"
