"""From sending the verified code to the first 200 of /studio with its session, through the whole running product."""

from __future__ import annotations

import hashlib
import re
import time
from http.cookies import SimpleCookie

import httpx

from bench import report

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
    from devstack import embedded

    extra = {"LMS_POOL_TARGET": str(pool), "LMS_SIGN_UPS_PER_IP": "1000"}
    with embedded.running(fsync=True, extra_env=extra) as env:
        door = Door(env)
        samples = []
        for number in range(runs + 1):
            time.sleep(2.0 if pool else 0.2)  # the pool refills between people
            seconds = sign_up_and_land(door, f"bench-school-{number}")
            if number:  # the first request of each process imports modules
                samples.append(seconds)
        p95 = report.spread(samples)["p95"]
        report.figure(name, p95, "s (p95)", "<=", bar, runs=runs, pool=pool, spread=report.spread(samples))


class Door:
    """The front door, reached on loopback with the Host header that a browser would send."""

    def __init__(self, env: dict[str, str]) -> None:
        self.port = int(env["LMS_PORT"])
        self.site = env["LMS_SITE_HOST"]
        self._client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30)

    def call(self, method: str, host: str, path: str, *, json: object = None, cookies: str = "") -> httpx.Response:
        headers = {"Host": f"{host}:{self.port}", "Origin": f"http://{host}:{self.port}"}
        if cookies:
            headers["Cookie"] = cookies
        return self._client.request(method, path, json=json, headers=headers)


def sign_up_and_land(door: Door, slug: str) -> float:
    """Sign up, prove the address, be handed over; return seconds from sending the code to the studio's first 200."""
    email = f"owner@{slug}.example"
    form = {
        "organization_name": slug,
        "slug": slug,
        "name": "Olga Owner",
        "email": email,
        "password": PASSWORD,
        "terms_version": door.call("GET", door.site, "/api/v1/terms/").json()["version"],
    }
    started = door.call("POST", door.site, "/api/v1/sign-ups/", json=form)
    started.raise_for_status()
    token, code = started.json()["token"], _code(door, email)

    begun = time.perf_counter()
    door.call("POST", door.site, f"/api/v1/sign-ups/{token}/code/", json={"code": code}).raise_for_status()
    while True:
        status = door.call("GET", door.site, f"/api/v1/sign-ups/{token}/").json()
        if status["state"] != "provisioning":
            break
        time.sleep(POLL_SECONDS)
    if status["state"] != "ready":
        raise RuntimeError(f"{slug} is {status['state']}: {status['detail']}")
    host = status["organization"]["host"]
    start = door.call("GET", host, "/hand-over/start/")
    nonce = SimpleCookie(start.headers["set-cookie"])["__Host-handover"].value
    made = door.call(
        "POST",
        door.site,
        f"/api/v1/sign-ups/{token}/hand-over/",
        json={"nonce_hash": hashlib.sha256(nonce.encode()).hexdigest()},
    )
    made.raise_for_status()
    landed = door.call(
        "POST",
        host,
        "/api/v1/hand-over/",
        json={"code": made.json()["code"]},
        cookies=f"__Host-handover={nonce}",
    )
    landed.raise_for_status()
    session = re.search(r"__Host-session=([^;]+)", ";".join(landed.headers.get_list("set-cookie")))
    if session is None:
        raise RuntimeError("the hand-over gave no session")
    studio = door.call("GET", host, "/studio", cookies=f"__Host-session={session.group(1)}")
    studio.raise_for_status()
    if '"me": null' in studio.text:
        raise RuntimeError("the studio does not know its owner")
    return time.perf_counter() - begun


def _code(door: Door, email: str) -> str:
    """Return the code that the mailbox received for ``email``."""
    for _ in range(200):
        messages = door.call("GET", f"mail.{door.site}", f"/api/messages?to={email}").json()
        found = messages["items"] if isinstance(messages, dict) else messages
        if found:
            match = re.search(r"\b(\d{3}) ?(\d{3})\b", found[0]["subject"])
            if match:
                return match.group(1) + match.group(2)
        time.sleep(0.05)
    raise RuntimeError(f"no mail came for {email}")
