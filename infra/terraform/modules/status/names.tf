# The second name, in a zone that is none of the product's, and its certificate.

resource "aws_acm_certificate" "this" {
  provider = aws.us_east_1

  domain_name       = var.host
  validation_method = "DNS"

  lifecycle {
    create_before_destroy = true
  }
}

locals {
  proof = one([for option in aws_acm_certificate.this.domain_validation_options : option if option.domain_name == var.host])
}

resource "aws_route53_record" "proof" {
  zone_id         = var.zone_id
  name            = local.proof.resource_record_name
  type            = "CNAME"
  ttl             = 300
  allow_overwrite = true
  records         = [local.proof.resource_record_value]
}

resource "aws_acm_certificate_validation" "this" {
  provider = aws.us_east_1

  certificate_arn         = aws_acm_certificate.this.arn
  validation_record_fqdns = [aws_route53_record.proof.fqdn]

  # The authority asks the name itself, and its parents only where it says nothing.
  depends_on = [aws_route53_record.issuers]
}

# Only Amazon may issue for this name. Of the zone it is in, others may be served, and that is not ours to say.
resource "aws_route53_record" "issuers" {
  zone_id = var.zone_id
  name    = var.host
  type    = "CAA"
  ttl     = 3600
  records = ["0 issue \"amazon.com\"", "0 issuewild \";\""]
}

resource "aws_route53_record" "served" {
  for_each = toset(["A", "AAAA"])

  zone_id = var.zone_id
  name    = var.host
  type    = each.key

  alias {
    name                   = aws_cloudfront_distribution.this.domain_name
    zone_id                = aws_cloudfront_distribution.this.hosted_zone_id
    evaluate_target_health = false
  }
}
