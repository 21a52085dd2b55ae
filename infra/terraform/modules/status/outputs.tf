output "store" {
  description = "What the monitor needs to write the page: the bucket's address, the one object, and the key that seals it."
  value = {
    url        = "https://s3.${var.region}.amazonaws.com/${aws_s3_bucket.this.id}?region=${var.region}"
    object_arn = "${aws_s3_bucket.this.arn}/${local.page}"
    key_arn    = module.key.arn
  }
}

output "address" {
  description = "Where people read it."
  value       = "https://${var.host}/"
}

output "policies" {
  description = "Policies of this module, for the tests of privileges."
  value       = { "key of status" = module.key.policy, "bucket status" = aws_s3_bucket_policy.this.policy }
}
