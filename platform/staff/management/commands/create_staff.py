"""Make a staff account, or let one start over, and print its one-time set-up link."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

import tenancy
from core.acting import Acting, acting
from core.errors import DomainError
from staff.accounts import people
from staff.models import StaffAccount
from staff.policies import ROLES


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--email", required=True)
        parser.add_argument("--name", default="", help="needed for a new account")
        parser.add_argument("--roles", default="operations", help=f"comma-separated: {', '.join(ROLES)}")
        parser.add_argument(
            "--start-over",
            metavar="REASON",
            default="",
            help="the account exists and lost its factors or password: forget both, end its sessions, say why",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        email = options["email"].strip().lower()
        with tenancy.platform(), acting(Acting(kind="system", name="create_staff", via="command")):
            try:
                if options["start_over"]:
                    known = StaffAccount.objects.filter(email=email).first()
                    if known is None:
                        raise CommandError(f"There is no staff account with the address {email}.")
                    _, link = people.start_over(known.id, reason=options["start_over"])
                else:
                    if not options["name"].strip():
                        raise CommandError("Give the person's name: --name.")
                    roles = [role.strip() for role in options["roles"].split(",") if role.strip()]
                    _, link = people.create(email=email, name=options["name"], roles=roles)
            except DomainError as refused:
                raise CommandError(refused.detail) from refused
        self.stdout.write(link)
        self.stderr.write("Open this link within 24 hours. It works once: choose a password, then set up a factor.")
