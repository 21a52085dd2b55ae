output "state" {
  description = "What `terraform init` of an environment is given: -backend-config=bucket=… -backend-config=region=… -backend-config=kms_key_id=…"
  value       = { bucket = aws_s3_bucket.state.id, region = var.region, kms_key_id = module.key.arn }
}

output "registry" {
  description = "Where images are pushed."
  value       = aws_ecr_repository.this.repository_url
}

output "push_role" {
  description = "Role of the workflow that pushes images."
  value       = aws_iam_role.push.arn
}

output "release_roles" {
  description = "Roles of the workflows that release, by cell."
  value       = { for cell, role in aws_iam_role.release : cell => role.arn }
}
