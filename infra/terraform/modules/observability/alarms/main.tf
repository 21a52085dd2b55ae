# What AWS itself can see, and what is counted from the product's log. Promises and their budgets are those of
# infra/observability/slo.yml; what wakes somebody is what wakes somebody by Prometheus's rules, by the same names, with the
# same page in docs/operations/alerts.md.

locals {
  promises = yamldecode(file("${path.module}/../../../../observability/slo.yml"))
  watched  = yamldecode(file("${path.module}/../../../../observability/cloudwatch.yml"))
  runbooks = "docs/operations/alerts.md"

  gib = 1073741824

  plain = merge(
    {
      "web-unhealthy" = {
        says       = "A web task does not become ready."
        namespace  = "AWS/ApplicationELB", metric = "UnHealthyHostCount", statistic = "Maximum", over = 0, below = null
        minutes    = 5, missing = "notBreaching"
        dimensions = { LoadBalancer = var.balancer.metric, TargetGroup = var.balancer.target_metric }
      }
      "web-none" = {
        says       = "No web task is ready: nobody is served."
        namespace  = "AWS/ApplicationELB", metric = "HealthyHostCount", statistic = "Minimum", over = null, below = 1
        minutes    = 2, missing = "breaching"
        dimensions = { LoadBalancer = var.balancer.metric, TargetGroup = var.balancer.target_metric }
      }
      "database-cpu" = {
        says       = "PostgreSQL has been busy for a quarter of an hour."
        namespace  = "AWS/RDS", metric = "CPUUtilization", statistic = "Average", over = 85, below = null
        minutes    = 15, missing = "breaching"
        dimensions = { DBInstanceIdentifier = var.database.identifier }
      }
      "database-memory" = {
        says       = "Memory is running out: connections know too many organizations (docs/operations/capacity.md)."
        namespace  = "AWS/RDS", metric = "FreeableMemory", statistic = "Minimum", over = null, below = floor(var.database.memory_gb * local.gib / 10)
        minutes    = 10, missing = "breaching"
        dimensions = { DBInstanceIdentifier = var.database.identifier }
      }
      "database-storage" = {
        says       = "A tenth of the storage is left. It grows by itself up to its limit."
        namespace  = "AWS/RDS", metric = "FreeStorageSpace", statistic = "Minimum", over = null, below = floor(var.database.storage_gb * local.gib / 10)
        minutes    = 10, missing = "breaching"
        dimensions = { DBInstanceIdentifier = var.database.identifier }
      }
      "database-connections" = {
        says       = "Nine tenths of the connections are taken."
        namespace  = "AWS/RDS", metric = "DatabaseConnections", statistic = "Maximum", over = floor(var.database.connections * 0.9), below = null
        minutes    = 5, missing = "notBreaching"
        dimensions = { DBInstanceIdentifier = var.database.identifier }
      }
      "events-old" = {
        says       = "What MediaConvert told has waited for ten minutes: no worker reads it."
        namespace  = "AWS/SQS", metric = "ApproximateAgeOfOldestMessage", statistic = "Maximum", over = 600, below = null
        minutes    = 5, missing = "notBreaching"
        dimensions = { QueueName = var.queues.events }
      }
      "events-dead" = {
        says       = "A message could not be understood and was put aside."
        namespace  = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", statistic = "Maximum", over = 0, below = null
        minutes    = 1, missing = "notBreaching"
        dimensions = { QueueName = var.queues.dead }
      }
    },
    merge([for node in var.cache_nodes : {
      "cache-memory-${node}" = {
        says       = "Valkey is nearly full, and refuses work when it is: it forgets nothing."
        namespace  = "AWS/ElastiCache", metric = "DatabaseMemoryUsagePercentage", statistic = "Maximum", over = 80, below = null
        minutes    = 5, missing = "notBreaching"
        dimensions = { CacheClusterId = node }
      }
      "cache-cpu-${node}" = {
        says       = "Valkey has been busy for ten minutes."
        namespace  = "AWS/ElastiCache", metric = "EngineCPUUtilization", statistic = "Average", over = 80, below = null
        minutes    = 10, missing = "notBreaching"
        dimensions = { CacheClusterId = node }
      }
    }]...),
    { for process, service in var.services : "tasks-${process}" => {
      says       = "Fewer ${process} tasks run than there have to be."
      namespace  = "ECS/ContainerInsights", metric = "RunningTaskCount", statistic = "Minimum", over = null, below = service.least
      minutes    = 5, missing = "breaching"
      dimensions = { ClusterName = var.cluster, ServiceName = service.name }
    } },
  )
}

