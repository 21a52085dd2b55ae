output "key_arn" {
  description = "Key of every log group."
  value       = module.key.arn
}

output "topic_arn" {
  description = "Topic of alarms."
  value       = aws_sns_topic.alarms.arn
}

output "policies" {
  description = "Policies of this module, for the tests of privileges."
  value       = { "key of observability" = module.key.policy, "topic of alarms" = aws_sns_topic_policy.alarms.policy }
}
