output "events_url" {
  description = "Address of the queue that the workers read."
  value       = aws_sqs_queue.events.url
}

output "events_arn" {
  description = "ARN of the queue that the workers read."
  value       = aws_sqs_queue.events.arn
}

output "names" {
  description = "Names of the queue and of the one for messages put aside, for alarms."
  value       = { events = aws_sqs_queue.events.name, dead = aws_sqs_queue.dead.name }
}

output "key_arn" {
  description = "Key that whoever reads the queue has to open."
  value       = module.key.arn
}

output "policies" {
  description = "Policies of this module, for the tests of privileges."
  value = {
    "key of queue"    = module.key.policy
    "queue of events" = aws_sqs_queue_policy.this["events"].policy
    "queue of dead"   = aws_sqs_queue_policy.this["dead"].policy
  }
}
