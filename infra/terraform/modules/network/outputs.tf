output "vpc_id" {
  description = "The network."
  value       = aws_vpc.this.id
}

output "private_subnet_ids" {
  description = "Subnets of the tasks and the load balancer, one a zone."
  value       = [for zone in var.zones : aws_subnet.private[zone].id]
}

output "data_subnet_ids" {
  description = "Subnets of the database and the cache, one a zone."
  value       = [for zone in var.zones : aws_subnet.data[zone].id]
}

output "security_group_ids" {
  description = "Security groups by name: balancer, web, jobs, transcoder, database, cache, endpoints."
  value       = { for name, group in aws_security_group.this : name => group.id }
}

output "policies" {
  description = "Policies of this module's roles, for the tests of privileges."
  value       = { "network-flows" = aws_iam_role_policy.flows.policy }
}
