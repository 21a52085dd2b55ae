output "arn" {
  description = "ARN of the key."
  value       = aws_kms_key.this.arn
}

output "policy" {
  description = "The key's policy, for the tests of privileges."
  value       = aws_kms_key.this.policy
}
