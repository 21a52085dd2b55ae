"""From sending the verified code to the first 200 of /studio with its session, through the whole running product."""

from __future__ import annotations

import hashlib
import re
import time

from bench import report
from devstack import embedded
from devstack.demo.browser import Browser
from devstack.settings import Settings

WARM_BAR_SECONDS = 1.0
COLD_BAR_SECONDS = 3.0
WARM_RUNS = 20
COLD_RUNS = 5
PASSWORD = "a-long-password-of-mine-7"
POLL_SECONDS = 0.05


def run() -> None:
    """Measure with a warm pool, then with none."""
    _measure("signup", pool=6, runs=WARM_RUNS, bar=WARM_BAR_SECONDS)
    _measure("signup_cold", pool=0, runs=COLD_RUNS, bar=COLD_BAR_SECONDS)


def _measure(name: str, *, pool: int, runs: int, bar: float) -> None:
    extra = {"LMS_POOL_TARGET": str(pool), "LMS_SIGN_UPS_PER_IP": "1000"}
    with embedded.running(fsync=True, extra_env=extra) as env:
        samples = []
        for number in range(runs + 1):
            time.sleep(2.0 if pool else 0.2)  # the pool refills between people
            seconds = sign_up_and_land(env.settings, f"bench-school-{number}")
            if number:  # the first request of each process imports modules
                samples.append(seconds)
        p95 = report.spread(samples)["p95"]
        report.figure(name, p95, "s (p95)", "<=", bar, runs=runs, pool=pool, spread=report.spread(samples))


def sign_up_and_land(settings: Settings, slug: str) -> float:
    """Sign up, prove the address, be handed over; return seconds from sending the code to the studio's first 200."""
    port = settings.ports["front"]
    site = Browser(settings.site_host, port)
    email = f"owner@{slug}.example"
    form = {
        "organization_name": slug,
        "slug": slug,
        "name": "Olga Owner",
        "email": email,
        "password": PASSWORD,
        "terms_version": site.call("GET", "/api/v1/terms/")["version"],
    }
    token = site.call("POST", "/api/v1/sign-ups/", form)["token"]
    code = _code(Browser(settings.mail_host, port), email)
    path = f"/api/v1/sign-ups/{token}/"

    begun = time.perf_counter()
    status = site.call("POST", f"{path}code/", {"code": code})
    while status["state"] == "provisioning":
        time.sleep(POLL_SECONDS)
        status = site.call("GET", path)
    if status["state"] != "ready":
        raise RuntimeError(f"{slug} is {status['state']}: {status['detail']}")
    tenant = Browser(status["organization"]["host"], port)
    tenant.visit("/hand-over/start/")
    nonce_hash = hashlib.sha256(tenant.cookies["__Host-handover"].encode()).hexdigest()
    made = site.call("POST", f"{path}hand-over/", {"nonce_hash": nonce_hash})
    tenant.open("/hand-over/")
    tenant.call("POST", "/api/v1/hand-over/", {"code": made["code"]})
    boot = tenant.open("/studio")
    if boot["me"] is None:
        raise RuntimeError("the studio does not know its owner")
    return time.perf_counter() - begun


def _code(mailbox: Browser, email: str) -> str:
    """Return the code that the mailbox received for ``email``."""
    for _ in range(200):
        for message in mailbox.call("GET", f"/api/messages?to={email}")["items"]:
            if match := re.search(r"\b(\d{3}) ?(\d{3})\b", message["subject"]):
                return match.group(1) + match.group(2)
        time.sleep(0.05)
    raise RuntimeError(f"no mail came for {email}")
