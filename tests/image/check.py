"""``make image-check``: the Dockerfile's lines done without Docker, and the product run from what they made.

Built below a folder of its own from what the build context holds; run as docker-compose.yml says, as the image's user,
on read-only roots, with no network but its own. A person signs up over TLS, uploads a film, opens the lesson, plays it.
``--keep`` leaves the folder and says where it is; ``--built <folder>`` runs again what was kept.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.image import build, host
from tests.image.host import FRONT, MAIL, Host
from tests.image.root import NotPossible, Root, require
from tests.support.dockerfile import parse

CHECKOUT = Path(__file__).resolve().parents[2]
SITE, CONTENT, SLUG = "lms-on-one-host.dev", "content-on-one-host.dev", "acme"
PASSWORD = "a-long-password-of-mine-7"
PATIENCE_SECONDS = 180.0
SMTP_PORT = 2525
INSIDE = "--inside"
_WORKERS = ("worker", "dispatcher", "provisioner", "archivist", "transcoder")


class Wrong(Exception):
    """The product does not do from the image what it should."""


def main() -> int:
    """Build and run. Returns 0 when everything held, 1 where something did not, 2 where this machine cannot try."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--built", type=Path)
    parser.add_argument(INSIDE, action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.inside:
        return _inside(arguments.built)
    try:
        require()
    except NotPossible as problem:
        print(f"NOT CHECKED: the image. {problem}", file=sys.stderr)
        return 2
    folder = arguments.built or Path(tempfile.mkdtemp(prefix="lms-image-"))
    folder.chmod(0o755)
    try:
        if not arguments.built:
            build.build(CHECKOUT, folder, say)
        for name in ("checkout", "volumes", "roots", "archive"):
            shutil.rmtree(folder / name, ignore_errors=True)
        # Everything below has this process as its first: when it ends, however it ends, nothing of it is left.
        return subprocess.run(
            ["unshare", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--mount", sys.executable, "-m",
             "tests.image.check", INSIDE, f"--built={folder}"], cwd=CHECKOUT, check=False,
        ).returncode  # fmt: skip
    except build.BuildFailed as problem:
        print(problem, file=sys.stderr)
        return 1
    finally:
        if arguments.keep or arguments.built:
            say(f"kept in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)


def say(line: str) -> None:
    print(f"  {line}", flush=True)


def _inside(folder: Path) -> int:
    """The part in a network and among processes of its own."""
    stage = parse((CHECKOUT / "Dockerfile").read_text())[1][-1]
    image = Root(folder / stage.name)
    prefix = Path(sys.base_prefix)
    if not prefix.is_relative_to("/usr"):
        image.mounts.append((prefix, str(prefix), True))
    archive = folder / "archive"
    archive.mkdir()
    shutil.chown(archive, 65534, 65534)
    given = host.copy_checkout(CHECKOUT, folder, SITE, CONTENT)
    given |= {"LMS_IMAGE": "checked", "LMS_ACME_EMAIL": f"ops@{SITE}", "LMS_TLS_OPTIONS": "local_certs",
              "LMS_BACKUPS": str(archive), "LMS_PG_BUFFERS_MB": "128"}  # fmt: skip
    (folder / "checkout" / "secrets" / "smtp_url").chmod(0o644)
    (folder / "checkout" / "secrets" / "smtp_url").write_text(f"smtp://{MAIL}:{SMTP_PORT}")
    machine = Host(CHECKOUT, folder, image, stage, given)
    machine.network()
    try:
        _run(machine)
    except (Wrong, host.NotHealthy) as problem:
        print(f"\n{problem}\n", file=sys.stderr)
        for name in machine.services:
            if (folder / f"{name}.log").exists() and (said := machine.log(name)):
                print(f"--- {name}\n{said[-1500:]}", file=sys.stderr)
        return 1
    finally:
        machine.stop_all()
    say("the image holds")
    return 0


def _run(machine: Host) -> None:
    began = time.monotonic()
    mails = _Mails()
    host.create_cluster(machine)
    machine.start("postgres")
    machine.start("valkey")
    machine.start("store")
    machine.healthy("postgres", "valkey", "store")
    host.make_owner(machine)
    steps = [json.loads(line) for line in machine.step("migrate").splitlines() if line.startswith("{")]
    _hold([step["state"] for step in steps] == ["done"] * len(steps) and len(steps) == 6, f"release steps: {steps}")
    say(f"release steps done: {', '.join(step['step'] for step in steps)}")
    for name in ("edge", "web-1", "web-2", *_WORKERS, "front"):
        machine.start(name)
    machine.healthy("edge", "web-1", "web-2", *_WORKERS, "front")
    say(f"every service is healthy after {time.monotonic() - began:.0f} s")
    _walls(machine)
    front = _Front(machine)
    _doors(front)
    studio = _sign_up(front, mails)
    say("signed up over TLS, certificate on demand")
    _lesson(front, studio)
    say("uploaded, encoded, published, opened and played")
    _backup(machine)
    say("base backup taken and verified, objects copied, the dispatcher told")
    for name in ("backup", "front", *_WORKERS, "web-1", "web-2", "edge", "store"):
        status = machine.stop(name)
        # Some servers end in order and then say by which signal they were asked.
        _hold(status in (0, -signal.SIGTERM), f"{name} ended with {status} when it was asked to stop")
    say("every program stopped by itself when asked")


def _hold(holds: bool, words: str) -> None:
    if not holds:
        raise Wrong(words)


def _walls(machine: Host) -> None:
    """Whom the programs run as, and that they can write nowhere but where they are meant to."""
    user, group = machine._stage.last("USER").split(":")
    for name in ("web-1", "worker", "provisioner", "front", "store"):
        status = Path(f"/proc/{machine.pid(name)}/status").read_text()
        _hold(re.search(rf"^Uid:\s+{user}\s", status, re.M) is not None, f"{name} does not run as {user}")
        _hold(re.search(rf"^Gid:\s+{group}\s", status, re.M) is not None, f"{name} does not run in {group}")
        _hold(re.search(r"^NoNewPrivs:\s+1", status, re.M) is not None, f"{name} may gain privileges")
    for path in ("/opt/lms/x", "/opt/lms/lib/x", "/etc/x", "/var/lib/lms/x", "/x"):
        _hold(machine._inside("web-1", ["touch", path]) != 0, f"the web server may write {path}")
    _hold(machine._inside("web-1", ["touch", "/tmp/x"]) == 0, "the web server has no room for temporary files")


class _Mails:
    """Where mail goes: kept in memory, newest last."""

    def __init__(self) -> None:
        from aiosmtpd.controller import Controller
        from aiosmtpd.handlers import Message

        kept: list[EmailMessage] = []

        class Keep(Message):
            def handle_message(self, message: Any) -> None:
                kept.append(message)

        self.kept = kept
        self._server = Controller(Keep(), hostname=MAIL, port=SMTP_PORT)
        self._server.start()

    def code(self) -> str:
        """Return the six digits of the newest mail's subject."""

        def look() -> str:
            for message in reversed(self.kept):
                if found := re.search(r"\b(\d{3}) ?(\d{3})\b", str(message["Subject"])):
                    return found[1] + found[2]
            return ""

        return _until(look, bool, "no mail with a code came")


class _Front:
    """The front door as the world sees it: TLS by name, with Caddy's own authority."""

    def __init__(self, machine: Host) -> None:
        root = machine.folder / "volumes/caddy/pki/authorities/local/root.crt"
        _until(root.exists, bool, "the front door made no authority")
        self._trust = ssl.create_default_context(cafile=str(root))

    def client(self, name: str) -> Any:
        """Return a client that asks for this host."""
        import httpx

        def asks_for(request: httpx.Request) -> None:
            request.extensions["sni_hostname"] = name

        return httpx.Client(
            base_url=f"https://{FRONT}:8443", verify=self._trust, timeout=60, event_hooks={"request": [asks_for]},
            headers={"Host": name},
        )  # fmt: skip

    def browser(self, name: str) -> Any:
        """Return somebody's browser on this host."""
        from devstack.demo.browser import Browser

        return Browser(name, 443, client=self.client(name))


def _doors(front: _Front) -> None:
    """What the front door opens, and what it does not."""
    import httpx

    with front.client(SITE) as site:
        _hold(site.get("/readyz").status_code == 200, "the site is not ready")
        page = site.get("/")
        _hold(page.status_code == 200 and "<script" in page.text, "the site has no page")
        _hold(page.headers.get("strict-transport-security", "").startswith("max-age="), "pages do not ask for https")
        asset = re.search(r'"(/assets/[^"]+\.js)"', page.text)
        _hold(asset is not None, "the page names no file of the application")
        found = site.get(asset[1] if asset else "/")
        _hold(found.status_code == 200 and "immutable" in found.headers["cache-control"], "files are not served")
        _hold(site.get(f"/tls-ask/?domain={SITE}").status_code == 404, "the world may ask about certificates")
        _hold("server" not in found.headers, "the front door says what it is")
    try:
        with front.client("nobody.example") as stranger:
            stranger.get("/")
    except httpx.ConnectError:
        return
    raise Wrong("a name that is nobody's got a certificate")


def _sign_up(front: _Front, mails: _Mails) -> Any:
    site = front.browser(SITE)
    site.open("/sign-up")
    form = {"organization_name": "Acme", "slug": SLUG, "name": "Olga Owner", "email": "olga@acme.example",
            "password": PASSWORD, "terms_version": site.call("GET", "/api/v1/terms/")["version"]}  # fmt: skip
    path = f"/api/v1/sign-ups/{site.call('POST', '/api/v1/sign-ups/', form)['token']}/"
    site.call("POST", f"{path}code/", {"code": mails.code()})
    status = _until(lambda: site.call("GET", path), lambda now: now["state"] != "provisioning", "nothing provisions")
    _hold(status["state"] == "ready", f"the organization is {status}")
    studio = front.browser(f"{SLUG}.{SITE}")
    studio.visit("/hand-over/start/")
    nonce = hashlib.sha256(studio.cookies["__Host-handover"].encode()).hexdigest()
    made = site.call("POST", f"{path}hand-over/", {"nonce_hash": nonce})
    studio.open("/hand-over/")
    studio.call("POST", "/api/v1/hand-over/", {"code": made["code"]})
    _hold(studio.open("/studio")["me"] is not None, "the studio does not know its owner")
    return studio


def _lesson(front: _Front, studio: Any) -> None:
    asset = _film(front, studio)
    course = studio.call("POST", "/api/v1/courses/", {"title": "Course"})["id"]
    path = f"/api/v1/courses/{course}"
    nodes = f"{path}/draft/nodes/"
    module = studio.call("POST", nodes, {"kind": "module", "parent": None, "title": "M", "after": None})
    lesson = studio.call("POST", nodes, {"kind": "lesson", "parent": module["item"], "title": "L", "after": None})
    studio.call(
        "PATCH", f"{path}/draft/nodes/{lesson['item']}/",
        {"body": {"v": 1, "blocks": [{"type": "video", "asset": asset}]},
         "config": {"completion": {"rule": "watched", "permille": 900}, "required": True}},
        **{"If-Match": f'"{lesson["revision"]}"'},
    )  # fmt: skip
    studio.call("POST", f"{path}/publication/", {"note": "First version"})
    enrollment = studio.call("POST", "/api/v1/enrollments/", {"course": course})["id"]
    base = f"/api/v1/enrollments/{enrollment}/items/{lesson['item']}/"
    _hold(bool(studio.call("GET", base)), "the lesson is empty")
    _hold(studio.open(f"/learn/{enrollment}/{lesson['item']}")["surface"] == "learn", "the lesson has no page")
    grant = studio.call("POST", f"{base}grant/", {})
    manifest = urlsplit(grant["manifest_url"]).path
    cookies = "; ".join(f"{name}={value}" for name, value in studio.cookies.items())
    with front.client(f"{SLUG}.{SITE}") as player:
        listed = player.get(manifest, headers={"Cookie": cookies})
        _hold(listed.status_code == 200 and "#EXTM3U" in listed.text, f"the film does not play: {listed.status_code}")
        _hold(player.get(manifest).status_code == 403, "films are played to anybody")


def _film(front: _Front, studio: Any) -> str:
    import httpx
    import imageio_ffmpeg

    with tempfile.TemporaryDirectory() as scratch:
        target = Path(scratch) / "film.mp4"
        drawn = ["-f", "lavfi", "-i", "testsrc=s=320x180:r=15:d=4", "-f", "lavfi", "-i", "sine=d=4"]
        coded = ["-c:v", "libx264", "-pix_fmt", "yuv420p", "-c:a", "aac", str(target)]
        subprocess.run([imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", *drawn, *coded], check=True)
        content = target.read_bytes()
    upload = studio.call(
        "POST", "/api/v1/uploads/",
        {"name": "film.mp4", "size_bytes": len(content), "content_type": "video/mp4", "fingerprint": "film:1"},
    )  # fmt: skip
    path = f"/api/v1/uploads/{upload['id']}/"
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    signed = studio.call("POST", f"{path}parts/", {"parts": [{"number": 1, "sha256": digest}]})["items"][0]
    there = urlsplit(signed["url"])
    _hold(there.netloc == f"s3.{SITE}", f"uploads go to {there.netloc}")
    with front.client(there.netloc) as store:
        origin = f"https://{SLUG}.{SITE}"
        put: httpx.Response = store.put(
            f"{there.path}?{there.query}", content=content, headers={**signed["headers"], "Origin": origin}
        )
        _hold(put.is_success, f"the store refused the film: {put.status_code} {put.text[:300]}")
        _hold(put.headers.get("access-control-allow-origin") == origin, "a browser could not upload")
    studio.call("POST", f"{path}completion/")
    asset = f"/api/v1/assets/{upload['asset_id']}/"
    done = _until(lambda: studio.call("GET", asset), lambda found: found["state"] in ("ready", "failed"), "no encoding")
    _hold(done["state"] == "ready", f"the film is {done}")
    return str(upload["asset_id"])


def _backup(machine: Host) -> None:
    """The first of the nightly backups, which is taken at once. Its stamp is the last thing that it leaves."""
    machine.start("backup")
    stamp = machine.services["dispatcher"]["environment"]["LMS_BACKUP_STAMP"]
    looks = ["test", "-e", stamp]
    words = "the backup did not succeed, or the dispatcher is not told"
    _until(lambda: machine._inside("dispatcher", looks), lambda status: status == 0, words)
    archive = machine.folder / "archive"
    _hold(any((archive / "base").iterdir()), "there is no base backup")
    _hold(any((archive / "wal").iterdir()), "no log is archived")
    _hold(any((archive / "store/objects").rglob("*")), "no objects were copied")


def _until(look: Callable[[], Any], good: Callable[[Any], Any], words: str) -> Any:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not good(found := look()):
        if time.monotonic() > deadline:
            raise Wrong(words)
        time.sleep(0.3)
    return found


if __name__ == "__main__":
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    sys.exit(main())
