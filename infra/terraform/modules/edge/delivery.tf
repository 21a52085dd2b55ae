# A line a request of what was sent, from which delivered bytes are counted. Of who asked it says nothing, and neither
# of the query, where signatures stand.

locals {
  logged = merge({ front = aws_cloudfront_distribution.front.arn }, { for number, pool in aws_cloudfront_distribution.pool : "pool-${number}" => pool.arn },
    { tenants = "arn:aws:cloudfront::${var.account_id}:distribution/${aws_cloudformation_stack.tenants.outputs["Id"]}" },
  )
}

resource "aws_cloudwatch_log_delivery_destination" "bucket" {
  provider = aws.us_east_1

  name          = "${var.name}-delivery"
  output_format = "json"

  delivery_destination_configuration {
    destination_resource_arn = "${var.delivery_bucket_arn}/cloudfront"
  }
}

resource "aws_cloudwatch_log_delivery_source" "this" {
  provider = aws.us_east_1
  for_each = local.logged

  name         = "${var.name}-${each.key}"
  log_type     = "ACCESS_LOGS"
  resource_arn = each.value
}

resource "aws_cloudwatch_log_delivery" "this" {
  provider = aws.us_east_1
  for_each = local.logged

  delivery_source_name     = aws_cloudwatch_log_delivery_source.this[each.key].name
  delivery_destination_arn = aws_cloudwatch_log_delivery_destination.bucket.arn

  record_fields = [
    "date", "time", "x-edge-request-id", "cs-method", "cs-uri-stem", "sc-status", "sc-bytes", "x-edge-result-type",
  ]

  s3_delivery_configuration {
    enable_hive_compatible_path = false
    suffix_path                 = "{DistributionId}/{yyyy}/{MM}/{dd}/{HH}"
  }
}
