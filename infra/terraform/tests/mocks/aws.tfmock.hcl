# What AWS would answer, where a made-up word would not do: the provider checks the form of ARNs.

mock_resource "aws_acm_certificate" {
  defaults = {
    arn = "arn:aws:acm:us-east-1:123456789012:certificate/mock"
    domain_validation_options = [
      { domain_name = "www.lms.example", resource_record_name = "_a.www.lms.example", resource_record_type = "CNAME", resource_record_value = "a" },
      { domain_name = "staff.lms.example", resource_record_name = "_b.staff.lms.example", resource_record_type = "CNAME", resource_record_value = "b" },
      { domain_name = "*.schools.example", resource_record_name = "_c.schools.example", resource_record_type = "CNAME", resource_record_value = "c" },
      { domain_name = "*.content.example", resource_record_name = "_d.content.example", resource_record_type = "CNAME", resource_record_value = "d" },
      { domain_name = "origin.schools.example", resource_record_name = "_e.origin.schools.example", resource_record_type = "CNAME", resource_record_value = "e" },
    ]
  }
}

mock_resource "aws_acm_certificate_validation" {
  defaults = { certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/mock" }
}

mock_resource "aws_cloudfront_distribution" {
  defaults = {
    arn            = "arn:aws:cloudfront::123456789012:distribution/EMOCK"
    id             = "EMOCK"
    domain_name    = "dmock.cloudfront.net"
    hosted_zone_id = "Z2FDTNDATAQYW2"
  }
}

mock_resource "aws_cloudfront_function" {
  defaults = { arn = "arn:aws:cloudfront::123456789012:function/mock" }
}

mock_resource "aws_cloudfront_key_value_store" {
  defaults = { arn = "arn:aws:cloudfront::123456789012:key-value-store/mock" }
}

mock_resource "aws_cloudwatch_log_delivery_destination" {
  defaults = { arn = "arn:aws:logs:us-east-1:123456789012:delivery-destination:mock" }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = { arn = "arn:aws:logs:eu-central-1:123456789012:log-group:mock" }
}

mock_resource "aws_db_instance" {
  defaults = {
    address            = "mock.rds.amazonaws.com"
    master_user_secret = [{ kms_key_id = "mock", secret_arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds-mock", secret_status = "active" }]
  }
}

mock_resource "aws_ecr_repository" {
  defaults = {
    arn            = "arn:aws:ecr:eu-central-1:123456789012:repository/lms"
    repository_url = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/lms"
  }
}

mock_resource "aws_ecs_cluster" {
  defaults = { arn = "arn:aws:ecs:eu-central-1:123456789012:cluster/mock" }
}

mock_resource "aws_ecs_task_definition" {
  defaults = { arn = "arn:aws:ecs:eu-central-1:123456789012:task-definition/mock:1" }
}

mock_resource "aws_elasticache_replication_group" {
  defaults = { primary_endpoint_address = "mock.cache.amazonaws.com" }
}

mock_resource "aws_iam_openid_connect_provider" {
  defaults = { arn = "arn:aws:iam::123456789012:oidc-provider/mock" }
}

mock_resource "aws_iam_role" {
  defaults = { arn = "arn:aws:iam::123456789012:role/mock" }
}

mock_resource "aws_kms_key" {
  defaults = { arn = "arn:aws:kms:eu-central-1:123456789012:key/mock" }
}

mock_resource "aws_lb" {
  defaults = {
    arn        = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/mock/1"
    arn_suffix = "app/mock/1"
    dns_name   = "internal-mock.elb.amazonaws.com"
    zone_id    = "Z215JYRZR1TBD5"
  }
}

mock_resource "aws_lb_target_group" {
  defaults = {
    arn        = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/mock/1"
    arn_suffix = "targetgroup/mock/1"
  }
}

mock_resource "aws_lb_listener" {
  defaults = { arn = "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener/app/mock/1/1" }
}

mock_resource "aws_media_convert_queue" {
  defaults = { arn = "arn:aws:mediaconvert:eu-central-1:123456789012:queues/mock" }
}

mock_resource "aws_s3_bucket" {
  defaults = {
    arn                         = "arn:aws:s3:::mock"
    bucket_regional_domain_name = "mock.s3.eu-central-1.amazonaws.com"
  }
}

mock_resource "aws_secretsmanager_secret" {
  defaults = { arn = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:mock" }
}

mock_resource "aws_ses_domain_dkim" {
  defaults = { dkim_tokens = ["one", "two", "three"] }
}

mock_resource "aws_ses_domain_identity" {
  defaults = { arn = "arn:aws:ses:eu-central-1:123456789012:identity/mock" }
}

mock_resource "aws_sns_topic" {
  defaults = { arn = "arn:aws:sns:eu-central-1:123456789012:mock" }
}

mock_resource "aws_sqs_queue" {
  defaults = { arn = "arn:aws:sqs:eu-central-1:123456789012:mock", url = "https://sqs.eu-central-1.amazonaws.com/123456789012/mock" }
}

mock_resource "aws_wafv2_web_acl" {
  defaults = { arn = "arn:aws:wafv2:us-east-1:123456789012:global/webacl/mock/1" }
}

mock_resource "aws_cloudformation_stack" {
  defaults = { outputs = { Id = "EMOCKTENANTS" } }
}

# The same at each look: what is made up anew would be a change in every plan.
mock_data "aws_ec2_managed_prefix_list" {
  defaults = { id = "pl-mock" }
}
