# Two roles a task: one that starts it (image, log, its own secrets and no others) and one in which it works.

locals {
  bucket = var.media.bucket_arn

  objects = {
    uploads  = "${local.bucket}/t/*/in/*"
    encodes  = "${local.bucket}/t/*/v/*"
    files    = "${local.bucket}/t/*/f/*"
    archives = "${local.bucket}/t/*/x/*"
    finals   = "${local.bucket}/final/*"
    images   = "${local.bucket}/p/*"
    built    = "${local.bucket}/assets/*"
  }

  # Without it a key that is not there is "forbidden" instead of "not found".
  list   = { Sid = "ListBucket", Effect = "Allow", Action = ["s3:ListBucket"], Resource = [local.bucket] }
  sealed = { Sid = "MediaKey", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = [var.media.key_arn] }
  stale  = { Sid = "StaleUploads", Effect = "Allow", Action = ["s3:ListBucketMultipartUploads"], Resource = [local.bucket] }

  reads = { for name, kinds in {
    web         = ["uploads", "archives", "finals", "images"]
    worker      = ["uploads", "encodes", "files", "images"]
    transcoder  = ["uploads", "encodes"]
    provisioner = ["images"]
    archivist   = ["uploads", "encodes", "files", "archives", "finals", "images"]
    migrate     = ["built"]
  } : name => { Sid = "Read", Effect = "Allow", Action = ["s3:GetObject"], Resource = [for kind in kinds : local.objects[kind]] } }

  writes = { for name, kinds in {
    web         = ["uploads", "images"]
    worker      = ["uploads", "encodes", "files", "images"]
    transcoder  = ["encodes"]
    provisioner = ["images"]
    archivist   = ["uploads", "encodes", "files", "archives", "finals", "images"]
    migrate     = ["built"]
    } : name => {
    Sid      = "Write"
    Effect   = "Allow"
    Action   = concat(["s3:PutObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"], name == "migrate" ? [] : ["s3:DeleteObject"])
    Resource = [for kind in kinds : local.objects[kind]]
  } }

  delivery = [{ Sid = "DeliveryRecords", Effect = "Allow", Action = ["s3:GetObject"], Resource = ["${var.media.delivery_arn}/*"] },
  { Sid = "ListDeliveryRecords", Effect = "Allow", Action = ["s3:ListBucket"], Resource = [var.media.delivery_arn] }]

  convert = [
    {
      Sid      = "Jobs"
      Effect   = "Allow"
      Action   = ["mediaconvert:CreateJob", "mediaconvert:GetQueue"]
      Resource = [var.transcoding.queue_arn]
    },
    {
      # No resource level: a search goes through the account's jobs. It answers what became of an order that was made
      # and not heard of.
      Sid      = "JobsOfTheAccount"
      Effect   = "Allow"
      Action   = ["mediaconvert:SearchJobs"]
      Resource = ["*"]
    },
    {
      Sid      = "JobsThatRun"
      Effect   = "Allow"
      Action   = ["mediaconvert:GetJob", "mediaconvert:CancelJob", "mediaconvert:TagResource"]
      Resource = ["arn:aws:mediaconvert:${var.region}:${var.account_id}:jobs/*"]
    },
    {
      Sid       = "HandOverTheRole"
      Effect    = "Allow"
      Action    = ["iam:PassRole"]
      Resource  = [var.transcoding.role_arn]
      Condition = { StringEquals = { "iam:PassedToService" = "mediaconvert.amazonaws.com" } }
    },
    {
      Sid      = "TheirEvents"
      Effect   = "Allow"
      Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"]
      Resource = [var.transcoding.events_arn]
    },
    { Sid = "KeyOfEvents", Effect = "Allow", Action = ["kms:Decrypt"], Resource = [var.transcoding.events_key_arn] },
  ]

  control = concat(
    length(var.edge.distribution_arns) == 0 ? [] : [
      {
        Sid    = "Distributions"
        Effect = "Allow"
        Action = [
          "cloudfront:GetDistribution", "cloudfront:GetDistributionConfig", "cloudfront:UpdateDistribution",
          "cloudfront:CreateDistributionTenant", "cloudfront:UpdateDomainAssociation",
        ]
        Resource = var.edge.distribution_arns
      },
      {
        Sid    = "DistributionTenants"
        Effect = "Allow"
        Action = [
          "cloudfront:DeleteDistributionTenant", "cloudfront:GetDistributionTenant", "cloudfront:UpdateDistributionTenant",
          "cloudfront:UpdateDomainAssociation", "cloudfront:GetManagedCertificateDetails",
        ]
        Resource = ["arn:aws:cloudfront::${var.account_id}:distribution-tenant/*"]
      },
      {
        # No resource level: AWS knows public keys, key groups, lists and quotas as a whole only. The product touches
        # what begins with its cell's name (media.edge.naming).
        Sid    = "KeysAndGroups"
        Effect = "Allow"
        Action = [
          "cloudfront:CreateKeyGroup", "cloudfront:CreatePublicKey", "cloudfront:DeleteKeyGroup",
          "cloudfront:DeletePublicKey", "cloudfront:GetKeyGroup", "cloudfront:GetKeyGroupConfig",
          "cloudfront:GetPublicKey", "cloudfront:GetPublicKeyConfig", "cloudfront:ListDistributionTenants",
          "cloudfront:ListDistributions", "cloudfront:ListKeyGroups", "cloudfront:ListPublicKeys",
          "cloudfront:UpdateKeyGroup", "cloudfront:UpdatePublicKey", "servicequotas:GetServiceQuota",
          "servicequotas:ListServiceQuotas",
        ]
        Resource = ["*"]
      },
    ],
    length(var.edge.key_store_arns) == 0 ? [] : [{
      Sid    = "FunctionKeys"
      Effect = "Allow"
      Action = [
        "cloudfront-keyvaluestore:DeleteKey", "cloudfront-keyvaluestore:DescribeKeyValueStore",
        "cloudfront-keyvaluestore:GetKey", "cloudfront-keyvaluestore:ListKeys", "cloudfront-keyvaluestore:PutKey",
        "cloudfront-keyvaluestore:UpdateKeys",
      ]
      Resource = var.edge.key_store_arns
    }],
  )

  # What the edge keeps of an organization that is deleted for good.
  forget = length(var.edge.forget_arns) == 0 ? [] : [
    {
      Sid      = "Forget"
      Effect   = "Allow"
      Action   = ["cloudfront:CreateInvalidation", "cloudfront:GetInvalidation"]
      Resource = var.edge.forget_arns
    },
    {
      Sid    = "ForgetOfTenants"
      Effect = "Allow"
      Action = [
        "cloudfront:CreateInvalidationForDistributionTenant", "cloudfront:GetDistributionTenant",
        "cloudfront:GetInvalidationForDistributionTenant",
      ]
      Resource = ["arn:aws:cloudfront::${var.account_id}:distribution-tenant/*"]
    },
  ]

  page = var.status == null ? [] : [
    { Sid = "StatusPage", Effect = "Allow", Action = ["s3:PutObject"], Resource = [var.status.object_arn] },
    { Sid = "KeyOfStatusPage", Effect = "Allow", Action = ["kms:GenerateDataKey"], Resource = [var.status.key_arn] },
  ]

  may = {
    monitor     = local.page
    web         = [local.list, local.sealed, local.reads.web, local.writes.web]
    worker      = concat([local.list, local.sealed, local.reads.worker, local.writes.worker], local.delivery, local.convert, local.control)
    dispatcher  = concat([local.list, local.sealed, local.stale, local.reads.worker, local.writes.worker], local.delivery, local.control)
    transcoder  = concat([local.list, local.sealed, local.reads.transcoder, local.writes.transcoder], local.convert)
    provisioner = [local.list, local.sealed, local.reads.provisioner, local.writes.provisioner]
    archivist   = concat([local.list, local.sealed, local.stale, local.reads.archivist, local.writes.archivist], local.forget)
    migrate     = [local.list, local.sealed, local.reads.migrate, local.writes.migrate]
  }

  task_trust = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = { "aws:SourceAccount" = var.account_id }
        ArnLike      = { "aws:SourceArn" = "arn:aws:ecs:${var.region}:${var.account_id}:*" }
      }
    }]
  })

  # …/<repository>@sha256:…
  repository = regex("^[^/]+/([^@]+)@", var.image)[0]
}

