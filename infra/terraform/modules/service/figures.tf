# What is known of the product beside what AWS itself sees: counted by CloudWatch from lines of its log, for the alarms
# and for scaling. infra/observability/cloudwatch.yml says which lines. The product knows nothing of CloudWatch.

locals {
  watched   = yamldecode(file("${path.module}/../../../observability/cloudwatch.yml"))
  namespace = "LMS/${var.name}"

  # A filter each: the process whose lines it reads, which of them, and what is counted.
  filters = merge(
    { for name, path in local.watched.figures : name => {
      process = "dispatcher"
      pattern = "{ $.event = \"figures.told\" && $.${path} = * }"
      value   = "$.${path}"
      none    = null # a figure that nobody tells is missing, and not 0
    } },
    { for name, count in local.watched.counts : name => {
      process = count.process
      pattern = "{ ${count.lines} }"
      value   = "1"
      none    = "0"
    } if contains(keys(local.processes), count.process) },
    merge([for name, objective in local.watched.objectives : {
      "${name}-all" = { process = objective.process, pattern = "{ ${objective.all} }", value = "1", none = "0" }
      "${name}-bad" = { process = objective.process, pattern = "{ ${objective.all} && ${objective.bad} }", value = "1", none = "0" }
    } if contains(keys(local.processes), objective.process)]...),
  )
}

resource "aws_cloudwatch_log_metric_filter" "this" {
  for_each = local.filters

  name           = "${var.name}-${each.key}"
  log_group_name = aws_cloudwatch_log_group.this[each.value.process].name
  pattern        = each.value.pattern

  metric_transformation {
    namespace     = local.namespace
    name          = each.key
    value         = each.value.value
    default_value = each.value.none
  }
}
