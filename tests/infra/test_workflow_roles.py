"""GitHub's workflows and the roles that the bootstrap makes for them: the same names, enough rights, and no more."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import yaml
from moto.iam.aws_managed_policies import aws_managed_policies_data

from tests.architecture.tree import ROOT
from tests.infra.estate import Report, report, why_not
from tests.infra.policies import Statement, may

_MISSING = why_not()
pytestmark = pytest.mark.skipif(bool(_MISSING), reason=_MISSING.strip() or "Terraform is there")

REGION, ACCOUNT, CELL = "eu-central-1", "123456789012", "lms-production"
ECS = f"arn:aws:ecs:{REGION}:{ACCOUNT}"
LOGS = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group"
FOLDER = ROOT / ".github" / "workflows"
SCRIPT = re.sub(r"^ *#.*$", "", (ROOT / "scripts" / "release.sh").read_text(), flags=re.M)

# What `terraform plan` asks of AWS to look at a resource of a kind: the call that it cannot do without.
LOOKS = {
    "aws_acm_certificate": "acm:DescribeCertificate",
    "aws_acm_certificate_validation": "acm:DescribeCertificate",
    "aws_appautoscaling_policy": "application-autoscaling:DescribeScalingPolicies",
    "aws_appautoscaling_target": "application-autoscaling:DescribeScalableTargets",
    "aws_cloudformation_stack": "cloudformation:DescribeStacks",
    "aws_cloudfront_distribution": "cloudfront:GetDistribution",
    "aws_cloudfront_function": "cloudfront:DescribeFunction",
    "aws_cloudfront_key_value_store": "cloudfront:DescribeKeyValueStore",
    "aws_cloudfront_key_group": "cloudfront:GetKeyGroup",
    "aws_cloudfront_public_key": "cloudfront:GetPublicKey",
    "aws_cloudfront_origin_access_control": "cloudfront:GetOriginAccessControl",
    "aws_cloudfront_response_headers_policy": "cloudfront:GetResponseHeadersPolicy",
    "aws_cloudfront_vpc_origin": "cloudfront:GetVpcOrigin",
    "aws_cloudwatch_event_rule": "events:DescribeRule",
    "aws_cloudwatch_event_target": "events:ListTargetsByRule",
    "aws_cloudwatch_log_delivery": "logs:GetDelivery",
    "aws_cloudwatch_log_delivery_destination": "logs:GetDeliveryDestination",
    "aws_cloudwatch_log_delivery_source": "logs:GetDeliverySource",
    "aws_cloudwatch_log_group": "logs:DescribeLogGroups",
    "aws_cloudwatch_log_metric_filter": "logs:DescribeMetricFilters",
    "aws_cloudwatch_metric_alarm": "cloudwatch:DescribeAlarms",
    "aws_db_instance": "rds:DescribeDBInstances",
    "aws_db_parameter_group": "rds:DescribeDBParameters",
    "aws_db_subnet_group": "rds:DescribeDBSubnetGroups",
    "aws_default_security_group": "ec2:DescribeSecurityGroups",
    "aws_ecs_cluster": "ecs:DescribeClusters",
    "aws_ecs_service": "ecs:DescribeServices",
    "aws_ecs_task_definition": "ecs:DescribeTaskDefinition",
    "aws_eip": "ec2:DescribeAddresses",
    "aws_elasticache_parameter_group": "elasticache:DescribeCacheParameters",
    "aws_elasticache_replication_group": "elasticache:DescribeReplicationGroups",
    "aws_elasticache_subnet_group": "elasticache:DescribeCacheSubnetGroups",
    "aws_elasticache_user": "elasticache:DescribeUsers",
    "aws_elasticache_user_group": "elasticache:DescribeUserGroups",
    "aws_flow_log": "ec2:DescribeFlowLogs",
    "aws_iam_role": "iam:GetRole",
    "aws_iam_role_policy": "iam:GetRolePolicy",
    "aws_iam_role_policy_attachment": "iam:ListAttachedRolePolicies",
    "aws_iam_user": "iam:GetUser",
    "aws_iam_user_policy": "iam:GetUserPolicy",
    "aws_internet_gateway": "ec2:DescribeInternetGateways",
    "aws_kms_alias": "kms:ListAliases",
    "aws_kms_key": "kms:GetKeyPolicy",
    "aws_lb": "elasticloadbalancing:DescribeLoadBalancerAttributes",
    "aws_lb_listener": "elasticloadbalancing:DescribeListeners",
    "aws_lb_target_group": "elasticloadbalancing:DescribeTargetGroupAttributes",
    "aws_media_convert_queue": "mediaconvert:GetQueue",
    "aws_nat_gateway": "ec2:DescribeNatGateways",
    "aws_route": "ec2:DescribeRouteTables",
    "aws_route53_record": "route53:ListResourceRecordSets",
    "aws_route_table": "ec2:DescribeRouteTables",
    "aws_route_table_association": "ec2:DescribeRouteTables",
    "aws_s3_bucket": "s3:GetBucketTagging",
    "aws_s3_bucket_cors_configuration": "s3:GetBucketCORS",
    "aws_s3_bucket_lifecycle_configuration": "s3:GetLifecycleConfiguration",
    "aws_s3_bucket_ownership_controls": "s3:GetBucketOwnershipControls",
    "aws_s3_bucket_policy": "s3:GetBucketPolicy",
    "aws_s3_bucket_public_access_block": "s3:GetBucketPublicAccessBlock",
    "aws_s3_bucket_server_side_encryption_configuration": "s3:GetEncryptionConfiguration",
    "aws_s3_bucket_versioning": "s3:GetBucketVersioning",
    "aws_secretsmanager_secret": "secretsmanager:GetResourcePolicy",
    "aws_security_group": "ec2:DescribeSecurityGroups",
    "aws_ses_domain_dkim": "ses:GetIdentityDkimAttributes",
    "aws_ses_domain_identity": "ses:GetIdentityVerificationAttributes",
    "aws_ses_domain_mail_from": "ses:GetIdentityMailFromDomainAttributes",
    "aws_sns_topic": "sns:GetTopicAttributes",
    "aws_sns_topic_policy": "sns:GetTopicAttributes",
    "aws_sns_topic_subscription": "sns:GetSubscriptionAttributes",
    "aws_sqs_queue": "sqs:GetQueueAttributes",
    "aws_sqs_queue_policy": "sqs:GetQueueAttributes",
    "aws_sqs_queue_redrive_allow_policy": "sqs:GetQueueAttributes",
    "aws_subnet": "ec2:DescribeSubnets",
    "aws_vpc": "ec2:DescribeVpcs",
    "aws_vpc_endpoint": "ec2:DescribeVpcEndpoints",
    "aws_vpc_security_group_egress_rule": "ec2:DescribeSecurityGroupRules",
    "aws_vpc_security_group_ingress_rule": "ec2:DescribeSecurityGroupRules",
    "aws_wafv2_web_acl": "wafv2:GetWebACL",
    "aws_wafv2_web_acl_logging_configuration": "wafv2:GetLoggingConfiguration",
}
# What people wrote, uploaded or are called: whoever releases need not read it.
THE_PEOPLES_OWN = {
    "logs:FilterLogEvents": f"{LOGS}:/{CELL}/web:*",
    "logs:GetLogEvents": f"{LOGS}:/{CELL}/web:log-stream:web/web/1",
    "logs:StartLiveTail": f"{LOGS}:/{CELL}/web:*",
    "logs:StartQuery": f"{LOGS}:/{CELL}/web:*",
    "rds:DownloadDBLogFilePortion": f"arn:aws:rds:{REGION}:{ACCOUNT}:db:{CELL}",
    "rds:DownloadCompleteDBLogFile": f"arn:aws:rds:{REGION}:{ACCOUNT}:db:{CELL}",
    "s3:GetObject": f"arn:aws:s3:::{CELL}-media-{ACCOUNT}/t/1/v/1/1/master.m3u8",
    "s3:GetObjectVersion": f"arn:aws:s3:::{CELL}-media-{ACCOUNT}/t/1/x/1",
    "secretsmanager:GetSecretValue": f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{CELL}/LMS_KEK",
    "sqs:ReceiveMessage": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{CELL}-transcode-events",
}


@pytest.fixture(scope="module")
def made() -> Report:
    return report()


@pytest.fixture(scope="module")
def releases(made: Report) -> list[Statement]:
    """What the role of a release may, AWS's own policy included."""
    [attached] = {
        found.values["policy_arn"]
        for found in made.made["bootstrap"]
        if found.type == "aws_iam_role_policy_attachment" and f'"{CELL}"' in found.address
    }
    document = json.loads(aws_managed_policies_data)[attached.rpartition("/")[2]]["Document"]
    return [*document["Statement"], *_own(made, f'aws_iam_role_policy.release["{CELL}"]')]


