"""In RDS's place, and in Terraform's and a task's, for the page that is followed on AWS: a program for each name.

    python rds.py <state.json> aws rds restore-db-instance-to-point-in-time …

A call answers at once, and what it asked for is done some looks later. The clock goes on with each look of a waiter and
with each sleep. Whatever is asked too early ends with the error that RDS has for it.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

# What the database that is put back knows of, and what came back of an earlier moment does not.
ERASED = [{"id": str(number), "member": f"member-{number}"} for number in range(60)]


class Rds:
    """The instances by name, and what was asked of whom, in order."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self.state: dict[str, Any] = json.loads(place.read_text())
        self.instances: dict[str, dict[str, Any]] = self.state["instances"]

    def note(self, *words: str) -> None:
        """Write down what was asked."""
        self.state["asked"].append(" ".join(words))

    def keep(self) -> None:
        self._place.write_text(json.dumps(self.state))

    def tick(self) -> None:
        """Let time go on: what is long enough under way is done."""
        for name, one in list(self.instances.items()):
            if one["status"] == "available":
                continue
            one["left"] -= 1
            if one["left"] <= 0:
                one["status"] = "available"
                self.instances[one.pop("becomes", name)] = self.instances.pop(name)
                one["secret"] = one["secret"] or one.pop("opens", False)

    def ready(self, name: str) -> dict[str, Any]:
        """Return an instance that something can be asked of."""
        one = self.found(name)
        if one["status"] != "available":
            raise SystemExit(f"InvalidDBInstanceState: {name} is {one['status']}")
        return one

    def found(self, name: str) -> dict[str, Any]:
        if name not in self.instances:
            raise SystemExit(f"DBInstanceNotFound: {name}")
        return self.instances[name]

    def free(self, name: str) -> str:
        if name in self.instances:
            raise SystemExit(f"DBInstanceAlreadyExists: {name}")
        return name


def aws(rds: Rds, words: list[str]) -> None:
    """One call of the command line, or a waiter."""

    def given(name: str) -> str:
        return words[words.index(name) + 1]

    match words[1]:
        case "restore-db-instance-to-point-in-time":
            is_ = f"{rds.found(given('--source-db-instance-identifier'))['is']} at {given('--restore-time')}"
            name = rds.free(given("--target-db-instance-identifier"))
            rds.instances[name] = {"status": "creating", "left": 4, "is": is_, "secret": False}
        case "modify-db-instance":
            one, becomes = rds.ready(given("--db-instance-identifier")), rds.free(given("--new-db-instance-identifier"))
            opens = "--manage-master-user-password" in words
            one.update(status="renaming", left=3, becomes=becomes, opens=opens)
        case "describe-db-instances":
            one, asked = rds.found(given("--db-instance-identifier")), given("--query").rpartition(".")[2]
            secret = "active" if one["secret"] else "None"
            print({"VpcSecurityGroupId": "sg-1", "KmsKeyId": "key-1", "SecretStatus": secret}[asked])
        case "wait":
            rds.tick()
            while rds.found(given("--db-instance-identifier"))["status"] != "available":
                rds.tick()
        case other:
            raise SystemExit(f"What is {other}?")


def terraform(rds: Rds, words: list[str]) -> None:
    if words[0] == "import" and not rds.ready(words[-1])["secret"]:
        raise SystemExit("Invalid index: master_user_secret is an empty list")


def task(rds: Rds, words: list[str]) -> None:
    """A one-off task: it asks whatever is under the cell's name."""
    one = rds.ready(rds.state["cell"])
    if words[:3] == ["manage", "erasures", "--since"]:
        print("a line of the log")
        rows = ERASED[: rds.state["erased"]] if one["is"] == "the newest state" else []
        for line in [*rows, {"erasures": len(rows)}]:
            print(json.dumps(line))
    if words[:3] == ["administer", "erasures", "--again"]:
        *lines, last = (json.loads(line) for line in words[3].splitlines())
        if last != {"erasures": len(lines)} or len(words[3]) > 8192:
            raise SystemExit("The ledger is cut off.")
        one.setdefault("erased", []).extend(lines)


def main() -> None:
    place, program, *words = sys.argv[1:]
    rds = Rds(Path(place))
    rds.note(program, *(re.sub(r"\s.*", "", word, flags=re.S) for word in words))
    try:
        if program == "sleep":
            rds.tick()
        else:
            {"aws": aws, "terraform": terraform, "task": task}[program](rds, words)
    finally:
        rds.keep()


if __name__ == "__main__":
    main()
