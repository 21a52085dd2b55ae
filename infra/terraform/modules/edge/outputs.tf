output "front" {
  description = "Host and zone of the distribution that DNS leads to."
  value       = { host = aws_cloudfront_distribution.front.domain_name, zone_id = aws_cloudfront_distribution.front.hosted_zone_id }
}

output "front_id" {
  description = "Its id: the product has it forget the images of organizations that are deleted."
  value       = aws_cloudfront_distribution.front.id
}

output "front_arn" {
  description = "Its ARN: it may be made to forget, and no more."
  value       = aws_cloudfront_distribution.front.arn
}

output "pool_ids" {
  description = "Shared distributions of organizations' films, in order."
  value       = [for number in sort(keys(aws_cloudfront_distribution.pool)) : aws_cloudfront_distribution.pool[number].id]
}

output "pool_arns" {
  description = "Their ARNs: the product may change these and no other."
  value       = [for number in sort(keys(aws_cloudfront_distribution.pool)) : aws_cloudfront_distribution.pool[number].arn]
}

output "template_id" {
  description = "The multi-tenant distribution of organizations with domains of their own."
  value       = aws_cloudformation_stack.tenants.outputs["Id"]
}

output "template_arn" {
  description = "Its ARN: the product may change it."
  value       = "arn:aws:cloudfront::${var.account_id}:distribution/${aws_cloudformation_stack.tenants.outputs["Id"]}"
}

output "key_store_arn" {
  description = "The store that the token function looks up."
  value       = aws_cloudfront_key_value_store.secrets.arn
}

output "origins" {
  description = "Ids of the origins in every distribution."
  value       = { app = local.origin_app, media = local.origin_media }
}

output "headers" {
  description = "What is said of files from the bucket, for the test that compares it with the product."
  value = {
    kinds = local.kinds
    hsts  = join("; ", compact(["max-age=${local.hsts.seconds}", local.hsts.subdomains ? "includeSubDomains" : "", local.hsts.preload ? "preload" : ""]))
  }
}

output "policies" {
  description = "Policies of this module's keys, for the tests of privileges."
  value       = { "key of edge logs" = module.log_key.policy }
}
