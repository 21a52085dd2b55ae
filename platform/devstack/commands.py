"""The commands behind ``python -m devstack``."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import signal
import subprocess
import time
from typing import Any

from devstack import backup as backups
from devstack import embedded, environment, keeper, ports, stack, state
from devstack.console import Console
from devstack.credentials import Credentials
from devstack.settings import Settings, SettingsError
from devstack.supervisor import Supervisor

STOP_SECONDS = 30.0


def up(arguments: argparse.Namespace) -> int:
    """Start the stack; returns when it has stopped and every process of it is gone."""
    settings = Settings.from_environ()
    settings.data_dir.mkdir(mode=0o755, parents=True, exist_ok=True)
    return keeper.run(settings, [f"--parts={arguments.parts}"], arguments.lifeline)


def supervise(arguments: argparse.Namespace) -> int:
    """The supervisor itself, below the keeper."""
    settings = Settings.from_environ()
    console = Console()
    credentials = Credentials.load(settings.data_dir)
    parts = stack.build(settings, credentials, arguments.parts.split(","))
    product = environment.product(settings, credentials)
    owner = environment.owners(settings, credentials)
    state.write(settings.run_dir, "env", {"product": product, "owner": owner})
    console.text("Emerging Tech LMS\n")

    def when_ready(seconds: float) -> None:
        console.text(f"\n  Everything runs after {seconds:.1f} s. Ctrl-C stops it.\n")
        if any(part.name == "front" for part in parts):
            backups.let_in(settings)
            console.text(f"  Start here   {settings.url(settings.site_host)}")
            console.text(f"  Staff        {settings.url(settings.staff_host)}")
            console.text(f"  Mailbox      {settings.url(settings.mail_host)}")
        if any(part.name == "stripe" for part in parts):
            console.text(f"  Payments     {settings.stripe_url} (the local Stripe: no money moves)")
        console.text(f"  Logs         {settings.log_dir}\n")

    watch = [int(descriptor) for descriptor in arguments.watch.split(",") if descriptor]
    return Supervisor(settings, parts, console, watch).run(when_ready)


def names(arguments: argparse.Namespace) -> int:
    """Serve DNS from ``names.txt`` in the data dir until Ctrl-C."""
    # Imported here: the stack itself needs no DNS.
    from devstack import names as server

    try:
        server.serve(Settings.from_environ().data_dir / "names.txt", arguments.port)
    except KeyboardInterrupt:
        return 0
    return 0


def status(arguments: argparse.Namespace) -> int:
    """Report each part; what has a port is asked now, not read from the file."""
    settings = Settings.from_environ()
    report = state.read(settings.run_dir, "state")
    if not state.is_locked(settings.run_dir) and report["phase"] != "failed":
        report["phase"] = "stopped"
    for part in report.get("parts", {}).values():
        if report["phase"] in ("stopped", "failed"):
            part |= {"phase": "stopped", "healthy": False, "pid": None}
        elif part["port"] is not None:
            part["healthy"] = part["healthy"] and ports.answers(part["port"])
    if arguments.json:
        print(json.dumps(report, indent=1))
    else:
        _print_report(report)
    return 0 if report["phase"] == "ready" and all(part["healthy"] for part in report["parts"].values()) else 1


def _print_report(report: dict[str, Any]) -> None:
    print(f"{report['phase']}\n")
    for part in report.get("parts", {}).values():
        place = f"{ports.HOST}:{part['port']}" if part["port"] else ""
        word = part["phase"] if part["healthy"] or part["phase"] != "ready" else "does not answer"
        since = time.strftime("%H:%M:%S", time.localtime(part["since"]))
        restarts = f"{part['restarts']} restarts" if part["restarts"] else ""
        print(f"  {part['title']:<22} {word:<16} {place:<18} since {since}  {restarts} {part['detail']}".rstrip())


def stop(arguments: argparse.Namespace) -> int:
    """Ask the running stack to stop and wait until its data dir is free."""
    settings = Settings.from_environ()
    report = state.read(settings.run_dir, "state")
    if not state.is_locked(settings.run_dir) or not report.get("keeper_pid"):
        raise state.NotRunning(f"Nothing runs on {settings.data_dir}.")
    os.kill(report["keeper_pid"], signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while state.is_locked(settings.run_dir):
        if time.monotonic() > deadline:
            print(f"It has not stopped within {STOP_SECONDS:.0f} s.")
            return 1
        time.sleep(0.1)
    return 0


def env(arguments: argparse.Namespace) -> int:
    """Print the environment as shell assignments."""
    for name, value in sorted(_running_environment(owner=arguments.owner).items()):
        print(f"export {name}={shlex.quote(value)}")
    return 0


def run(arguments: argparse.Namespace) -> int:
    """Become the given command, in the environment of the running stack."""
    command = _command(arguments)
    if not command:
        return 2
    environ = environment.inherited() | _running_environment(owner=arguments.owner)
    try:
        os.execvpe(command[0], command, environ)
    except FileNotFoundError:
        print(f"There is no program {command[0]}.")
        return 127


def seed(arguments: argparse.Namespace) -> int:
    """Make the demo organizations in the running stack; one on outside services gets no demo data."""
    # Only here: pictures and a browser's client are half a second of loading that every other command would pay for.
    import imageio_ffmpeg

    from devstack.demo.seed import Seed

    settings = Settings.from_environ()
    if settings.external:
        raise SettingsError(
            f"Demo data is for the embedded default only; unset {', '.join(sorted(settings.external))}."
        )
    product = _running_environment(owner=False)
    if product.get("LMS_EMBEDDED") != "1":
        raise SettingsError("Demo data is for the embedded default only.")
    # It may have been started on other ports and hosts than this terminal would choose.
    where = {name: value for name, value in product.items() if name.endswith(("_PORT", "_HOST"))}
    settings = Settings.from_environ({**os.environ, **where})
    ffmpeg = settings.ffmpeg or imageio_ffmpeg.get_ffmpeg_exe()
    environ = environment.inherited() | product
    written = Seed(settings, ffmpeg=ffmpeg, say=lambda line: print(f"  {line}", flush=True), environ=environ).run()
    print(f"\n  Hosts, accounts and passwords are in {written}")
    print(
        f"  The console: {settings.url(settings.staff_host)}, with the staff account in that file. Its second step is"
    )
    print("  a code of an app that knows the totp_secret, or one of the recovery_codes.\n")
    return 0


def backup(arguments: argparse.Namespace) -> int:
    """Make a base backup of the running cluster."""
    settings = Settings.from_environ()
    if not state.is_locked(settings.run_dir):
        raise state.NotRunning(f"Nothing runs on {settings.data_dir}. Start it with `make up`.")
    print(backups.take(settings, Credentials.load(settings.data_dir), keep=arguments.keep, days=arguments.days))
    return 0


def restore_cluster(arguments: argparse.Namespace) -> int:
    """Bring the cluster back from the folder of backups; what runs on this data dir has to be stopped first."""
    settings = Settings.from_environ()
    if not (settings.data_dir / "secrets" / "credentials.json").exists():
        raise SettingsError(
            f"{settings.data_dir}/secrets/credentials.json is missing. Put it back first: without the keys in it the "
            "data cannot be read."
        )
    held = state.lock(settings.run_dir)
    chosen = {"--to": arguments.to, "--point": arguments.point, "--timeline": arguments.timeline}
    until = [word for option, value in chosen.items() if value for word in (option, value)]
    try:
        print(f"Restored: {backups.restore(settings, Credentials.load(settings.data_dir), until=until)}.")
    finally:
        os.close(held)
    return 0


def run_beside_throwaway(arguments: argparse.Namespace) -> int:
    """Run a command in the environment of a stack that is made for it and gone afterwards."""
    command = _command(arguments)
    if not command:
        return 2
    with embedded.running(parts=arguments.parts.split(",")) as stack_environment:
        extra = stack_environment.owner if arguments.owner else {}
        environ = {**environment.inherited(), **stack_environment, **extra}
        return subprocess.run(command, env=environ, check=False).returncode


def _command(arguments: argparse.Namespace) -> list[str]:
    command: list[str] = arguments.command[1:] if arguments.command[:1] == ["--"] else arguments.command
    if not command:
        print("Which command? It stands behind two dashes: -- command …")
    return command


def _running_environment(*, owner: bool) -> dict[str, str]:
    settings = Settings.from_environ()
    if not state.is_locked(settings.run_dir):
        raise state.NotRunning(f"Nothing runs on {settings.data_dir}. Start it with `make up`.")
    known = state.read(settings.run_dir, "env")
    return {**known["product"], **(known["owner"] if owner else {})}
