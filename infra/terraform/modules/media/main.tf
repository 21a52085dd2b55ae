# Two buckets that nobody reaches but by a signature: films, files and the built application; records of delivery.

locals {
  buckets = {
    media    = "${var.name}-media-${var.account_id}"
    delivery = "${var.name}-delivery-${var.account_id}"
  }

  # What may ever be served: encodes, files that were granted, public images, the built application. Never what somebody
  # uploaded (t/*/in/*), and no archive.
  served = ["t/*/v/*", "t/*/f/*", "p/*", "assets/*"]

  any_distribution = "arn:aws:cloudfront::${var.account_id}:distribution/*"

  encrypted_only = { for name, bucket in aws_s3_bucket.this : name => {
    Sid       = "EncryptedOnly"
    Effect    = "Deny"
    Principal = { AWS = "*" }
    Action    = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"]
    Resource  = [bucket.arn, "${bucket.arn}/*"]
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  } }

  cloudfront_reads = {
    Sid       = "CloudFront"
    Effect    = "Allow"
    Principal = { Service = "cloudfront.amazonaws.com" }
    Action    = "s3:GetObject"
    Resource  = [for prefix in local.served : "${aws_s3_bucket.this["media"].arn}/${prefix}"]
    # Distributions are made while the product runs, and a bucket's policy has 20 kB: any of this account.
    Condition = { ArnLike = { "AWS:SourceArn" = local.any_distribution } }
  }

  delivery_writes = {
    Sid       = "DeliveryLogs"
    Effect    = "Allow"
    Principal = { Service = "delivery.logs.amazonaws.com" }
    Action    = "s3:PutObject"
    Resource  = "${aws_s3_bucket.this["delivery"].arn}/cloudfront/*"
    Condition = {
      StringEquals = { "aws:SourceAccount" = var.account_id }
      ArnLike      = { "aws:SourceArn" = "arn:aws:logs:us-east-1:${var.account_id}:delivery-source:*" }
    }
  }

  policies = {
    media    = [local.encrypted_only["media"], local.cloudfront_reads]
    delivery = [local.encrypted_only["delivery"], local.delivery_writes]
  }
}

module "key" {
  source = "../key"

  name        = "${var.name}-media"
  description = "Films, files and the built application of ${var.name}."
  account_id  = var.account_id

  services = {
    CloudFront = {
      principal = "cloudfront.amazonaws.com"
      actions   = ["kms:Decrypt"]
      condition = { ArnLike = { "AWS:SourceArn" = local.any_distribution } }
    }
    DeliveryLogs = {
      principal = "delivery.logs.amazonaws.com"
      actions   = ["kms:GenerateDataKey", "kms:Decrypt"]
      condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }
  }
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:a log of who fetched which film is what we don't want to keep
  #checkov:skip=CKV_AWS_144:versions and eleven nines; another region would be a second promise about where data is
  #checkov:skip=CKV2_AWS_62:the product knows what it wrote
  for_each = local.buckets

  bucket        = each.value
  force_destroy = !var.protected
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = aws_s3_bucket.this

  bucket                  = each.value.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = module.key.arn
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  for_each = local.policies

  bucket = aws_s3_bucket.this[each.key].id
  policy = jsonencode({ Version = "2012-10-17", Statement = each.value })

  depends_on = [aws_s3_bucket_public_access_block.this]
}

resource "aws_s3_bucket_cors_configuration" "media" {
  bucket = aws_s3_bucket.this["media"].id

  cors_rule {
    allowed_methods = ["PUT"]
    allowed_origins = var.upload_origins
    allowed_headers = ["content-type", "x-amz-checksum-sha256"]
    expose_headers  = ["ETag"]
    max_age_seconds = 3600
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  for_each = aws_s3_bucket.this

  bucket = each.value.id

  # The product gives up uploads by itself; this is for those it no longer knows.
  rule {
    id     = "unfinished-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 3
    }
  }

  rule {
    id     = "former-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = var.noncurrent_days
    }

    expiration {
      expired_object_delete_marker = each.key == "delivery" ? null : true
      days                         = each.key == "delivery" ? var.delivery_log_days : null
    }
  }

  dynamic "rule" {
    for_each = each.key == "media" ? ["t/"] : []

    # S3 moves what is large and not asked for to cheaper storage, and back, by itself. Without a fee for reading.
    content {
      id     = "seldom-watched"
      status = "Enabled"

      filter {
        and {
          prefix                   = rule.value
          object_size_greater_than = 131072
        }
      }

      transition {
        days          = 0
        storage_class = "INTELLIGENT_TIERING"
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}
