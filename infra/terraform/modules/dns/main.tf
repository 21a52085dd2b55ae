# Names and certificates. Every organization's host is found by one wildcard: CloudFront leads a host to the
# distribution with the closest alias, whichever distribution DNS names.

locals {
  names = {
    site    = var.hosts.site
    staff   = var.hosts.staff
    tenants = "*.${var.hosts.tenant_suffix}"
    content = "*.${var.hosts.content_suffix}"
    origin  = "origin.${var.hosts.tenant_suffix}"
  }
  served = { for name in ["site", "staff", "tenants", "content"] : name => local.names[name] }

  # For each name the zone that ends it; of several the longest.
  fits = { for name, host in local.names : name => reverse(sort([
    for domain in keys(var.zones) : format("%03d %s", length(domain), domain) if host == domain || endswith(host, ".${domain}")
  ])) }
  zone_of = { for name, fitting in local.fits : name => try(var.zones[split(" ", fitting[0])[1]], null) }

  mail_domain = var.hosts.tenant_suffix

  # A certificate is proved by one record a name without its star.
  proofs = { for name, host in local.names : trimprefix(host, "*.") => local.zone_of[name]... }
}

resource "aws_acm_certificate" "edge" {
  provider = aws.us_east_1

  domain_name               = local.names.site
  subject_alternative_names = sort([for name, host in local.served : host if host != local.names.site])
  validation_method         = "DNS"

  lifecycle {
    create_before_destroy = true

    precondition {
      condition     = alltrue([for zone in values(local.zone_of) : zone != null])
      error_message = "Each host needs a hosted zone that ends it: ${join(", ", [for name, zone in local.zone_of : local.names[name] if zone == null])}"
    }
  }
}

resource "aws_acm_certificate" "origin" {
  domain_name               = local.names.origin
  subject_alternative_names = sort(values(local.served))
  validation_method         = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

# Both certificates are proved by the same records: a record follows from account and name.
resource "aws_route53_record" "proof" {
  for_each = local.proofs

  zone_id = each.value[0]
  name = one(distinct([
    for option in aws_acm_certificate.origin.domain_validation_options : option.resource_record_name
    if trimprefix(option.domain_name, "*.") == each.key
  ]))
  type            = "CNAME"
  ttl             = 300
  allow_overwrite = true
  records = distinct([
    for option in aws_acm_certificate.origin.domain_validation_options : option.resource_record_value
    if trimprefix(option.domain_name, "*.") == each.key
  ])
}

resource "aws_acm_certificate_validation" "edge" {
  provider = aws.us_east_1

  certificate_arn         = aws_acm_certificate.edge.arn
  validation_record_fqdns = [for record in aws_route53_record.proof : record.fqdn]
}

resource "aws_acm_certificate_validation" "origin" {
  certificate_arn         = aws_acm_certificate.origin.arn
  validation_record_fqdns = [for record in aws_route53_record.proof : record.fqdn]
}

resource "aws_route53_record" "served" {
  for_each = merge([for name in keys(local.served) : { for type in ["A", "AAAA"] : "${name} ${type}" => { name = name, type = type } }]...)

  zone_id = local.zone_of[each.value.name]
  name    = local.served[each.value.name]
  type    = each.value.type

  alias {
    name                   = var.distribution.host
    zone_id                = var.distribution.zone_id
    evaluate_target_health = false
  }
}

resource "aws_route53_record" "origin" {
  zone_id = local.zone_of["origin"]
  name    = local.names.origin
  type    = "A"

  alias {
    name                   = var.balancer.host
    zone_id                = var.balancer.zone_id
    evaluate_target_health = true
  }
}

# Only Amazon may issue for our names. Domains of organizations' own are other zones, and not ours to say.
resource "aws_route53_record" "issuers" {
  for_each = var.zones

  zone_id = each.value
  name    = each.key
  type    = "CAA"
  ttl     = 3600
  records = ["0 issue \"amazon.com\"", "0 issuewild \"amazon.com\""]
}
