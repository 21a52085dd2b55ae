# MediaConvert: a queue of our own, and the role in which it reads what was uploaded and writes encodes. Jobs are made
# by the product, with their settings: the provider has no job templates.

resource "aws_media_convert_queue" "this" {
  name         = "${var.name}-films"
  description  = "Encodes of ${var.name}."
  pricing_plan = "ON_DEMAND"
  status       = "ACTIVE"
}

resource "aws_iam_role" "convert" {
  name = "${var.name}-mediaconvert"

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "mediaconvert.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "convert" {
  name = "films"
  role = aws_iam_role.convert.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ReadUploads"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = "${aws_s3_bucket.this["media"].arn}/t/*/in/*"
      },
      {
        Sid      = "WriteEncodes"
        Effect   = "Allow"
        Action   = ["s3:PutObject"]
        Resource = "${aws_s3_bucket.this["media"].arn}/t/*/v/*"
      },
      {
        Sid      = "OpenAndSeal"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = module.key.arn
      },
    ]
  })
}
