output "buckets" {
  description = "Name, ARN and regional host of each bucket: media, delivery."
  value = { for name, bucket in aws_s3_bucket.this : name => {
    name = bucket.id
    arn  = bucket.arn
    host = bucket.bucket_regional_domain_name
  } }
}

output "key_arn" {
  description = "Key of both buckets."
  value       = module.key.arn
}

output "transcode_queue_arn" {
  description = "The MediaConvert queue."
  value       = aws_media_convert_queue.this.arn
}

output "transcode_role_arn" {
  description = "The role that MediaConvert works in."
  value       = aws_iam_role.convert.arn
}

output "policies" {
  description = "Policies of this module, for the tests of privileges."
  value = merge(
    { "key of media" = module.key.policy, "mediaconvert" = aws_iam_role_policy.convert.policy },
    { for name, policy in aws_s3_bucket_policy.this : "bucket ${name}" => policy.policy },
  )
}