resource "aws_iam_role" "start" {
  for_each = local.all_tasks

  name               = "${var.name}-${each.key}-start"
  assume_role_policy = local.task_trust
}

resource "aws_iam_role_policy" "start" {
  for_each = local.all_tasks

  name = "start"
  role = aws_iam_role.start[each.key].id

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      {
        # No resource level: a login to the registry is for the account.
        Sid      = "RegistryLogin"
        Effect   = "Allow"
        Action   = ["ecr:GetAuthorizationToken"]
        Resource = ["*"]
      },
      {
        Sid      = "Image"
        Effect   = "Allow"
        Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
        Resource = ["arn:aws:ecr:${var.region}:${var.account_id}:repository/${local.repository}"]
      },
      {
        Sid      = "Log"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = ["${aws_cloudwatch_log_group.this[each.key].arn}:*"]
      },
      {
        Sid      = "OwnSecrets"
        Effect   = "Allow"
        Action   = ["secretsmanager:GetSecretValue"]
        Resource = [for name in each.value.secrets : aws_secretsmanager_secret.this[name].arn]
      },
      { Sid = "KeyOfSecrets", Effect = "Allow", Action = ["kms:Decrypt"], Resource = [module.key.arn] },
      ],
      each.key != "prepare" ? [] : [
        { Sid = "Master", Effect = "Allow", Action = ["secretsmanager:GetSecretValue"], Resource = [var.database.master_secret_arn] },
        { Sid = "KeyOfMaster", Effect = "Allow", Action = ["kms:Decrypt"], Resource = [var.database.key_arn] },
    ])
  })
}

resource "aws_iam_role" "task" {
  for_each = local.all_tasks

  name               = "${var.name}-${each.key}"
  assume_role_policy = local.task_trust
}

resource "aws_iam_role_policy" "task" {
  for_each = { for name, task in local.all_tasks : name => task if length(task.permissions) > 0 }

  name   = "work"
  role   = aws_iam_role.task[each.key].id
  policy = jsonencode({ Version = "2012-10-17", Statement = each.value.permissions })
}
