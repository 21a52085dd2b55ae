output "names" {
  description = "Every alarm, for the page of runbooks."
  value = sort(concat(
    [for alarm in aws_cloudwatch_metric_alarm.plain : alarm.alarm_name],
    [for alarm in aws_cloudwatch_metric_alarm.burn : alarm.alarm_name],
    [for alarm in aws_cloudwatch_metric_alarm.cause : alarm.alarm_name],
  ))
}
