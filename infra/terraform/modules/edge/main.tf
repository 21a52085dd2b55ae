# CloudFront in front of everything. The front distribution answers to the site, the staff console and, by a wildcard, to
# every organization; pools serve organizations' films under their own hosts, each path with a key group of its own.
# What a pool says of organizations is the product's to write (media.edge), while it runs: Terraform leaves it alone.

locals {
  # Policies that AWS keeps, the same in every account.
  cache_nothing   = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad" # Managed-CachingDisabled
  cache_by_path   = "658327ea-f89d-4fab-a63d-7e88639e58f6" # Managed-CachingOptimized: no cookie and no query in the key
  all_that_viewer = "216adef6-5c7f-47e4-b989-5492eafa07d3" # Managed-AllViewer: the host, cookies and query go along

  # Functions that are the product's own: the tests run the same files.
  product_functions = "${path.module}/../../../../platform/media/edge/function"

  # Ids of origins: the product names them when it adds behaviours.
  origin_app   = "app"
  origin_media = "media"

  # What only programs ask for is answered over TLS or not at all: a redirect would hide that a password or a token had
  # already travelled in the clear. Pages are led over.
  programs = ["/_allauth/*", "/api/*"]

  public_behaviours = {
    "/assets/*"  = { kind = "assets", headers = aws_cloudfront_response_headers_policy.this["assets"].id, function = null }
    "/media/p/*" = { kind = "images", headers = aws_cloudfront_response_headers_policy.this["images"].id, function = aws_cloudfront_function.media_path.arn }
  }

  # What organizations' behaviours are made of (media.edge.behaviours): each is a copy of this one that leads to the
  # bucket and asks for the organization's own key group. This one itself leads to the application, which has nothing
  # there: an organization without a behaviour of its own is closed. All of them share one cache, so in a pool this one
  # asks for a signature as well, of a key group that nobody can sign for: what the cache still holds stays shut.
  pattern = { path = "/media/t/*", headers = aws_cloudfront_response_headers_policy.this["media"].id }
}

resource "aws_cloudfront_origin_access_control" "media" {
  name                              = "${var.name}-media"
  description                       = "Reads the bucket under CloudFront's own signature."
  origin_access_control_origin_type = "s3"
  signing_behavior                  = "always"
  signing_protocol                  = "sigv4"
}

resource "aws_cloudfront_vpc_origin" "app" {
  vpc_origin_endpoint_config {
    name                   = "${var.name}-app"
    arn                    = var.balancer_arn
    http_port              = 80
    https_port             = 443
    origin_protocol_policy = "https-only"

    origin_ssl_protocols {
      items    = ["TLSv1.2"]
      quantity = 1
    }
  }
}

resource "aws_cloudfront_function" "front_door" {
  name    = "${var.name}-front-door"
  comment = "Takes off what a client must not say, refuses what only we may ask."
  runtime = "cloudfront-js-2.0"
  publish = true
  code    = file("${path.module}/function/front_door.js")
}

resource "aws_cloudfront_function" "media_path" {
  name    = "${var.name}-media-path"
  comment = "Paths below /media/ are keys of the bucket."
  runtime = "cloudfront-js-2.0"
  publish = true
  code    = file("${local.product_functions}/media_path.js")
}

# A point of P-256 that is the hash of some words (tests/infra/test_edge_files.py makes it again): there is no private half.
resource "aws_cloudfront_public_key" "nobody" {
  name        = "${var.name}-nobody"
  comment     = "Nobody can sign for it."
  encoded_key = file("${path.module}/nobody.pem")
}

resource "aws_cloudfront_key_group" "nobody" {
  name    = "${var.name}-nobody"
  comment = "What a pool asks for where no organization has a behaviour."
  items   = [aws_cloudfront_public_key.nobody.id]
}

