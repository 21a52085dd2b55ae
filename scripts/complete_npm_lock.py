#!/usr/bin/env python3
"""Give frontend/package-lock.json an entry for every optional package of every system.

Builders and linters bring their native part as optional packages, one a system. npm leaves out of the lock what it
could not look up when the lock was made, and `npm ci` then refuses that lock everywhere. An entry with version and
system is enough: npm skips the packages of other systems, and on theirs it fetches what the entry names.

With --check nothing is written; the exit status says whether something is missing.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

LOCK = Path(__file__).resolve().parents[1] / "frontend" / "package-lock.json"
EXACT = re.compile(r"\d+\.\d+\.\d+\S*")
SYSTEMS = ("android", "darwin", "freebsd", "linux", "win32", "openharmony", "sunos", "aix", "netbsd", "openbsd")
PROCESSORS = ("arm64", "x64", "ia32", "arm", "ppc64", "riscv64", "s390x", "loong64", "mips64el", "wasm32")


def entry(name: str, version: str) -> dict[str, Any] | None:
    """The lock's entry for the native package of one system; None where the name does not say which."""
    words = name.rsplit("/", 1)[-1].split("-")
    system = [word for word in SYSTEMS if word in words]
    processor = [word for word in PROCESSORS if word in words]
    if not system and not processor:
        return None
    libc = [libc for word, libc in (("musl", "musl"), ("gnu", "glibc")) if word in words]
    fields: dict[str, Any] = {"version": version, "cpu": processor, "libc": libc, "optional": True, "os": system}
    return {key: value for key, value in fields.items() if value}


def missing(packages: dict[str, Any]) -> dict[str, Any]:
    """Entries to add, by their place in the lock: beside who needs them where the top holds another version."""
    found: dict[str, Any] = {}
    for path, package in packages.items():
        for name, version in package.get("optionalDependencies", {}).items():
            nested, top = f"{path}/node_modules/{name}", f"node_modules/{name}"
            known = {**packages, **found}
            if not EXACT.fullmatch(version) or nested in known or known.get(top, {}).get("version") == version:
                continue
            if (made := entry(name, version)) is not None:
                found[nested if top in known else top] = made
    return found


def main() -> int:
    lock = json.loads(LOCK.read_text())
    added = missing(lock["packages"])
    if "--check" in sys.argv[1:]:
        if added:
            print(f"{LOCK.name} lacks {len(added)} optional packages of other systems. Run `make lock`.")
        return 1 if added else 0
    if added:
        lock["packages"] = dict(sorted({**lock["packages"], **added}.items()))
        LOCK.write_text(json.dumps(lock, indent=2, ensure_ascii=False) + "\n")
    print(f"  {LOCK.name}: {len(lock['packages'])} packages, {len(added)} of them added now")
    return 0


if __name__ == "__main__":
    sys.exit(main())
