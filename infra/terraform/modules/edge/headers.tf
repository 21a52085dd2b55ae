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

  # What pages of our own domains promise (core.headers.hsts), files promise too: browsers keep what they heard last.
  hsts = { seconds = 63072000, subdomains = true, preload = true }

  # The front distribution and the pools answer for our own domains alone. The multi-tenant one has customers' domains as
  # well, of which pages promise less: there files say nothing, and what the pages said stands.
  policies = merge(
    { for kind, said in local.kinds : kind => merge(said, { promises = true }) },
    { for kind, said in local.kinds : "${kind}-any-host" => merge(said, { promises = false }) },
  )
}

resource "aws_cloudfront_response_headers_policy" "this" {
  #checkov:skip=CKV_AWS_259:as pages say it; where a distribution has customers' domains their pages say it, each for itself
  for_each = local.policies

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
    dynamic "strict_transport_security" {
      for_each = each.value.promises ? [local.hsts] : []

      content {
        access_control_max_age_sec = strict_transport_security.value.seconds
        include_subdomains         = strict_transport_security.value.subdomains
        preload                    = strict_transport_security.value.preload
        override                   = true
      }
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