resource "aws_cloudfront_distribution" "front" {
  #checkov:skip=CKV_AWS_86:logged by delivery.tf, which leaves out who asked
  #checkov:skip=CKV_AWS_374:learners are everywhere
  #checkov:skip=CKV_AWS_310:one application is behind it; it stands in two zones
  #checkov:skip=CKV_AWS_305:the application answers /
  #checkov:skip=CKV2_AWS_32:the application writes its own; files from the bucket have theirs in each behaviour
  #checkov:skip=CKV2_AWS_47:AWSManagedRulesKnownBadInputsRuleSet is among the firewall's rules
  comment         = "${var.name}: site, staff console, every organization without a pool"
  enabled         = true
  is_ipv6_enabled = true
  http_version    = "http2and3"
  price_class     = var.price_class
  aliases         = var.hosts
  web_acl_id      = aws_wafv2_web_acl.this.arn

  origin {
    origin_id   = local.origin_app
    domain_name = var.origin_host

    vpc_origin_config {
      vpc_origin_id            = aws_cloudfront_vpc_origin.app.id
      origin_keepalive_timeout = 60
      origin_read_timeout      = 60
    }
  }

  origin {
    origin_id                = local.origin_media
    domain_name              = var.media_host
    origin_access_control_id = aws_cloudfront_origin_access_control.media.id
  }

  default_cache_behavior {
    target_origin_id         = local.origin_app
    viewer_protocol_policy   = "redirect-to-https"
    allowed_methods          = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
    cached_methods           = ["GET", "HEAD"]
    compress                 = true
    cache_policy_id          = local.cache_nothing
    origin_request_policy_id = local.all_that_viewer

    function_association {
      event_type   = "viewer-request"
      function_arn = aws_cloudfront_function.front_door.arn
    }
  }

  dynamic "ordered_cache_behavior" {
    for_each = local.programs

    content {
      path_pattern             = ordered_cache_behavior.value
      target_origin_id         = local.origin_app
      viewer_protocol_policy   = "https-only"
      allowed_methods          = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
      cached_methods           = ["GET", "HEAD"]
      compress                 = true
      cache_policy_id          = local.cache_nothing
      origin_request_policy_id = local.all_that_viewer

      function_association {
        event_type   = "viewer-request"
        function_arn = aws_cloudfront_function.front_door.arn
      }
    }
  }

  dynamic "ordered_cache_behavior" {
    for_each = local.public_behaviours

    content {
      path_pattern               = ordered_cache_behavior.key
      target_origin_id           = local.origin_media
      viewer_protocol_policy     = "redirect-to-https"
      allowed_methods            = ["GET", "HEAD"]
      cached_methods             = ["GET", "HEAD"]
      compress                   = true
      cache_policy_id            = local.cache_by_path
      response_headers_policy_id = ordered_cache_behavior.value.headers

      dynamic "function_association" {
        for_each = ordered_cache_behavior.value.function == null ? [] : [ordered_cache_behavior.value.function]

        content {
          event_type   = "viewer-request"
          function_arn = function_association.value
        }
      }
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    acm_certificate_arn      = var.certificate_arn
    minimum_protocol_version = "TLSv1.2_2021"
    ssl_support_method       = "sni-only"
  }
}

resource "aws_cloudfront_distribution" "pool" {
  #checkov:skip=CKV_AWS_86:logged by delivery.tf, which leaves out who asked
  #checkov:skip=CKV_AWS_374:learners are everywhere
  #checkov:skip=CKV_AWS_310:one application is behind it; it stands in two zones
  #checkov:skip=CKV_AWS_305:the application answers /
  #checkov:skip=CKV2_AWS_32:the application writes its own; files from the bucket have theirs in each behaviour
  #checkov:skip=CKV2_AWS_47:AWSManagedRulesKnownBadInputsRuleSet is among the firewall's rules
  for_each = toset([for number in range(var.pools) : format("%02d", number + 1)])

  comment         = "${var.name}: organizations' films, pool ${each.key}"
  enabled         = true
  is_ipv6_enabled = true
  http_version    = "http2and3"
  price_class     = var.price_class
  web_acl_id      = aws_wafv2_web_acl.this.arn

  origin {
    origin_id   = local.origin_app
    domain_name = var.origin_host

    vpc_origin_config {
      vpc_origin_id            = aws_cloudfront_vpc_origin.app.id
      origin_keepalive_timeout = 60
      origin_read_timeout      = 60
    }
  }

  origin {
    origin_id                = local.origin_media
    domain_name              = var.media_host
    origin_access_control_id = aws_cloudfront_origin_access_control.media.id
  }

  default_cache_behavior {
    target_origin_id         = local.origin_app
    viewer_protocol_policy   = "redirect-to-https"
    allowed_methods          = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
    cached_methods           = ["GET", "HEAD"]
    compress                 = true
    cache_policy_id          = local.cache_nothing
    origin_request_policy_id = local.all_that_viewer

    function_association {
      event_type   = "viewer-request"
      function_arn = aws_cloudfront_function.front_door.arn
    }
  }

  dynamic "ordered_cache_behavior" {
    for_each = local.programs

    content {
      path_pattern             = ordered_cache_behavior.value
      target_origin_id         = local.origin_app
      viewer_protocol_policy   = "https-only"
      allowed_methods          = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
      cached_methods           = ["GET", "HEAD"]
      compress                 = true
      cache_policy_id          = local.cache_nothing
      origin_request_policy_id = local.all_that_viewer

      function_association {
        event_type   = "viewer-request"
        function_arn = aws_cloudfront_function.front_door.arn
      }
    }
  }

  dynamic "ordered_cache_behavior" {
    for_each = local.public_behaviours

    content {
      path_pattern               = ordered_cache_behavior.key
      target_origin_id           = local.origin_media
      viewer_protocol_policy     = "redirect-to-https"
      allowed_methods            = ["GET", "HEAD"]
      cached_methods             = ["GET", "HEAD"]
      compress                   = true
      cache_policy_id            = local.cache_by_path
      response_headers_policy_id = ordered_cache_behavior.value.headers

      dynamic "function_association" {
        for_each = ordered_cache_behavior.value.function == null ? [] : [ordered_cache_behavior.value.function]

        content {
          event_type   = "viewer-request"
          function_arn = function_association.value
        }
      }
    }
  }

  ordered_cache_behavior {
    path_pattern               = local.pattern.path
    target_origin_id           = local.origin_app
    viewer_protocol_policy     = "redirect-to-https"
    allowed_methods            = ["GET", "HEAD"]
    cached_methods             = ["GET", "HEAD"]
    compress                   = false
    cache_policy_id            = local.cache_by_path
    response_headers_policy_id = local.pattern.headers
    trusted_key_groups         = [aws_cloudfront_key_group.nobody.id]

    function_association {
      event_type   = "viewer-request"
      function_arn = aws_cloudfront_function.media_path.arn
    }
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    acm_certificate_arn      = var.certificate_arn
    minimum_protocol_version = "TLSv1.2_2021"
    ssl_support_method       = "sni-only"
  }

  # One behaviour and one alias an organization: written by the product.
  lifecycle {
    ignore_changes = [aliases, ordered_cache_behavior]
  }
}
