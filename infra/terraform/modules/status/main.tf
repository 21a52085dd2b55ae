# The status page under its second name (docs/decisions/0102, 0104): one object that the monitor writes each minute, and a
# distribution that shows it. Nothing of the product takes part, so this module is given nothing of it but a name to begin
# names with: no origin, key, role, zone, certificate, firewall or function. The account is the same.

locals {
  page   = "status.html" # config.status_page.COPY
  bucket = "${var.name}-status-${var.account_id}"

  # Policies that AWS keeps, the same in every account.
  cache_nothing = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad" # Managed-CachingDisabled
}

# -- the object --------------------------------------------------------------------------------------------------------

module "key" {
  source = "../key"

  name        = "${var.name}-status"
  description = "The status page of ${var.name}."
  account_id  = var.account_id

  services = {
    CloudFront = {
      principal = "cloudfront.amazonaws.com"
      actions   = ["kms:Decrypt"]
      condition = { StringEquals = { "AWS:SourceArn" = aws_cloudfront_distribution.this.arn } }
    }
  }
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_18:one page for everybody; who read it is nothing to keep
  #checkov:skip=CKV_AWS_144:the page is written anew each minute, and this is the other region
  #checkov:skip=CKV2_AWS_62:the monitor knows what it wrote
  bucket        = local.bucket
  force_destroy = !var.protected
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = module.key.arn
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "EncryptedOnly"
        Effect    = "Deny"
        Principal = { AWS = "*" }
        Action    = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket"]
        Resource  = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "ItsDistribution"
        Effect    = "Allow"
        Principal = { Service = "cloudfront.amazonaws.com" }
        Action    = "s3:GetObject"
        Resource  = "${aws_s3_bucket.this.arn}/${local.page}"
        Condition = { StringEquals = { "AWS:SourceArn" = aws_cloudfront_distribution.this.arn } }
      },
    ]
  })

  depends_on = [aws_s3_bucket_public_access_block.this]
}

# A version a minute: what was told in an outage can be read for a week.
resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    id     = "former-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 7
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

# -- what shows it -----------------------------------------------------------------------------------------------------

resource "aws_cloudfront_origin_access_control" "this" {
  name                              = "${var.name}-status"
  description                       = "Reads the page under CloudFront's own signature."
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_distribution" "this" {
  #checkov:skip=CKV_AWS_86:one page for everybody; who read it is nothing to keep
  #checkov:skip=CKV_AWS_374:learners are everywhere
  #checkov:skip=CKV_AWS_310:one bucket is behind it; a second one would be one more to write to
  #checkov:skip=CKV2_AWS_47:there is no program behind it that an input could break, and a rule group would stop a page for it
  comment             = "${var.name}: the status page's second name"
  enabled             = true
  is_ipv6_enabled     = true
  http_version        = "http2and3"
  price_class         = var.price_class
  aliases             = [var.host]
  default_root_object = local.page
  web_acl_id          = aws_wafv2_web_acl.this.arn

  origin {
    origin_id                = "page"
    domain_name              = aws_s3_bucket.this.bucket_regional_domain_name
    origin_access_control_id = aws_cloudfront_origin_access_control.this.id
  }

  default_cache_behavior {
    target_origin_id           = "page"
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = false # CloudFront packs only what it may keep
    cache_policy_id            = local.cache_nothing
    response_headers_policy_id = aws_cloudfront_response_headers_policy.page.id
  }

  # Whoever types /status, as on the product, reads the page all the same. S3 says 403 of what is not there, for nobody may
  # list the bucket.
  custom_error_response {
    error_code            = 403
    response_code         = 404
    response_page_path    = "/${local.page}"
    error_caching_min_ttl = 0
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    acm_certificate_arn      = aws_acm_certificate_validation.this.certificate_arn
    minimum_protocol_version = "TLSv1.2_2021"
    ssl_support_method       = "sni-only"
  }
}

# -- floods ------------------------------------------------------------------------------------------------------------

# A page that shows itself again each minute is asked for five times in this window; a school comes through one address.
resource "aws_wafv2_web_acl" "this" {
  #checkov:skip=CKV_AWS_192:there is no program behind it that an input could break
  #checkov:skip=CKV2_AWS_31:what is refused here is counted; who asked is nothing to keep
  provider = aws.us_east_1

  name        = "${var.name}-status"
  description = "In front of the status page's second name."
  scope       = "CLOUDFRONT"

  default_action {
    allow {}
  }

  rule {
    name     = "flood"
    priority = 1

    action {
      block {
        custom_response {
          response_code = 429
        }
      }
    }

    statement {
      rate_based_statement {
        limit                 = 30000
        evaluation_window_sec = 300
        aggregate_key_type    = "IP"
      }
    }

    visibility_config {
      cloudwatch_metrics_enabled = true
      metric_name                = "${var.name}-status-flood"
      sampled_requests_enabled   = false
    }
  }

  visibility_config {
    cloudwatch_metrics_enabled = true
    metric_name                = "${var.name}-status"
    sampled_requests_enabled   = false
  }
}
