"""A film that plays, and goes on playing when nothing but the front door, the verifier and the store are left."""

from __future__ import annotations

import contextlib
import re
import signal
import time
from collections.abc import Iterator
from typing import Any

import httpx
from playwright.sync_api import Page, sync_playwright

from devstack.demo.browser import Browser as Caller
from tests.architecture.tree import ROOT
from tests.faults.campaign.model import RECOVERY_SECONDS, Run, scenario
from tests.faults.campaign.stage import School, Stage
from tests.journeys import organizations
from tests.journeys.conftest import until

SHORT_SECONDS, LONG_SECONDS = 35.0, 300.0
LINE = 1.25
"""What the learner's line carries, in films: over a faster one the player fetches up to a minute ahead, more than the
shorter of these scenarios lasts, and nothing of what it plays would have been fetched from what is left."""
_BITS = re.compile(r"AVERAGE-BANDWIDTH=(\d+)")
LOOK = """() => {
  const video = document.querySelector('video');
  return video && {
    time: video.currentTime, width: video.videoWidth, paused: video.paused, ended: video.ended,
    frames: video.getVideoPlaybackQuality().totalVideoFrames, error: video.error && video.error.message,
    ahead: video.buffered.length ? video.buffered.end(video.buffered.length - 1) - video.currentTime : 0,
  };
}"""


class Granted:
    """A learner's permission to play: cookies, and the address of a file that they open."""

    def __init__(self, caller: Caller, path: str) -> None:
        self.caller, self.path = caller, path


def granted(stage: Stage, slug: str = "reef") -> Granted:
    """Sign a learner in and ask for the permission to play the school's film, as the player does."""
    school = stage.schools[slug]
    caller = organizations.caller(stage.whole, school.organization, "learner0")
    person = school.learners[0]
    grant = caller.call("POST", f"/api/v1/enrollments/{person.enrollment}/items/{person.film}/grant/")
    address = next(value for value in _texts(grant) if ".m3u8" in value or "/media/t/" in value)
    return Granted(caller, "/media/" + address.partition("/media/")[2])


def fetch(stage: Stage, files: Granted) -> int:
    """Return the status of a film's file; 0 where there was no answer."""
    cookies = "; ".join(f"{name}={value}" for name, value in files.caller.cookies.items())
    headers = {"Host": f"{files.caller.host}:{stage.port}", "Cookie": cookies}
    try:
        return httpx.get(f"http://127.0.0.1:{stage.port}{files.path}", headers=headers, timeout=3).status_code
    except httpx.HTTPError:
        return 0


def bytes_per_second(stage: Stage, school: School) -> float:
    """Return what playing a school's film takes, by its own list of renditions: the largest of them."""
    files = granted(stage, school.slug)
    cookies = "; ".join(f"{name}={value}" for name, value in files.caller.cookies.items())
    headers = {"Host": f"{files.caller.host}:{stage.port}", "Cookie": cookies}
    listed = httpx.get(f"http://127.0.0.1:{stage.port}{files.path}", headers=headers, timeout=10).raise_for_status()
    return max(int(bits) for bits in _BITS.findall(listed.text)) / 8


def served_again(run: Run, files: Granted, healed: float) -> None:
    """Wait until a film's file is served, and judge how long after ``healed`` that was."""
    while (status := fetch(run.stage, files)) != 200 and time.monotonic() < healed + 2 * RECOVERY_SECONDS:
        time.sleep(0.1)
    took = round(time.monotonic() - healed, 2)
    run.figure(media_recovery_s=max(took, run.figures.get("media_recovery_s", 0.0)))
    run.require(status == 200 and took <= RECOVERY_SECONDS, f"film files answer {status} after {took} s")


def _texts(body: Any) -> Iterator[str]:
    if isinstance(body, str):
        yield body
    elif isinstance(body, dict | list):
        for one in body.values() if isinstance(body, dict) else body:
            yield from _texts(one)


