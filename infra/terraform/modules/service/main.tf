# The product's processes on Fargate: one image, and a task definition, a role and a set of secrets for each.

locals {
  basic_secrets = ["LMS_SECRET_KEY", "LMS_KEK", "LMS_DATABASE_URL", "LMS_REDIS_URL"]

  # What each process is given. The command is the process's name in core.processes; the image knows the rest.
  every_process = {
    web = {
      group       = "web"
      secrets     = ["LMS_STRIPE_SECRET_KEY", "LMS_STRIPE_WEBHOOK_SECRET", "LMS_SMTP_URL", "LMS_HEALTH_TOKEN"]
      permissions = local.may.web
    }
    worker = {
      group       = "jobs"
      secrets     = ["LMS_STRIPE_SECRET_KEY", "LMS_SMTP_URL"]
      permissions = local.may.worker
    }
    dispatcher = {
      group       = "jobs"
      secrets     = ["LMS_STRIPE_SECRET_KEY"]
      permissions = local.may.dispatcher
    }
    transcoder = {
      group       = "transcoder"
      secrets     = []
      permissions = local.may.transcoder
    }
    provisioner = {
      group       = "jobs"
      secrets     = ["LMS_OWNER_DATABASE_URL"]
      permissions = local.may.provisioner
    }
    archivist = {
      group       = "jobs"
      secrets     = ["LMS_OWNER_DATABASE_URL"]
      permissions = local.may.archivist
    }
    # Walks as a learner does, by the public address: out of the network and in again through CloudFront.
    monitor = {
      group       = "monitor"
      secrets     = ["LMS_CANARY_PASSWORD"]
      permissions = local.may.monitor
    }
  }
  # It has nothing to do until there is a learner for it.
  processes = { for name, process in local.every_process : name => process if name != "monitor" || var.canary != null }

  # Started by hand or by a deployment, and gone when they are through.
  one_offs = {
    # What has to be done before new code serves. It begins with `check --deploy`, which wants all of Stripe or nothing.
    migrate = {
      command     = ["migrate"]
      secrets     = ["LMS_OWNER_DATABASE_URL", "LMS_STRIPE_SECRET_KEY", "LMS_STRIPE_WEBHOOK_SECRET"]
      permissions = local.may.migrate
    }
    # Once: the database, its owner's login and the application's.
    prepare = { command = ["manage", "prepare_server"], secrets = ["LMS_OWNER_DATABASE_URL"], permissions = [] }
    # Whatever a person of the operations needs: manage <command>.
    manage = {
      command     = ["manage", "check", "--deploy"]
      secrets     = ["LMS_STRIPE_SECRET_KEY", "LMS_STRIPE_WEBHOOK_SECRET", "LMS_SMTP_URL"]
      permissions = local.may.worker
    }
    # The same with the owner's login, for what has to reach every schema, those of paused organizations, too.
    administer = {
      command     = ["manage", "check_fleet"]
      secrets     = ["LMS_OWNER_DATABASE_URL", "LMS_STRIPE_SECRET_KEY", "LMS_STRIPE_WEBHOOK_SECRET"]
      permissions = local.may.migrate
    }
  }

  all_tasks = merge(
    { for name, process in local.processes : name => {
      command     = [name]
      image       = var.image
      group       = process.group
      secrets     = concat(local.basic_secrets, process.secrets)
      permissions = process.permissions
      size        = var.sizes[name]
      serves      = true
    } },
    { for name, one_off in local.one_offs : name => {
      command     = one_off.command
      image       = var.next_image == "" ? var.image : var.next_image
      group       = "jobs"
      secrets     = concat(local.basic_secrets, one_off.secrets)
      permissions = one_off.permissions
      size        = { cpu = 1024, memory = 2048, disk = 21, least = 1, most = 1 }
      serves      = false
    } },
  )

  own_environment = {
    web        = { LMS_LISTEN = "0.0.0.0:${var.web_port}", LMS_STOP_SECONDS = "25" }
    dispatcher = { LMS_FIGURES_LOG_SECONDS = "60" } # figures.tf reads them from its log
    # The store that it writes is the status page's: to the product's it has no right.
    monitor = merge(
      { LMS_CANARY_HOST = try(var.canary.host, ""), LMS_CANARY_EMAIL = try(var.canary.email, "") },
      var.status == null ? {} : { LMS_STATUS_COPY = "store", LMS_S3_URL = var.status.url },
    )
  }

  # The master's login, under the names that PostgreSQL's own programs know.
  master = {
    environment = { PGHOST = var.database.host, PGPORT = "5432", PGDATABASE = "postgres", PGSSLMODE = "require" }
    secrets     = { PGUSER = "${var.database.master_secret_arn}:username::", PGPASSWORD = "${var.database.master_secret_arn}:password::" }
  }
}

