"""Everything that a rehearsal runs: databases and stores, the release before's front door, and the services between."""

from __future__ import annotations

import contextlib
import http.client
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import imageio_ffmpeg

from core.processes import PROCESSES
from devstack import embedded, environment, ports
from devstack.credentials import Credentials
from devstack.settings import Settings
from tests.faults.campaign.stage import SERVICES, UNLIMITED, Stage, Whole
from tests.rehearsal.codes import Code
from tests.rehearsal.load import Load
from tests.rehearsal.machine import Machine
from tests.rehearsal.phases import Served
from tests.support.fault_proxy import FaultProxy

# What no deployment of a single host replaces: it is the release before's all the time.
AROUND = frozenset({"edge", "stripe", "front"})
# Part of the embedded default that each service of the compose file is.
SERVED = {
    "web-1": "web-1", "web-2": "web-2", "worker": "worker", "dispatcher": "dispatcher", "transcoder": "media",
    "archivist": "archivist", "provisioner": "provisioner",
}  # fmt: skip
LEARNERS, LESSONS = 4, 24
_SLUGS = ("reef", "dune", "cove", "glen", "moor", "vale", "fell", "tarn", "holt", "weir", "crag", "lynn")


@contextlib.contextmanager
def running(folder: Path, before: Code, now: Code, *, seed: int, plant: str) -> Iterator[tuple[Stage, Machine, Load]]:
    """Start everything by the release before, with two schools that are at home in different groups of web servers."""
    images = {before.image: before, now.image: now}
    assets = {"LMS_ASSETS": str(before.folder / "frontend/dist/assets")}
    with contextlib.ExitStack() as cleanup:
        services = cleanup.enter_context(embedded.running(SERVICES, data_dir=folder / "services", fsync=True))
        (folder / "product").mkdir(mode=0o755)
        shutil.copytree(folder / "services" / "secrets", folder / "product" / "secrets")
        # The verifier reads tables when it starts: the first steps come before it.
        first = _environ(services.settings, "migrate") | assets
        (folder / "first").mkdir()
        status = Machine(folder / "first", {"migrate": first}, images).migrate(before)
        assert not status, f"the release before does not set itself up: see {folder}/first/migrate.log"
        given = {
            "LMS_DATABASE_URL": services.owner["LMS_OWNER_DATABASE_URL"],
            "LMS_REDIS_URL": services["LMS_REDIS_URL"],
            "LMS_S3_URL": services["LMS_S3_URL"],
            "LMS_SMTP_URL": services["LMS_SMTP_URL"],
        }
        product = cleanup.enter_context(
            embedded.running(
                AROUND, data_dir=folder / "product", fsync=True, extra_env=given,
                python=before.python, root=before.folder,
            )
        )  # fmt: skip
        environs = {name: _environ(product.settings, name) for name in SERVED}
        environs["migrate"] = _environ(product.settings, "migrate") | assets
        machine = Machine(folder, environs, images, plant=plant)
        cleanup.enter_context(machine.scripted())
        machine.script("deploy", before.image)
        whole = Whole(product)
        whole.mail_port = services.settings.ports["mail"]
        proxy = FaultProxy({})
        cleanup.callback(proxy.close)
        stage = Stage(services, product, whole, proxy, folder)
        furnish(stage, _apart(stage, Served(folder)))
        yield stage, machine, Load(stage, folder, seed)


def furnish(stage: Stage, slugs: Sequence[str]) -> None:
    """Make the schools, each with a film and learners on its course."""
    for slug in slugs:
        stage.found(slug, learners=LEARNERS, lessons=LESSONS, ffmpeg=imageio_ffmpeg.get_ffmpeg_exe())


def _environ(settings: Settings, service: str) -> dict[str, str]:
    """The environment of a service's process."""
    credentials = Credentials.load(settings.data_dir)
    part = SERVED.get(service, "")
    owner = PROCESSES["web" if part.startswith("web-") else service].owner
    found = environment.for_product(settings, credentials, owner=owner)
    found |= UNLIMITED | {"LMS_SIGN_UPS_PER_IP": "100000", "DJANGO_SETTINGS_MODULE": "config.settings.local"}
    if part.startswith("web-"):
        found["LMS_LISTEN"] = f"{ports.HOST}:{settings.ports[part]}"
    return found


def _apart(stage: Stage, served: Served) -> list[str]:
    """Return two slugs whose hosts the front door leads to different groups of web servers."""
    found: dict[str, str] = {}
    served.look()
    for slug in _SLUGS:
        link = http.client.HTTPConnection(ports.HOST, stage.port, timeout=20)
        link.request("GET", "/api/v1/me/", headers={"Host": f"{stage.whole.host(slug)}:{stage.port}"})
        link.getresponse().read()
        link.close()
        for group in served.look()[1]:
            found.setdefault(group, slug)
        if len(found) == 2:
            return list(found.values())
    raise AssertionError(f"the front door leads every host to {list(found)}")
