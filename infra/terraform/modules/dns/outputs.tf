output "edge_certificate_arn" {
  description = "Certificate of all hosts, where CloudFront looks for it; proved."
  value       = aws_acm_certificate_validation.edge.certificate_arn
}

output "origin_certificate_arn" {
  description = "Certificate of the load balancer; proved."
  value       = aws_acm_certificate_validation.origin.certificate_arn
}

output "origin_host" {
  description = "Name by which CloudFront calls the load balancer."
  value       = local.names.origin
}

output "served_hosts" {
  description = "Hosts that the certificate of the edge stands for."
  value       = sort(values(local.served))
}

output "smtp_user" {
  description = "IAM user that mail is handed in as."
  value       = aws_iam_user.smtp.name
}

output "policies" {
  description = "Policies of this module, for the tests of privileges."
  value       = { smtp = aws_iam_user_policy.smtp.policy }
}
