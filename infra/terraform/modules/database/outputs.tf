output "host" {
  description = "Host name of the server; after a failover it leads to the other zone."
  value       = aws_db_instance.this.address
}

output "identifier" {
  description = "Name of the instance, for alarms."
  value       = aws_db_instance.this.identifier
}

output "master_secret_arn" {
  description = "Where RDS keeps the master's name and password."
  value       = aws_db_instance.this.master_user_secret[0].secret_arn
}

output "key_arn" {
  description = "Key that opens the master's secret."
  value       = module.key.arn
}

output "policies" {
  description = "Policies of this module's keys, for the tests of privileges."
  value       = { "key of database" = module.key.policy }
}