def _own(made: Report, address: str) -> list[Statement]:
    [found] = [found for found in made.made["bootstrap"] if found.address == address]
    statements: list[Statement] = json.loads(found.values["policy"])["Statement"]
    return statements


def _role(made: Report, address: str) -> dict[str, Any]:
    [found] = [found for found in made.made["bootstrap"] if found.address == address]
    return found.values


def _workflow(name: str) -> dict[Any, Any]:
    found: dict[Any, Any] = yaml.safe_load((FOLDER / name).read_text())
    return found


def _subject(role: dict[str, Any]) -> str:
    [statement] = json.loads(role["assume_role_policy"])["Statement"]
    conditions = statement["Condition"]["StringEquals"]
    assert conditions.pop("token.actions.githubusercontent.com:aud") == "sts.amazonaws.com"
    [subject] = conditions.values()
    return str(subject)


def test_the_bootstrap_tells_the_variables_that_the_workflows_read(made: Report) -> None:
    told = made.told["bootstrap"]["workflow_variables"]
    names = {*told["repository"], *(name for one in told["environments"].values() for name in one)}
    read = set(re.findall(r"\bvars\.(\w+)", "".join(path.read_text() for path in FOLDER.glob("*.yml"))))
    assert read - names == {"LMS_TERRAFORM_VARIABLES"}, "a person's own values"
    assert names - read == set()
    [choices] = [
        given["options"] for given in _workflow("deploy.yml")[True]["workflow_dispatch"]["inputs"].values()
        if "options" in given
    ]  # fmt: skip
    assert sorted(choices) == sorted(told["environments"])
    for name in told["environments"]:
        assert (ROOT / "infra" / "terraform" / "environments" / name).is_dir()


