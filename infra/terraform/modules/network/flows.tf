# Who may speak to whom. One line of `inside` is two rules: the one's way out and the other's way in.

data "aws_ec2_managed_prefix_list" "cloudfront" {
  name = "com.amazonaws.global.cloudfront.origin-facing"
}

locals {
  groups = {
    balancer   = "The load balancer."
    web        = "Web tasks."
    jobs       = "Workers, dispatcher, provisioner, archivist and one-off tasks."
    transcoder = "Tasks that open films people uploaded: no way to the internet."
    monitor    = "The synthetic learner: the database, and the way that learners come."
    database   = "PostgreSQL."
    cache      = "Valkey."
    endpoints  = "AWS's own services, inside the network."
  }

  inside = {
    "balancer to web"         = { from = "balancer", to = "web", port = var.web_port }
    "web to database"         = { from = "web", to = "database", port = 5432 }
    "web to cache"            = { from = "web", to = "cache", port = 6379 }
    "web to endpoints"        = { from = "web", to = "endpoints", port = 443 }
    "web to mail"             = { from = "web", to = "endpoints", port = 587 } # the deep look asks whether it is there
    "jobs to database"        = { from = "jobs", to = "database", port = 5432 }
    "jobs to cache"           = { from = "jobs", to = "cache", port = 6379 }
    "jobs to endpoints"       = { from = "jobs", to = "endpoints", port = 443 }
    "jobs to mail"            = { from = "jobs", to = "endpoints", port = 587 }
    "transcoder to database"  = { from = "transcoder", to = "database", port = 5432 }
    "transcoder to cache"     = { from = "transcoder", to = "cache", port = 6379 }
    "transcoder to endpoints" = { from = "transcoder", to = "endpoints", port = 443 }
    "monitor to database"     = { from = "monitor", to = "database", port = 5432 }
    "monitor to endpoints"    = { from = "monitor", to = "endpoints", port = 443 }
  }

  # Stripe, CloudFront's control plane, DNS providers, our own public address over HTTPS: their addresses change.
  to_internet = toset(["web", "jobs", "monitor"])
}

resource "aws_security_group" "this" {
  #checkov:skip=CKV2_AWS_5:attached by the modules that are given its id
  for_each = local.groups

  name        = "${var.name}-${each.key}"
  description = each.value
  vpc_id      = aws_vpc.this.id

  tags = { Name = "${var.name}-${each.key}" }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_vpc_security_group_egress_rule" "inside" {
  for_each = local.inside

  security_group_id            = aws_security_group.this[each.value.from].id
  referenced_security_group_id = aws_security_group.this[each.value.to].id
  description                  = each.key
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_ingress_rule" "inside" {
  for_each = local.inside

  security_group_id            = aws_security_group.this[each.value.to].id
  referenced_security_group_id = aws_security_group.this[each.value.from].id
  description                  = each.key
  ip_protocol                  = "tcp"
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_ingress_rule" "cloudfront" {
  security_group_id = aws_security_group.this["balancer"].id
  prefix_list_id    = data.aws_ec2_managed_prefix_list.cloudfront.id
  description       = "CloudFront, and nobody else"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "s3" {
  for_each = toset(["web", "jobs", "transcoder", "monitor"]) # images, too, come from there

  security_group_id = aws_security_group.this[each.key].id
  prefix_list_id    = aws_vpc_endpoint.s3.prefix_list_id
  description       = "S3, through the gateway"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}

resource "aws_vpc_security_group_egress_rule" "internet" {
  for_each = local.to_internet

  security_group_id = aws_security_group.this[each.key].id
  cidr_ipv4         = "0.0.0.0/0"
  description       = "HTTPS to the internet, through NAT"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
}
