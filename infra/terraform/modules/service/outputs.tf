output "cluster" {
  description = "Name of the cluster."
  value       = aws_ecs_cluster.this.name
}

output "services" {
  description = "Services by process, for alarms: their names and how many tasks each has at least."
  value       = { for name, service in aws_ecs_service.this : name => { name = service.name, least = var.sizes[name].least } }
}

output "balancer" {
  description = "The load balancer: ARN, host and zone, and the names that metrics know it and its targets by."
  value = {
    arn           = aws_lb.this.arn
    host          = aws_lb.this.dns_name
    zone_id       = aws_lb.this.zone_id
    metric        = aws_lb.this.arn_suffix
    target_metric = aws_lb_target_group.web.arn_suffix
  }
}

output "one_off" {
  description = "How a one-off task is started: task definitions by name, subnets, security group."
  value = {
    task_definitions = { for name in keys(local.one_offs) : name => aws_ecs_task_definition.this[name].family }
    subnets          = var.subnet_ids
    security_group   = var.security_group_ids["jobs"]
  }
}

output "secrets" {
  description = "ARNs of the secrets by the name of the setting."
  value       = { for name, secret in aws_secretsmanager_secret.this : name => secret.arn }
}

output "figures" {
  description = "Metrics counted from the log: their namespace and names."
  value       = { namespace = local.namespace, names = sort(keys(aws_cloudwatch_log_metric_filter.this)) }
}

output "scaling" {
  description = "By service: between how many and how many tasks, and after what."
  value = { for name, target in aws_appautoscaling_target.this : name => {
    least = target.min_capacity
    most  = target.max_capacity
    after = compact([
      contains(keys(aws_appautoscaling_policy.cpu), name) ? "cpu" : "",
      contains(keys(aws_appautoscaling_policy.requests), name) ? "requests" : "",
      contains(keys(aws_appautoscaling_policy.waiting), name) ? "waiting" : "",
    ])
  } }
}

output "containers" {
  description = "What each container is given, for the test that holds it to the settings."
  value       = { for name, task in aws_ecs_task_definition.this : name => task.container_definitions }
}

output "policies" {
  description = "Policies of this module's roles, for the tests of privileges."
  value = merge(
    { "key of secrets" = module.key.policy },
    { for name, policy in aws_iam_role_policy.start : "start ${name}" => policy.policy },
    { for name, policy in aws_iam_role_policy.task : "task ${name}" => policy.policy },
  )
}
