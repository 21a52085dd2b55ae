# What browsers are told about the page: what core.headers says of a page of ours, which a test compares. Reports go
# nowhere, for who takes them is the product.

locals {
  # The page carries a policy of its own that names its style by its hash; of two policies the narrower counts. This one
  # holds where that one should ever be missing, and says what a page cannot say of itself: that nobody may frame it.
  policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

  hsts = { seconds = 63072000, subdomains = true, preload = true } # core.headers.hsts, of a domain of ours

  powers = [
    "accelerometer", "ambient-light-sensor", "bluetooth", "browsing-topics", "camera", "display-capture", "geolocation",
    "gyroscope", "hid", "identity-credentials-get", "idle-detection", "local-fonts", "magnetometer", "microphone",
    "midi", "payment", "serial", "usb", "window-management", "xr-spatial-tracking",
  ]

  said = {
    "Cache-Control"                = "no-store"
    "Cross-Origin-Opener-Policy"   = "same-origin"
    "Cross-Origin-Resource-Policy" = "same-origin"
    "Permissions-Policy" = join(", ", concat(
      [for power in local.powers : "${power}=()"], ["autoplay=(self)", "fullscreen=(self)", "picture-in-picture=(self)"],
    ))
  }
}

resource "aws_cloudfront_response_headers_policy" "page" {
  name    = "${var.name}-status"
  comment = "What browsers are told about the status page."

  security_headers_config {
    content_security_policy {
      content_security_policy = local.policy
      override                = true
    }
    content_type_options {
      override = true
    }
    frame_options {
      frame_option = "DENY"
      override     = true
    }
    referrer_policy {
      referrer_policy = "strict-origin-when-cross-origin"
      override        = true
    }
    strict_transport_security {
      access_control_max_age_sec = local.hsts.seconds
      include_subdomains         = local.hsts.subdomains
      preload                    = local.hsts.preload
      override                   = true
    }
  }

  custom_headers_config {
    dynamic "items" {
      for_each = local.said

      content {
        header   = items.key
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
