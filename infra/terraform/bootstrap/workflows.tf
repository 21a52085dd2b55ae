# GitHub proves who a workflow is; no key of ours is kept there. Pushing an image and releasing it are two roles: a
# workflow of the main branch may push, and only one that passed the rules of a GitHub environment may release.

locals {
  # As long as a step of a release may take: the fleet's takes its time.
  release_seconds = 9000
}

resource "aws_iam_openid_connect_provider" "github" {
  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "push" {
  name                 = "lms-github-push"
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.github.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = { StringEquals = {
        "${local.issuer}:aud" = "sts.amazonaws.com"
        "${local.issuer}:sub" = "repo:${var.repository}:ref:refs/heads/main"
      } }
    }]
  })
}

resource "aws_iam_role_policy" "push" {
  name = "push"
  role = aws_iam_role.push.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # No resource level: a login to the registry is for the account.
        Sid      = "RegistryLogin"
        Effect   = "Allow"
        Action   = ["ecr:GetAuthorizationToken"]
        Resource = ["*"]
      },
      {
        Sid    = "Push"
        Effect = "Allow"
        Action = [
          "ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:CompleteLayerUpload", "ecr:DescribeImages",
          "ecr:GetDownloadUrlForLayer", "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart",
        ]
        Resource = [aws_ecr_repository.this.arn]
      },
    ]
  })
}

resource "aws_iam_role" "release" {
  for_each = var.cells

  name                 = "${each.key}-github-release"
  max_session_duration = local.release_seconds

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = aws_iam_openid_connect_provider.github.arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = { StringEquals = {
        "${local.issuer}:aud" = "sts.amazonaws.com"
        "${local.issuer}:sub" = "repo:${var.repository}:environment:${each.value}"
      } }
    }]
  })
}

# `terraform plan` reads everything that stands. What is in buckets, logs, queues and secrets it need not read.
resource "aws_iam_role_policy_attachment" "look" {
  for_each = aws_iam_role.release

  role       = each.value.name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_iam_role_policy" "release" {
  for_each = aws_iam_role.release

  name = "release"
  role = each.value.id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "NotThePeoplesOwn"
        Effect = "Deny"
        Action = [
          "logs:FilterLogEvents", "logs:GetLogEvents", "logs:GetLogRecord", "logs:GetQueryResults", "logs:StartLiveTail",
          "logs:StartQuery", "rds:DownloadCompleteDBLogFile", "rds:DownloadDBLogFilePortion", "s3:GetObject",
          "s3:GetObjectVersion", "sqs:ReceiveMessage",
        ]
        NotResource = [
          "${aws_s3_bucket.state.arn}/${var.cells[each.key]}/*",
          "arn:aws:logs:${var.region}:${var.account_id}:log-group:/${each.key}/migrate:*",
        ]
      },
      {
        Sid      = "State"
        Effect   = "Allow"
        Action   = ["s3:PutObject", "s3:DeleteObject"]
        Resource = ["${aws_s3_bucket.state.arn}/${var.cells[each.key]}/*"]
      },
      { Sid = "KeyOfState", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [module.key.arn] },
      {
        # No resource level: a task definition has no name before it is registered.
        Sid      = "Register"
        Effect   = "Allow"
        Action   = ["ecs:RegisterTaskDefinition", "ecs:DeregisterTaskDefinition"]
        Resource = ["*"]
      },
      {
        Sid    = "RollOut"
        Effect = "Allow"
        Action = ["ecs:UpdateService", "ecs:RunTask", "ecs:StopTask", "ecs:TagResource"]
        Resource = [
          "arn:aws:ecs:${var.region}:${var.account_id}:service/${each.key}/*",
          "arn:aws:ecs:${var.region}:${var.account_id}:task/${each.key}/*",
          "arn:aws:ecs:${var.region}:${var.account_id}:task-definition/${each.key}-*",
        ]
      },
      {
        Sid       = "HandOverTheTasksRoles"
        Effect    = "Allow"
        Action    = ["iam:PassRole"]
        Resource  = ["arn:aws:iam::${var.account_id}:role/${each.key}-*"]
        Condition = { StringEquals = { "iam:PassedToService" = "ecs-tasks.amazonaws.com" } }
      },
    ]
  })
}
