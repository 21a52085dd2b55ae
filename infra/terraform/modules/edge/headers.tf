# What browsers are told about files that come from the bucket. The same as everywhere else in the product: a test holds
# this to the table in platform/core/headers.py. What the application answers, it says itself.

locals {
  # Each kind: its policy, who may embed it, how long it is kept. Films say of themselves how long: a playlist that still
  # grows is another thing than a segment.
  kinds = {
    assets = {
      policy   = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
      embedded = "same-origin"
      kept     = "public, max-age=31536000, immutable"
    }
    images = {
      policy   = "default-src 'none'; sandbox; frame-ancestors 'none'"
      embedded = "cross-origin"
      kept     = "public, max-age=31536000, immutable"
    }
    media = {
      policy   = "default-src 'none'; sandbox; frame-ancestors 'none'"
      embedded = "same-origin"
      kept     = null
    }
  }

  hsts_seconds = 63072000
}

resource "aws_cloudfront_response_headers_policy" "this" {
  #checkov:skip=CKV_AWS_259:two years, but of the host alone: what is below a customer's domain is the customer's
  for_each = local.kinds

  name    = "${var.name}-${each.key}"
  comment = "What browsers are told about ${each.key}."

  security_headers_config {
    content_security_policy {
      content_security_policy = each.value.policy
      override                = true
    }
    content_type_options {
      override = true
    }
    # Of the host alone: organizations' own domains are served by the same policy, and what else is below them is theirs.
    strict_transport_security {
      access_control_max_age_sec = local.hsts_seconds
      include_subdomains         = false
      preload                    = false
      override                   = true
    }
  }

  custom_headers_config {
    items {
      header   = "Cross-Origin-Resource-Policy"
      value    = each.value.embedded
      override = true
    }

    dynamic "items" {
      for_each = each.value.kept == null ? [] : [each.value.kept]

      content {
        header   = "Cache-Control"
        value    = items.value
        override = true
      }
    }
  }

  # The bucket's own words.
  remove_headers_config {
    items {
      header = "x-amz-server-side-encryption"
    }
    items {
      header = "x-amz-server-side-encryption-aws-kms-key-id"
    }
    items {
      header = "x-amz-server-side-encryption-bucket-key-enabled"
    }
    items {
      header = "x-amz-version-id"
    }
  }
}
