# PostgreSQL for a schema an organization. What is set here is set for hundreds of thousands of tables and indexes:
# see "Capacity" in docs/operations.

locals {
  master = "lms_master"
}

module "key" {
  source = "../key"

  name        = "${var.name}-database"
  description = "PostgreSQL of ${var.name}: data, backups, the master's password."
  account_id  = var.account_id
}

resource "aws_db_subnet_group" "this" {
  name       = var.name
  subnet_ids = var.subnet_ids
}

resource "aws_db_parameter_group" "this" {
  name        = "${var.name}-postgres${var.engine_version}"
  family      = "postgres${var.engine_version}"
  description = "A schema an organization, short statements, every connection encrypted."

  dynamic "parameter" {
    for_each = {
      # Nobody speaks to it in the clear, and no password is kept as MD5.
      "rds.force_ssl"       = { value = "1", method = "immediate" }
      "password_encryption" = { value = "scram-sha-256", method = "immediate" }
      # A transaction that makes a whole organization's schema locks each of its tables and indexes: 563 at a time.
      "max_locks_per_transaction" = { value = "256", method = "pending-reboot" }
      # Some thirty files of each of the 250 organizations that a connection comes to know.
      "max_files_per_process" = { value = "8000", method = "pending-reboot" }
      "max_connections"       = { value = tostring(var.max_connections), method = "pending-reboot" }
      # Eighty tables an organization: more workers, and a minute between two looks at a database this full of tables.
      "autovacuum_max_workers"       = { value = "6", method = "pending-reboot" }
      "autovacuum_naptime"           = { value = "60", method = "immediate" }
      "autovacuum_vacuum_cost_limit" = { value = "1200", method = "immediate" }
      # Our statements are short; compiling them costs more than it saves.
      "jit"                                 = { value = "0", method = "immediate" }
      "idle_in_transaction_session_timeout" = { value = "300000", method = "immediate" }
      "timezone"                            = { value = "UTC", method = "immediate" }
      "shared_preload_libraries"            = { value = "pg_stat_statements", method = "pending-reboot" }
      "pg_stat_statements.max"              = { value = "5000", method = "pending-reboot" }
      "track_io_timing"                     = { value = "1", method = "immediate" }
      # What people typed must not stand in a log: no statement, no row, no value. What is slow is in pg_stat_statements.
      "log_min_duration_statement"        = { value = "-1", method = "immediate" }
      "log_min_error_statement"           = { value = "panic", method = "immediate" }
      "log_error_verbosity"               = { value = "terse", method = "immediate" }
      "log_statement"                     = { value = "none", method = "immediate" }
      "log_parameter_max_length"          = { value = "0", method = "immediate" }
      "log_parameter_max_length_on_error" = { value = "0", method = "immediate" }
      "log_lock_waits"                    = { value = "1", method = "immediate" } # who waited for whom, without what
    }

    content {
      name         = parameter.key
      value        = parameter.value.value
      apply_method = parameter.value.method
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:how long is a setting: logs of people are kept no longer than they are needed
  for_each = toset(["postgresql", "upgrade"])

  name              = "/aws/rds/instance/${var.name}/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_key_arn
}

resource "aws_iam_role" "monitoring" {
  name = "${var.name}-database-monitoring"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "monitoring.rds.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_iam_role_policy_attachment" "monitoring" {
  role       = aws_iam_role.monitoring.name
  policy_arn = "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"
}

resource "aws_db_instance" "this" {
  #checkov:skip=CKV_AWS_293:a variable: off in staging
  #checkov:skip=CKV_AWS_157:a variable: off in staging
  #checkov:skip=CKV_AWS_161:tokens of IAM end after 15 minutes; connections live longer and passwords are the product's own
  #checkov:skip=CKV_AWS_353:Performance Insights keeps statements with the values in them; pg_stat_statements has none
  #checkov:skip=CKV2_AWS_69:rds.force_ssl is set in the parameter group, which is written as a list
  identifier     = var.name
  engine         = "postgres"
  engine_version = var.engine_version
  instance_class = var.instance_class

  # The database itself, its owner and the application's login are made by `manage.py prepare_server`, which runs with
  # this password and nothing else does. RDS makes it, keeps it and changes it every week.
  username                      = local.master
  manage_master_user_password   = true
  master_user_secret_kms_key_id = module.key.arn

  storage_type          = "gp3"
  allocated_storage     = var.storage_gb
  max_allocated_storage = var.max_storage_gb
  storage_encrypted     = true
  kms_key_id            = module.key.arn

  multi_az               = var.multi_az
  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [var.security_group_id]
  publicly_accessible    = false
  ca_cert_identifier     = "rds-ca-rsa2048-g1"

  parameter_group_name        = aws_db_parameter_group.this.name
  auto_minor_version_upgrade  = true
  allow_major_version_upgrade = false
  maintenance_window          = "sun:03:30-sun:04:30"

  backup_retention_period   = var.backup_days
  backup_window             = "02:00-03:00"
  copy_tags_to_snapshot     = true
  delete_automated_backups  = !var.protected
  deletion_protection       = var.protected
  skip_final_snapshot       = !var.protected
  final_snapshot_identifier = "${var.name}-last"

  enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"]
  monitoring_interval             = 60
  monitoring_role_arn             = aws_iam_role.monitoring.arn
  # It keeps statements as they were sent, and ours are sent with their values in them.
  performance_insights_enabled = false

  depends_on = [aws_cloudwatch_log_group.this, aws_iam_role_policy_attachment.monitoring]
}
