# What AWS itself can see. The product's own figures (queue age, outbox, webhooks, a learner's journey) have their alerts
# in infra/observability, and a runbook each.

locals {
  budget = 1 - var.availability

  # Of a month's allowance of errors: 2 % gone in an hour (14.4 times too fast) or 5 % in six hours (6 times).
  burns = {
    fast = { factor = 14.4, seconds = 3600 }
    slow = { factor = 6, seconds = 21600 }
  }

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

# Errors against the promise: the share of requests that failed on our side, over an hour and over six.
resource "aws_cloudwatch_metric_alarm" "burn" {
  for_each = local.burns

  alarm_name          = "${var.name}-errors-${each.key}"
  alarm_description   = "Requests fail ${each.value.factor} times as often as the promise of ${var.availability * 100} % allows."
  comparison_operator = "GreaterThanThreshold"
  threshold           = local.budget * each.value.factor
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.topic_arn]
  ok_actions          = [var.topic_arn]

  metric_query {
    id          = "share"
    expression  = "(FILL(ours, 0) + FILL(balancers, 0)) / IF(requests > 100, requests, 100)"
    label       = "Share of failed requests"
    return_data = true
  }

  dynamic "metric_query" {
    for_each = {
      ours      = "HTTPCode_Target_5XX_Count"
      balancers = "HTTPCode_ELB_5XX_Count"
      requests  = "RequestCount"
    }

    content {
      id = metric_query.key

      metric {
        namespace   = "AWS/ApplicationELB"
        metric_name = metric_query.value
        stat        = "Sum"
        period      = each.value.seconds
        dimensions  = { LoadBalancer = var.balancer.metric }
      }
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "slow" {
  alarm_name          = "${var.name}-slow"
  alarm_description   = "One of twenty requests waits longer than ${var.read_seconds} s."
  namespace           = "AWS/ApplicationELB"
  metric_name         = "TargetResponseTime"
  dimensions          = { LoadBalancer = var.balancer.metric }
  extended_statistic  = "p95"
  period              = 60
  evaluation_periods  = 15
  datapoints_to_alarm = 10
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.read_seconds
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.topic_arn]
  ok_actions          = [var.topic_arn]
}
