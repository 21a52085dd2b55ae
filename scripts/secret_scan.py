"""make secret-scan: look for secrets in every tracked file, against what somebody has read and found to be none.

``--accept`` writes the findings of now into .secrets.baseline as read: do that after you have.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BASELINE = ROOT / ".secrets.baseline"
# Hashes of packages, drawings, and documents that are made from code which is looked at itself.
NOT_READ = (
    r"(^|/)(requirements[\w.-]*\.(lock|txt)|package-lock\.json|\.terraform\.lock\.hcl|openapi.*\.yaml|schema\.d\.ts)$"
    r"|(^|/)\.secrets\.baseline$|\.(svg|png|woff2|sql)$"
)


def scan() -> dict[str, list[dict[str, object]]]:
    """Return what is found, by file. Nothing is asked of a network."""
    command = [
        sys.executable,
        "-m",
        "detect_secrets",
        "-C",
        str(ROOT),
        "scan",
        "--no-verify",
        "--exclude-files",
        NOT_READ,
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found: dict[str, list[dict[str, object]]] = json.loads(done.stdout)["results"]
    return found


def main() -> int:
    """Print findings that are not in the baseline; 1 where there is one."""
    found = scan()
    if "--accept" in sys.argv:
        kept = {
            file: [{"type": one["type"], "hashed_secret": one["hashed_secret"]} for one in findings]
            for file, findings in sorted(found.items())
        }
        BASELINE.write_text(json.dumps(kept, indent=1) + "\n")
        print(f"{sum(map(len, kept.values()))} findings in {len(kept)} files are taken as read.")
        return 0
    read = json.loads(BASELINE.read_text())
    known = {(file, one["type"], one["hashed_secret"]) for file, findings in read.items() for one in findings}
    new = [
        (file, one)
        for file, findings in found.items()
        for one in findings
        if (file, one["type"], one["hashed_secret"]) not in known
    ]
    for file, one in new:
        print(f"{file}:{one['line_number']} looks like a secret ({one['type']})")
    count = len(
        subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    )
    print(f"{count} files, {sum(map(len, found.values()))} findings, {len(new)} that nobody has read")
    return 1 if new else 0


if __name__ == "__main__":
    sys.exit(main())
