"""A root of one's own for a command: this machine's programs, read-only, and beside them only what was put there.

What a container is, as far as this needs it: a mount namespace and chroot. It takes root, or user namespaces would have
to map more than one user; `make image-check` says so where it cannot run.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

_MACHINE = ("usr", "bin", "sbin", "lib", "lib64", "lib32")
_ETC = (
    *("passwd", "group", "shadow", "gshadow", "login.defs", "subuid", "subgid", "default", "nsswitch.conf", "hosts"),
    *("resolv.conf", "services", "protocols", "ssl", "ca-certificates", "alternatives", "ld.so.cache", "ld.so.conf"),
    *("localtime", "mime.types", "pip.conf", "xdg"),
)
_REGISTRIES = re.compile(r"(?i)^(pip_|npm_config_|node_extra_ca|ssl_cert|requests_ca|https?_proxy$|no_proxy$)")


class NotPossible(Exception):
    """This machine does not let us make such a root. The text says what is missing."""


def require() -> None:
    """Raise NotPossible where roots cannot be made."""
    tried = subprocess.run(["unshare", "--mount", "--net", "true"], capture_output=True, check=False)
    if os.geteuid() != 0 or tried.returncode:
        raise NotPossible("It mounts and changes root: run it as root, on a machine that allows mount namespaces.")


@dataclass
class Root:
    """One root. ``mounts`` are (here, there, read-only), beside the machine's own programs."""

    path: Path
    mounts: list[tuple[Path, str, bool]] = field(default_factory=list)
    read_only: bool = False
    tmpfs: tuple[str, ...] = ("/tmp",)

    def make(self) -> None:
        """Make the folders that a system has, and its users."""
        for name in ("tmp", "proc", "dev", "etc", "root", "run", "var/tmp"):
            (self.path / name).mkdir(parents=True, exist_ok=True)
        self.path.chmod(0o755)
        (self.path / "tmp").chmod(0o1777)
        for name in _MACHINE:
            here = Path("/", name)
            if here.is_symlink():
                (self.path / name).symlink_to(here.readlink())
            elif here.is_dir():
                (self.path / name).mkdir(exist_ok=True)
        for name in _ETC:
            here, there = Path("/etc", name), self.path / "etc" / name
            if here.is_dir():
                shutil.copytree(here, there, symlinks=True, dirs_exist_ok=True)
            elif here.exists():
                shutil.copy(here, there)
        prefix = Path(sys.base_prefix)
        if not prefix.is_relative_to("/usr"):
            self.mounts.append((prefix, str(prefix), True))

    def with_registries(self) -> dict[str, str]:
        """Let builds fetch packages as this machine does; return the variables that say from where."""
        environ = {name: value for name, value in os.environ.items() if _REGISTRIES.match(name)}
        listing = [sys.executable, "-m", "pip", "config", "list"]
        said = subprocess.run(listing, capture_output=True, text=True, check=True).stdout
        for word in {*re.findall(r"(?<=['\s=])/[^'\s]+", said), *environ.values()}:
            here = Path(word)
            there_already = here.is_relative_to("/etc") or here.is_relative_to("/usr")
            if here.is_absolute() and here.exists() and not there_already:
                self.mounts.append((here, word, True))
        for name in (".npmrc", ".config/pip"):
            here, there = Path.home() / name, self.path / "root" / name
            there.parent.mkdir(parents=True, exist_ok=True)
            if here.is_dir():
                shutil.copytree(here, there, dirs_exist_ok=True)
            elif here.exists():
                shutil.copy(here, there)
        return environ

    def command(
        self, argv: Sequence[str], *, env: Mapping[str, str], cwd: str = "/", user: str = "0:0", wipes: bool = True
    ) -> list[str]:
        """Return the command line that runs ``argv`` inside."""
        root = shlex.quote(str(self.path))
        lines = ["set -e", f"mount --bind {root} {root}"]
        for name in _MACHINE:
            if Path("/", name).is_dir() and not Path("/", name).is_symlink():
                lines += [f"mount --rbind /{name} {root}/{name}", f"mount -o remount,ro,bind {root}/{name}"]
        lines += [f"mount --rbind /dev {root}/dev", f"mount --rbind /proc {root}/proc"]
        if self.read_only:
            lines.append(f"mount -o remount,ro,bind {root}")
        for there in self.tmpfs if wipes else ():
            (self.path / there.lstrip("/")).mkdir(parents=True, exist_ok=True)
            lines.append(f"mount -t tmpfs -o mode=1777 tmpfs {root}{there}")
        for here, there, read_only in self.mounts:
            target = self.path / there.lstrip("/")
            if here.is_dir():
                target.mkdir(parents=True, exist_ok=True)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.touch()
            target_word = shlex.quote(str(target))
            lines.append(f"mount --bind {shlex.quote(str(here))} {target_word}")
            if read_only:
                lines.append(f"mount -o remount,ro,bind {target_word}")
        words = [f"{name}={value}" for name, value in env.items()]
        inside = shlex.join(["sh", "-c", f'cd {shlex.quote(cwd)} && exec "$@"', "--", *argv])
        lines.append(
            f"exec chroot {root} setpriv --reuid {user.split(':')[0]} --regid {user.split(':')[1]} --clear-groups"
            f" --no-new-privs env -i {shlex.join(words)} {inside}"
        )
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", "\n".join(lines)]

    def run(self, argv: Sequence[str], *, env: Mapping[str, str], cwd: str, output: IO[bytes]) -> int:
        """Run a command inside to its end; return its status."""
        line = self.command(argv, env=env, cwd=cwd, wipes=False)
        done = subprocess.run(line, stdout=output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False)
        return done.returncode