resource "aws_ecs_cluster" "this" {
  name = var.name

  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:how long is a setting: logs of people are kept no longer than they are needed
  for_each = local.all_tasks

  name              = "/${var.name}/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.log_key_arn
}

resource "aws_ecs_task_definition" "this" {
  for_each = local.all_tasks

  family                   = "${var.name}-${each.key}"
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = each.value.size.cpu
  memory                   = each.value.size.memory
  execution_role_arn       = aws_iam_role.start[each.key].arn
  task_role_arn            = aws_iam_role.task[each.key].arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "X86_64"
  }

  ephemeral_storage {
    size_in_gib = each.value.size.disk
  }

  # All that can be written. Fargate gives a volume the owner that the image's own folder has where the image names it
  # as one (VOLUME in the Dockerfile).
  volume {
    name = "tmp"
  }

  volume {
    name = "scratch"
  }

  container_definitions = jsonencode([{
    name                   = each.key
    image                  = each.value.image
    command                = each.value.command
    essential              = true
    readonlyRootFilesystem = true
    privileged             = false
    stopTimeout            = each.value.serves ? 110 : 30

    linuxParameters = {
      initProcessEnabled = false # the program is the first process: signals reach it, and the probe looks at it
      capabilities       = { drop = ["ALL"] }
    }

    mountPoints = [
      { sourceVolume = "tmp", containerPath = "/tmp", readOnly = false },
      { sourceVolume = "scratch", containerPath = "/var/lib/lms/scratch", readOnly = false },
    ]
    portMappings = each.key == "web" ? [{ containerPort = var.web_port, protocol = "tcp" }] : []

    healthCheck = each.value.serves ? {
      command     = ["CMD", "lms", "probe"]
      interval    = 15
      timeout     = 5
      retries     = 3
      startPeriod = 90
    } : null

    environment = [for name, value in merge(
      var.environment,
      lookup(local.own_environment, each.key, {}),
      each.key == "prepare" ? local.master.environment : {},
    ) : { name = name, value = value }]

    secrets = [for name, source in merge(
      { for name in each.value.secrets : name => aws_secretsmanager_secret.this[name].arn },
      each.key == "prepare" ? local.master.secrets : {},
    ) : { name = name, valueFrom = source }]

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        "awslogs-group"         = aws_cloudwatch_log_group.this[each.key].name
        "awslogs-region"        = var.region
        "awslogs-stream-prefix" = each.key
        # A log that is not taken must not hold a request up.
        "mode"            = "non-blocking"
        "max-buffer-size" = "8m"
      }
    }
  }])
}

resource "aws_ecs_service" "this" {
  for_each = { for name, process in local.processes : name => process if var.serving }

  name            = each.key
  cluster         = aws_ecs_cluster.this.id
  task_definition = aws_ecs_task_definition.this[each.key].arn
  desired_count   = var.sizes[each.key].least
  launch_type     = "FARGATE"

  # New tasks stand before old ones go; tasks that do not come up bring the former release back.
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  health_check_grace_period_seconds  = each.key == "web" ? 90 : null
  enable_execute_command             = false
  enable_ecs_managed_tags            = true
  propagate_tags                     = "SERVICE"
  wait_for_steady_state              = true

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  network_configuration {
    subnets          = var.subnet_ids
    security_groups  = [var.security_group_ids[each.value.group]]
    assign_public_ip = false
  }

  dynamic "load_balancer" {
    for_each = each.key == "web" ? [aws_lb_target_group.web.arn] : []

    content {
      target_group_arn = load_balancer.value
      container_name   = "web"
      container_port   = var.web_port
    }
  }

  # How many there are, autoscaling says, of each of them: scaling.tf.
  lifecycle {
    ignore_changes = [desired_count]
  }

  depends_on = [aws_lb_listener.https, aws_iam_role_policy.start, aws_iam_role_policy.task]
}
