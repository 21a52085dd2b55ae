# What MediaConvert says of its jobs: EventBridge puts it into a queue that a worker reads. Messages come twice and in
# no order, and some not at all; the worker folds them and asks MediaConvert about what stays silent.

locals {
  rule_name = "${var.name}-transcode-events"
  rule_arn  = "arn:aws:events:${var.region}:${var.account_id}:rule/${local.rule_name}"

  secure_only = {
    Sid       = "EncryptedOnly"
    Effect    = "Deny"
    Principal = { AWS = "*" }
    Action    = ["sqs:SendMessage", "sqs:ReceiveMessage", "sqs:DeleteMessage"]
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  }
}

module "key" {
  source = "../key"

  name        = "${var.name}-queue"
  description = "Messages of ${var.name} about films."
  account_id  = var.account_id

  services = {
    EventBridge = {
      principal = "events.amazonaws.com"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }
  }
}

resource "aws_sqs_queue" "dead" {
  name                              = "${var.name}-transcode-events-dead"
  kms_master_key_id                 = module.key.arn
  kms_data_key_reuse_period_seconds = 3600
  message_retention_seconds         = 1209600 # 14 days, the longest there is: somebody has to look
}

resource "aws_sqs_queue" "events" {
  name                              = "${var.name}-transcode-events"
  kms_master_key_id                 = module.key.arn
  kms_data_key_reuse_period_seconds = 3600
  message_retention_seconds         = 345600 # 4 days
  receive_wait_time_seconds         = 20
  visibility_timeout_seconds        = 60

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = var.tries
  })
}

resource "aws_sqs_queue_redrive_allow_policy" "dead" {
  queue_url = aws_sqs_queue.dead.id

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.events.arn]
  })
}

resource "aws_sqs_queue_policy" "this" {
  for_each = { events = aws_sqs_queue.events, dead = aws_sqs_queue.dead }

  queue_url = each.value.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "EventBridge"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = each.value.arn
        Condition = { ArnEquals = { "aws:SourceArn" = local.rule_arn } }
      },
      merge(local.secure_only, { Resource = each.value.arn }),
    ]
  })
}

resource "aws_cloudwatch_event_rule" "transcodes" {
  name        = local.rule_name
  description = "Jobs of our queue that moved on, ended or failed."

  event_pattern = jsonencode({
    source        = ["aws.mediaconvert"]
    "detail-type" = ["MediaConvert Job State Change"]
    detail = {
      queue  = [var.transcode_queue_arn]
      status = ["PROGRESSING", "STATUS_UPDATE", "COMPLETE", "ERROR", "CANCELED"]
    }
  })
}

resource "aws_cloudwatch_event_target" "queue" {
  rule = aws_cloudwatch_event_rule.transcodes.name
  arn  = aws_sqs_queue.events.arn

  # What cannot be put into the queue for a day goes aside, too.
  dead_letter_config {
    arn = aws_sqs_queue.dead.arn
  }

  depends_on = [aws_sqs_queue_policy.this]
}
