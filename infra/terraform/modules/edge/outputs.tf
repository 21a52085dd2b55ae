output "front" {
  description = "Host and zone of the distribution that DNS leads to."
  value       = { host = aws_cloudfront_distribution.front.domain_name, zone_id = aws_cloudfront_distribution.front.hosted_zone_id }
}

output "pool_ids" {
  description = "Shared distributions of organizations' films, in order."
  value       = [for number in sort(keys(aws_cloudfront_distribution.pool)) : aws_cloudfront_distribution.pool[number].id]
}

output "pool_arns" {
  description = "Their ARNs: the product may change these and no other."
  value       = [for number in sort(keys(aws_cloudfront_distribution.pool)) : aws_cloudfront_distribution.pool[number].arn]
}

output "origins" {
  description = "Ids of the origins in every distribution."
  value       = { app = local.origin_app, media = local.origin_media }
}

output "headers" {
  description = "What is said of files from the bucket, for the test that compares it with the product."
  value       = { kinds = local.kinds, hsts_seconds = local.hsts_seconds }
}

output "policies" {
  description = "Policies of this module's keys, for the tests of privileges."
  value       = { "key of edge logs" = module.log_key.policy }
}