resource "aws_cloudwatch_metric_alarm" "plain" {
  for_each = local.plain

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.says
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = 60
  evaluation_periods  = each.value.minutes
  datapoints_to_alarm = each.value.minutes
  comparison_operator = each.value.over != null ? "GreaterThanThreshold" : "LessThanThreshold"
  threshold           = each.value.over != null ? each.value.over : each.value.below
  treat_missing_data  = each.value.missing
  alarm_actions       = [var.topic_arn]
  ok_actions          = [var.topic_arn]
}

# -- of the product's own figures ----------------------------------------------------------------------------------------

locals {
  causes = { for name, alarm in local.watched.alarms : name => {
    figures   = alarm.figures
    over      = try(alarm.over, null)
    below     = try(alarm.below, null)
    periods   = try(alarm.together, false) ? 1 : alarm.minutes
    seconds   = try(alarm.together, false) ? 60 * alarm.minutes : 60
    missing   = try(alarm.missing, "notBreaching")
    statistic = try(alarm.statistic, "Maximum")
  } if length(setsubtract(alarm.figures, var.figures.names)) == 0 }
}

resource "aws_cloudwatch_metric_alarm" "cause" {
  for_each = local.causes

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${local.runbooks}#${lower(each.key)}"
  evaluation_periods  = each.value.periods
  datapoints_to_alarm = each.value.periods
  comparison_operator = each.value.over != null ? "GreaterThanThreshold" : "LessThanThreshold"
  threshold           = each.value.over != null ? each.value.over : each.value.below
  treat_missing_data  = each.value.missing
  alarm_actions       = [var.topic_arn]
  ok_actions          = [var.topic_arn]

  metric_query {
    id          = "most"
    expression  = "MAX([${join(", ", [for number, name in each.value.figures : "m${number}"])}])"
    label       = each.key
    return_data = true
  }

  dynamic "metric_query" {
    for_each = { for number, name in each.value.figures : "m${number}" => name }

    content {
      id = metric_query.key

      metric {
        namespace   = var.figures.namespace
        metric_name = metric_query.value
        stat        = each.value.statistic
        period      = each.value.seconds
      }
    }
  }
}

# -- promises ------------------------------------------------------------------------------------------------------------

locals {
  seconds = { "1h" = 3600, "6h" = 21600 }

  # Of each objective: what is counted, and the share of it that may be bad. The load balancer counts what it answers
  # itself, too: nobody stood behind it.
  by_balancer = ["availability"]
  counted = { for objective in local.promises.objectives : objective.name => {
    namespace  = contains(local.by_balancer, objective.name) ? "AWS/ApplicationELB" : var.figures.namespace
    dimensions = contains(local.by_balancer, objective.name) ? tomap({ LoadBalancer = var.balancer.metric }) : tomap({})
    all        = contains(local.by_balancer, objective.name) ? "RequestCount" : "${objective.name}-all"
    bad        = contains(local.by_balancer, objective.name) ? tolist(["HTTPCode_Target_5XX_Count", "HTTPCode_ELB_5XX_Count"]) : tolist(["${objective.name}-bad"])
    least      = try(local.watched.objectives[objective.name].least, 100)
    allowed    = 1 - objective.objective / 100
  } }

  # The month's allowance spent so many times too fast, over so long. CloudWatch looks at one window an alarm, so one that
  # is over is told to be over up to an hour (or six) late; Prometheus's rules look at a short window, too.
  burns = merge([for burn in local.promises.burn : {
    for name, count in local.counted : "${name}-${burn.long}" => merge(count, {
      objective = name
      factor    = burn.factor
      period    = local.seconds[burn.long]
      window    = burn.long
    }) if contains(local.by_balancer, name) || contains(var.figures.names, count.all)
  }]...)
}

resource "aws_cloudwatch_metric_alarm" "burn" {
  for_each = local.burns

  alarm_name          = "${var.name}-burn-${each.key}"
  alarm_description   = "${each.value.objective} is missed ${each.value.factor} times as often as promised. ${local.runbooks}#burn${replace(each.value.objective, "-", "")}${each.value.window}"
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.allowed * each.value.factor
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.topic_arn]
  ok_actions          = [var.topic_arn]

  metric_query {
    id          = "share"
    expression  = "(${join(" + ", [for number, name in each.value.bad : "FILL(bad${number}, 0)"])}) / IF(total > ${each.value.least}, total, ${each.value.least})"
    label       = "Share of bad ones"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = merge(
      { total = each.value.all },
      { for number, name in each.value.bad : "bad${number}" => name },
    )

    content {
      id = metric_query.key

      metric {
        namespace   = each.value.namespace
        metric_name = metric_query.value
        stat        = "Sum"
        period      = each.value.period
        dimensions  = each.value.dimensions
      }
    }
  }
}
