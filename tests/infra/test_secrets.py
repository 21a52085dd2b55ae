"""Secrets are made once, outside Terraform, in the form that the product reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs, unquote, urlsplit

import boto3
import pytest
from botocore.stub import ANY, Stubber
from moto import mock_aws

from config.env import Env
from tests.architecture.tree import ROOT

REGION = "eu-central-1"


def _load() -> ModuleType:
    spec = spec_from_file_location("cell_secrets", ROOT / "infra" / "terraform" / "bootstrap" / "secrets.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


cell_secrets = _load()


@pytest.fixture
def facts(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    with mock_aws():
        store = boto3.client("secretsmanager", region_name=REGION)
        boto3.client("iam").create_user(UserName="mail")
        # The names are Terraform's.
        names = [
            line.split("=")[0].strip()
            for line in (ROOT / "infra/terraform/modules/service/secrets.tf").read_text().splitlines()
            if line.strip().startswith("LMS_")
        ]
        yield {
            "region": REGION,
            "secrets": {name: store.create_secret(Name=f"cell/{name}")["ARN"] for name in names},
            "database_host": "db.example",
            "cache_host": "cache.example",
            "cache_user": "lms",
            "smtp_host": "email-smtp.example",
            "smtp_user": "mail",
        }


@pytest.fixture
def cache(facts: dict[str, Any]) -> Iterator[list[str]]:
    """ElastiCache, which moto can't change users of: checked against the service's model; yields the passwords set."""
    client = boto3.client("elasticache", region_name=REGION)
    passwords: list[str] = []
    real = client.modify_user

    def note(**request: Any) -> Any:
        passwords.extend(request["AuthenticationMode"]["Passwords"])
        stubber.add_response(
            "modify_user", {}, {"UserId": "lms", "AccessString": cell_secrets.CACHE_RIGHTS, "AuthenticationMode": ANY}
        )
        return real(**request)

    made = boto3.client
    with (
        Stubber(client) as stubber,
        patch.object(client, "modify_user", note),
        patch.object(boto3, "client", lambda name, **more: client if name == "elasticache" else made(name, **more)),
    ):
        yield passwords


def _values(facts: dict[str, Any]) -> dict[str, str]:
    store = boto3.client("secretsmanager", region_name=REGION)
    found = {}
    for name, arn in facts["secrets"].items():
        try:
            found[name] = store.get_secret_value(SecretId=arn)["SecretString"]
        except store.exceptions.ResourceNotFoundException:
            continue
    return found


def _brings(prompt: str) -> str:
    return "whsec_brought" if "WEBHOOK" in prompt else "rk_test_brought"


def test_every_secret_is_made_in_the_form_that_the_product_reads(facts: dict[str, Any], cache: list[str]) -> None:
    assert cell_secrets.Cell(facts).fill(ask=_brings) == []
    values = _values(facts)
    assert set(values) == set(facts["secrets"])

    env = Env.model_validate(
        {name.removeprefix("LMS_").lower(): value for name, value in values.items()} | {"s3_url": "x"}
    )
    assert env.stripe_secret_key.get_secret_value() == "rk_test_brought"
    for name, login in (("LMS_DATABASE_URL", "lms_app"), ("LMS_OWNER_DATABASE_URL", "lms_owner")):
        address = urlsplit(values[name])
        assert (address.username, address.hostname, address.path) == (login, "db.example", "/lms")
        assert parse_qs(address.query) == {"sslmode": ["require"]}
    assert urlsplit(values["LMS_DATABASE_URL"]).password != urlsplit(values["LMS_OWNER_DATABASE_URL"]).password

    redis = urlsplit(values["LMS_REDIS_URL"])
    assert (redis.scheme, redis.username, [redis.password]) == ("rediss", "lms", cache)

    mail = urlsplit(values["LMS_SMTP_URL"])
    key = boto3.client("iam").list_access_keys(UserName="mail")["AccessKeyMetadata"]
    assert (mail.scheme, unquote(mail.username or "")) == ("smtp+tls", key[0]["AccessKeyId"])


def test_what_has_a_value_keeps_it_and_one_can_be_made_anew(facts: dict[str, Any], cache: list[str]) -> None:
    cell = cell_secrets.Cell(facts)
    cell.fill(ask=_brings)
    before = _values(facts)
    assert cell.fill(ask=_brings) == []
    assert _values(facts) == before

    cell.fill(again=["LMS_REDIS_URL", "LMS_SMTP_URL"])
    after = _values(facts)
    assert {name for name in after if after[name] != before[name]} == {"LMS_REDIS_URL", "LMS_SMTP_URL"}
    assert len(cache) == 2
    assert len(boto3.client("iam").list_access_keys(UserName="mail")["AccessKeyMetadata"]) == 1


def test_what_a_person_has_to_bring_is_said_and_looked_at(
    facts: dict[str, Any], cache: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "cell.json"
    file.write_text(json.dumps(facts))
    assert cell_secrets.main([str(file)]) == 1  # no terminal
    assert "LMS_STRIPE_SECRET_KEY has no value yet" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="nothing was kept"):
        cell_secrets.Cell(facts).fill(ask=lambda prompt: "pk_test_the_public_one")
    assert "LMS_STRIPE_SECRET_KEY" not in _values(facts)


@pytest.mark.parametrize(
    ("key", "region", "password"),
    [
        ("some+secret+key", "eu-central-1", "BMXhUYlu5Z3gSXVQORxlVa7XPaz91aGWdfHxvkOZdWZ2"),
        ("another+secret+key", "eu-central-1", "BBbphbrQmrKMx42d1N6+C7VINYEBGI5v9VsZeTxwskfh"),
        ("some+secret+key", "us-west-1", "BH+jbMzper5WwlwUar9E1ySBqHa9whi0GPo+sJ0mVYJj"),
    ],
)
def test_the_mail_password_is_the_one_that_ses_knows(key: str, region: str, password: str) -> None:
    """Values that Terraform's AWS provider is held to as well (TestSESSMTPPasswordFromSecretKeySigV4)."""
    assert cell_secrets.smtp_password(key, region) == password


def test_the_key_encryption_key_is_not_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cell = tmp_path / "cell.json"
    cell.write_text(json.dumps({"region": REGION, "secrets": {"LMS_KEK": "arn"}}))
    with pytest.raises(SystemExit):
        cell_secrets.main([str(cell), "--again=LMS_KEK"])
    assert "docs/operations/keys.md" in capsys.readouterr().err