@contextlib.contextmanager
def watching(stage: Stage, school: School) -> Iterator[Page]:
    """A learner in a real browser, whose film plays over a line that is little faster than the film."""
    carries = LINE * bytes_per_second(stage, school)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_chromium(),
            args=["--no-sandbox", "--mute-audio", "--autoplay-policy=no-user-gesture-required"],
        )
        page = browser.new_context(viewport={"width": 640, "height": 480}, reduced_motion="reduce").new_page()
        page.set_default_timeout(60_000)
        organizations.sign_in(page, stage.whole, school.organization, "learner0")
        person = school.learners[0]
        line = page.context.new_cdp_session(page)
        line.send("Network.enable")
        slow = {"offline": False, "latency": 0, "downloadThroughput": carries, "uploadThroughput": -1}
        line.send("Network.emulateNetworkConditions", slow)
        page.goto(stage.whole.url(f"/learn/{person.enrollment}/{person.film}", school.slug))
        page.locator("video").wait_for(state="attached")
        page.evaluate("() => { document.querySelector('video').currentTime = 0; }")
        page.locator("body").press("k")
        until(
            lambda: (page.wait_for_timeout(100), (seen := page.evaluate(LOOK)) and seen["frames"] > 5)[1],
            "the film to play",
        )
        yield page
        browser.close()


def _chromium() -> str:
    import subprocess

    found = subprocess.run([ROOT / "scripts/install_browser.sh"], capture_output=True, text=True, timeout=600)
    if found.returncode:
        raise RuntimeError(f"there is no Chromium: {found.stdout}{found.stderr}")
    return found.stdout.split()[-1]


def _goes_on(run: Run, seconds: float) -> None:
    stage = run.stage
    school = stage.schools["reef"]
    with watching(stage, school) as page:
        requests: list[Any] = []
        page.on("response", lambda answer: requests.append((time.monotonic(), answer.status, answer.url)))
        at = page.evaluate(LOOK)
        began = time.monotonic()
        held = [pid for part in (*stage.web_parts(), "postgres") for pid in stage.family(part)]
        try:
            stage.signal_family("", signal.SIGSTOP, held)
            # What it has in hand it would play without anybody; only what it fetches now shows anything.
            stalls, last, longest, still = 0, at["time"], 0.0, 0.0
            while time.monotonic() - began < seconds:
                page.wait_for_timeout(500)
                seen = page.evaluate(LOOK)
                still = 0.0 if seen["time"] > last else still + 0.5
                longest = max(longest, still)
                stalls += still == 1.5
                last = seen["time"]
                if seen["error"]:
                    break
        finally:
            stage.signal_family("", signal.SIGCONT, held)
        seen = page.evaluate(LOOK)
        played = seen["time"] - at["time"]
        files = [(status, url) for when, status, url in requests if when > began + 1 and "/media/" in url]
        run.figure(
            played_s=round(played, 1),
            stopped_s=round(seconds, 1),
            pauses=stalls,
            longest_pause_s=longest,
            files_fetched=len(files),
            in_hand_s=round(at["ahead"], 1),
            frames=seen["frames"] - at["frames"],
        )
        run.require(seen["error"] is None, f"the player says {seen['error']}")
        run.require(played >= seconds - 5, f"played {played:.0f} s of {seconds:.0f} s")
        run.require(longest <= 2.0, f"it stood still for {longest:.1f} s")
        run.require(files, "nothing was fetched while web and database were stopped, so nothing was shown")
        run.require(at["ahead"] < seconds / 2, f"{at['ahead']:.0f} s of the film were in hand before anything stopped")
        run.require(
            all(status in (200, 206, 304) for status, _ in files),
            f"files were refused: {[found for found in files if found[0] >= 400][:3]}",
        )


@scenario(
    "film-without-web-and-postgres", "F1 F2", part="Several",
    fault="web and PostgreSQL stopped (SIGSTOP) for 35 s while a film plays in Chromium",
    promise="the film plays on without a pause, from files fetched meanwhile",
)  # fmt: skip
def film_short(run: Run) -> None:
    _goes_on(run, SHORT_SECONDS)


@scenario(
    "film-five-minutes", "F1 F2", part="Several",
    fault="web and PostgreSQL stopped (SIGSTOP) for five minutes while a film plays in Chromium",
    promise="the film plays on without a pause, from files fetched meanwhile",
)  # fmt: skip
def film_long(run: Run) -> None:
    _goes_on(run, LONG_SECONDS)