def test_the_place_of_the_state_is_told_as_the_script_reads_it(made: Report) -> None:
    """A word each, as ``terraform init`` wants them."""
    for told in made.told["bootstrap"]["workflow_variables"]["environments"].values():
        words = dict(word.split("=", 1) for word in told["LMS_TERRAFORM_BACKEND"].split())
        assert set(words) == {"bucket", "region", "kms_key_id"}


def test_a_role_is_taken_by_the_job_that_it_is_for(made: Report) -> None:
    deploy, step = _workflow("deploy.yml")["jobs"], _workflow("release-step.yml")["jobs"]["step"]
    # A job of an environment proves that, any other proves its branch.
    assert "environment" not in deploy["image"]
    assert _subject(_role(made, "aws_iam_role.push")) == "repo:school/lms:ref:refs/heads/main"
    assert step["environment"] == "${{ inputs.environment }}"
    role = _role(made, f'aws_iam_role.release["{CELL}"]')
    assert _subject(role) == "repo:school/lms:environment:production"
    taken = {
        use["with"]["role-to-assume"]: use["with"].get("role-duration-seconds", 3600)
        for job in (*deploy.values(), step)
        for use in job.get("steps", [])
        if "configure-aws-credentials" in use.get("uses", "")
    }
    assert set(taken) == {"${{ vars.LMS_PUSH_ROLE }}", "${{ vars.LMS_RELEASE_ROLE }}"}
    assert taken["${{ vars.LMS_RELEASE_ROLE }}"] == role["max_session_duration"]
    assert taken["${{ vars.LMS_PUSH_ROLE }}"] <= _role(made, "aws_iam_role.push")["max_session_duration"]
    assert step["timeout-minutes"] * 60 <= role["max_session_duration"], "the role ends before the step"
    assert deploy["image"]["timeout-minutes"] * 60 <= _role(made, "aws_iam_role.push")["max_session_duration"]


def test_the_push_role_pushes_and_does_nothing_else(made: Report) -> None:
    own = _own(made, "aws_iam_role_policy.push")
    registry = f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/{_role(made, 'aws_ecr_repository.this')['name']}"
    needs = ("BatchCheckLayerAvailability", "InitiateLayerUpload", "UploadLayerPart", "CompleteLayerUpload", "PutImage")
    for action in needs:
        assert may(own, f"ecr:{action}", registry)
        assert not may(own, f"ecr:{action}", f"{registry}-of-somebody-else")
    assert may(own, "ecr:GetAuthorizationToken", "*")
    assert not may(own, "ecr:DeleteRepository", registry)
    assert {action.split(":")[0] for one in own for action in one["Action"]} == {"ecr"}


def _asked_of_ecs() -> set[str]:
    """Actions of the script's own calls."""
    waits = {"tasks-stopped": "DescribeTasks", "services-stable": "DescribeServices"}
    called = set(re.findall(r"\baws ecs (?!wait\b)([a-z-]+)", SCRIPT))
    waited = set(re.findall(r"\baws ecs wait ([a-z-]+)", SCRIPT))
    assert set(re.findall(r"\baws ([a-z0-9]+) ", SCRIPT)) == {"ecs"}
    return {"".join(word.title() for word in one.split("-")) for one in called} | {waits[one] for one in waited}


