"""``python -m devstack``: start, look at, and work beside the embedded default."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from devstack import commands, stack
from devstack.credentials import CredentialsUnreadable
from devstack.embedded import StackFailed
from devstack.part import PartFailed
from devstack.settings import SettingsError
from devstack.state import AlreadyRunning, NotRunning


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Problems a person can solve are one message on stderr and status 1, never a traceback."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except BrokenPipeError:
        os._exit(0)  # whoever read our output has seen enough, as in ``status | head``
    except (SettingsError, CredentialsUnreadable, PartFailed, AlreadyRunning, NotRunning, StackFailed) as problem:
        print(f"\n{problem}\n", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m devstack", description=__doc__)
    chosen = ",".join(stack.NAMES)
    verbs = parser.add_subparsers(required=True)

    up = verbs.add_parser("up", help="start the stack and stay with it until Ctrl-C")
    up.add_argument("--parts", default=chosen, help=f"only these, separated by commas: {chosen}")
    up.add_argument("--lifeline", type=int, help="stop when this inherited descriptor closes")
    up.set_defaults(run=commands.up)

    supervise = verbs.add_parser("supervise")  # what ``up`` starts; not for people
    supervise.add_argument("--parts", default=chosen)
    supervise.add_argument("--watch", default="")
    supervise.set_defaults(run=commands.supervise)

    status = verbs.add_parser("status", help="health of each part; status 0 when all serve")
    status.add_argument("--json", action="store_true", help="as one JSON object")
    status.set_defaults(run=commands.status)

    stop = verbs.add_parser("stop", help="stop the stack that runs on this data dir")
    stop.set_defaults(run=commands.stop)

    env = verbs.add_parser("env", help="print the environment of the running stack's processes")
    env.add_argument("--owner", action="store_true", help="with the login that owns the schemas")
    env.set_defaults(run=commands.env)

    names = verbs.add_parser("names", help="a name server for trying custom domains: says what names.txt says")
    names.add_argument("--port", type=int, default=8053)
    names.set_defaults(run=commands.names)

    run = verbs.add_parser("run", help="run a command in that environment: run [--owner] -- command …")
    run.add_argument("--owner", action="store_true", help="with the login that owns the schemas")
    run.add_argument("command", nargs=argparse.REMAINDER)
    run.set_defaults(run=commands.run)

    seed = verbs.add_parser("seed", help="two demo organizations in the running stack")
    seed.set_defaults(run=commands.seed)

    backup = verbs.add_parser("backup", help="a base backup of the running database, into LMS_PG_ARCHIVE")
    backup.add_argument("--keep", type=int, default=7, help="how many base backups stay, the newest ones (7)")
    backup.add_argument("--days", type=int, default=7, help="how many days old the others have to be to go (7)")
    backup.set_defaults(run=commands.backup)

    restore = verbs.add_parser("restore-cluster", help="bring the database back from LMS_PG_ARCHIVE")
    until = restore.add_mutually_exclusive_group()
    until.add_argument("--to", help="as it was then, for instance '2026-11-29 10:30:00 UTC'. Default: all there is")
    until.add_argument("--point", help="as it was at this named restore point")
    restore.add_argument("--timeline", help="of this timeline; default: what docs/operations/backups.md says")
    restore.set_defaults(run=commands.restore_cluster)

    throwaway = verbs.add_parser("with", help="run a command beside a throwaway stack: with [--parts …] -- command …")
    throwaway.add_argument("--parts", default=chosen, help="as for up")
    throwaway.add_argument("--owner", action="store_true", help="with the login that owns the schemas")
    throwaway.add_argument("command", nargs=argparse.REMAINDER)
    throwaway.set_defaults(run=commands.run_beside_throwaway)
    return parser


if __name__ == "__main__":
    sys.exit(main())
