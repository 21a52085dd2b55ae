# Valkey: Celery's queues, the cache, invalidation. It may be lost at any time: the outbox and the jobs are rows.

module "key" {
  source = "../key"

  name        = "${var.name}-cache"
  description = "Valkey of ${var.name}: what it keeps on disk."
  account_id  = var.account_id
}

resource "aws_elasticache_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_elasticache_parameter_group" "this" {
  name        = "${var.name}-valkey8"
  family      = "valkey8"
  description = "A full queue refuses new work; it never forgets what it took."

  parameter {
    name  = "maxmemory-policy"
    value = "noeviction"
  }

  lifecycle {
    create_before_destroy = true
  }
}

# Whoever gives no name is this user, which may do nothing.
resource "aws_elasticache_user" "nobody" {
  user_id       = "${var.name}-nobody"
  user_name     = "default"
  engine        = "valkey"
  access_string = "off -@all"

  authentication_mode {
    type = "no-password-required"
  }
}

# Made without a password and shut. The password is made and set by infra/terraform/bootstrap/secrets.py, which opens
# it: Terraform never knows one.
resource "aws_elasticache_user" "product" {
  user_id       = "${var.name}-lms"
  user_name     = "lms"
  engine        = "valkey"
  access_string = "off -@all"

  authentication_mode {
    type = "no-password-required"
  }

  lifecycle {
    ignore_changes = [access_string, authentication_mode, no_password_required, passwords]
  }
}

resource "aws_elasticache_user_group" "this" {
  user_group_id = var.name
  engine        = "valkey"
  user_ids      = [aws_elasticache_user.nobody.user_id, aws_elasticache_user.product.user_id]
}

resource "aws_cloudwatch_log_group" "slow" {
  #checkov:skip=CKV_AWS_338:how long is a setting: logs of people are kept no longer than they are needed
  name              = "/${var.name}/valkey-slow"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_key_arn
}

resource "aws_elasticache_replication_group" "this" {
  #checkov:skip=CKV2_AWS_50:follows the number of nodes: one in staging
  replication_group_id = var.name
  description          = "Queues and cache of ${var.name}."
  engine               = "valkey"
  engine_version       = "8.0"
  node_type            = var.node_type
  port                 = 6379

  num_cache_clusters         = var.nodes
  automatic_failover_enabled = var.nodes > 1
  multi_az_enabled           = var.nodes > 1

  subnet_group_name    = aws_elasticache_subnet_group.this.name
  security_group_ids   = [var.security_group_id]
  parameter_group_name = aws_elasticache_parameter_group.this.name
  user_group_ids       = [aws_elasticache_user_group.this.user_group_id]

  at_rest_encryption_enabled = true
  kms_key_id                 = module.key.arn
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"

  auto_minor_version_upgrade = true
  maintenance_window         = "sun:04:30-sun:05:30"
  snapshot_retention_limit   = var.snapshot_days
  snapshot_window            = "01:00-02:00"

  log_delivery_configuration {
    destination      = aws_cloudwatch_log_group.slow.name
    destination_type = "cloudwatch-logs"
    log_format       = "json"
    log_type         = "slow-log"
  }
}
