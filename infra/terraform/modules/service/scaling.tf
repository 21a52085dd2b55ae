# More tasks where work waits or processors are busy, fewer where they idle. Each policy says how many it wants and the
# most is done: a service shrinks only when none of them objects. Those that lead or hold a lock stay at their number.

locals {
  scaled = toset([for name in ["web", "worker", "transcoder"] : name if var.sizes[name].most > var.sizes[name].least])

  # Percent of the processor. A web task answers late from about 70 % on. Not of the transcoder: an encoder takes all
  # there is, also when nothing waits for a second one.
  cpu = { web = 55, worker = 55 }

  # Requests a minute of one task: as many as fill that share of its cores (docs/operations/capacity.md). They rise
  # before the processor's average does.
  requests = floor(60 * var.requests_per_core * local.cpu.web / 100 * var.sizes.web.cpu / 1024)

  # Seconds that the oldest message of a service's queues may have waited, and the minutes after which fewer tasks are
  # tried: an encode that loses its task is begun again elsewhere.
  waiting = {
    worker     = { figures = ["queue-age-default", "queue-age-events"], seconds = 10, cooldown = 300 }
    transcoder = { figures = ["queue-age-media"], seconds = 60, cooldown = 900 }
  }
}

# Of every service: a count that is outside of its bounds is moved inside when they are set, with or without a policy.
# Terraform itself leaves counts alone, or each apply would undo what a policy did.
resource "aws_appautoscaling_target" "this" {
  for_each = aws_ecs_service.this

  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${aws_ecs_cluster.this.name}/${each.value.name}"
  min_capacity       = var.sizes[each.key].least
  max_capacity       = var.sizes[each.key].most
}

resource "aws_appautoscaling_policy" "cpu" {
  for_each = { for name, target in aws_appautoscaling_target.this : name => target if contains(local.scaled, name) && contains(keys(local.cpu), name) }

  name               = "cpu"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = each.value.service_namespace
  scalable_dimension = each.value.scalable_dimension
  resource_id        = each.value.resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = local.cpu[each.key]
    scale_out_cooldown = 60
    scale_in_cooldown  = 300

    predefined_metric_specification {
      predefined_metric_type = "ECSServiceAverageCPUUtilization"
    }
  }
}

resource "aws_appautoscaling_policy" "requests" {
  for_each = { for name, target in aws_appautoscaling_target.this : name => target if contains(local.scaled, name) && name == "web" }

  name               = "requests"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = each.value.service_namespace
  scalable_dimension = each.value.scalable_dimension
  resource_id        = each.value.resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = local.requests
    scale_out_cooldown = 60
    scale_in_cooldown  = 300

    predefined_metric_specification {
      predefined_metric_type = "ALBRequestCountPerTarget"
      resource_label         = "${aws_lb.this.arn_suffix}/${aws_lb_target_group.web.arn_suffix}"
    }
  }
}

# Without a figure nothing changes: a dispatcher that is silent has an alarm of its own.
resource "aws_appautoscaling_policy" "waiting" {
  for_each = { for name, target in aws_appautoscaling_target.this : name => target if contains(local.scaled, name) && contains(keys(local.waiting), name) }

  name               = "waiting"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = each.value.service_namespace
  scalable_dimension = each.value.scalable_dimension
  resource_id        = each.value.resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = local.waiting[each.key].seconds
    scale_out_cooldown = 60
    scale_in_cooldown  = local.waiting[each.key].cooldown

    customized_metric_specification {
      metrics {
        id          = "oldest"
        label       = "Seconds that the oldest message has waited"
        expression  = "MAX([${join(", ", [for number, name in local.waiting[each.key].figures : "m${number}"])}])"
        return_data = true
      }

      dynamic "metrics" {
        for_each = { for number, name in local.waiting[each.key].figures : "m${number}" => name }

        content {
          id          = metrics.key
          return_data = false

          metric_stat {
            stat = "Maximum"

            metric {
              namespace   = local.namespace
              metric_name = aws_cloudwatch_log_metric_filter.this[metrics.value].metric_transformation[0].name
            }
          }
        }
      }
    }
  }
}