def test_a_release_may_ask_what_its_script_asks(releases: list[Statement]) -> None:
    asked = _asked_of_ecs()
    assert asked >= {"RunTask", "DescribeServices", "DescribeTaskDefinition", "ListServices"}
    places = {"RunTask": f"{ECS}:task-definition/{CELL}-migrate:7"}
    for action in asked:
        assert may(releases, f"ecs:{action}", places.get(action, f"{ECS}:service/{CELL}/web")), action
    for action in ("RunTask", "UpdateService"):
        assert not may(releases, f"ecs:{action}", f"{ECS}:task-definition/lms-staging-migrate:7"), action


def test_a_release_may_look_at_everything_that_stands(made: Report, releases: list[Statement]) -> None:
    assert {found.type for found in made.resources} - set(LOOKS) == set(), "what does a plan ask of this kind?"
    missing = [action for action in set(LOOKS.values()) if not may(releases, action, "*")]
    assert missing == []


def test_a_release_may_change_task_definitions_and_services_and_nothing_else(
    made: Report, releases: list[Statement]
) -> None:
    for action in ("RegisterTaskDefinition", "DeregisterTaskDefinition"):
        assert may(releases, f"ecs:{action}", "*")
    assert may(releases, "ecs:TagResource", f"{ECS}:task-definition/{CELL}-web:8")
    assert may(releases, "ecs:UpdateService", f"{ECS}:service/{CELL}/web")
    tasks_roles = [
        found.values["name"]
        for found in made.resources
        if found.type == "aws_iam_role" and "ecs-tasks.amazonaws.com" in found.values["assume_role_policy"]
    ]
    assert len(tasks_roles) > 10
    for name in tasks_roles:
        assert may(releases, "iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/{name}"), name
    assert not may(releases, "iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/somebody")
    for action, place in (
        ("iam:PutRolePolicy", f"arn:aws:iam::{ACCOUNT}:role/{CELL}-web"),
        ("iam:CreateAccessKey", f"arn:aws:iam::{ACCOUNT}:user/mail"),
        ("rds:DeleteDBInstance", f"arn:aws:rds:{REGION}:{ACCOUNT}:db:{CELL}"),
        ("s3:DeleteBucket", f"arn:aws:s3:::{CELL}-media-{ACCOUNT}"),
        ("ecs:ExecuteCommand", f"{ECS}:task/{CELL}/1"),
        ("kms:ScheduleKeyDeletion", f"arn:aws:kms:{REGION}:{ACCOUNT}:key/1"),
    ):
        assert not may(releases, action, place), action


def test_a_release_keeps_its_own_state_and_reads_nobody_elses(made: Report, releases: list[Statement]) -> None:
    key = re.search(r'key += "([^"]+)"', (ROOT / "infra/terraform/environments/production/versions.tf").read_text())
    assert key
    arn = "arn:aws:s3:::mock"  # of every bucket: infra/terraform/tests/mocks
    assert may(releases, "s3:ListBucket", arn)
    for name in (key[1], f"{key[1]}.tflock"):
        for action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"):
            assert may(releases, action, f"{arn}/{name}"), f"{action} {name}"
            assert not may(releases, action, f"{arn}/{name.replace('production', 'staging')}"), f"{action} {name}"
    assert may(releases, "logs:GetLogEvents", f"{LOGS}:/{CELL}/migrate:log-stream:migrate/migrate/1")


@pytest.mark.parametrize("action", THE_PEOPLES_OWN)
def test_what_is_the_peoples_own_is_not_read_by_a_release(releases: list[Statement], action: str) -> None:
    assert not may(releases, action, THE_PEOPLES_OWN[action])


def test_the_rules_of_policies_are_iams() -> None:
    allowed = {"Effect": "Allow", "Action": ["s3:Get*"], "Resource": ["arn:aws:s3:::a/*"]}
    denied = {"Effect": "Deny", "Action": "s3:GetObject", "NotResource": ["arn:aws:s3:::a/open/*"]}
    assert may([allowed], "s3:getobject", "arn:aws:s3:::a/b")
    assert not may([allowed], "s3:GetObject", "arn:aws:s3:::b/b")
    assert not may([allowed], "s3:PutObject", "arn:aws:s3:::a/b")
    assert not may([allowed, denied], "s3:GetObject", "arn:aws:s3:::a/b")
    assert may([allowed, denied], "s3:GetObject", "arn:aws:s3:::a/open/b")
