"""What a Dockerfile says, and which files a build of it would be given: enough of both for the one that is ours."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath


@dataclass
class Stage:
    """One ``FROM`` and what follows it."""

    name: str
    base: str
    instructions: list[tuple[str, str]] = field(default_factory=list)

    def all(self, verb: str) -> list[str]:
        """Return what every instruction of this kind says."""
        return [words for found, words in self.instructions if found == verb]

    def last(self, verb: str) -> str:
        """Return what the last instruction of this kind says, the one that counts."""
        return self.all(verb)[-1]

    def command(self, verb: str) -> list[str]:
        """Return the argument list of an ENTRYPOINT or CMD in its exec form.

        Raises:
            ValueError: it is a shell's line, behind which signals get lost.
        """
        return list(json.loads(self.last(verb)))

    def environment(self) -> dict[str, str]:
        """Return what ENV sets."""
        return dict(word.split("=", 1) for words in self.all("ENV") for word in shlex.split(words))


def parse(text: str) -> tuple[dict[str, str], list[Stage]]:
    """Return the arguments before the first stage with their defaults, and the stages."""
    arguments: dict[str, str] = {}
    stages: list[Stage] = []
    joined = re.sub(r"\\\n", " ", re.sub(r"^\s*#.*\n", "", text, flags=re.M))
    for line in joined.splitlines():
        if not line.strip():
            continue
        verb, words = line.strip().split(None, 1)
        if verb == "FROM":
            found = re.fullmatch(r"(?P<base>\S+) AS (?P<name>\S+)", words)
            assert found, f"every stage has a name: {line}"
            stages.append(Stage(found["name"], re.sub(r"\$\{(\w+)\}", lambda name: arguments[name[1]], found["base"])))
        elif not stages:
            assert verb == "ARG", line
            name, value = words.split("=", 1)
            arguments[name] = value
        else:
            stages[-1].instructions.append((verb, " ".join(words.split())))
    return arguments, stages


@dataclass(frozen=True)
class Copy:
    """One COPY: from which stage ("" is the context), what, and to where."""

    stage: str
    sources: tuple[str, ...]
    target: str

    @classmethod
    def parse(cls, words: str) -> Copy:
        """Read what stands behind the word."""
        parts = words.split()
        stage = parts.pop(0).removeprefix("--from=") if parts[0].startswith("--from=") else ""
        assert not any(part.startswith("--") for part in parts), f"an option that this reader does not know: {words}"
        return cls(stage, tuple(parts[:-1]), parts[-1])


def context(root: Path) -> list[str]:
    """Return the files of the checkout, tracked or new, that ``.dockerignore`` lets into a build."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        capture_output=True,
        check=True,
    )
    rules = [line for line in (root / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    names = sorted(set(listed.stdout.decode().split("\0")) - {""})
    return [name for name in names if not _left_out(name, rules) and (root / name).is_file()]


def _left_out(name: str, rules: list[str]) -> bool:
    """The last rule that fits the file, or a folder that it is in, decides."""
    left_out = False
    path = PurePosixPath(name)
    for rule in rules:
        if any(_fits(candidate.as_posix(), rule.removeprefix("!")) for candidate in (path, *path.parents)):
            left_out = not rule.startswith("!")
    return left_out


def _fits(name: str, pattern: str) -> bool:
    if pattern.startswith("**/"):
        return fnmatch(name.rpartition("/")[2], pattern.removeprefix("**/"))
    return "/" not in name and fnmatch(name, pattern) if "/" not in pattern else fnmatch(name, pattern)
