output "host" {
  description = "Host name of the node that takes writes."
  value       = aws_elasticache_replication_group.this.primary_endpoint_address
}

output "user_id" {
  description = "The user whose password has to be set."
  value       = aws_elasticache_user.product.user_id
}

output "member_clusters" {
  description = "Nodes by name, for alarms."
  value       = [for number in range(1, var.nodes + 1) : "${var.name}-${format("%03d", number)}"]
}

output "policies" {
  description = "Policies of this module's keys, for the tests of privileges."
  value       = { "key of cache" = module.key.policy }
}
