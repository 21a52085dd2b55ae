"""Make the secrets of a cell, once: passwords, keys, the mail login. Terraform and its state never know a value.

    terraform -chdir=infra/terraform/environments/staging output -json to_fill > cell.json
    python infra/terraform/bootstrap/secrets.py cell.json

What has a value keeps it. What a person has to bring (Stripe's key and webhook secret) is asked for on the terminal;
what is of use only later (the password of the monitor's learner) may stay empty. ``--again NAME`` makes one anew: a
password that got out, say. After a new database password run the ``prepare`` task, after any change start the services
anew.

Ends with 0 when every secret that the services need has a value, with 1 and their names when some are missing.
"""

from __future__ import annotations

import argparse
import base64
import getpass
import hashlib
import hmac
import json
import os
import secrets
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
from botocore.exceptions import ClientError

KEK_BYTES = 32
# Every command but those that administer the server.
CACHE_RIGHTS = "on ~* &* +@all -@admin"
BROUGHT = {
    "LMS_STRIPE_SECRET_KEY": ("sk_", "rk_"),
    "LMS_STRIPE_WEBHOOK_SECRET": ("whsec_",),
    "LMS_CANARY_PASSWORD": (),
}
"""What a person brings, and with what it begins; nothing where anything will do."""
LATER = frozenset({"LMS_CANARY_PASSWORD"})
"""What no service needs before a person has set something up in the product."""

Ask = Callable[[str], str]


class Cell:
    """One cell's secrets in Secrets Manager. ``facts`` is Terraform's output ``to_fill``."""

    def __init__(self, facts: dict[str, Any]) -> None:
        self._facts = facts
        self._store = boto3.client("secretsmanager", region_name=facts["region"])
        self._made: dict[str, Callable[[], str]] = {
            "LMS_SECRET_KEY": lambda: secrets.token_urlsafe(64),
            "LMS_KEK": lambda: base64.b64encode(os.urandom(KEK_BYTES)).decode(),
            "LMS_HEALTH_TOKEN": lambda: secrets.token_urlsafe(32),
            "LMS_DATABASE_URL": lambda: self._database_url("lms_app"),
            "LMS_OWNER_DATABASE_URL": lambda: self._database_url("lms_owner"),
            "LMS_REDIS_URL": self._cache_url,
            "LMS_SMTP_URL": self._mail_url,
        }

    def fill(self, *, again: Sequence[str] = (), ask: Ask | None = None) -> list[str]:
        """Give every secret without a value one, and those of ``again`` a new one; return what is still needed."""
        missing = []
        for name, arn in sorted(self._facts["secrets"].items()):
            if self._has_value(arn) and name not in again:
                continue
            value = self._made[name]() if name in self._made else _brought(name, ask)
            if value:
                self._store.put_secret_value(SecretId=arn, SecretString=value)
            elif name not in LATER or name in again:
                missing.append(name)
        return missing

    def _has_value(self, arn: str) -> bool:
        try:
            self._store.get_secret_value(SecretId=arn)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ResourceNotFoundException":
                return False
            raise
        return True

    def _database_url(self, login: str) -> str:
        # RDS takes no other than encrypted connections; to prove who it is takes its certificates: deployment.md.
        return (
            f"postgresql://{login}:{secrets.token_urlsafe(32)}@{self._facts['database_host']}:5432/lms?sslmode=require"
        )

    def _cache_url(self) -> str:
        password = secrets.token_urlsafe(48)
        boto3.client("elasticache", region_name=self._facts["region"]).modify_user(
            UserId=self._facts["cache_user"],
            AccessString=CACHE_RIGHTS,
            AuthenticationMode={"Type": "password", "Passwords": [password]},
        )
        return f"rediss://lms:{password}@{self._facts['cache_host']}:6379/0?ssl_cert_reqs=required"

    def _mail_url(self) -> str:
        """A new access key of the mail user; the ones before are deleted."""
        iam, user = boto3.client("iam"), self._facts["smtp_user"]
        for old in iam.list_access_keys(UserName=user)["AccessKeyMetadata"]:
            iam.delete_access_key(UserName=user, AccessKeyId=old["AccessKeyId"])
        key = iam.create_access_key(UserName=user)["AccessKey"]
        login, password = (
            quote(key["AccessKeyId"]),
            quote(smtp_password(key["SecretAccessKey"], self._facts["region"]), ""),
        )
        return f"smtp+tls://{login}:{password}@{self._facts['smtp_host']}:587"


def smtp_password(secret_access_key: str, region: str) -> str:
    """Return the password that SES's SMTP takes for an access key.

    Version 4 of https://docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html: a chain of HMACs as in a signature.
    """
    signature = f"AWS4{secret_access_key}".encode()
    for part in ("11111111", region, "ses", "aws4_request", "SendRawEmail"):
        signature = hmac.new(signature, part.encode(), hashlib.sha256).digest()
    return base64.b64encode(b"\x04" + signature).decode()


def _brought(name: str, ask: Ask | None) -> str:
    begins = BROUGHT[name]
    says = f"begins with {' or '.join(begins)}" if begins else "empty: later"
    value = ask(f"{name} ({says}): ").strip() if ask else ""
    if value and begins and not value.startswith(begins):
        raise SystemExit(f"{name} {says}: nothing was kept of what you typed.")
    return value


def main(given: Sequence[str] | None = None) -> int:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cell", type=Path, help="Terraform's output `to_fill` as JSON")
    parser.add_argument("--again", action="append", default=[], metavar="NAME", help="make this one anew")
    chosen = parser.parse_args(given)
    facts = json.loads(chosen.cell.read_text())
    if unknown := set(chosen.again) - set(facts["secrets"]):
        parser.error(f"not among the secrets: {', '.join(sorted(unknown))}")
    if "LMS_KEK" in chosen.again:
        parser.error("a new LMS_KEK goes in five steps, or what the old one sealed is lost: docs/operations/keys.md")
    missing = Cell(facts).fill(again=chosen.again, ask=getpass.getpass if sys.stdin.isatty() else None)
    for name in missing:
        sys.stderr.write(f"{name} has no value yet: run this on a terminal and bring it.\n")
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
