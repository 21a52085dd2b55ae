"""Starts one program that reads a stranger's file, with as little power as this machine can take away from it.

Run as a script by a bare interpreter (``python -I -S jail.py SPEC PROGRAM ARGUMENTS...``); SPEC is the JSON that
``media.transcoding.sandbox`` writes. It applies the limits to itself and then becomes the program, so no supervisor
process stays between the worker and what it must be able to kill.

Layers, each applied where the kernel allows it, each sufficient against a different mistake:
  * the parent's death kills it (a worker that is shot must not leave an encoder burning the machine);
  * rlimits on memory, CPU, file size and open files;
  * a user and network namespace of its own: no interface but a loopback that is down;
  * Landlock: it may read its libraries and its scratch directory, write only the latter, and open no TCP port.
"""

import contextlib
import ctypes
import errno
import json
import os
import resource
import signal
import struct
import sys
from typing import Any

CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWNET = 0x08000000, 0x10000000, 0x40000000
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38
SYS_LANDLOCK_CREATE_RULESET, SYS_LANDLOCK_ADD_RULE, SYS_LANDLOCK_RESTRICT_SELF = 444, 445, 446  # same on every arch
LANDLOCK_CREATE_RULESET_VERSION = 1
LANDLOCK_RULE_PATH_BENEATH = 1

# linux/landlock.h: the file rights of ABI 1 (bits 0..12), then REFER (2), TRUNCATE (3), IOCTL_DEV (5).
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
REMOVE_FILE, MAKE_REG, MAKE_DIR = 1 << 5, 1 << 8, 1 << 7
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
READ = EXECUTE | READ_FILE | READ_DIR
FILE_ONLY = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV

_libc = ctypes.CDLL(None, use_errno=True)


def landlock_abi() -> int:
    """The Landlock version of this kernel; 0 where there is none."""
    return max(0, _libc.syscall(SYS_LANDLOCK_CREATE_RULESET, None, 0, LANDLOCK_CREATE_RULESET_VERSION))


def _call(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def _die_with_parent(parent_pid: int) -> None:
    _call(_libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0))
    if os.getppid() != parent_pid:  # it died before the line above
        os._exit(125)


def _unshare() -> None:
    """Own user, network and IPC namespaces. Outside, the process keeps its uid but holds no capability."""
    uid, gid = os.geteuid(), os.getegid()
    _call(_libc.unshare(CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWIPC))
    with contextlib.suppress(FileNotFoundError):
        _write("/proc/self/setgroups", "deny")
    _write("/proc/self/uid_map", f"65534 {uid} 1")
    _write("/proc/self/gid_map", f"65534 {gid} 1")


def _write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)


def _limit(spec: dict[str, Any]) -> None:
    for name, value in (
        (resource.RLIMIT_AS, spec["memory_bytes"]),
        (resource.RLIMIT_CPU, spec["cpu_seconds"]),
        (resource.RLIMIT_FSIZE, spec["file_bytes"]),
        (resource.RLIMIT_NOFILE, spec["open_files"]),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(name)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(name, (value, value))


def _landlock(readable: list[str], writable: str) -> None:
    abi = landlock_abi()
    handled = (1 << 13) - 1
    if abi >= 2:
        handled |= REFER
    if abi >= 3:
        handled |= TRUNCATE
    if abi >= 5:
        handled |= IOCTL_DEV
    # struct landlock_ruleset_attr: fs rights, then (ABI 4) TCP bind|connect, then (ABI 6) abstract sockets|signals.
    attributes = struct.pack("QQQ", handled, 3 if abi >= 4 else 0, 3 if abi >= 6 else 0)
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    ruleset = _call(_libc.syscall(SYS_LANDLOCK_CREATE_RULESET, ctypes.c_char_p(attributes), size, 0))
    own = READ_FILE | READ_DIR | WRITE_FILE | REMOVE_FILE | MAKE_REG | MAKE_DIR | (REFER | TRUNCATE) & handled
    for path in readable:
        _allow(ruleset, path, READ & handled)
    _allow(ruleset, "/dev/null", (READ_FILE | WRITE_FILE) & handled)
    _allow(ruleset, writable, own)
    _call(_libc.syscall(SYS_LANDLOCK_RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EACCES):
            return  # a library directory that this distribution does not have
        raise
    if not os.path.isdir(path):
        rights &= FILE_ONLY
    rule = struct.pack("=Qi", rights, handle)
    _call(_libc.syscall(SYS_LANDLOCK_ADD_RULE, ruleset, LANDLOCK_RULE_PATH_BENEATH, ctypes.c_char_p(rule), 0))
    os.close(handle)


def main(argv: list[str]) -> None:
    """Become the program, or leave with status 125 and a reason on stderr."""
    spec, program = json.loads(argv[1]), argv[2:]
    try:
        _die_with_parent(spec["parent_pid"])
        os.nice(spec["nice"])
        if spec["network"]:
            _unshare()
        _call(_libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
        if spec["files"]:
            _landlock(spec["readable"], spec["scratch"])
        _limit(spec)
        os.execve(program[0], program, spec["environment"])  # noqa: S606 - argv lists only, never a shell
    except (OSError, ValueError) as error:
        sys.stderr.write(f"jail: {error}\n")
        sys.stderr.flush()
        os._exit(125)


if __name__ == "__main__":
    main(sys.argv)
