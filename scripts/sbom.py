"""make sbom: what the product is made of, as CycloneDX, from the two locks into build/.

Fails where a locked package is missing from the bill: one that is incomplete is worse than none.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OUT = ROOT / "build"


def python_bill() -> Path:
    """Write the bill of requirements.lock."""
    target = OUT / "sbom-python.cdx.json"
    command = [sys.executable, "-m", "cyclonedx_py", "requirements", "--output-reproducible", "--of", "JSON"]
    subprocess.run([*command, "-o", str(target), str(ROOT / "requirements.lock")], check=True)
    return target


def npm_bill() -> Path:
    """Write the bill of frontend/package-lock.json, without installing anything."""
    target = OUT / "sbom-npm.cdx.json"
    command = ["npm", "sbom", "--sbom-format=cyclonedx", "--package-lock-only"]
    made = subprocess.run(command, cwd=ROOT / "frontend", capture_output=True, text=True, check=True)
    target.write_text(made.stdout)
    return target


def named(bill: Path) -> set[tuple[str, str]]:
    """Return name and version of each component."""
    components = json.loads(bill.read_text())["components"]
    names = ((f"{found.get('group', '')}/{found['name']}", found.get("version", "")) for found in components)
    return {(name.lstrip("/").replace("_", "-").lower(), version) for name, version in names}


def locked_python() -> set[tuple[str, str]]:
    """Return what requirements.lock pins."""
    text = (ROOT / "requirements.lock").read_text()
    found = re.findall(r"^([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==([^ \\\n]+)", text, re.M)
    return {(name.replace("_", "-").lower(), version) for name, version in found}


def locked_npm() -> set[tuple[str, str]]:
    """Return what the npm lock pins, but for what is of other machines."""
    packages = json.loads((ROOT / "frontend/package-lock.json").read_text())["packages"]
    return {
        (path.rpartition("node_modules/")[2].replace("_", "-").lower(), entry["version"])
        for path, entry in packages.items()
        if path and not entry.get("optional") and not entry.get("peer")
    }


def main() -> int:
    """Write both bills; 1 where one lacks something."""
    OUT.mkdir(exist_ok=True)
    complete = True
    for bill, locked in ((python_bill(), locked_python()), (npm_bill(), locked_npm())):
        held = named(bill)
        missing = sorted(locked - held)
        complete = complete and not missing
        print(f"{bill.relative_to(ROOT)}: {len(held)} components, {len(locked)} locked, {len(missing)} missing")
        for name, version in missing:
            print(f"  missing: {name} {version}", file=sys.stderr)
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main())
