output "state" {
  description = "What `terraform init` of an environment is given: -backend-config=bucket=… -backend-config=region=… -backend-config=kms_key_id=…"
  value       = { bucket = aws_s3_bucket.state.id, region = var.region, kms_key_id = module.key.arn }
}

output "registry" {
  description = "Where images are pushed."
  value       = aws_ecr_repository.this.repository_url
}

output "workflow_variables" {
  description = "Variables of GitHub's repository, and of its environments by name. Each environment also wants LMS_TERRAFORM_VARIABLES: its terraform.tfvars, as JSON."
  value = {
    repository = {
      LMS_AWS_REGION = var.region
      LMS_PUSH_ROLE  = aws_iam_role.push.arn
      LMS_REPOSITORY = aws_ecr_repository.this.name
    }
    environments = { for cell, environment in var.cells : environment => {
      LMS_AWS_REGION        = var.region
      LMS_RELEASE_ROLE      = aws_iam_role.release[cell].arn
      LMS_TERRAFORM_BACKEND = "bucket=${aws_s3_bucket.state.id} region=${var.region} kms_key_id=${module.key.arn}"
    } }
  }
}
